package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.compute;
import static stallcast.kernel.host.TestFleet.on;
import static stallcast.kernel.host.TestFleet.sleep;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import stallcast.kernel.scenario.CgroupMode;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec.Policy;

/** The flattened pick of 7.3 and what groups weigh on each CPU by sched/cgroup_mode. */
class FlatPickTest {
  private static final Step FOREVER = compute(1_000 * SECOND);
  private static final int NICE_MINUS_20 = 88_761; // sched_prio_to_weight

  private static TestFleet fleet(int cpus, int flat) {
    TestFleet fleet = new TestFleet();
    fleet.preset = "7.3";
    fleet.cpus = cpus;
    fleet.horizonNs = 20 * SECOND;
    return fleet.knob(KernelKnob.HZ, 1000).knob(KernelKnob.FLAT_PICK, flat);
  }

  private static double share(Watched run, int task) {
    run.machine().core().scheduler().settleTicks(run.machine().core().tasks().cpu(task));
    return run.machine().core().tasks().sumExecNs(task) / (20.0 * SECOND);
  }

  /**
   * Three tasks of a group on CPU 0, one on CPU 1, and a task of the root with the weight {@code
   * rival} on each: the group's weights there are what theory says.
   */
  private static void expect(TestFleet fleet, int cpuWeight, int nice, double rival, double[] w) {
    fleet.cgroups.add(TestFleet.cgroup("/g", 0, 1_000_000, cpuWeight));
    for (int cpu = 0; cpu < 2; cpu++) {
      fleet.nice = nice;
      fleet.task("rival" + cpu, Policy.OTHER, 0, on(cpu), FOREVER);
    }
    fleet.nice = 0;
    fleet.cgroup = "/g";
    for (int i = 0; i < 4; i++) {
      fleet.task("member" + i, Policy.OTHER, 0, on(i / 3), FOREVER);
    }
    Watched run = Watched.run(fleet);
    assertEquals(rival / (rival + w[0]), share(run, 0), 0.005, "CPU 0");
    assertEquals(rival / (rival + w[1]), share(run, 1), 0.005, "CPU 1");
    assertEquals(share(run, 2), share(run, 3), 0.005, "members are equal");
  }

  /** Factors of 1024 with 4 tasks: on 6 CPUs the tasks are fewer, on 2 the CPUs. */
  @ParameterizedTest
  @CsvSource({
    "UP, 6, 1, 1", "SMP, 6, 0.75, 0.25", "CONCUR, 6, 3, 1", "MAX, 6, 4.5, 1.5", "TASKS, 6, 3, 1",
    "UP, 2, 1, 1", "SMP, 2, 0.75, 0.25", "CONCUR, 2, 1.5, 0.5", "MAX, 2, 1.5, 0.5", "TASKS, 2, 3, 1"
  })
  void groupWeighsOnEachCpuWhatTheModeSays(CgroupMode mode, int cpus, double w0, double w1) {
    double[] w = {1024 * w0, 1024 * w1};
    for (int flat = 0; flat < 2; flat++) {
      TestFleet fleet = fleet(cpus, flat).knob(KernelKnob.CGROUP_MODE, mode.ordinal());
      expect(fleet, 100, 0, 1024, w);
    }
  }

  @Test
  void maxIsCappedAtTheWeightOfNiceMinus20AndConcurIsNot() {
    TestFleet max = fleet(6, 1).knob(KernelKnob.CGROUP_MODE, CgroupMode.MAX.ordinal());
    expect(max, 10_000, -20, NICE_MINUS_20, new double[] {NICE_MINUS_20, NICE_MINUS_20});
    expect(fleet(6, 1), 10_000, -20, NICE_MINUS_20, new double[] {3 * 102_400, 102_400});
  }

  @Test
  void concurIsTheDefaultFrom73On() {
    TestFleet fleet = fleet(6, 1);
    expect(fleet, 100, 0, 1024, new double[] {3 * 1024, 1024});
    TestFleet old = fleet(6, 0);
    old.preset = "7.2";
    expect(old, 100, 0, 1024, new double[] {768, 256});
  }

  /** While the members on CPU 1 sleep the group's whole weight is on CPU 0, a tick later. */
  @Test
  void weightOfTheRunningTaskFollowsAtTheTick() {
    TestFleet fleet = fleet(2, 1).knob(KernelKnob.CGROUP_MODE, CgroupMode.SMP.ordinal());
    fleet.cgroups.add(TestFleet.cgroup("/g", 0, 1_000_000, 100));
    fleet.task("rival", Policy.OTHER, 0, on(0), FOREVER);
    fleet.cgroup = "/g";
    fleet.task("near", Policy.OTHER, 0, on(0), FOREVER);
    fleet.task("far", Policy.OTHER, 0, on(1), compute(500 * MS), sleep(500 * MS));
    // Half of the time 1024 against 1024, half of it against 512.
    assertEquals((1 / 2.0 + 2 / 3.0) / 2, share(Watched.run(fleet), 0), 0.006);
  }

  /** One task of a group in a group against three of the root: one queue, one turn each. */
  @Test
  void groupsAddNoLevelToTheTurnOfATask() {
    TestFleet fleet = fleet(8, 1).knob(KernelKnob.CGROUP_MODE, CgroupMode.SMP.ordinal());
    fleet.cgroups.add(TestFleet.cgroup("/a", 0, 1_000_000, 100));
    fleet.cgroups.add(TestFleet.cgroup("/a/b", 0, 1_000_000, 100));
    fleet.task("t0", Policy.OTHER, 0, on(0), FOREVER);
    fleet.task("t1", Policy.OTHER, 0, on(0), FOREVER);
    fleet.cgroup = "/a/b";
    fleet.task("t2", Policy.OTHER, 0, on(0), FOREVER);
    fleet.cgroup = "/a";
    fleet.task("t3", Policy.OTHER, 0, on(0), FOREVER);
    Watched run = Watched.run(fleet);
    double[] shares = {1 / 3.0, 1 / 3.0, 1 / 6.0, 1 / 6.0};
    for (int t = 0; t < shares.length; t++) {
      assertEquals(shares[t], share(run, t), 0.002, "task " + t);
    }
    // A weight of a half has deadlines twice as far away: 5.6 ms, in virtual time of one third.
    long waitNs = run.machine().core().tasks().maxOffNs(2);
    assertTrue(waitNs <= 6 * 2_800_000L, waitNs + " ns");
  }

  /** With a queue per group only the task forfeits, and its group keeps its place and its half. */
  @Test
  void yieldOfTheOnlyTaskOfAGroupGivesWayInTheFlatQueueOnly() {
    for (int flat = 0; flat < 2; flat++) {
      TestFleet fleet = fleet(1, flat);
      fleet.cgroups.add(TestFleet.cgroup("/g", 0, 1_000_000, 100));
      fleet.task("hog", Policy.OTHER, 0, on(0), FOREVER);
      fleet.cgroup = "/g";
      fleet.task("yields", Policy.OTHER, 0, on(0), compute(10_000), new Step.Yield());
      double share = share(Watched.run(fleet), 1);
      assertTrue(flat == 1 ? share < 0.02 : share > 0.45, flat + ": " + share);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2_000, 20_000, 70_000})
  void bandwidthIsWithinASliceOfTheQuotaAndTheRestIsTheRivals(int quotaUs) {
    TestFleet fleet = fleet(2, 1).limit("/g", quotaUs, 100_000);
    fleet.task("rival", Policy.OTHER, 0, on(0), FOREVER);
    fleet.cgroup = "/g";
    fleet.task("near", Policy.OTHER, 0, on(0), FOREVER);
    fleet.task("far", Policy.OTHER, 0, on(1), FOREVER);
    Watched run = Watched.run(fleet);
    double used = share(run, 1) + share(run, 2);
    double quota = quotaUs / 100_000.0;
    double slice = 5.0 / 20_000; // sched_cfs_bandwidth_slice_us of 20 s
    assertEquals(quota, used, slice + quotaUs / 20e6, "one slice, and the full pool of the start");
    assertEquals(1 - share(run, 1), share(run, 0), 1e-3, "CPU 0 is never idle");
  }

  @Test
  void needsTaskWork() {
    TestFleet fleet = fleet(1, 1).knob(KernelKnob.THROTTLE_TASK_WORK, 0);
    assertThrows(IllegalStateException.class, () -> Watched.run(fleet));
  }
}
