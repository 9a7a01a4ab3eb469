package stallcast.kernel.host;

import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.US;
import static stallcast.kernel.host.TestFleet.fixed;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.Exponential;
import stallcast.kernel.random.Periodic;
import stallcast.kernel.random.Uniform;
import stallcast.kernel.scenario.CgroupMode;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.OperationSpec.Occurrence;
import stallcast.kernel.scenario.OperationSpec.ResumeOrder;
import stallcast.kernel.scenario.SoftirqSpec;
import stallcast.kernel.scenario.SoftirqVector;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec;
import stallcast.kernel.scenario.TaskSpec.Policy;

/** Random small machines that use every mechanism; the same seed gives the same machine. */
final class RandomMachines {
  private static final String[] PRESETS = {
    "5.4", "5.15", "6.1", "6.6", "6.12", "6.12.95", "6.18", "7.1+rfc", "7.2"
  };
  private static final int[] HZ = {100, 250, 300, 1000};

  private static final Policy[] POLICIES = {
    Policy.OTHER, Policy.OTHER, Policy.FIFO, Policy.FIFO, Policy.RR, Policy.BATCH, Policy.IDLE
  };
  private static final KernelKnob[] FAIR_FEATURES = {
    KernelKnob.PLACE_LAG,
    KernelKnob.RUN_TO_PARITY,
    KernelKnob.PREEMPT_SHORT,
    KernelKnob.NEXT_BUDDY,
    KernelKnob.DELAY_DEQUEUE,
    KernelKnob.DELAY_ZERO,
    KernelKnob.WAKEUP_PREEMPTION,
    KernelKnob.HRTICK,
    KernelKnob.GENTLE_FAIR_SLEEPERS,
    KernelKnob.LAG_BOUND_MAX_SLICE
  };

  private RandomMachines() {}

  static TestFleet machine(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    TestFleet fleet = new TestFleet();
    fleet.seed = seed;
    fleet.horizonNs = 12 * SECOND;
    fleet.cpus = 1 + random.nextInt(6);
    fleet.numaNodes = 1 + random.nextInt(2);
    fleet.smt = 1 + random.nextInt(2);
    fleet.preset = PRESETS[random.nextInt(PRESETS.length)];
    fleet.knob(KernelKnob.HZ, HZ[random.nextInt(HZ.length)]);
    fleet.knob(KernelKnob.TICK_PHASE_NS, random.nextInt(900_000));
    fleet.knob(KernelKnob.RT_RUNTIME_SHARE, random.nextInt(2));
    fleet.knob(KernelKnob.FIX_RT_FORGIVE_UNOBSERVED_STALL, random.nextInt(8) / 2 % 4);
    fleet.knob(KernelKnob.WATCHDOG_THRESH, 1 + random.nextInt(3));
    if (random.nextInt(3) == 0) {
      fleet.knob(KernelKnob.SCHED_RT_RUNTIME_US, random.nextInt(1_000_001));
    }
    boolean grouped = random.nextInt(3) == 0;
    if (grouped) {
      fleet.knob(KernelKnob.RT_GROUP_SCHED, random.nextInt(2));
      fleet.cgroups.add(TestFleet.cgroup("/a", 400_000, 1_000_000, 1 + random.nextInt(500)));
      fleet.cgroups.add(TestFleet.cgroup("/a/b", 20_000, 100_000, 1 + random.nextInt(500)));
    }
    if (random.nextInt(3) == 0) {
      KernelKnob feature = FAIR_FEATURES[random.nextInt(FAIR_FEATURES.length)];
      fleet.knob(feature, random.nextInt(2));
    }
    int templates = 1 + random.nextInt(6);
    for (int t = 0; t < templates; t++) {
      addTasks(fleet, random, t, grouped);
    }
    RandomCpuMax.add(fleet, random);
    int stops = random.nextInt(4);
    for (int i = 0; i < stops; i++) {
      fleet.operation(
          new Occurrence.At(List.of(new Uniform(0, 9 * SECOND))),
          new Uniform(MS, 4.0 * SECOND),
          random.nextInt(3) == 0 ? random.nextDouble() : 1,
          random.nextBoolean(),
          new Exponential(20 * US),
          random.nextBoolean() ? ResumeOrder.INDEX : ResumeOrder.INDEPENDENT);
    }
    addDetectors(fleet, random);
    addSoftirqs(fleet, random);
    RandomVms.add(fleet, random);
    addFlatPick(fleet, new SplittableRandom(~seed));
    return fleet;
  }

  /** Every fifth machine has the newest kernel, which picks from one queue per CPU. */
  private static void addFlatPick(TestFleet fleet, SplittableRandom random) {
    if (random.nextInt(5) > 0) {
      return;
    }
    fleet.preset = "7.3";
    fleet.knob(KernelKnob.CGROUP_MODE, random.nextInt(CgroupMode.values().length));
    boolean flat = random.nextInt(8) > 0;
    fleet.knob(KernelKnob.FLAT_PICK, flat ? 1 : 0);
    if (flat) {
      fleet.knob(KernelKnob.THROTTLE_TASK_WORK, 1); // which it needs
    }
  }

  /** Sources of softirq work, some of which take a CPU for seconds, and what paths cost. */
  private static void addSoftirqs(TestFleet fleet, SplittableRandom random) {
    fleet.knob(KernelKnob.CONSOLE_TOUCH_PERCENT, random.nextInt(3) * 50);
    fleet.knob(KernelKnob.SOFTLOCKUP_ALL_CPU_BACKTRACE, random.nextInt(2));
    fleet.knob(KernelKnob.HARDLOCKUP_DETECTOR_BUDDY, random.nextInt(2));
    if (random.nextInt(3) == 0) {
      fleet.knob(KernelKnob.COST_CONTEXT_SWITCH_NS, random.nextInt(5_000));
      fleet.knob(KernelKnob.COST_HRTIMER_NS, random.nextInt(5_000));
      fleet.knob(KernelKnob.COST_TICK_NS, random.nextInt(2) * random.nextInt(5_000));
    }
    int sources = Math.max(0, random.nextInt(5) - 2);
    for (int i = 0; i < sources; i++) {
      boolean burst = random.nextBoolean();
      long bodyNs = burst ? random.nextLong(SECOND, 7 * SECOND) : random.nextLong(US, MS);
      fleet.softirq.add(
          new SoftirqSpec(
              "source-" + i,
              TestFleet.on(random.nextInt(fleet.cpus)),
              new Periodic(burst ? 4 * SECOND : MS),
              fixed(0),
              random.nextInt(3) == 0 ? SoftirqVector.NET_RX : SoftirqVector.TASKLET,
              fixed(1 + random.nextInt(50)),
              random.nextBoolean() ? fixed((double) bodyNs) : new Exponential((double) bodyNs),
              fixed(random.nextInt(2_000)),
              fixed(random.nextInt(2) * random.nextInt(3_000)),
              new Uniform(0, SECOND)));
    }
    if (random.nextInt(10) == 0) {
      addStarvation(fleet, random);
    }
  }

  /** An interrupt that the CPU of waiting real-time tasks sends itself again and again. */
  static void addStarvation(TestFleet fleet, SplittableRandom random) {
    fleet.cpus = Math.max(3, fleet.cpus);
    fleet.knob(KernelKnob.RT_PUSH_IPI, 1).knob(KernelKnob.FIX_RTO_SKIP_SELF, 0);
    fleet.knob(KernelKnob.COST_PUSH_HANDLER_NS, MS);
    int cpu = random.nextInt(fleet.cpus);
    CpuSelection home = new CpuSelection.MigrationDisabled(List.of(cpu));
    fleet.tasks("waiting", 2, Policy.FIFO, 1, home, fixed(0), TestFleet.compute(100 * SECOND));
    for (int i = 0; i < 2; i++) {
      fleet.tasks(
          "requester-" + i,
          1,
          Policy.FIFO,
          99,
          TestFleet.on((cpu + 1 + i) % fleet.cpus),
          new Uniform(0, 3.0 * SECOND),
          new Step.Repeat(
              fixed(2_000 + random.nextInt(10_000)),
              List.of(TestFleet.compute(3 * US), new Step.Sleep(new Uniform(2e5, 4e5)))),
          new Step.Exit());
    }
  }

  /** Detectors with short thresholds, and sometimes a device that takes seconds. */
  private static void addDetectors(TestFleet fleet, SplittableRandom random) {
    fleet.knob(KernelKnob.RCU_CPU_STALL_TIMEOUT, 3);
    fleet.knob(KernelKnob.WORKQUEUE_WATCHDOG_THRESH, random.nextInt(3));
    fleet.knob(KernelKnob.HUNG_TASK_TIMEOUT_SECS, random.nextInt(4));
    fleet.knob(KernelKnob.HUNG_TASK_CHECK_INTERVAL_SECS, random.nextInt(3));
    if (random.nextInt(3) == 0) {
      fleet.tasks(
          "device",
          1 + random.nextInt(3),
          Policy.OTHER,
          0,
          new CpuSelection.Each(),
          new Uniform(0, SECOND),
          new Step.Compute(time(random, 5)),
          new Step.BlockIo(new Uniform(0, 9.0 * SECOND)));
    }
  }

  private static void addTasks(
      TestFleet fleet, SplittableRandom random, int index, boolean grouped) {
    Policy policy = POLICIES[random.nextInt(POLICIES.length)];
    String[] groups = {"/", "/a", "/a/b"};
    List<Step> program = new ArrayList<>();
    program.add(new Step.Compute(time(random, 40)));
    if (random.nextInt(4) > 0) {
      program.add(new Step.Sleep(time(random, 60)));
    }
    if (random.nextInt(4) == 0) {
      program.add(new Step.Yield());
    }
    if (random.nextInt(4) == 0) {
      program.add(
          new Step.Repeat(
              fixed(random.nextInt(3)),
              List.of(new Step.Compute(time(random, 5)), new Step.BlockIo(time(random, 5)))));
    }
    if (random.nextInt(4) == 0) {
      program.add(
          new Step.Choose(
              List.of(0.25, 0.75),
              List.of(
                  List.of(new Step.Compute(time(random, 300))),
                  List.of(new Step.Sleep(time(random, 3))))));
    }
    CpuSelection cpus =
        switch (random.nextInt(3)) {
          case 0 -> new CpuSelection.All();
          case 1 -> new CpuSelection.Each();
          default -> new CpuSelection.Listed(List.of(random.nextInt(fleet.cpus)));
        };
    fleet.tasks.add(
        new TaskSpec(
            "t" + index,
            new TaskSpec.TaskCount(fixed(1 + random.nextInt(5)), false),
            policy,
            fixed(1 + random.nextInt(4)),
            fixed(random.nextInt(40) - 20),
            fixed(random.nextInt(3) == 0 ? 100_000 + random.nextInt(20_000_000) : 0),
            cpus,
            grouped ? groups[random.nextInt(3)] : "/",
            new Uniform(0, SECOND),
            program));
  }

  private static Distribution time(SplittableRandom random, int maxMs) {
    long ns = random.nextLong(MS / 4, maxMs * MS);
    return random.nextBoolean() ? fixed((double) ns) : new Exponential((double) ns);
  }
}
