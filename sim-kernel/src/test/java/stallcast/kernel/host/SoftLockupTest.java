package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.compute;
import static stallcast.kernel.host.TestFleet.fixed;
import static stallcast.kernel.host.TestFleet.on;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stallcast.kernel.cpu.IncidentLog;
import stallcast.kernel.random.Uniform;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.OperationSpec.Occurrence;
import stallcast.kernel.scenario.OperationSpec.ResumeOrder;
import stallcast.kernel.scenario.TaskSpec.Policy;

/** Soft-lockup reports at the resume after a stop (incidents-and-sysctls.md 1.1). */
class SoftLockupTest {
  private static final long UNIT_NS = 1L << 30;
  private static final int MACHINES = 4_000;

  /**
   * A true model fails one of the six rows with probability 6 x 1e-5: 4.4 standard deviations, and
   * half a per cent because the table is rounded.
   */
  private static final double SIGMAS = 4.4;

  private static final double ROUNDING = 0.006;

  private static TestFleet busy(int cpus, int thresh) {
    TestFleet fleet = new TestFleet();
    fleet.cpus = cpus;
    fleet.knob(KernelKnob.WATCHDOG_THRESH, thresh);
    for (int cpu = 0; cpu < cpus; cpu++) {
      fleet.task("busy-" + cpu, Policy.OTHER, 0, on(cpu), compute(100_000 * SECOND));
    }
    return fleet;
  }

  @ParameterizedTest
  @CsvSource({"17.4, 0", "19, 0.25", "20, 0.50", "21, 0.75", "22, 0.97", "22.55, 1"})
  void reportProbabilityOfAStopFollowsTheTable(double stopSeconds, double probability) {
    TestFleet fleet = busy(1, 10);
    fleet.operation(
        new Occurrence.At(List.of(new Uniform(10 * SECOND, 40 * SECOND))),
        fixed(stopSeconds * SECOND),
        1,
        false,
        fixed(0),
        ResumeOrder.INDEX);
    HostSimulation simulation = new HostSimulation(fleet.spec());
    int reported = 0;
    for (int host = 0; host < MACHINES; host++) {
      reported += simulation.run(host).count(IncidentKind.SOFT_LOCKUP);
    }
    double deviation = Math.abs((double) reported / MACHINES - probability);
    double sigma = Math.sqrt(probability * (1 - probability) / MACHINES);
    boolean sure = probability == 0 || probability == 1;
    assertTrue(
        deviation <= (sure ? 0 : SIGMAS * sigma + ROUNDING),
        stopSeconds + " s: " + reported + " of " + MACHINES);
  }

  @Test
  void everyThresholdReportsFromTwiceItselfPlusOneUnitsOn() {
    for (int thresh = 1; thresh <= 60; thresh++) {
      long sampleNs = thresh * (400 * MS);
      // The sample that touches last is at the pause itself; one unit boundary later than needed.
      long pauseNs = 10 * sampleNs;
      long lastUnit = pauseNs / UNIT_NS + 2L * thresh;
      long longestSilentNs = (lastUnit + 1) * UNIT_NS - 1 - pauseNs;
      assertEquals(0, reports(thresh, pauseNs, longestSilentNs), "T = " + thresh);
      assertEquals(1, reports(thresh, pauseNs, longestSilentNs + 1), "T = " + thresh);
    }
  }

  private static int reports(int thresh, long pauseNs, long stopNs) {
    TestFleet fleet = busy(1, thresh);
    fleet.horizonNs = pauseNs + stopNs + SECOND;
    fleet.knob(KernelKnob.WATCHDOG_PHASE_NS, 0);
    fleet.stopAt(pauseNs, stopNs, false, 0, ResumeOrder.INDEX);
    IncidentLog log = fleet.run().incidents();
    int found = 0;
    for (int i = 0; i < log.size(); i++) {
      if (log.kind(i) == IncidentKind.SOFT_LOCKUP) {
        found++;
        assertEquals(2 * thresh + 1, log.printedSeconds(i));
        assertEquals(pauseNs, log.startNs(i));
        assertEquals(pauseNs + stopNs, log.detectedNs(i));
      }
    }
    return found;
  }

  @Test
  void zeroThresholdTurnsTheDetectorOff() {
    TestFleet fleet = busy(1, 0);
    fleet.stopAt(10 * SECOND, 60 * SECOND, false, 0, ResumeOrder.INDEX);
    assertEquals(0, fleet.run().count(IncidentKind.SOFT_LOCKUP));
  }

  @Test
  void flagPreventsTheReportAtTheResume() {
    TestFleet fleet = busy(4, 10);
    fleet.stopAt(10 * SECOND, 60 * SECOND, true, 1_000, ResumeOrder.INDEX);
    Watched run = Watched.run(fleet);
    assertEquals(0, run.outcome().count(IncidentKind.SOFT_LOCKUP));
    assertEquals(0, run.outcome().count(IncidentKind.RCU_STALL));
  }

  @Test
  void sharedPhaseReportsTheWholeGuestTogether() {
    TestFleet fleet = busy(4, 10);
    fleet.stopAt(10 * SECOND, 23 * SECOND, false, 0, ResumeOrder.INDEX);
    assertEquals(4, fleet.run().count(IncidentKind.SOFT_LOCKUP));
  }

  @Test
  void idleCpusAreNotReported() {
    TestFleet fleet = busy(4, 10);
    fleet.tasks.remove(3);
    fleet.stopAt(10 * SECOND, 60 * SECOND, false, 0, ResumeOrder.INDEX);
    assertEquals(3, fleet.run().count(IncidentKind.SOFT_LOCKUP));
  }

  @Test
  void stopThatTheClockDoesNotShowIsNotReported() {
    TestFleet fleet = busy(1, 10);
    fleet.operation(
        new Occurrence.At(List.of(fixed(10 * SECOND))),
        fixed(60 * SECOND),
        0.1,
        false,
        fixed(0),
        ResumeOrder.INDEX);
    assertEquals(0, fleet.run().count(IncidentKind.SOFT_LOCKUP));
  }

  @Test
  void panicEndsTheHostAtTheFirstReport() {
    TestFleet fleet = busy(4, 10).knob(KernelKnob.SOFTLOCKUP_PANIC, 1);
    fleet.stopAt(10 * SECOND, 23 * SECOND, false, 0, ResumeOrder.INDEX);
    fleet.stopAt(50 * SECOND, 23 * SECOND, false, 0, ResumeOrder.INDEX);
    Watched run = Watched.run(fleet);
    assertEquals(EndReason.PANIC, run.outcome().endReason());
    assertEquals(1, run.outcome().count(IncidentKind.SOFT_LOCKUP));
    assertEquals(1, run.outcome().operations());
    assertEquals(33 * SECOND, run.machine().timers().nowNs());
  }
}
