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
import stallcast.kernel.cpu.IncidentLog;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.OperationSpec.ResumeOrder;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec.Policy;

/** RCU, the workqueue watchdog and the hung-task checker (incidents-and-sysctls.md 1.3 to 1.8). */
class StopReportsTest {
  private static final int MACHINES = 4_000;

  private static TestFleet busy(int cpus, int busyFrom) {
    TestFleet fleet = new TestFleet();
    fleet.cpus = cpus;
    fleet.knob(KernelKnob.SOFT_WATCHDOG, 0);
    for (int cpu = busyFrom; cpu < cpus; cpu++) {
      fleet.task("busy-" + cpu, Policy.OTHER, 0, on(cpu), compute(100_000 * SECOND));
    }
    return fleet;
  }

  private static TestFleet stopped(int cpus, int busyFrom, long stopNs, boolean flag) {
    return busy(cpus, busyFrom).stopAt(10 * SECOND, stopNs, flag, 1_000, ResumeOrder.INDEX);
  }

  @Test
  void firstBusyCpuReportsTheGracePeriodOnce() {
    HostOutcome outcome = stopped(4, 1, 21 * SECOND, false).run();
    assertEquals(1, outcome.count(IncidentKind.RCU_STALL));
    IncidentLog log = outcome.incidents();
    int record = log.latest(IncidentKind.RCU_STALL, 0);
    assertEquals(1, log.cpu(record), "CPU 0 is idle and blocks nothing");
    assertEquals(31 * SECOND + 2_000, log.detectedNs(record));
    assertEquals(21, log.printedSeconds(record));
    assertEquals(0, log.operation(record));
    assertEquals(IncidentKind.VM_BLACKOUT, log.kind(log.parent(record)));
    long ageNs = 10 * SECOND - log.startNs(record);
    assertTrue(ageNs >= 0 && ageNs <= 20 * MS, ageNs + " ns");
  }

  @Test
  void stopBelowTheTimeoutIsNoRcuStall() {
    assertEquals(
        0, stopped(4, 0, 21 * SECOND - 21 * MS, false).run().count(IncidentKind.RCU_STALL));
    TestFleet longer = stopped(4, 0, 30 * SECOND, false);
    longer.knob(KernelKnob.RCU_CPU_STALL_TIMEOUT, 31);
    assertEquals(0, longer.run().count(IncidentKind.RCU_STALL));
  }

  @Test
  void idleMachineHasNoGracePeriodInFlight() {
    assertEquals(0, stopped(4, 4, 60 * SECOND, false).run().count(IncidentKind.RCU_STALL));
  }

  @Test
  void rcuConsumesTheFlagWhereAReportIsDueAndKeepsSilent() {
    Watched run = Watched.run(stopped(4, 0, 30 * SECOND, true));
    assertEquals(0, run.outcome().count(IncidentKind.RCU_STALL));
    assertEquals(1, run.all("flag rcu-stall").size());
    assertEquals(
        List.of(1_000L),
        run.times("flag rcu-stall", 0, 1, 9).stream().map(ns -> ns - 40 * SECOND).toList());
    Watched shorter = Watched.run(stopped(4, 0, 20 * SECOND, true));
    assertEquals(List.of(), shorter.all("flag rcu-stall"));
  }

  /** A true model fails with probability 1e-5: 4.4 standard deviations. */
  @Test
  void workqueueWatchdogReportsPoolsWithPendingWorkWhateverTheFlagSays() {
    HostSimulation flagged = new HostSimulation(stopped(1, 0, 31 * SECOND, true).spec());
    HostSimulation bare = new HostSimulation(stopped(1, 0, 31 * SECOND, false).spec());
    int reports = 0;
    for (int host = 0; host < MACHINES; host++) {
      int count = flagged.run(host).count(IncidentKind.WORKQUEUE_LOCKUP);
      assertEquals(count, bare.run(host).count(IncidentKind.WORKQUEUE_LOCKUP));
      reports += count;
    }
    double expected = 0.05 * MACHINES;
    double sigma = Math.sqrt(expected * 0.95);
    assertTrue(Math.abs(reports - expected) < 4.4 * sigma, reports + " of " + MACHINES);
  }

  @Test
  void workqueueWatchdogNeedsTheThresholdAndABusyTimerCpu() {
    HostSimulation shorter = new HostSimulation(stopped(1, 0, 30 * SECOND, false).spec());
    HostSimulation idle = new HostSimulation(stopped(2, 1, 60 * SECOND, false).spec());
    TestFleet switchedOff = stopped(1, 0, 60 * SECOND, false);
    switchedOff.knob(KernelKnob.WORKQUEUE_WATCHDOG_THRESH, 0);
    HostSimulation off = new HostSimulation(switchedOff.spec());
    for (int host = 0; host < 200; host++) {
      // A stop of 30 s to the nanosecond, plus the resume skew of 1 us, is just over: 30.000001 s.
      assertEquals(0, idle.run(host).count(IncidentKind.WORKQUEUE_LOCKUP));
      assertEquals(0, off.run(host).count(IncidentKind.WORKQUEUE_LOCKUP));
    }
    int reports = 0;
    for (int host = 0; host < 200; host++) {
      reports += shorter.run(host).count(IncidentKind.WORKQUEUE_LOCKUP);
    }
    assertTrue(reports > 0, "30.000001 s is longer than 30 s");
  }

  private static TestFleet device(long blockedNs) {
    TestFleet fleet = new TestFleet();
    fleet.cpus = 1;
    fleet.horizonNs = 2_000 * SECOND;
    return fleet.task(
        "io",
        Policy.OTHER,
        0,
        on(0),
        compute(MS),
        new Step.BlockIo(fixed((double) blockedNs)),
        new Step.Exit());
  }

  @Test
  void blockedTaskIsReportedBetweenOneAndTwoTimeouts() {
    HostSimulation simulation = new HostSimulation(device(240 * SECOND).spec());
    for (int host = 0; host < 500; host++) {
      HostOutcome outcome = simulation.run(host);
      assertEquals(1, outcome.count(IncidentKind.HUNG_TASK));
      IncidentLog log = outcome.incidents();
      int record = log.latest(IncidentKind.HUNG_TASK, 0);
      assertEquals(MS, log.startNs(record));
      long waited = log.detectedNs(record) - log.startNs(record);
      assertTrue(waited >= 120 * SECOND - MS && waited <= 240 * SECOND, waited + " ns");
      assertEquals(120, log.printedSeconds(record));
      assertEquals(1, log.reports(record));
    }
  }

  @Test
  void taskBlockedForLessThanTheTimeoutIsNotReported() {
    HostSimulation simulation = new HostSimulation(device(119 * SECOND).spec());
    for (int host = 0; host < 100; host++) {
      assertEquals(0, simulation.run(host).count(IncidentKind.HUNG_TASK));
    }
  }

  @Test
  void runnableTaskWithoutCpuIsNotHung() {
    TestFleet fleet = busy(1, 0);
    fleet.horizonNs = 1_000 * SECOND;
    fleet.knob(KernelKnob.SCHED_RT_RUNTIME_US, -1);
    fleet.task("rt", Policy.FIFO, 9, on(0), compute(100_000 * SECOND));
    assertEquals(0, fleet.run().count(IncidentKind.HUNG_TASK));
  }

  @Test
  void sameTaskIsReportedAtEveryPassUntilTheWarningsAreUsedUp() {
    TestFleet fleet = device(1_900 * SECOND);
    fleet.knob(KernelKnob.HUNG_TASK_CHECK_INTERVAL_SECS, 60);
    HostOutcome outcome = fleet.run();
    assertEquals(1, outcome.count(IncidentKind.HUNG_TASK));
    IncidentLog log = outcome.incidents();
    int record = log.latest(IncidentKind.HUNG_TASK, 0);
    assertEquals(10, log.reports(record));
    assertEquals(9 * 60 * SECOND, log.endNs(record) - log.detectedNs(record));
    assertEquals(0, log.openCount());
  }

  @Test
  void flagSkipsOnePass() {
    TestFleet plain = device(1_900 * SECOND);
    TestFleet flagged = device(1_900 * SECOND);
    plain.stopAt(130 * SECOND, MS, false, 0, ResumeOrder.INDEX);
    flagged.stopAt(130 * SECOND, MS, true, 0, ResumeOrder.INDEX);
    long first = detectedNs(plain);
    // The first pass has seen the task; the one that would report is skipped, the next reports.
    assertEquals(first + 120 * SECOND, detectedNs(flagged));
  }

  private static long detectedNs(TestFleet fleet) {
    fleet.tasks("busy", 1, Policy.FIFO, 1, on(0), fixed(120 * SECOND), compute(8 * SECOND));
    fleet.knob(KernelKnob.SCHED_RT_RUNTIME_US, -1);
    IncidentLog log = fleet.run().incidents();
    return log.detectedNs(log.latest(IncidentKind.HUNG_TASK, 0));
  }

  @Test
  void taskThatIsWokenByAnInterruptOfTheResumeIsNotReported() {
    TestFleet fleet = device(250 * SECOND);
    fleet.stopAt(100 * SECOND, 500 * SECOND, false, 0, ResumeOrder.INDEX);
    HostSimulation simulation = new HostSimulation(fleet.spec());
    for (int host = 0; host < 100; host++) {
      // The pass was due before 240 s and the device at 250 s: both are late, and the pass is a
      // task that can run only once the interrupts are over.
      assertEquals(0, simulation.run(host).count(IncidentKind.HUNG_TASK));
    }
  }

  @Test
  void latePassCountsTheNextIntervalFromTheResume() {
    TestFleet fleet = device(1_900 * SECOND);
    fleet.stopAt(200 * SECOND, 500 * SECOND, false, 0, ResumeOrder.INDEX);
    IncidentLog log = fleet.run().incidents();
    int record = log.latest(IncidentKind.HUNG_TASK, 0);
    // Seen by a pass before 120 s, reported by one before 240 s or, if that is late, at 700 s.
    long passBefore = log.detectedNs(record);
    boolean late = passBefore == 700 * SECOND;
    assertTrue(late || passBefore < 200 * SECOND, passBefore + " ns");
    long next = log.endNs(record) - 700 * SECOND;
    assertEquals(0, next % (120 * SECOND), "passes are counted from the resume");
    assertEquals(10, log.reports(record));
    assertEquals(0, log.operation(record));
  }
}
