package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.US;
import static stallcast.kernel.host.TestFleet.arriving;
import static stallcast.kernel.host.TestFleet.compute;
import static stallcast.kernel.host.TestFleet.fixed;
import static stallcast.kernel.host.TestFleet.on;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.SoftirqVector;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec.Policy;

/** Softirq work in ksoftirqd: what is left over, threadirqs, PREEMPT_RT. One CPU, HZ 1000. */
class KsoftirqdTest {
  private final TestFleet fleet = SoftirqsTest.cpu();

  KsoftirqdTest() {
    fleet.horizonNs = 100 * MS;
    fleet.knob(KernelKnob.HZ, 1000).knob(KernelKnob.TICK_PHASE_NS, 300 * US);
  }

  private static List<Long> longs(String text) {
    return Arrays.stream(text.split(" ")).map(Long::valueOf).toList();
  }

  /**
   * Items of 3 ms come at 1, 2, 10 and 11 ms; a real-time task wants 20 ms from 1.5 ms on. The
   * second item is left to ksoftirqd, which cannot run before the real-time task has slept. With
   * the gate that is how long other softirqs wait, too; without it any interrupt serves them, the
   * tick behind the first batch at 4.3 ms for one.
   */
  @ParameterizedTest
  @CsvSource({
    "6.4, BLOCK, '1000 24000'",
    "6.4, NET_RX, '1000 24000'",
    "6.4, TIMER, '1000 24000'",
    "6.4, TASKLET, '1000 4300 10000 13300'",
    "6.4, HI, '1000 4300 10000 13300'",
    "6.5, BLOCK, '1000 4300 10000 13300'",
    "6.5, NET_RX, '1000 4300 10000 13300'",
    "6.5, TASKLET, '1000 4300 10000 13300'"
  })
  void gateKeepsAllButTaskletsWaitingForKsoftirqd(
      String preset, SoftirqVector vector, String entriesUs) {
    fleet.preset = preset;
    fleet.softirq(vector, on(0), arriving(MS, 2 * MS, 10 * MS, 11 * MS), 100, fixed(3 * MS));
    fleet.tasks(
        "rt", 1, Policy.FIFO, 5, on(0), fixed(1_500 * US), compute(20 * MS), new Step.Exit());
    Watched run = Watched.run(fleet);
    assertEquals(
        longs(entriesUs), run.times("softirq-entry", 0, US, 9).subList(0, longs(entriesUs).size()));
    assertEquals(4, run.all("softirq-exit").stream().mapToLong(Watched.Event::value).sum());
  }

  @Test
  void taskletThatComesWhileKsoftirqdWaitsTakesTheOthersAlong() {
    fleet.preset = "6.4";
    fleet.softirq(SoftirqVector.BLOCK, on(0), arriving(MS, 2 * MS, 5 * MS), 9, fixed(3 * MS));
    fleet.softirq(SoftirqVector.TASKLET, on(0), arriving(8 * MS), 9, fixed(100 * US));
    fleet.tasks(
        "rt", 1, Policy.FIFO, 5, on(0), fixed(1_500 * US), compute(20 * MS), new Step.Exit());
    Watched run = Watched.run(fleet);
    assertEquals(List.of(1_000L, 8_000L), run.times("softirq-entry", 0, US, 2));
    assertEquals(3, run.all("softirq-exit").get(1).value());
    assertEquals(14_100 * US, run.all("softirq-exit").get(1).atNs());
  }

  @Test
  void ksoftirqdIsWokenForWhatIsLeftAndSleepsWhenItIsDone() {
    fleet.softirq(SoftirqVector.BLOCK, on(0), arriving(MS, 2 * MS), 9, fixed(3 * MS));
    Watched run = Watched.run(fleet);
    List<String> switches = run.switches(0, US, 9, "migration", "ksoftirqd");
    // The stopper runs for the samples of the watchdog, at their own phase.
    assertEquals(
        List.of("4000 ksoftirqd", "7000 -"),
        switches.stream().filter(s -> s.endsWith("d") || s.equals("7000 -")).toList());
    assertEquals(List.of(1_000L, 4_000L), run.times("softirq-entry", 0, US, 9));
  }

  @ParameterizedTest
  @EnumSource(
      value = KernelKnob.class,
      names = {"THREADIRQS", "PREEMPT_RT"})
  void threadedSoftirqsAreServedByKsoftirqdOnly(KernelKnob threaded) {
    fleet.task("rt", Policy.FIFO, 5, on(0), compute(60 * MS), new Step.Exit());
    fleet.tasklets(on(0), MS, 1_000, 100 * US);
    assertEquals(List.of(1_000L), Watched.run(fleet).times("softirq-entry", 0, US, 1));
    fleet.knob(threaded, 1);
    assertEquals(List.of(60_000L), Watched.run(fleet).times("softirq-entry", 0, US, 1));
    fleet.tasks.clear();
    fleet.task("rt", Policy.FIFO, 5, on(0), compute(SECOND));
    assertEquals(List.of(), Watched.run(fleet).all("softirq-entry"));
  }

  @Test
  void threadedSoftirqsShareTheCpuWithFairTasks() {
    fleet.horizonNs = 20 * SECOND;
    fleet.knob(KernelKnob.THREADIRQS, 1);
    fleet.task("hog", Policy.OTHER, 0, on(0), compute(100 * SECOND));
    fleet.tasklets(on(0), 100 * US, 20, 99 * US); // alone it would need all of it
    fleet.measure("host.cpu 0.softirq-time", "host.task hog.work-time");
    HostOutcome outcome = fleet.run();
    assertEquals(10e9, (double) outcome.measure(0), 0.02 * 10e9);
    assertEquals(20 * SECOND, outcome.measure(0) + outcome.measure(1));
  }

  /** An item of 10 ms from 1 ms on; a real-time task wants 2 ms at 3 ms. */
  @ParameterizedTest
  @CsvSource({"0, 0, 11000", "1, 0, 11000", "0, 1, 3000"})
  void onlyPreemptRtLetsATaskPreemptAnItem(int threadirqs, int preemptRt, long runsUs) {
    fleet.knob(KernelKnob.THREADIRQS, threadirqs).knob(KernelKnob.PREEMPT_RT, preemptRt);
    fleet.softirq(SoftirqVector.TASKLET, on(0), arriving(MS), 1, fixed(10 * MS));
    fleet.tasks("rt", 1, Policy.FIFO, 5, on(0), fixed(3 * MS), compute(2 * MS), new Step.Exit());
    fleet.measure("host.task rt.max-wakeup-latency", "host.cpu 0.longest-softirq");
    Watched run = Watched.run(fleet);
    List<String> switches = run.switches(0, US, 99, "rt", "migration", "ksoftirqd");
    assertTrue(switches.contains(runsUs + " rt"), switches.toString());
    assertEquals(runsUs * US - 3 * MS, run.outcome().measure(0));
    long endUs = preemptRt == 1 ? 13_000 : 11_000;
    assertEquals(List.of(endUs), run.times("softirq-exit", 0, US, 9));
    assertEquals((endUs - 1_000) * US, run.outcome().measure(1));
  }

  @Test
  void longBatchOfAThreadIsNotPreemptedWithoutPreemptRt() {
    fleet.knob(KernelKnob.THREADIRQS, 1);
    fleet.task("first", Policy.FIFO, 5, on(0), compute(30 * MS), new Step.Exit());
    fleet.tasks("rt", 1, Policy.FIFO, 5, on(0), fixed(31 * MS), compute(MS), new Step.Exit());
    fleet.tasklets(on(0), MS, 100, 500 * US);
    fleet.measure("host.task rt.max-wakeup-latency");
    Watched run = Watched.run(fleet);
    // 29 tasklets wait at 30 ms, and all of them are run.
    assertEquals(29.0, (double) run.all("softirq-exit").get(0).value(), 1.0);
    long endNs = run.all("softirq-exit").get(0).atNs();
    assertEquals(endNs - 31 * MS, run.outcome().measure(0));
  }
}
