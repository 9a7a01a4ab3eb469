package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.compute;
import static stallcast.kernel.host.TestFleet.fixed;
import static stallcast.kernel.host.TestFleet.on;
import static stallcast.kernel.host.TestFleet.sleep;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import stallcast.kernel.cpu.CpuTime;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec.Policy;

/** Where fair tasks run on several CPUs. */
class FairBalanceTest {
  private static final Step FOREVER = compute(1_000 * SECOND);

  private static TestFleet fleet(int cpus, int nodes, int smt) {
    TestFleet fleet = new TestFleet();
    fleet.preset = "6.12";
    fleet.cpus = cpus;
    fleet.numaNodes = nodes;
    fleet.smt = smt;
    fleet.horizonNs = 6 * SECOND;
    return fleet;
  }

  /** CPUs that a task was woken on from 100 ms on. */
  private static Set<Integer> wokenOn(TestFleet fleet, int task) {
    Set<Integer> cpus = new TreeSet<>();
    for (Watched.Event e : Watched.run(fleet).all("wakeup")) {
      if (e.value() == task && e.atNs() >= 100 * MS) {
        cpus.add(e.cpu());
      }
    }
    return cpus;
  }

  @Test
  void sleeperStaysWhereNothingElseRuns() {
    TestFleet fleet = fleet(8, 2, 2);
    fleet.task("s", Policy.OTHER, 0, new CpuSelection.All(), compute(MS), sleep(5 * MS));
    assertEquals(Set.of(0), wokenOn(fleet, 0));
  }

  @Test
  void displacedSleeperTakesAFreeCoreOfItsNodeBeforeAFreeThread() {
    TestFleet fleet = fleet(8, 2, 2);
    fleet.task("s", Policy.OTHER, 0, new CpuSelection.All(), compute(MS), sleep(5 * MS));
    fleet.tasks("hog", 1, Policy.OTHER, 0, on(0), fixed(3 * MS), FOREVER);
    assertEquals(Set.of(2), wokenOn(fleet, 0));
    fleet.tasks("hog2", 1, Policy.OTHER, 0, on(2), fixed(50 * MS), FOREVER);
    assertEquals(Set.of(3), wokenOn(fleet, 0));
  }

  @Test
  void wakeUpDoesNotLeaveTheNode() {
    TestFleet fleet = fleet(4, 2, 1);
    fleet.task("s", Policy.OTHER, 0, new CpuSelection.All(), compute(100_000), sleep(5 * MS));
    fleet.tasks("hog", 1, Policy.OTHER, 0, on(0), fixed(3 * MS), FOREVER);
    fleet.tasks("hog1", 1, Policy.OTHER, 0, on(1), fixed(3 * MS), FOREVER);
    assertEquals(Set.of(0), wokenOn(fleet, 0));
  }

  @Test
  void sixHogsOnFourCpusShareThemOverTime() {
    TestFleet fleet = fleet(4, 1, 1);
    fleet.tasks("hog", 6, Policy.OTHER, 0, new CpuSelection.All(), fixed(0), FOREVER);
    Watched run = Watched.run(fleet);
    for (int task = 0; task < 6; task++) {
      double share = run.machine().core().tasks().sumExecNs(task) / (double) fleet.horizonNs;
      assertTrue(share > 0.52 && share < 0.85, "task " + task + ": " + share);
    }
  }

  @Test
  void crowdedNodeGivesToAnIdleOne() {
    TestFleet fleet = fleet(8, 2, 1);
    fleet.tasks("hog", 4, Policy.OTHER, 0, on(0, 1, 2, 3), fixed(0), FOREVER);
    fleet.tasks("free", 4, Policy.OTHER, 0, new CpuSelection.All(), fixed(MS), FOREVER);
    Watched run = Watched.run(fleet);
    for (int cpu = 0; cpu < 8; cpu++) {
      assertTrue(
          run.machine().core().cpuTime().classNs(cpu, CpuTime.IDLE_TIME) < 200 * MS, "idle " + cpu);
    }
  }
}
