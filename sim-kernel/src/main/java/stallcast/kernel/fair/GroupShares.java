package stallcast.kernel.fair;

import java.util.Arrays;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.scenario.CgroupMode;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * What a group weighs on one CPU: its shares, times a factor by {@code sched/cgroup_mode}, times
 * this CPU's part of the group's load.
 *
 * <p>Models: {@code calc_group_shares()} (kernel/sched/fair.c, v6.12), {@code calc_up_shares()},
 * {@code calc_smp_shares()}, {@code calc_concur_shares()}, {@code calc_max_shares()}, {@code
 * calc_tasks_shares()} (v7.3). State: runnable tasks [group]. Leaves out: PELT: loads and tasks are
 * those of now; cpusets: a group's CPUs are the host's.
 */
final class GroupShares implements Stateful {
  private static final int LOAD_BITS = 62; // of a product that has to fit
  private static final int SHARES_BITS = 28; // of any group without a factor
  private static final long GROUP_MAX = 1L << 42; // keeps products in 64 bits
  private static final int NICE_MIN = -20;

  private final FairQueues queues;
  private CgroupMode mode = CgroupMode.SMP;
  private int cpuCount;
  private int groupCount;
  private long[] shares = new long[0]; // [group]
  private int[] runnable = new int[0]; // [group] tasks in it and below, also throttled ones

  GroupShares(FairQueues queues) {
    this.queues = queues;
  }

  void reset(HostConfig config) {
    cpuCount = config.cpus();
    groupCount = config.cgroups().size() + 1;
    mode = CgroupMode.values()[(int) config.knob(KernelKnob.CGROUP_MODE)];
    if (shares.length < groupCount) {
      shares = new long[groupCount];
      runnable = new int[groupCount];
    }
    Arrays.fill(runnable, 0, groupCount, 0);
    for (int g = 1; g < groupCount; g++) {
      HostConfig.Cgroup group = config.cgroups().get(g - 1);
      shares[g] = group.idle() ? FairWeights.IDLE : FairWeights.ofGroup(group.weight());
    }
  }

  /** Shares of a group. */
  long of(int group) {
    return shares[group];
  }

  /** A task of a group becomes runnable, or is no longer. */
  void count(int group, int change) {
    for (int g = group; g > 0; g = queues.parent[g]) {
      runnable[g] += change;
    }
  }

  /** Weight of a group's queue in its parent, from the loads of now. */
  long weightOf(int queue) {
    long load = queues.load[queue];
    if (load == 0) {
      return queues.weight[queues.ownerOf(queue)];
    }
    int group = queue / cpuCount;
    if (mode == CgroupMode.UP) {
      return shares[group];
    }
    long all = queues.groupLoad[group];
    long scaled = shares[group] * factor(group);
    int excess = bits(all) + Math.max(SHARES_BITS, bits(scaled)) - LOAD_BITS;
    int shift = Math.max(0, excess);
    long part = scaled * (load >> shift) / (all >> shift);
    long most = mode == CgroupMode.MAX ? FairWeights.ofNice(NICE_MIN) : GROUP_MAX;
    return Math.max(FairWeights.GROUP_MIN, Math.min(most, part));
  }

  private long factor(int group) {
    int tasks = Math.max(1, runnable[group]);
    return switch (mode) {
      case UP, SMP -> 1;
      case CONCUR -> Math.min(tasks, cpuCount);
      case MAX -> cpuCount;
      case TASKS -> tasks;
    };
  }

  private static int bits(long value) {
    return Long.SIZE - Long.numberOfLeadingZeros(value);
  }

  @Override
  public void save(StateBuffer out) {
    out.put(runnable, groupCount);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(runnable, groupCount);
  }
}
