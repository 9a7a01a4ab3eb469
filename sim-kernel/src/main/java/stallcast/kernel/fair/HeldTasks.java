package stallcast.kernel.fair;

import static stallcast.kernel.fair.FairQueues.NONE;

import java.util.Arrays;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.cpu.TaskModes;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.scenario.HostConfig;

/**
 * Tasks that have left throttled queues by task work (6.18 and later), and the current tasks whose
 * task work is about to run.
 *
 * <p>Models: {@code throttled_limbo_list}, {@code task_throttle_setup_work()}, {@code
 * throttle_cfs_rq_work()} (kernel/sched/fair.c, v7.2). State: a list [queue], last in first out as
 * the kernel's; the leaving task [cpu].
 */
final class HeldTasks implements Stateful {
  private final TaskTable tasks;
  private final TaskModes modes;
  private final Scheduler scheduler;
  private final CfsBandwidth bandwidth;
  private int queueCount;
  private int cpuCount;
  private int[] head = new int[0]; // [queue] the task held last, or NONE
  private int[] next = new int[0]; // [task]
  private int[] leaving = new int[0]; // [cpu] the current task if its task work is next, or NONE

  HeldTasks(KernelCore core, CfsBandwidth bandwidth) {
    tasks = core.tasks();
    modes = core.modes();
    scheduler = core.scheduler();
    this.bandwidth = bandwidth;
  }

  void reset(HostConfig config) {
    cpuCount = config.cpus();
    queueCount = (config.cgroups().size() + 1) * cpuCount;
    if (head.length < queueCount) {
      head = new int[queueCount];
    }
    if (next.length < tasks.count()) {
      next = new int[tasks.count()];
    }
    if (leaving.length < cpuCount) {
      leaving = new int[cpuCount];
    }
    Arrays.fill(head, 0, queueCount, NONE);
    Arrays.fill(next, 0, tasks.count(), NONE);
    Arrays.fill(leaving, 0, cpuCount, NONE);
  }

  /** Whether task work takes a task off its throttled queue before it executes on. */
  boolean isDue(int task) {
    return bandwidth.isByTaskWork()
        && bandwidth.isThrottledHierarchy(tasks.group(task), tasks.cpu(task))
        && modes.runsTaskWork(task);
  }

  /**
   * The current task of a CPU is about to execute on: if it must leave, that comes first. A
   * reschedule that is due already comes before task work; it may pick somebody else.
   */
  void onTaskWork(int cpu) {
    if (!scheduler.needsResched(cpu) && isDue(scheduler.current(cpu))) {
      leaving[cpu] = scheduler.current(cpu);
      scheduler.resched(cpu);
    }
  }

  /** The current task of a CPU is switched out before its task work has run. */
  void forget(int cpu) {
    leaving[cpu] = NONE;
  }

  /** The current task of a CPU if its task work comes before the pick, or {@code NONE}. */
  int takeLeaving(int cpu) {
    int task = leaving[cpu];
    leaving[cpu] = NONE;
    boolean leaves = task != NONE && tasks.isRunnable(task) && isDue(task);
    return leaves ? task : NONE;
  }

  /** Holds a task that was taken off a queue. */
  void add(int queue, int task) {
    next[task] = head[queue];
    head[queue] = task;
  }

  /** Lets the task go that was held last at a queue. @return it, or {@code NONE} */
  int take(int queue) {
    int task = head[queue];
    if (task != NONE) {
      head[queue] = next[task];
    }
    return task;
  }

  @Override
  public void save(StateBuffer out) {
    out.put(head, queueCount);
    out.put(next, tasks.count());
    out.put(leaving, cpuCount);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(head, queueCount);
    in.take(next, tasks.count());
    in.take(leaving, cpuCount);
  }
}
