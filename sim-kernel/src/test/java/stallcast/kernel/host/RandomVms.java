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
import stallcast.kernel.random.Uniform;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.LockSpec;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.VcpuArch;

/** Adds virtual machines to a random machine, whose vCPUs lock, send IPIs and yield. */
final class RandomVms {
  private static final VcpuArch[] ARCHS = {
    VcpuArch.X86, VcpuArch.X86, VcpuArch.AMD, VcpuArch.S390, VcpuArch.ARM64
  };

  private RandomVms() {}

  static void add(TestFleet fleet, SplittableRandom random) {
    if (random.nextInt(3) > 0) {
      return;
    }
    knobs(fleet, random);
    for (LockSpec.Kind kind : LockSpec.Kind.values()) {
      fleet.lock(kind.key(), kind, 1 + random.nextInt(2));
    }
    fleet.vmStart = new Uniform(0, SECOND);
    int machines = 1 + random.nextInt(3);
    for (int vm = 0; vm < machines; vm++) {
      boolean grouped = !fleet.cgroups.isEmpty() && random.nextBoolean();
      fleet.cgroup = grouped ? fleet.cgroups.get(random.nextInt(fleet.cgroups.size())).path() : "/";
      fleet.vm(
          "vm" + vm,
          1 + random.nextInt(5),
          cpus(random),
          ARCHS[random.nextInt(ARCHS.length)],
          program(random, "vm" + vm));
    }
    fleet.cgroup = "/";
  }

  private static CpuSelection cpus(SplittableRandom random) {
    return switch (random.nextInt(3)) {
      case 0 -> new CpuSelection.All();
      case 1 -> new CpuSelection.Each();
      default -> new CpuSelection.Shuffled();
    };
  }

  private static void knobs(TestFleet fleet, SplittableRandom random) {
    fleet.knob(KernelKnob.YIELD_TARGETING, random.nextInt(4));
    fleet.knob(KernelKnob.YIELD_TO_LAG_CREDIT, random.nextInt(2));
    fleet.knob(KernelKnob.LAG_CREDIT_SCOPE, random.nextInt(2));
    fleet.knob(KernelKnob.LAG_CREDIT_MARGIN_PERCENT, random.nextInt(101));
    fleet.knob(KernelKnob.VCPU_DEBOOSTER_ENABLED, random.nextInt(2));
    fleet.knob(KernelKnob.FORCED_RESCHED_INTERVAL_NS, random.nextInt(10) * 1e6);
    fleet.knob(KernelKnob.IPI_TRACKING_ENABLED, random.nextInt(2));
    fleet.knob(KernelKnob.ENABLE_RELAXED_BOOST, random.nextInt(2));
    fleet.knob(KernelKnob.APICV, random.nextInt(2));
    fleet.knob(KernelKnob.PV_SCHED_YIELD, random.nextInt(2));
    fleet.knob(KernelKnob.YIELD_IN_KERNEL, random.nextInt(2));
    fleet.knob(KernelKnob.YIELD_READY, random.nextInt(2));
    fleet.knob(KernelKnob.PLE_WINDOW_GROW, random.nextInt(3));
    fleet.knob(KernelKnob.PLE_WINDOW_SHRINK, random.nextInt(3));
    fleet.knob(KernelKnob.PLE_WINDOW_MAX, 1 << random.nextInt(18, 30));
    fleet.knob(KernelKnob.PLE_WINDOW, 1 << random.nextInt(16, 22));
    fleet.knob(KernelKnob.COST_PAUSE_NS, 100 + random.nextInt(200));
    fleet.knob(KernelKnob.COST_VM_EXIT_NS, 10_000 + random.nextInt(100_000));
  }

  /** Some hundred rounds of milliseconds, so that a run has thousands of events, not millions. */
  private static Step[] program(SplittableRandom random, String self) {
    List<Step> steps = new ArrayList<>();
    steps.add(new Step.Guest(time(random, 9)));
    int parts = 1 + random.nextInt(3);
    for (int i = 0; i < parts; i++) {
      switch (random.nextInt(5)) {
        case 0 -> {
          steps.add(new Step.Ipi(fixed(1 + random.nextInt(4))));
          if (random.nextBoolean()) {
            steps.add(new Step.WaitIpi());
          }
        }
        case 1 -> steps.add(new Step.YieldTo(self));
        case 2 -> steps.add(new Step.Halt(time(random, 20)));
        default -> {
          LockSpec.Kind[] kinds = LockSpec.Kind.values();
          steps.add(new Step.Lock(kinds[random.nextInt(kinds.length)].key()));
          steps.add(new Step.GuestKernel(time(random, 3)));
          steps.add(new Step.Unlock());
        }
      }
    }
    if (random.nextInt(4) == 0) {
      steps.add(new Step.Sleep(time(random, 30)));
    }
    return new Step[] {new Step.Repeat(fixed(50 + random.nextInt(200)), steps), new Step.Exit()};
  }

  private static Distribution time(SplittableRandom random, int maxMs) {
    long ns = random.nextLong(50 * US, maxMs * MS);
    return random.nextBoolean() ? fixed((double) ns) : new Exponential((double) ns);
  }
}
