package stallcast.kernel.fair;

import static stallcast.kernel.fair.FairQueues.IDLE;
import static stallcast.kernel.fair.FairQueues.NONE;

import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.TaskSpec;

/**
 * Whether a woken fair task takes the CPU from the fair task that runs: decided where their paths
 * to the root meet.
 *
 * <p>Models: {@code check_preempt_wakeup_fair()}, {@code find_matching_se()} (kernel/sched/fair.c,
 * v6.12). State: which tasks are SCHED_OTHER [task].
 */
final class WakeupPreemption {
  private final FairQueues queues;
  private final TaskTable tasks;
  private QueueOrder order;
  private boolean enabled;
  private boolean nextBuddy;
  private boolean[] normal = new boolean[0]; // [task] SCHED_OTHER: may preempt

  WakeupPreemption(FairQueues queues, TaskTable tasks) {
    this.queues = queues;
    this.tasks = tasks;
  }

  void reset(HostConfig config, QueueOrder newOrder) {
    order = newOrder;
    enabled = config.isOn(KernelKnob.WAKEUP_PREEMPTION);
    nextBuddy = config.isOn(KernelKnob.NEXT_BUDDY);
    if (normal.length < tasks.count()) {
      normal = new boolean[tasks.count()];
    }
    for (int task = 0; task < tasks.count(); task++) {
      int template = tasks.template(task); // negative for a kernel thread
      normal[task] =
          template < 0 || config.tasks().get(template).spec().policy() == TaskSpec.Policy.OTHER;
    }
  }

  /**
   * The woken task is preferred at the next pick, at every level, if the kernel has that feature
   * on.
   */
  void prefer(int woken) {
    for (int e = woken; nextBuddy && e != NONE; e = queues.parentOf(e)) {
      queues.buddy[queues.queue[e]] = e;
    }
  }

  /**
   * Decides.
   *
   * @param woken a queued task
   * @param current the task that runs, charged up to now
   */
  boolean decide(int woken, int current) {
    if (!enabled) {
      return false;
    }
    int mine = woken;
    int its = current;
    int myDepth = depth(mine);
    int itsDepth = depth(its);
    while (queues.queue[mine] != queues.queue[its]) {
      if (myDepth >= itsDepth) {
        mine = queues.parentOf(mine);
        myDepth--;
      } else {
        its = queues.parentOf(its);
        itsDepth--;
      }
    }
    if (queues.is(its, IDLE) != queues.is(mine, IDLE)) {
      if (queues.is(its, IDLE)) {
        order.endProtection(its);
        return true;
      }
      return false;
    }
    return normal[woken] && order.preempts(queues.queue[mine], its, mine);
  }

  private int depth(int entity) {
    int depth = 0;
    for (int e = queues.parentOf(entity); e != NONE; e = queues.parentOf(e)) {
      depth++;
    }
    return depth;
  }
}
