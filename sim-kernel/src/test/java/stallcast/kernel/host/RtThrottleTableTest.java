package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.US;
import static stallcast.kernel.host.TestFleet.compute;
import static stallcast.kernel.host.TestFleet.on;
import static stallcast.kernel.host.TestFleet.until;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.OperationSpec.ResumeOrder;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec.Policy;

/** The table of rt-throttle.md section 6: u = 0.5 s, r0 = 0, at the defaults. */
class RtThrottleTableTest {

  /**
   * A machine whose period timer sits on {@code timerCpu} with expiries at whole seconds, and a
   * FIFO task on the other CPU that has just started when the machine stops at 5.5 s. vCPUs go on
   * in index order, 1 ns apart.
   */
  private static TestFleet machine(int timerCpu, long stopNs) {
    int victimCpu = 1 - timerCpu;
    TestFleet fleet = new TestFleet();
    fleet.horizonNs = 200 * SECOND;
    fleet
        .task(
            "anchor",
            Policy.FIFO,
            10,
            on(timerCpu),
            until(5 * SECOND),
            compute(US),
            new Step.Exit())
        .task(
            "victim",
            Policy.FIFO,
            50,
            on(victimCpu),
            until(5 * SECOND + 500 * MS),
            compute(10 * MS),
            new Step.Exit())
        .stopAt(5 * SECOND + 500 * MS, stopNs, false, 1, ResumeOrder.INDEX)
        .measure(
            "host.incident rt-throttle-long.longest",
            "host.incident rt-throttle-short.longest",
            "host.incident rt-throttle-long.refills",
            "host.incident rt-throttle-short.refills",
            "host.incident rt-throttle-long.peak-rt_time",
            "host.incident rt-throttle-long.residual-rt_time",
            "host.task victim.max-off-cpu");
    return fleet;
  }

  @ParameterizedTest
  @CsvSource({
    "0.5, 0, 0, 0.5",
    "0.951, 1, 0.549, 0.001",
    "1.2, 1, 0.3, 0.25",
    "2, 2, 1.5, 0.10",
    "5, 5, 4.5, 0.25",
    "10, 10, 9.5, 0.5",
    "16, 16, 15.5, 0.8",
    "20, 21, 20.5, 0.05",
    "30, 31, 30.5, 0.55",
    "60, 63, 62.5, 0.15"
  })
  void timerFirstLeavesTheWholeStopOnTheBooks(
      double stop, long refills, double off, double residual) {
    TestFleet fleet = machine(0, Math.round(stop * SECOND));
    HostOutcome outcome = fleet.run();
    long longest = longest(outcome);
    assertEquals(off * SECOND, longest, US, "T_off");
    if (off > 0) {
      int record = 0;
      while (outcome.incidents().refills(record) == 0) {
        record++;
      }
      assertEquals('A', outcome.incidents().branch(record));
      assertEquals(refills, outcome.incidents().refills(record));
      assertEquals(residual * SECOND, outcome.incidents().residualRtTimeNs(record), US);
      assertEquals(stop * SECOND, outcome.incidents().peakRtTimeNs(record), US);
      assertEquals(off * SECOND, outcome.measure(6), US);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0.5, 0",
    "0.951, 0",
    "1.2, 0",
    "2, 0",
    "5, 0",
    "10, 0",
    "16, 0",
    "20, 0.5",
    "30, 0.5",
    "60, 2.5"
  })
  void chargeFirstIsPaidBackAtOnce(double stop, double off) {
    HostOutcome outcome = machine(1, Math.round(stop * SECOND)).run();
    assertEquals(off * SECOND, longest(outcome), US);
  }

  @ParameterizedTest
  @CsvSource({
    "0.5, 0, 0",
    "0.951, 0, 0",
    "1.2, 1, 0.3",
    "2, 2, 1.5",
    "5, 5, 4.5",
    "10, 10, 9.5",
    "16, 16, 15.5",
    "20, 20, 19.5",
    "30, 30, 29.5",
    "60, 60, 59.5"
  })
  void sharingFindsAWholePeriodOfRuntime(double stop, long refills, double off) {
    TestFleet fleet = machine(0, Math.round(stop * SECOND));
    fleet.knob(KernelKnob.RT_RUNTIME_SHARE, 1);
    HostOutcome outcome = fleet.run();
    assertEquals(off * SECOND, longest(outcome), US);
    if (off > 1) {
      assertEquals(refills, outcome.measure(2));
    }
  }

  private static long longest(HostOutcome outcome) {
    long shortest = outcome.measure(1);
    long longest = Math.max(outcome.measure(0), shortest);
    return Math.max(0, longest);
  }
}
