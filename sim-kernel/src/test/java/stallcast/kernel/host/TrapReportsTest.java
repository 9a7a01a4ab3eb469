package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.SoftirqTrapTest.enter;
import static stallcast.kernel.host.SoftirqTrapTest.record;
import static stallcast.kernel.host.SoftirqTrapTest.trap;
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
import stallcast.kernel.scenario.IncidentKind;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.OperationSpec.ResumeOrder;
import stallcast.kernel.scenario.TaskSpec.Policy;

/**
 * RCU, the workqueue watchdog, traps and freezes while softirq has a CPU (incidents 1.3 to 1.7).
 */
class TrapReportsTest {
  private static final String RCU = IncidentKind.RCU_STALL.key();
  private static final String POOL = IncidentKind.WORKQUEUE_LOCKUP.key();
  private static final long GRACE_PERIOD_NS = 20 * MS;

  @ParameterizedTest
  @CsvSource({"3, 1000", "3, 300", "21, 1000", "21, 250", "21, 100", "60, 250", "300, 1000"})
  void ownTickReportsTheGracePeriodAtTheTimeout(int timeout, int hz) {
    long tickNs = SECOND / hz;
    long atNs = 1_000 * SECOND + 7 * MS / 10;
    long bodyNs = Math.min(900, 9 * timeout) * SECOND;
    TestFleet fleet = trap(atNs, bodyNs).knob(KernelKnob.RCU_CPU_STALL_TIMEOUT, timeout);
    fleet.knob(KernelKnob.HZ, hz);
    Watched run = Watched.run(fleet);
    List<Watched.Event> reports = run.all(RCU);
    Watched.Event first = reports.get(0);
    long quiescentNs = Math.floorDiv(atNs, tickNs) * tickNs;
    long ageNs = first.value() - quiescentNs;
    assertTrue(ageNs >= 0 && ageNs <= GRACE_PERIOD_NS, ageNs + " ns");
    long jiffies = first.value() / tickNs + (long) timeout * hz;
    assertEquals(jiffies * tickNs, first.atNs());
    assertEquals(timeout, first.other());
    for (int i = 1; i < reports.size(); i++) {
      long gapNs = reports.get(i).atNs() - reports.get(i - 1).atNs();
      assertEquals((3L * timeout * hz + 3) * tickNs, gapNs);
    }
    assertEquals(timeout == 300 ? 1 : 3, reports.size());
    IncidentLog log = run.outcome().incidents();
    assertEquals(1, run.outcome().count(IncidentKind.RCU_STALL));
    int record = record(log, IncidentKind.RCU_STALL);
    assertEquals(first.value(), log.startNs(record));
    long endNs = log.endNs(record) - (atNs + bodyNs);
    assertTrue(endNs >= 0 && endNs <= tickNs, "the stopper or a tick is the next quiescent state");
  }

  @Test
  void trapOfLessThanThreeSecondsAfterTheTouchIsFirstReportedByRcu() {
    for (int offset = 0; offset < 20; offset++) {
      long atNs = 101 * SECOND + offset * (97 * MS);
      Watched run = Watched.run(trap(atNs, 30 * SECOND));
      long afterNs = run.all(RCU).get(0).atNs() - atNs;
      assertTrue(afterNs > 20_990 * MS && afterNs < 21_500 * MS, afterNs + " ns");
      List<Watched.Event> lockups = run.all("soft-lockup");
      assertTrue(run.all(RCU).get(0).atNs() < lockups.get(0).atNs(), "the last touch is younger");
    }
  }

  @Test
  void trapBelowTheTimeoutIsNoRcuStall() {
    assertEquals(List.of(), Watched.run(trap(101 * SECOND, 20_900 * MS)).all(RCU));
  }

  @Test
  void gracePeriodThatASecondCpuBlocksBeginsWhenTheFirstOneLetsGo() {
    TestFleet fleet = trap(101 * SECOND, 30 * SECOND);
    fleet.cpus = 2;
    fleet.horizonNs = 200 * SECOND;
    fleet.task("hog-1", Policy.OTHER, 0, on(1), compute(100_000 * SECOND));
    enter(fleet, 1, 111 * SECOND, 60 * SECOND);
    Watched run = Watched.run(fleet);
    assertEquals(List.of(0, 1), run.all(RCU).stream().map(Watched.Event::cpu).toList());
    long firstNs = run.all(RCU).get(0).atNs();
    long secondNs = run.all(RCU).get(1).atNs();
    assertTrue(firstNs >= 122 * SECOND - 4 * MS && firstNs < 122_100 * MS, firstNs + " ns");
    assertTrue(secondNs >= 152 * SECOND && secondNs < 152_100 * MS, secondNs + " ns");
  }

  @Test
  void twoCpusThatBlockOneGracePeriodReportItInTurn() {
    TestFleet fleet = trap(101 * SECOND, 40 * SECOND);
    fleet.cpus = 2;
    fleet.horizonNs = 200 * SECOND;
    fleet.task("hog-1", Policy.OTHER, 0, on(1), compute(100_000 * SECOND));
    enter(fleet, 1, 101 * SECOND, 90 * SECOND);
    Watched run = Watched.run(fleet);
    List<Watched.Event> reports = run.all(RCU);
    assertEquals(List.of(0, 1), reports.stream().map(Watched.Event::cpu).toList());
    assertEquals(reports.get(0).value(), reports.get(1).value(), "the same grace period");
    assertEquals(63 * SECOND + 12 * MS, reports.get(1).atNs() - reports.get(0).atNs());
  }

  @Test
  void anotherCpuReportsTwoJiffiesLaterIfTheTickIsStopped() {
    TestFleet fleet = trap(101 * SECOND, 30 * SECOND);
    fleet.cpus = 2;
    fleet.tasks.clear();
    Watched.Event idle = Watched.run(fleet).all(RCU).get(0);
    assertEquals(0, idle.cpu());
    long lateNs = idle.atNs() - idle.value() - 21 * SECOND;
    assertTrue(lateNs > 4 * MS && lateNs <= 8 * MS, lateNs + " ns");
    fleet.cpus = 1;
    assertEquals(List.of(), Watched.run(fleet).all(RCU), "nobody is left to look");
  }

  @Test
  void stopIsNoTimeWithoutAQuiescentState() {
    TestFleet fleet = trap(101 * SECOND, 10 * SECOND);
    fleet.stopAt(105 * SECOND, 18 * SECOND, false, 0, ResumeOrder.INDEX);
    assertEquals(List.of(), Watched.run(fleet).all(RCU).stream().skip(1).toList());
  }

  @Test
  void poolWithoutWorkersIsReportedAtEveryPass() {
    TestFleet fleet = trap(101 * SECOND, 100 * SECOND);
    fleet.cpus = 2;
    fleet.horizonNs = 220 * SECOND;
    fleet.tasks.clear();
    fleet.task("hog", Policy.OTHER, 0, on(1), compute(100_000 * SECOND));
    fleet.softirq.clear();
    enter(fleet, 1, 101 * SECOND, 100 * SECOND);
    Watched run = Watched.run(fleet);
    List<Watched.Event> reports = run.all(POOL);
    Watched.Event first = reports.get(0);
    assertEquals(1, first.cpu());
    long workNs = first.value() - 101 * SECOND;
    assertTrue(workNs >= 0 && workNs <= SECOND, "work comes every second: " + workNs);
    long ageNs = first.atNs() - first.value();
    assertTrue(ageNs > 30 * SECOND && ageNs <= 60 * SECOND, ageNs + " ns");
    for (int i = 1; i < reports.size(); i++) {
      assertEquals(30 * SECOND, reports.get(i).atNs() - reports.get(i - 1).atNs());
    }
    assertTrue(reports.size() >= 2, reports.size() + " reports");
    assertEquals(1, run.outcome().count(IncidentKind.WORKQUEUE_LOCKUP));
    IncidentLog log = run.outcome().incidents();
    int record = record(log, IncidentKind.WORKQUEUE_LOCKUP);
    assertEquals(reports.size(), log.reports(record));
    long endNs = log.endNs(record) - 201 * SECOND;
    assertTrue(endNs >= 0 && endNs <= 100 * MS, endNs + " ns");
  }

  @Test
  void passWaitsForItsOwnCpuToLeaveSoftirq() {
    TestFleet fleet = trap(101 * SECOND, 100 * SECOND);
    fleet.horizonNs = 202 * SECOND;
    Watched run = Watched.run(fleet);
    // The stopper runs first, but the pass is a softirq of the interrupt that ends the trap.
    assertEquals(List.of(201L), run.times(POOL, 0, SECOND, 9));
  }

  @Test
  void realTimeHogStarvesThePoolOfACpuWithThreads() {
    TestFleet fleet = trap(400 * SECOND, MS);
    fleet.cpus = 2;
    fleet.tasks.clear();
    fleet.knob(KernelKnob.FAIR_SERVER, 0);
    fleet.tasks("rt", 1, Policy.FIFO, 9, on(0), fixed(50 * SECOND), compute(60 * SECOND));
    enter(fleet, 1, 400 * SECOND, MS);
    fleet.horizonNs = 120 * SECOND;
    int cpu = Watched.run(fleet).all(POOL).get(0).cpu();
    assertEquals(0, cpu);
  }

  @Test
  void trapIsOneIncidentThatCausesTheOthers() {
    TestFleet fleet = trap(101 * SECOND, 60 * SECOND);
    fleet.horizonNs = 164 * SECOND; // later the first task pays for the time charged to it
    fleet.task("second", Policy.OTHER, 0, on(0), compute(100_000 * SECOND));
    HostOutcome outcome = fleet.run();
    IncidentLog log = outcome.incidents();
    assertEquals(1, outcome.count(IncidentKind.SOFTIRQ_TRAP));
    int trap = record(log, IncidentKind.SOFTIRQ_TRAP);
    assertEquals(101 * SECOND, log.startNs(trap));
    assertEquals(161 * SECOND, log.endNs(trap));
    assertEquals(0, log.reports(trap), "no kernel reports it");
    for (IncidentKind kind :
        List.of(IncidentKind.FREEZE, IncidentKind.SOFT_LOCKUP, IncidentKind.RCU_STALL)) {
      assertEquals(1, outcome.count(kind), kind.key());
      assertEquals(trap, log.parent(record(log, kind)), kind.key());
    }
    int freeze = record(log, IncidentKind.FREEZE);
    assertEquals(101 * SECOND, log.startNs(freeze));
    assertEquals(161 * SECOND, log.endNs(freeze));
  }

  @Test
  void trapOfTheIdleTaskFreezesTheTaskThatWakesInIt() {
    TestFleet fleet = trap(101 * SECOND, 20 * SECOND);
    fleet.tasks.clear();
    fleet.tasks("late", 1, Policy.OTHER, 0, on(0), fixed(110 * SECOND), compute(SECOND));
    HostOutcome outcome = fleet.run();
    IncidentLog log = outcome.incidents();
    assertEquals(1, outcome.count(IncidentKind.FREEZE));
    int freeze = record(log, IncidentKind.FREEZE);
    assertEquals(110 * SECOND, log.startNs(freeze));
    assertEquals(121 * SECOND, log.endNs(freeze));
    assertEquals(record(log, IncidentKind.SOFTIRQ_TRAP), log.parent(freeze));
  }

  @ParameterizedTest
  @CsvSource({"4999, 0", "5000, 1"})
  void trapNeedsTheFreezeThreshold(long bodyMs, int traps) {
    TestFleet fleet = trap(101 * SECOND, bodyMs * MS);
    assertEquals(traps, fleet.run().count(IncidentKind.SOFTIRQ_TRAP));
    fleet = trap(101 * SECOND, 3 * SECOND);
    fleet.stopAt(102 * SECOND, 20 * SECOND, false, 0, ResumeOrder.INDEX);
    assertEquals(0, fleet.run().count(IncidentKind.SOFTIRQ_TRAP), "the stop does not count");
  }
}
