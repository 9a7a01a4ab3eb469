package stallcast.kernel.host;

import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.fixed;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.Exponential;
import stallcast.kernel.random.Uniform;
import stallcast.kernel.scenario.CgroupSpec;
import stallcast.kernel.scenario.CgroupSpec.CpuMax;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec;
import stallcast.kernel.scenario.TaskSpec.Policy;
import stallcast.kernel.scenario.VcpuArch;

/** Adds groups with cpu.max to a random machine, nested, with tasks of all modes in them. */
final class RandomCpuMax {
  private static final String[] PATHS = {"/m", "/m/v", "/n"};

  private RandomCpuMax() {}

  static void add(TestFleet fleet, SplittableRandom random) {
    if (random.nextInt(5) < 2) {
      return;
    }
    if (random.nextBoolean()) {
      fleet.knob(KernelKnob.THROTTLE_TASK_WORK, random.nextInt(2));
    }
    fleet.knob(KernelKnob.CFS_ASYNC_UNTHROTTLE, random.nextInt(2));
    fleet.knob(KernelKnob.SCHED_CFS_BANDWIDTH_SLICE_US, 1 + random.nextInt(8_000));
    fleet.knob(KernelKnob.COST_CFS_DISTRIBUTE_NS, random.nextInt(4) == 0 ? 100_000 : 0);
    for (String path : PATHS) {
      int weight = random.nextBoolean() ? 100 : 1 + random.nextInt(10_000);
      int idle = random.nextInt(5) == 0 ? 1 : 0;
      CpuMax limits = limits(random);
      fleet.cgroups.add(
          new CgroupSpec(path, fixed(0), fixed(1_000_000), fixed(weight), fixed(idle), limits));
    }
    int templates = 1 + random.nextInt(5);
    for (int t = 0; t < templates; t++) {
      tasks(fleet, random, t);
    }
  }

  private static CpuMax limits(SplittableRandom random) {
    long periodUs = random.nextInt(4) == 0 ? 1_000 : 1_000 * (1 + random.nextInt(150));
    long quotaUs = 1_000 + random.nextLong(periodUs * 3 / 2);
    boolean unlimited = random.nextInt(4) == 0;
    return new CpuMax(
        fixed(unlimited ? CpuMax.MAX : (double) quotaUs),
        fixed((double) periodUs),
        fixed(random.nextBoolean() || unlimited ? 0 : (double) random.nextLong(quotaUs)),
        fixed(random.nextBoolean() ? CpuMax.BY_KERNEL : (double) (random.nextInt(3) * MS)));
  }

  private static void tasks(TestFleet fleet, SplittableRandom random, int index) {
    CpuSelection cpus =
        switch (random.nextInt(3)) {
          case 0 -> new CpuSelection.All();
          case 1 -> new CpuSelection.Each();
          default -> new CpuSelection.Listed(List.of(random.nextInt(fleet.cpus)));
        };
    fleet.tasks.add(
        new TaskSpec(
            "v" + index,
            new TaskSpec.TaskCount(fixed(1 + random.nextInt(4)), false),
            random.nextInt(4) > 0
                ? Policy.OTHER
                : random.nextBoolean() ? Policy.BATCH : Policy.IDLE,
            fixed(0),
            fixed(random.nextInt(10) - 5),
            fixed(random.nextInt(3) == 0 ? 100_000 + random.nextInt(20_000_000) : 0),
            cpus,
            PATHS[random.nextInt(PATHS.length)],
            random.nextBoolean() ? fixed(0) : new Uniform(0, SECOND),
            VcpuArch.values()[random.nextInt(2) * 5],
            "",
            program(random, index)));
  }

  private static List<Step> program(SplittableRandom random, int index) {
    List<Step> steps = new ArrayList<>();
    steps.add(new Step.Guest(time(random, random.nextInt(3) == 0 ? 3_000 : 50)));
    if (random.nextInt(3) == 0) {
      steps.add(new Step.Kernel(time(random, 30)));
    }
    if (random.nextInt(3) == 0) {
      steps.add(new Step.Halt(time(random, random.nextBoolean() ? 1 : 40)));
    }
    if (random.nextInt(3) == 0) {
      steps.add(new Step.Syscall(time(random, 200)));
    }
    if (random.nextInt(4) > 0) {
      steps.add(new Step.Compute(time(random, 20)));
    }
    if (random.nextInt(3) == 0) {
      steps.add(new Step.Sleep(time(random, 60)));
    }
    if (index > 0 && random.nextInt(3) == 0) {
      steps.add(new Step.Signal("v" + random.nextInt(index)));
      steps.add(new Step.Sleep(time(random, 900)));
    }
    if (random.nextInt(5) == 0) {
      String path = PATHS[random.nextInt(PATHS.length)];
      Distribution quota = random.nextBoolean() ? fixed(20_000) : fixed(CpuMax.MAX);
      steps.add(new Step.WriteCpuMax(path, quota, fixed(random.nextBoolean() ? 50_000 : 100_000)));
      steps.add(new Step.Sleep(time(random, 3_000)));
    }
    return steps;
  }

  private static Distribution time(SplittableRandom random, int maxMs) {
    long ns = random.nextBoolean() ? MS * (1 + random.nextInt(maxMs)) : random.nextLong(maxMs * MS);
    return random.nextInt(3) > 0 ? fixed((double) ns) : new Exponential(1.0 + ns);
  }
}
