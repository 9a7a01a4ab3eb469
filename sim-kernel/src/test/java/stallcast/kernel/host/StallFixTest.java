package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.compute;
import static stallcast.kernel.host.TestFleet.fixed;
import static stallcast.kernel.host.TestFleet.on;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.OperationSpec.ResumeOrder;
import stallcast.kernel.scenario.StallFix;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec.Policy;

/** The RFC of seed 000 and its variants (rt-throttle.md section 11). */
class StallFixTest {
  private static final long PAUSE_NS = 5_500 * MS;

  /** Sample of the soft-lockup detector between the pause and the next tick at 5.504 s. */
  private static final long SAMPLE_FIRST_NS = 1_502 * MS; // + 4 s

  /** Sample well behind the next tick. */
  private static final long TICK_FIRST_NS = 3_000 * MS; // + 4 s

  /**
   * Period timer on CPU 0 with expiries at whole seconds, a FIFO task on CPU 1 that starts at the
   * instant of the pause; CPU 0 goes on first, so nothing but the fix can prevent an episode.
   */
  private static Watched run(StallFix fix, long stopNs, boolean flag, long samplePhaseNs) {
    return run(fix, stopNs, flag, samplePhaseNs, 1);
  }

  private static Watched run(
      StallFix fix, long stopNs, boolean flag, long samplePhaseNs, long skewNs) {
    TestFleet fleet = new TestFleet();
    fleet.horizonNs = 60 * SECOND;
    fleet
        .knob(KernelKnob.FIX_RT_FORGIVE_UNOBSERVED_STALL, fix.ordinal())
        .knob(KernelKnob.WATCHDOG_PHASE_NS, (double) samplePhaseNs)
        .tasks(
            "anchor", 1, Policy.FIFO, 10, on(0), fixed(5 * SECOND), compute(1_000), new Step.Exit())
        .tasks(
            "victim", 1, Policy.FIFO, 50, on(1), fixed(PAUSE_NS), compute(10 * MS), new Step.Exit())
        .stopAt(PAUSE_NS, stopNs, flag, skewNs, ResumeOrder.INDEX);
    return Watched.run(fleet);
  }

  @ParameterizedTest
  @CsvSource({
    // fix, stop in ms, flag, detector first: throttled?
    "NONE,           2000, true,  false, 1",
    "RFC,            2000, true,  false, 0",
    "RFC,            2000, false, false, 0",
    "RFC,           60000, true,  true,  0",
    "FLAG_ONLY,      2000, true,  false, 0",
    "FLAG_ONLY,      2000, false, false, 1",
    "FLAG_ONLY,     16000, true,  true,  1",
    "MAGNITUDE_ONLY, 2000, false, false, 0",
    "MAGNITUDE_ONLY,  980, true,  false, 1",
    "MAGNITUDE_ONLY, 1001, true,  false, 0",
    "RFC,             980, true,  false, 0",
    "RFC,             980, true,  true,  1",
    "RFC,             980, false, false, 1",
    "RFC,             930, false, false, 0"
  })
  void throttlesUnlessForgiven(
      StallFix fix, long stopMs, boolean flag, boolean detectorFirst, int episodes) {
    long phaseNs = detectorFirst ? SAMPLE_FIRST_NS : TICK_FIRST_NS;
    Watched run = run(fix, stopMs * MS, flag, phaseNs);
    assertEquals(episodes, run.times("throttle", 1, 1, 99).size());
  }

  @Test
  void softLockupSampleTakesTheFlagBeforeTheCharge() {
    Watched run = run(StallFix.FLAG_ONLY, 16 * SECOND, true, SAMPLE_FIRST_NS);
    assertEquals(1, run.times("flag softlockup", 1, 1, 9).size());
    assertEquals(List.of(), run.all("flag rt-charge"));
    assertEquals(List.of(), run.all("forgiven"));
    assertEquals(16 * SECOND + 2, run.all("throttle").get(0).other());
  }

  @Test
  void magnitudeTestIsTheFallbackWhenTheFlagIsGone() {
    Watched run = run(StallFix.RFC, 16 * SECOND, true, SAMPLE_FIRST_NS);
    assertEquals(1, run.all("forgiven").size());
    assertEquals(0, run.all("forgiven").get(0).other(), "not by the flag");
    assertEquals(16 * SECOND + 2, run.all("forgiven").get(0).value());
  }

  @Test
  void tickFirstLeavesTheFlagToTheCharge() {
    Watched run = run(StallFix.FLAG_ONLY, 16 * SECOND, true, TICK_FIRST_NS);
    assertEquals(1, run.times("flag rt-charge", 1, 1, 9).size());
    assertEquals(1, run.all("forgiven").get(0).other(), "by the flag");
  }

  @Test
  void rcuTakesTheFlagOfOneCpuBeforeTheChargeOfTheSameTick() {
    Watched flagOnly = run(StallFix.FLAG_ONLY, 22 * SECOND, true, TICK_FIRST_NS, 0);
    assertEquals(1, flagOnly.times("flag rcu-stall", 1, 1, 9).size());
    assertEquals(List.of(), flagOnly.all("rcu-stall"));
    assertEquals(1, flagOnly.all("throttle").size());
    Watched rfc = run(StallFix.RFC, 22 * SECOND, true, TICK_FIRST_NS, 0);
    assertEquals(List.of(), rfc.all("throttle"));
    Watched shorter = run(StallFix.FLAG_ONLY, 20 * SECOND, true, TICK_FIRST_NS, 0);
    assertEquals(List.of(), shorter.all("throttle"), "no report due, so RCU does not look");
  }

  @Test
  void rcuDoesNotLookOnceAnotherCpuHasFoundItsFlag() {
    Watched run = run(StallFix.FLAG_ONLY, 22 * SECOND, true, TICK_FIRST_NS, 1);
    assertEquals(1, run.times("flag softlockup", 0, 1, 9).size());
    assertEquals(List.of(), run.all("flag rcu-stall"));
    assertEquals(List.of(), run.all("throttle"));
  }
}
