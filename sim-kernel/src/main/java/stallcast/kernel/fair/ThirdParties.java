package stallcast.kernel.fair;

import java.util.Arrays;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.cpu.Vms;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.scenario.HostConfig;

/**
 * What directed yield costs those who have no part in it: the longest time for which a task waited
 * runnable on a CPU that saw a directed yield of a virtual machine other than its own meanwhile.
 *
 * <p>State: [cpu] the machine that yielded there last and when, and when another one did last;
 * [task] longest wait. Leaves out: the CPUs on which a waiting task stood before it was moved.
 */
final class ThirdParties implements Stateful {
  private static final long NEVER_YET = Long.MIN_VALUE;

  private final KernelClock clock;
  private final TaskTable tasks;
  private final Vms vms;
  private int cpuCount;
  private int taskCount;
  private int[] lastVm = new int[0]; // [cpu]
  private long[] lastNs = new long[0]; // [cpu]
  private long[] otherNs = new long[0]; // [cpu] by any machine but the last
  private long[] maxWaitNs = new long[0]; // [task]

  ThirdParties(KernelCore core) {
    clock = core.clock();
    tasks = core.tasks();
    vms = core.vms();
  }

  void reset(HostConfig config) {
    cpuCount = config.cpus();
    taskCount = tasks.count();
    if (lastNs.length < cpuCount) {
      lastVm = new int[cpuCount];
      lastNs = new long[cpuCount];
      otherNs = new long[cpuCount];
    }
    if (maxWaitNs.length < taskCount) {
      maxWaitNs = new long[taskCount];
    }
    Arrays.fill(lastVm, 0, cpuCount, Vms.NONE);
    Arrays.fill(lastNs, 0, cpuCount, NEVER_YET);
    Arrays.fill(otherNs, 0, cpuCount, NEVER_YET);
    Arrays.fill(maxWaitNs, 0, taskCount, 0);
  }

  /** A task has yielded to one that is, or both are, on a CPU. */
  void onYield(int cpu, int task) {
    int vm = vms.of(task);
    if (vm != lastVm[cpu]) {
      otherNs[cpu] = lastNs[cpu];
      lastVm[cpu] = vm;
    }
    lastNs[cpu] = clock.nowNs();
  }

  /** A task is picked, and has not been switched in yet. */
  void onPicked(int cpu, int task) {
    if (lastNs[cpu] != NEVER_YET) {
      maxWaitNs[task] = longestNs(cpu, task);
    }
  }

  /** Longest such wait of a task up to now, ns. */
  long maxWaitNs(int task) {
    return longestNs(tasks.cpu(task), task);
  }

  private long longestNs(int cpu, int task) {
    long sinceNs = tasks.offSinceNs(task);
    int own = vms.of(task);
    long yieldNs = own != Vms.NONE && own == lastVm[cpu] ? otherNs[cpu] : lastNs[cpu];
    boolean waits = sinceNs != TaskTable.NONE && yieldNs != NEVER_YET && yieldNs >= sinceNs;
    return Math.max(maxWaitNs[task], waits ? clock.nowNs() - sinceNs : 0);
  }

  @Override
  public void save(StateBuffer out) {
    out.put(lastVm, cpuCount);
    out.put(lastNs, cpuCount);
    out.put(otherNs, cpuCount);
    out.put(maxWaitNs, taskCount);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(lastVm, cpuCount);
    in.take(lastNs, cpuCount);
    in.take(otherNs, cpuCount);
    in.take(maxWaitNs, taskCount);
  }
}
