package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.US;
import static stallcast.kernel.host.TestFleet.arriving;
import static stallcast.kernel.host.TestFleet.fixed;
import static stallcast.kernel.host.TestFleet.on;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stallcast.kernel.random.ArrivalProcess;
import stallcast.kernel.random.Periodic;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.SoftirqVector;

/**
 * NET_RX of one idle CPU: polls within a budget of packets and of time (net_rx_action(), v6.12). A
 * high-priority tasklet keeps it busy from 1 ms to 21 ms; what comes meanwhile is polled then.
 */
class NetRxTest {
  private static final long BEGIN_NS = 21 * MS;

  private final TestFleet fleet = SoftirqsTest.cpu();

  NetRxTest() {
    fleet.horizonNs = SECOND;
    fleet.knob(KernelKnob.HZ, 1000);
    fleet.softirq(SoftirqVector.HI, on(0), arriving(MS), 1, fixed(20 * MS));
  }

  private static ArrivalProcess burst(int packets) {
    return arriving(LongStream.range(0, packets).map(i -> 2 * MS + i * US).toArray());
  }

  private void queue(int packets, int room, long bodyNs) {
    fleet.softirq(SoftirqVector.NET_RX, on(0), burst(packets), room, fixed((double) bodyNs));
  }

  /** Packets of every invocation behind the tasklet. */
  private static List<Long> actions(Watched run) {
    return run.all("softirq-exit").stream().skip(1).map(Watched.Event::value).toList();
  }

  /** Each action takes more than the two jiffies that an invocation may begin passes in. */
  @ParameterizedTest
  @CsvSource({
    "300, 64, '320 320 320 40'",
    "256, 64, '256 256 256 232'",
    "257, 64, '320 320 320 40'",
    "400, 300, '600 400'",
    "300, 7, '301 301 301 97'"
  })
  void actionEndsWithThePollThatUsesUpTheBudget(int budget, int weight, String expected) {
    fleet.knob(KernelKnob.NETDEV_BUDGET, budget).knob(KernelKnob.DEV_WEIGHT, weight);
    fleet.knob(KernelKnob.NETDEV_BUDGET_USECS, 1e6);
    queue(1_000, 1_000, 10 * US);
    Watched run = Watched.run(fleet);
    assertEquals(expected, String.join(" ", actions(run).stream().map(String::valueOf).toList()));
    assertEquals(
        BEGIN_NS + 1_000 * 10 * US,
        run.all("softirq-exit").get(actions(run).size()).atNs(),
        "it is raised again, so no time is lost");
  }

  /** Jiffies are rounded up; 0 stands for two of them. */
  @ParameterizedTest
  @CsvSource({
    "1000, 2000, 2",
    "1000, 2001, 3",
    "1000, 5000, 5",
    "1000, 0, 2",
    "250, 0, 2",
    "250, 8000, 2",
    "250, 9000, 3",
    "300, 6666, 2",
    "100, 0, 2",
    "100, 1, 1"
  })
  void actionBeginsNoPollWhenItsTimeIsUp(int hz, int usecs, int jiffies) {
    fleet.knob(KernelKnob.HZ, hz).knob(KernelKnob.NETDEV_BUDGET_USECS, usecs);
    fleet.knob(KernelKnob.NETDEV_BUDGET, 1e9);
    queue(5_000, 5_000, 10 * US);
    long jiffyNs = SECOND / hz;
    long endNs = (BEGIN_NS / jiffyNs + jiffies) * jiffyNs;
    long polls = (endNs - BEGIN_NS + 639 * US) / (640 * US);
    Watched.Event first = Watched.run(fleet).all("softirq-exit").get(1);
    assertEquals(64 * polls, first.value());
    assertEquals(BEGIN_NS + polls * 640 * US, first.atNs());
  }

  /** Of the first queue a packet takes 10 us, of the second 20 us. */
  @ParameterizedTest
  @CsvSource({"64, 640", "128, 1920", "192, 2560", "256, 3840"})
  void queuesArePolledInTurn(int budget, long actionUs) {
    fleet.knob(KernelKnob.NETDEV_BUDGET, budget).knob(KernelKnob.NETDEV_BUDGET_USECS, 1e6);
    queue(600, 1_000, 10 * US);
    queue(600, 1_000, 20 * US);
    // One tasklet of the next pass shows when the first action is over.
    fleet.softirq(
        SoftirqVector.TASKLET, on(0), arriving(3 * MS, BEGIN_NS + actionUs * US - 1), 1, fixed(0));
    fleet.softirq(
        SoftirqVector.BLOCK, on(0), arriving(3 * MS, BEGIN_NS + actionUs * US + 1), 1, fixed(0));
    fleet.measure("host.cpu 0.softirq-lost");
    assertEquals(1, fleet.run().measure(0), "one nanosecond before, and not one after");
  }

  @Test
  void queueThatIsEmptyLeavesTheList() {
    fleet.knob(KernelKnob.NETDEV_BUDGET, 1e6).knob(KernelKnob.NETDEV_BUDGET_USECS, 1e6);
    queue(30, 100, 10 * US);
    queue(200, 300, 20 * US);
    Watched run = Watched.run(fleet);
    assertEquals(List.of(230L), actions(run));
    assertEquals(BEGIN_NS + 30 * 10 * US + 200 * 20 * US, run.all("softirq-exit").get(1).atNs());
  }

  @Test
  void packetsInterruptOnlyWhileNoPollIsScheduled() {
    long[] packets = LongStream.range(0, 1_002).map(i -> 2 * MS + i * US).toArray();
    packets[1_000] = BEGIN_NS + 100 * US; // during the poll: it is left for the next one
    packets[1_001] = 500 * MS; // long after it
    fleet.softirq(SoftirqVector.NET_RX, on(0), arriving(packets), 2_000, fixed(10 * US), 3 * US, 0);
    fleet.measure("host.cpu 0.irq-time", "host.cpu 0.softirq-items", "host.cpu 0.softirq-backlog");
    HostOutcome outcome = fleet.run();
    assertEquals(2 * 3 * US, outcome.measure(0));
    assertEquals(1 + 1_002, outcome.measure(1));
    assertEquals(0, outcome.measure(2));
  }

  @Test
  void packetsThatFindTheQueueFullAreDropped() {
    queue(1_000, 600, 10 * US);
    fleet.measure("host.cpu 0.softirq-lost", "host.cpu 0.softirq-items");
    HostOutcome outcome = fleet.run();
    assertEquals(400, outcome.measure(0));
    assertEquals(1 + 600, outcome.measure(1));
  }

  @Test
  void overloadedQueueDropsWhatIsNotServed() {
    TestFleet one = SoftirqsTest.cpu();
    one.horizonNs = 2 * SECOND;
    one.softirq(SoftirqVector.NET_RX, on(0), new Periodic(10 * US), 300, fixed(16 * US));
    one.measure(
        "host.cpu 0.softirq-lost", "host.cpu 0.softirq-items", "host.cpu 0.softirq-backlog");
    HostOutcome outcome = one.run();
    long arrived = 2 * SECOND / (10 * US) - 1;
    assertEquals(arrived, outcome.measure(0) + outcome.measure(1) + outcome.measure(2));
    double served = (2e9 - 10e3) / 16e3;
    assertEquals(served, (double) outcome.measure(1), 64.0, "it is never idle");
    assertTrue(outcome.measure(2) <= 300 + 64, "the queue and what is polled");
  }
}
