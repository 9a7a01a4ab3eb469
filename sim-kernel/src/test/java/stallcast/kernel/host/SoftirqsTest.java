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

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import stallcast.kernel.random.Periodic;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.SoftirqVector;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec.Policy;

/** What one CPU serves of its softirqs, and when it stops (softirq-lockup.md sections 4 and 5). */
class SoftirqsTest {
  private static final int PASSES_MAX = 10;

  private final TestFleet fleet = cpu();

  /** One CPU with nothing to do. */
  static TestFleet cpu() {
    TestFleet fleet = new TestFleet();
    fleet.cpus = 1;
    fleet.preset = "6.12";
    return fleet;
  }

  /** Arrivals of a period before an instant: the first comes after a full period. */
  private static long arrivedBefore(long ns, long periodNs) {
    return (ns + periodNs - 1) / periodNs - 1;
  }

  @Test
  void baselineTakesTwoThirdsAndLeavesTheHogAThird() {
    long periods = 4_000;
    fleet.horizonNs = (1 + periods) * 750 * US;
    fleet.task("hog", Policy.OTHER, 0, on(0), compute(100 * SECOND));
    fleet.tasklets(on(0), 750 * US, 20_000, 500 * US);
    fleet.measure(
        "host.cpu 0.softirq-time",
        "host.task hog.work-time",
        "host.task hog.sum_exec_runtime",
        "host.cpu 0.softirq-items",
        "host.cpu 0.largest-batch",
        "host.cpu 0.batch-item-time",
        "host.cpu 0.longest-softirq");
    HostOutcome outcome = fleet.run();
    assertEquals(periods * 500 * US, outcome.measure(0));
    assertEquals(750 * US + periods * 250 * US, outcome.measure(1), "alone before the first one");
    assertEquals(fleet.horizonNs, outcome.measure(2), "the hog is charged for all of it");
    assertEquals(periods, outcome.measure(3));
    assertEquals(1, outcome.measure(4));
    assertEquals(500 * US, outcome.measure(5));
    assertEquals(500 * US, outcome.measure(6));
  }

  /** Bodies of two jiffies and more: each invocation is one batch. */
  @ParameterizedTest
  @CsvSource({"2000, 3100", "1999, 2000", "750, 2100", "3000, 2999"})
  void batchIsWhatArrivedDuringTheOneBefore(long periodUs, long bodyUs) {
    long periodNs = periodUs * US;
    fleet.horizonNs = SECOND;
    fleet.knob(KernelKnob.HZ, 1000);
    fleet.tasklets(on(0), periodNs, 100_000, bodyUs * US);
    Watched run = Watched.run(fleet);
    long startNs = periodNs;
    long taken = 0;
    List<Watched.Event> exits = run.all("softirq-exit");
    for (Watched.Event exit : exits) {
      long size = Math.max(1, arrivedBefore(startNs, periodNs) - taken); // or it waits for one
      assertEquals(size, exit.value(), "batch at " + startNs);
      taken += size;
      startNs += size * bodyUs * US;
      assertEquals(startNs, exit.atNs());
      startNs = Math.max(startNs, (taken + 1) * periodNs);
    }
    assertTrue(exits.size() >= 6, exits.size() + " batches");
  }

  /** Batches of a CPU that is never idle, as [start, size], by the rules of tasklets alone. */
  private static List<long[]> batches(long periodNs, long bodyNs, int pool, long horizonNs) {
    boolean[] scheduled = new boolean[pool];
    List<Integer> waiting = new ArrayList<>();
    List<long[]> batches = new ArrayList<>();
    long arrivals = 1;
    long now = periodNs;
    waiting.add(0);
    while (now < horizonNs) {
      List<Integer> batch = waiting;
      waiting = new ArrayList<>();
      batches.add(new long[] {now, batch.size()});
      for (int tasklet : batch) {
        scheduled[tasklet] = false;
        now += bodyNs;
        while ((arrivals + 1) * periodNs < now) {
          int next = (int) (arrivals++ % pool);
          if (!scheduled[next]) {
            scheduled[next] = true;
            waiting.add(next);
          }
        }
      }
    }
    return batches;
  }

  /**
   * The table below section 5: a pool of 20 000, 1.1 ms each, one every 750 us. The table has a
   * full batch follow the fourth one; round robin loses arrivals before the pool is full, because
   * those that find their tasklet scheduled use up the turn of others.
   */
  @Test
  void batchesOfTheSeedGrowByTheRatioOfServiceToPeriod() {
    fleet.horizonNs = 110 * SECOND;
    fleet.tasklets(on(0), 750 * US, 20_000, 1_100 * US);
    fleet.measure("host.cpu 0.first-full-batch", "host.cpu 0.largest-batch");
    Watched run = Watched.run(fleet);
    List<long[]> expected = batches(750 * US, 1_100 * US, 20_000, fleet.horizonNs);
    expected.removeIf(batch -> batch[1] <= 1_000);
    List<Watched.Event> entries = run.all("softirq-entry");
    List<Watched.Event> exits = run.all("softirq-exit");
    int found = 0;
    for (int i = 0; i < exits.size(); i++) {
      if (exits.get(i).value() > 1_000) {
        assertEquals(expected.get(found)[0], entries.get(i).atNs());
        assertEquals(expected.get(found++)[1], exits.get(i).value());
      }
    }
    assertEquals(expected.size() - 1, found, "the last one is under way");
    double[][] table = {{14.0, 5_954}, {20.6, 8_733}, {30.2, 12_808}, {44.3, 18_785}};
    expected.removeIf(batch -> batch[1] < 5_500);
    for (int i = 0; i < table.length; i++) {
      assertEquals(table[i][0], expected.get(i)[0] / 1e9, 0.005 * table[i][0]);
      assertEquals(table[i][1], (double) expected.get(i)[1], 0.005 * table[i][1]);
    }
    assertEquals(expected.get(3)[0], run.outcome().measure(0));
    assertEquals(expected.get(3)[1], run.outcome().measure(1));
  }

  /** What the first invocation does if work never runs out, by the rules alone. */
  private static long itemsOfFirst(
      long jiffyNs, long limit, long phaseNs, long periodNs, long bodyNs) {
    long now = periodNs;
    long endJiffy = Math.floorDiv(now - phaseNs, jiffyNs) + limit;
    long taken = 0;
    for (int pass = 1; ; pass++) {
      long size = Math.max(1, arrivedBefore(now, periodNs) - taken);
      taken += size;
      now += size * bodyNs;
      boolean more = arrivedBefore(now, periodNs) > taken;
      boolean inTime = Math.floorDiv(now - phaseNs, jiffyNs) < endJiffy;
      if (!more || !inTime || pass == PASSES_MAX) {
        return taken;
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"100, 1", "250, 1", "300, 1", "1000, 2"})
  void invocationRepeatsForTwoMillisecondsInJiffiesAndTenTimesAtMost(int hz, int limit) {
    SplittableRandom random = new SplittableRandom(hz);
    long jiffyNs = SECOND / hz;
    int ended = 0;
    int tenPasses = 0;
    for (int i = 0; i < 300; i++) {
      long periodNs = random.nextLong(20 * US, 1_500 * US);
      long bodyNs = periodNs + random.nextLong(1, periodNs / 8);
      long phaseNs = random.nextLong(900 * US);
      TestFleet one =
          cpu().knob(KernelKnob.HZ, hz).knob(KernelKnob.TICK_PHASE_NS, (double) phaseNs);
      one.horizonNs = 40 * MS;
      one.tasklets(on(0), periodNs, 10_000, bodyNs);
      long expected = itemsOfFirst(jiffyNs, limit, phaseNs, periodNs, bodyNs);
      String what = periodNs + ", " + bodyNs + ", " + phaseNs;
      assertEquals(expected, Watched.run(one).all("softirq-exit").get(0).value(), what);
      boolean counted = expected == itemsOfFirst(jiffyNs, 1_000, phaseNs, periodNs, bodyNs);
      tenPasses += counted ? 1 : 0;
      ended += counted ? 0 : 1;
    }
    assertTrue(tenPasses > 10 && ended > 10, tenPasses + " by count, " + ended + " by time");
  }

  @Test
  void invocationEndsBehindThePassInWhichARescheduleIsWanted() {
    fleet.horizonNs = 20 * MS;
    fleet.knob(KernelKnob.HZ, 100);
    fleet.tasklets(on(0), 900 * US, 1_000, MS);
    assertEquals(
        PASSES_MAX - 1.0, (double) Watched.run(fleet).all("softirq-exit").get(0).value(), 2.0);
    fleet.tasks(
        "rt", 1, Policy.FIFO, 5, on(0), fixed(4_500 * US), compute(50 * US), new Step.Exit());
    Watched run = Watched.run(fleet);
    // Batches of one from 0.9 ms on; the fourth is under way.
    assertEquals(List.of(4_900L), run.times("softirq-exit", 0, US, 1));
    assertEquals(4, run.all("softirq-exit").get(0).value());
    assertEquals("4900 rt", run.switches(0, US, 1, "rt", "migration/0", "ksoftirqd/0").get(0));
  }

  /**
   * All vectors are raised within one long interrupt. Whether the item of a vector has begun shows
   * in the fate of a second one, for which there is room only then.
   */
  @ParameterizedTest
  @EnumSource(SoftirqVector.class)
  void vectorsAreServedInTheirOrder(SoftirqVector probed) {
    for (int late = -1; late <= 1; late += 2) {
      TestFleet one = cpu();
      one.horizonNs = 50 * MS;
      long beginNs = MS + 10 * US + probed.ordinal() * MS;
      for (int v = SoftirqVector.values().length - 1; v >= 0; v--) {
        SoftirqVector vector = SoftirqVector.values()[v];
        boolean twice = vector == probed;
        one.softirq(
            vector,
            on(0),
            twice ? arriving(MS, beginNs + late * US / 2) : arriving(MS),
            1,
            fixed(MS),
            US,
            0);
      }
      one.measure("host.cpu 0.softirq-lost", "host.cpu 0.softirq-items");
      Watched run = Watched.run(one);
      boolean first = probed == SoftirqVector.HI && late < 0; // still in the hard interrupt
      assertEquals((1 << 10) - 1, run.all("softirq-entry").get(0).value());
      assertEquals(MS + (first ? 11 : 10) * US, run.all("softirq-entry").get(0).atNs());
      assertEquals(late < 0 ? 1 : 0, run.outcome().measure(0));
      assertEquals(late < 0 ? 10 : 11, run.outcome().measure(1));
    }
  }

  @Test
  void taskletThatRunsMayBeScheduledAgainAndOneThatWaitsMayNot() {
    fleet.horizonNs = SECOND;
    // The first runs from 1 ms; the second waits for it from 2 ms on, so the third is lost.
    fleet.softirq(
        SoftirqVector.TASKLET, on(0), arriving(MS, 2 * MS, 3 * MS, 7 * MS), 1, fixed(5 * MS));
    fleet.measure("host.cpu 0.softirq-items", "host.cpu 0.softirq-lost");
    HostOutcome outcome = fleet.run();
    assertEquals(3, outcome.measure(0));
    assertEquals(1, outcome.measure(1));
  }

  @ParameterizedTest
  @CsvSource({"1, 750, 1100", "7, 100, 101", "50, 750, 1100", "500, 10, 25"})
  void fullPoolLosesWhatIsNotServed(int pool, long periodUs, long bodyUs) {
    fleet.horizonNs = 3 * SECOND;
    fleet.tasklets(on(0), periodUs * US, pool, bodyUs * US);
    fleet.measure(
        "host.cpu 0.softirq-items",
        "host.cpu 0.softirq-lost",
        "host.cpu 0.softirq-backlog",
        "host.cpu 0.largest-batch");
    HostOutcome outcome = fleet.run();
    long arrived = arrivedBefore(fleet.horizonNs, periodUs * US);
    long served = (fleet.horizonNs - periodUs * US - 1) / (bodyUs * US);
    assertEquals(served, outcome.measure(0), "the CPU is never idle");
    assertEquals(arrived - served - outcome.measure(2), outcome.measure(1));
    assertTrue(outcome.measure(2) <= pool + 1, "backlog " + outcome.measure(2));
    List<long[]> batches = batches(periodUs * US, bodyUs * US, pool, fleet.horizonNs);
    long last = batches.remove(batches.size() - 1)[0]; // under way
    assertTrue(last < fleet.horizonNs);
    assertEquals(
        batches.stream().mapToLong(batch -> batch[1]).max().orElseThrow(), outcome.measure(3));
    double lostPerSecond = 1e6 / periodUs - 1e6 / bodyUs;
    double fillSeconds = pool / lostPerSecond;
    double expected = lostPerSecond * (3 - fillSeconds);
    assertEquals(expected, (double) outcome.measure(1), pool + 2.0);
  }

  @Test
  void sourcesOfOneVectorShareItsList() {
    fleet.horizonNs = 100 * MS;
    fleet.knob(KernelKnob.HZ, 1000);
    fleet.softirq(SoftirqVector.TASKLET, on(0), arriving(MS), 1, fixed(10 * MS));
    fleet.softirq(SoftirqVector.TASKLET, on(0), new Periodic(4 * MS), 100, fixed(100 * US));
    fleet.softirq(SoftirqVector.TASKLET, on(0), arriving(5 * MS, 6 * MS), 5, fixed(200 * US));
    Watched run = Watched.run(fleet);
    // At 11 ms two of the second and two of the third source wait.
    assertEquals(1, run.all("softirq-exit").get(0).value());
    assertEquals(4, run.all("softirq-exit").get(1).value());
    assertEquals(List.of(11_000L, 11_600L), run.times("softirq-exit", 0, US, 2));
  }
}
