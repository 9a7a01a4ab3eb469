package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.US;
import static stallcast.kernel.host.TestFleet.compute;
import static stallcast.kernel.host.TestFleet.fixed;
import static stallcast.kernel.host.TestFleet.on;
import static stallcast.kernel.host.TestFleet.sleep;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stallcast.kernel.cpu.IncidentLog;
import stallcast.kernel.random.Uniform;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.OperationSpec.ResumeOrder;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec.Policy;

/** Hard lockups by an interrupt that a CPU sends itself without end (incidents 1.2). */
class HardLockupTest {
  private static final String REPORT = IncidentKind.HARD_LOCKUP.key();
  private static final long SAMPLE_NS = 4 * SECOND;

  /**
   * CPU {@code target} is overloaded; from an instant on somebody asks for a push during every
   * visit of the walker there, for a number of rounds of 300 us.
   */
  static TestFleet starved(int target, double fromNs, int rounds) {
    TestFleet fleet = new TestFleet();
    fleet.cpus = 3;
    fleet.preset = "6.12";
    fleet.horizonNs = 60 * SECOND;
    fleet.knob(KernelKnob.WATCHDOG_PHASE_NS, 0).knob(KernelKnob.FIX_RTO_SKIP_SELF, 0);
    fleet.knob(KernelKnob.RT_PUSH_IPI, 1).knob(KernelKnob.COST_PUSH_HANDLER_NS, MS);
    CpuSelection home = new CpuSelection.MigrationDisabled(List.of(target));
    fleet.tasks("waiting", 2, Policy.FIFO, 1, home, fixed(0), compute(100_000 * SECOND));
    for (int i = 1; i < 3; i++) {
      fleet.tasks(
          "requester-" + i,
          1,
          Policy.FIFO,
          99,
          on((target + i) % 3),
          fixed(fromNs + 100 * US * i),
          new Step.Repeat(fixed(rounds), List.of(compute(US), sleep(299 * US))),
          new Step.Exit());
    }
    return fleet;
  }

  private static long firstReportNs(TestFleet fleet) {
    List<Watched.Event> reports = Watched.run(fleet).all(REPORT);
    return reports.isEmpty() ? -1 : reports.get(0).atNs();
  }

  @Test
  void nmiReportsBetweenSixAndTwentySecondsAfterInterruptsStop() {
    long least = Long.MAX_VALUE;
    long most = 0;
    for (int seed = 0; seed < 60; seed++) {
      long fromNs = 12 * SECOND + seed * (97 * MS);
      TestFleet fleet = starved(1, (double) fromNs, 100_000);
      fleet.seed = seed;
      fleet.horizonNs = 45 * SECOND;
      long afterNs = firstReportNs(fleet) - fromNs;
      least = Math.min(least, afterNs);
      most = Math.max(most, afterNs);
    }
    assertTrue(least > 6 * SECOND && least < 10 * SECOND, least + " ns");
    assertTrue(most > 16 * SECOND && most < 20 * SECOND, most + " ns");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void nextCpuReportsAtItsThirdSamples(int target) {
    // Samples at 4, 8, ...; checks at 12, 24, 36. CPU 0 is checked after its own sample.
    for (long fromS = 13; fromS < 25; fromS++) {
      TestFleet fleet = starved(target, (double) (fromS * SECOND - 500 * MS), 130_000);
      fleet.knob(KernelKnob.HARDLOCKUP_DETECTOR_BUDDY, 1);
      long lastNs = (fromS * SECOND - 500 * MS) / SAMPLE_NS * SAMPLE_NS;
      long seesNs = lastNs % (12 * SECOND) == 0 ? (target == 0 ? 0 : 12 * SECOND) : -1;
      if (seesNs < 0) {
        seesNs = 12 * SECOND - lastNs % (12 * SECOND);
      }
      Watched run = Watched.run(fleet);
      List<Watched.Event> reports = run.all(REPORT);
      assertEquals(1, reports.size());
      assertEquals(target, reports.get(0).cpu());
      assertEquals(lastNs, reports.get(0).value());
      assertEquals(lastNs + seesNs + 12 * SECOND, reports.get(0).atNs(), "from " + fromS);
      long afterNs = reports.get(0).atNs() - (fromS * SECOND - 500 * MS);
      assertTrue(afterNs > 8 * SECOND && afterNs < 24 * SECOND, afterNs + " ns");
    }
  }

  @Test
  void lockupIsReportedOnceAndEndsWithTheNextSample() {
    TestFleet fleet = starved(1, 13.0 * SECOND, 110_000); // for 33 s
    fleet.knob(KernelKnob.HARDLOCKUP_DETECTOR_BUDDY, 1);
    Watched run = Watched.run(fleet);
    assertEquals(1, run.outcome().count(IncidentKind.HARD_LOCKUP));
    IncidentLog log = run.outcome().incidents();
    int record = SoftirqTrapTest.record(log, IncidentKind.HARD_LOCKUP);
    assertEquals(12 * SECOND, log.startNs(record), "last sample");
    assertEquals(36 * SECOND, log.detectedNs(record));
    assertEquals(1, log.reports(record));
    long endNs = log.endNs(record);
    assertTrue(endNs > 46 * SECOND && endNs < 46_020 * MS, "the late sample: " + endNs);
    assertEquals(
        SoftirqTrapTest.record(log, IncidentKind.SOFTIRQ_TRAP), log.parent(record), "its cause");
    assertEquals(1, run.outcome().count(IncidentKind.SOFT_LOCKUP), "the late sample reports it");
    assertEquals(1, run.outcome().count(IncidentKind.RCU_STALL), "another CPU's tick reports it");
  }

  @Test
  void shortStarvationIsNotReported() {
    TestFleet fleet = starved(1, 13.0 * SECOND, 18_000); // for 5.4 s
    assertEquals(-1, firstReportNs(fleet));
  }

  @Test
  void detectorCanBeTurnedOff() {
    assertEquals(
        -1, firstReportNs(starved(1, 12.5 * SECOND, 130_000).knob(KernelKnob.NMI_WATCHDOG, 0)));
    assertEquals(
        -1, firstReportNs(starved(1, 12.5 * SECOND, 130_000).knob(KernelKnob.WATCHDOG, 0)));
    assertEquals(
        -1, firstReportNs(starved(1, 12.5 * SECOND, 130_000).knob(KernelKnob.WATCHDOG_THRESH, 0)));
    assertTrue(
        firstReportNs(starved(1, 12.5 * SECOND, 130_000).knob(KernelKnob.SOFT_WATCHDOG, 0)) > 0,
        "samples are taken for either detector");
  }

  @Test
  void panicEndsTheHost() {
    TestFleet fleet = starved(1, 13.0 * SECOND, 130_000).knob(KernelKnob.HARDLOCKUP_PANIC, 1);
    fleet.knob(KernelKnob.HARDLOCKUP_DETECTOR_BUDDY, 1);
    Watched run = Watched.run(fleet);
    assertEquals(EndReason.PANIC, run.outcome().endReason());
    assertEquals(36 * SECOND, run.machine().timers().nowNs());
  }

  @Test
  void stoppedMachineIsNoHardLockup() {
    for (int buddy = 0; buddy < 2; buddy++) {
      TestFleet fleet = starved(1, 13.0 * SECOND, 1);
      fleet.knob(KernelKnob.HARDLOCKUP_DETECTOR_BUDDY, buddy);
      fleet.operation(
          new stallcast.kernel.scenario.OperationSpec.Occurrence.At(
              List.of(new Uniform(5 * SECOND, 20 * SECOND))),
          fixed(30.0 * SECOND),
          1,
          false,
          fixed(0),
          ResumeOrder.INDEX);
      assertEquals(-1, firstReportNs(fleet));
    }
  }

  @Test
  void softirqStormKeepsTheSamplesRunning() {
    assertEquals(
        0, SoftirqTrapTest.trap(101 * SECOND, 100 * SECOND).run().count(IncidentKind.HARD_LOCKUP));
  }
}
