package stallcast.kernel.fair;

import java.util.Arrays;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.cpu.TaskModes;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.scenario.HostConfig;

/**
 * What the groups of a CPU have queued, and which of their tasks a throttled queue holds back.
 *
 * <p>Models: {@code cfs_rq.h_nr_queued}, {@code throttled_limbo_list}, {@code
 * throttle_cfs_rq_work()} (kernel/sched/fair.c, v6.12 and v7.2). State: [group][cpu] tasks queued,
 * list of held tasks. Drives: {@link FairClass}, whose list of a CPU tasks join and leave.
 */
final class GroupQueues implements CfsQueues, Stateful {
  private static final int NO_TASK = Scheduler.IDLE;

  private final TaskTable tasks;
  private final TaskModes modes;
  private final Scheduler scheduler;
  private final CfsBandwidth bandwidth;
  private final FairClass fair;
  private int cpuCount;
  private int groupCount;
  private int[] runnable = new int[0]; // [group][cpu] tasks of the subtree in the CPU's list
  private int[] held = new int[0]; // [group][cpu] first task held back
  private int[] nextHeld = new int[0]; // [task]

  GroupQueues(KernelCore core, CfsBandwidth bandwidth, FairClass fair) {
    tasks = core.tasks();
    modes = core.modes();
    scheduler = core.scheduler();
    this.bandwidth = bandwidth;
    this.fair = fair;
  }

  void reset(HostConfig config) {
    cpuCount = config.cpus();
    groupCount = config.cgroups().size() + 1;
    if (held.length < groupCount * cpuCount) {
      held = new int[groupCount * cpuCount];
      runnable = new int[groupCount * cpuCount];
    }
    if (nextHeld.length < tasks.count()) {
      nextHeld = new int[tasks.count()];
    }
    Arrays.fill(held, 0, groupCount * cpuCount, NO_TASK);
    Arrays.fill(runnable, 0, groupCount * cpuCount, 0);
    Arrays.fill(nextHeld, 0, tasks.count(), NO_TASK);
  }

  /** Puts a task into the CPU's list, or to those that are held back. */
  void join(int cpu, int task) {
    int group = tasks.group(task);
    if (isDequeued(group, cpu)) {
      hold(cpu, task);
      return;
    }
    fair.link(cpu, task);
    for (int g = group; g > 0; g = bandwidth.parent(g)) {
      runnable[g * cpuCount + cpu]++;
    }
    for (int g = group; g > 0; g = bandwidth.parent(g)) {
      if (runnable[g * cpuCount + cpu] == 1) {
        bandwidth.onEnqueueFirst(g, cpu);
        if (isDequeued(group, cpu)) {
          break; // the task is held back already
        }
      }
    }
  }

  /** Takes a task out of the CPU's list because it sleeps, ends or moves. */
  void leave(int cpu, int task) {
    take(cpu, task);
    for (int g = tasks.group(task); g > 0; g = bandwidth.parent(g)) {
      if (runnable[g * cpuCount + cpu] == 0) {
        bandwidth.onQueueEmpty(g, cpu);
      }
    }
    if (task == scheduler.current(cpu)) {
      putPrev(cpu, task); // it will not be put again when the CPU reschedules
    }
  }

  private void take(int cpu, int task) {
    for (int g = tasks.group(task); g > 0; g = bandwidth.parent(g)) {
      runnable[g * cpuCount + cpu]--;
    }
    fair.unlink(cpu, task);
  }

  /** Whether tasks of a group cannot be in the CPU's list. */
  private boolean isDequeued(int group, int cpu) {
    return !bandwidth.isByTaskWork() && bandwidth.isThrottledHierarchy(group, cpu);
  }

  private void hold(int cpu, int task) {
    int row = tasks.group(task) * cpuCount + cpu;
    nextHeld[task] = held[row];
    held[row] = task;
    bandwidth.onHold(tasks.group(task), cpu);
  }

  /**
   * Whether a task may be picked; one that a throttled queue holds back leaves the CPU's list. By
   * task work it is picked first, and leaves when it is about to execute.
   */
  boolean mayRun(int cpu, int task) {
    int group = tasks.group(task);
    if (!bandwidth.isByTaskWork()) {
      for (int g = group; g > 0; g = bandwidth.parent(g)) {
        if (bandwidth.onPutPrev(g, cpu)) {
          return false;
        }
      }
      return true;
    }
    if (task != scheduler.current(cpu) || !isAboutToLeave(cpu, task)) {
      return true;
    }
    take(cpu, task);
    hold(cpu, task);
    for (int g = group; g > 0; g = bandwidth.parent(g)) {
      if (runnable[g * cpuCount + cpu] == 0) {
        bandwidth.onQueueEmpty(g, cpu);
      }
    }
    return false;
  }

  /** Whether task work that takes a task off its throttled queue runs before it executes on. */
  private boolean isAboutToLeave(int cpu, int task) {
    return bandwidth.isByTaskWork()
        && modes.runsTaskWork(task)
        && bandwidth.isThrottledHierarchy(tasks.group(task), cpu);
  }

  /** A task has become current, or the current one enters a mode in which task work runs. */
  void onTaskWork(int cpu) {
    if (isAboutToLeave(cpu, scheduler.current(cpu))) {
      scheduler.resched(cpu);
    }
  }

  /** The current task of a CPU stops running. */
  void putPrev(int cpu, int task) {
    for (int g = tasks.group(task); g > 0; g = bandwidth.parent(g)) {
      bandwidth.onPutPrev(g, cpu);
    }
  }

  /** Charges the queues of a task's path. */
  void charge(int cpu, int task, long deltaNs) {
    if (!bandwidth.isUsed()) {
      return;
    }
    for (int g = tasks.group(task); g > 0; g = bandwidth.parent(g)) {
      if (bandwidth.charge(g, cpu, deltaNs)) {
        scheduler.resched(cpu);
      }
    }
  }

  /** Whether load balancing must leave a task where it is ({@code throttled_lb_pair()}). */
  boolean isBound(int task, int fromCpu, int toCpu) {
    int group = tasks.group(task);
    return bandwidth.isThrottledHierarchy(group, fromCpu)
        || bandwidth.isThrottledHierarchy(group, toCpu);
  }

  @Override
  public void throttleQueue(int group, int cpu) {
    if (bandwidth.isByTaskWork()) {
      return; // each task leaves when it would return to user mode
    }
    int task = fair.firstLinked(cpu);
    while (task != NO_TASK) {
      int following = fair.nextLinked(task);
      if (bandwidth.isWithin(tasks.group(task), group)) {
        take(cpu, task);
        hold(cpu, task);
      }
      task = following;
    }
  }

  @Override
  public void unthrottleQueue(int group, int cpu) {
    scheduler.settleTicks(cpu);
    if (scheduler.runsRank(cpu, KernelCore.RANK_FAIR)) {
      fair.updateCurr(cpu);
    }
    for (int g = group; g < groupCount; g++) {
      int row = g * cpuCount + cpu;
      if (!bandwidth.isWithin(g, group) || bandwidth.isThrottledHierarchy(g, cpu)) {
        continue;
      }
      int task = held[row];
      held[row] = NO_TASK;
      while (task != NO_TASK) {
        int following = nextHeld[task];
        join(cpu, task);
        task = following;
      }
    }
    if (scheduler.current(cpu) == Scheduler.IDLE) {
      scheduler.resched(cpu);
    }
    scheduler.lookAtTick(cpu);
  }

  @Override
  public int runnable(int group, int cpu) {
    return runnable[group * cpuCount + cpu];
  }

  @Override
  public boolean isCurrent(int group, int cpu) {
    return scheduler.runsRank(cpu, KernelCore.RANK_FAIR)
        && bandwidth.isWithin(tasks.group(scheduler.current(cpu)), group);
  }

  @Override
  public void save(StateBuffer out) {
    out.put(runnable, groupCount * cpuCount);
    out.put(held, groupCount * cpuCount);
    out.put(nextHeld, tasks.count());
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(runnable, groupCount * cpuCount);
    in.take(held, groupCount * cpuCount);
    in.take(nextHeld, tasks.count());
  }
}
