package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.compute;
import static stallcast.kernel.host.TestFleet.fixed;
import static stallcast.kernel.host.TestFleet.on;

import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stallcast.kernel.cpu.IncidentLog;
import stallcast.kernel.random.Periodic;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.OperationSpec.ResumeOrder;
import stallcast.kernel.scenario.SoftirqSpec;
import stallcast.kernel.scenario.SoftirqVector;
import stallcast.kernel.scenario.TaskSpec.Policy;

/** Soft lockups while one tasklet has a CPU for minutes (incidents-and-sysctls.md 1.1). */
class SoftirqTrapTest {
  private static final long UNIT_NS = 1L << 30;
  private static final String REPORT = "soft-lockup";

  /** CPU 0 is busy and enters softirq at an instant, for a while. */
  static TestFleet trap(long atNs, long bodyNs) {
    TestFleet fleet = new TestFleet();
    fleet.cpus = 1;
    fleet.preset = "6.12";
    fleet.horizonNs = Math.min(2 * atNs, atNs + bodyNs + 10 * SECOND);
    fleet.knob(KernelKnob.WATCHDOG_PHASE_NS, 0);
    fleet.task("hog", Policy.OTHER, 0, on(0), compute(100_000 * SECOND));
    return enter(fleet, 0, atNs, bodyNs);
  }

  static TestFleet enter(TestFleet fleet, int cpu, long atNs, long bodyNs) {
    fleet.softirq.add(
        new SoftirqSpec(
            "trap-" + fleet.softirq.size(),
            on(cpu),
            new Periodic(atNs),
            fixed(0),
            SoftirqVector.TASKLET,
            fixed(1),
            fixed((double) bodyNs),
            fixed(0),
            fixed(0),
            fixed(0)));
    return fleet;
  }

  /** Rows of the table: threshold, first report after the last touch, seconds that it prints. */
  @ParameterizedTest
  @CsvSource({
    "1, 2400 2800 3200 3600, 3",
    "2, 4800 5600, 5",
    "3, 7200 8400, 7 8",
    "4, 9600 11200, 9 10",
    "5, 12000, 11 12",
    "10, 24000, 22 23",
    "20, 48000, 44 45",
    "30, 72000, 67 68",
    "60, 144000, 134 135"
  })
  void firstReportFollowsTheTable(int thresh, String delaysMs, String printed) {
    TreeSet<Long> delays = new TreeSet<>();
    TreeSet<Long> prints = new TreeSet<>();
    SplittableRandom random = new SplittableRandom(thresh);
    for (int i = 0; i < 200; i++) {
      long atNs = 500 * SECOND + random.nextLong(10 * SECOND);
      check(thresh, atNs, random.nextLong(thresh * (400 * MS)), delays, prints);
    }
    assertEquals(delaysMs, String.join(" ", delays.stream().map(String::valueOf).toList()));
    assertEquals(printed, String.join(" ", prints.stream().map(String::valueOf).toList()));
  }

  @Test
  void everyThresholdFromFiveOnReportsAtTheSixthSample() {
    for (int thresh = 5; thresh <= 60; thresh++) {
      TreeSet<Long> delays = new TreeSet<>();
      TreeSet<Long> prints = new TreeSet<>();
      check(thresh, 500 * SECOND, thresh * (123 * MS), delays, prints);
      assertEquals(List.of(2_400L * thresh), List.copyOf(delays));
    }
  }

  private static void check(
      int thresh, long atNs, long phaseNs, Set<Long> delays, Set<Long> prints) {
    long sampleNs = thresh * (400 * MS);
    TestFleet fleet = trap(atNs, 4L * thresh * SECOND);
    fleet
        .knob(KernelKnob.WATCHDOG_THRESH, thresh)
        .knob(KernelKnob.WATCHDOG_PHASE_NS, (double) phaseNs);
    Watched run = Watched.run(fleet);
    long touchNs = atNs - Math.floorMod(atNs - phaseNs, sampleNs);
    Watched.Event first = run.all(REPORT).get(0);
    long neededUnits = 2L * thresh + 1;
    long due = touchNs + sampleNs;
    while (due / UNIT_NS - touchNs / UNIT_NS < neededUnits) {
      due += sampleNs;
    }
    assertEquals(due, first.atNs());
    assertEquals(touchNs, first.value());
    assertEquals(due / UNIT_NS - touchNs / UNIT_NS, first.other());
    delays.add((due - touchNs) / MS);
    prints.add(first.other());
  }

  @Test
  void lockupThatGoesOnIsReportedEvery24SecondsAndIsOneIncident() {
    Watched run = Watched.run(trap(101 * SECOND, 100 * SECOND - MS));
    assertEquals(List.of(124L, 148L, 172L, 196L), run.times(REPORT, 0, SECOND, 9));
    assertEquals(
        List.of(22L, 44L, 67L, 89L), run.all(REPORT).stream().map(e -> e.other()).toList());
    IncidentLog log = run.outcome().incidents();
    assertEquals(1, run.outcome().count(IncidentKind.SOFT_LOCKUP));
    int record = record(log, IncidentKind.SOFT_LOCKUP);
    assertEquals(100 * SECOND, log.startNs(record), "the last touch");
    assertEquals(124 * SECOND, log.detectedNs(record));
    assertEquals(201 * SECOND - MS, log.endNs(record), "the stopper runs when softirq ends");
    assertEquals(4, log.reports(record));
    assertEquals(22, log.printedSeconds(record));
  }

  static int record(IncidentLog log, IncidentKind kind) {
    int found = 0;
    while (log.kind(found) != kind) {
      found++;
    }
    return found;
  }

  @Test
  void consoleThatTouchesDelaysTheNextReportByOneSample() {
    TestFleet fleet = trap(101 * SECOND, 100 * SECOND).knob(KernelKnob.CONSOLE_TOUCH_PERCENT, 100);
    fleet.knob(KernelKnob.RCU_CPU_STALL_TIMEOUT, 300);
    Watched run = Watched.run(fleet);
    assertEquals(List.of(124L, 152L, 180L), run.times(REPORT, 0, SECOND, 9));
    // It is no sign of life: the print goes on counting from 100 s, in unit 93.
    assertEquals(List.of(22L, 48L, 74L), run.all(REPORT).stream().map(e -> e.other()).toList());
  }

  @Test
  void consoleThatTouchesSometimesGivesBothGaps() {
    TestFleet fleet = trap(601 * SECOND, 290 * SECOND).knob(KernelKnob.CONSOLE_TOUCH_PERCENT, 50);
    fleet.knob(KernelKnob.WORKQUEUE_WATCHDOG_THRESH, 0);
    fleet.knob(KernelKnob.RCU_CPU_STALL_TIMEOUT, 300);
    List<Long> times = Watched.run(fleet).times(REPORT, 0, SECOND, 99);
    TreeSet<Long> gaps = new TreeSet<>();
    for (int i = 1; i < times.size(); i++) {
      gaps.add(times.get(i) - times.get(i - 1));
    }
    assertEquals(List.of(24L, 28L), List.copyOf(gaps));
  }

  @Test
  void interruptThatHitsIdleTouches() {
    TestFleet fleet = trap(101 * SECOND, 60 * SECOND);
    fleet.tasks.clear();
    Watched run = Watched.run(fleet);
    // The first sample in the trap restarts the interval, but is no sign of life.
    assertEquals(List.of(128L, 152L), run.times(REPORT, 0, SECOND, 9));
    assertEquals(100 * SECOND, run.all(REPORT).get(0).value());
    assertEquals(List.of(26L, 48L), run.all(REPORT).stream().map(e -> e.other()).toList());
  }

  @Test
  void leavingIdleTouches() {
    TestFleet fleet = trap(103 * SECOND, 60 * SECOND);
    fleet.tasks.clear();
    fleet.tasks("late", 1, Policy.OTHER, 0, on(0), fixed(102 * SECOND), compute(100_000 * SECOND));
    assertEquals(List.of(128L, 152L), Watched.run(fleet).times(REPORT, 0, SECOND, 9));
  }

  @Test
  void stopperThatRunsBetweenTwoTrapsEndsTheLockup() {
    TestFleet fleet = trap(101 * SECOND, 30 * SECOND);
    fleet.horizonNs = 190 * SECOND;
    enter(fleet, 0, 132 * SECOND, 45 * SECOND);
    Watched run = Watched.run(fleet);
    // Touched at 131 s, in unit 122; unit 143 begins at 153.5 s.
    assertEquals(List.of(124L, 156L), run.times(REPORT, 0, SECOND, 9));
    assertEquals(2, run.outcome().count(IncidentKind.SOFT_LOCKUP));
  }

  @Test
  void panicEndsTheHostAtTheFirstReport() {
    TestFleet fleet = trap(101 * SECOND, 60 * SECOND).knob(KernelKnob.SOFTLOCKUP_PANIC, 1);
    Watched run = Watched.run(fleet);
    assertEquals(EndReason.PANIC, run.outcome().endReason());
    assertEquals(124 * SECOND, run.machine().timers().nowNs());
    IncidentLog log = run.outcome().incidents();
    assertTrue(log.isOpen(record(log, IncidentKind.SOFT_LOCKUP)), "nothing ends it");
  }

  @Test
  void dumpOfAllCpusDropsTheReportsOfOthersUntilTheirNextSample() {
    TestFleet fleet = trap(101 * SECOND, 40 * SECOND);
    fleet.cpus = 2;
    fleet.task("hog-1", Policy.OTHER, 0, on(1), compute(100_000 * SECOND));
    enter(fleet, 1, 101 * SECOND, 40 * SECOND);
    Watched both = Watched.run(fleet);
    assertEquals(List.of(124L), both.times(REPORT, 1, SECOND, 9));
    Watched one = Watched.run(fleet.knob(KernelKnob.SOFTLOCKUP_ALL_CPU_BACKTRACE, 1));
    assertEquals(List.of(124L), one.times(REPORT, 0, SECOND, 9));
    assertEquals(List.of(128L), one.times(REPORT, 1, SECOND, 9));
  }

  @Test
  void trapBelowTheThresholdIsNotReported() {
    assertEquals(List.of(), Watched.run(trap(101 * SECOND, 22 * SECOND)).all(REPORT));
  }

  @Test
  void guestStoppedFlagRestartsTheInterval() {
    TestFleet fleet = trap(101 * SECOND, 60 * SECOND);
    fleet.stopAt(110 * SECOND, MS, true, 0, ResumeOrder.INDEX);
    fleet.knob(KernelKnob.RCU_CPU_STALL_TIMEOUT, 300);
    assertEquals(List.of(136L, 160L), Watched.run(fleet).times(REPORT, 0, SECOND, 9));
  }
}
