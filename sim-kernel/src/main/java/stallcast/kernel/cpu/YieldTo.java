package stallcast.kernel.cpu;

/**
 * Directed yield between threads: the current task of a CPU gives way to another one.
 *
 * <p>Models: {@code yield_to()} (kernel/sched/syscalls.c, v6.12, v7.2) with preempt, as KVM calls
 * it. Drives: the class of the two tasks, which nominates the target. The reschedule takes place
 * when the expiry that called is over.
 */
public final class YieldTo {
  /** Answer if both queues have a single task ({@code -ESRCH}). */
  public static final int ALONE = -1;

  /** Answer if the target cannot be nominated. */
  public static final int REFUSED = 0;

  /** Answer if the target was nominated. */
  public static final int NOMINATED = 1;

  private final TaskTable tasks;
  private final Scheduler scheduler;
  private SchedClass[] owners = new SchedClass[0]; // [rank]

  YieldTo(TaskTable tasks, Scheduler scheduler) {
    this.tasks = tasks;
    this.scheduler = scheduler;
  }

  void reset(SchedClass[] byRank) {
    owners = byRank;
  }

  /**
   * The current task of a CPU yields.
   *
   * @param target another task, which may be queued anywhere
   * @return {@link #ALONE}, {@link #REFUSED} or {@link #NOMINATED}
   */
  public int yieldTo(int cpu, int target) {
    int me = scheduler.current(cpu);
    int targetCpu = tasks.cpu(target);
    if (running(cpu) == 1 && running(targetCpu) == 1) {
      return ALONE;
    }
    boolean waits = tasks.isRunnable(target) && scheduler.current(targetCpu) != target;
    if (!waits
        || tasks.rank(target) != tasks.rank(me)
        || !owners[tasks.rank(me)].yieldTo(cpu, target)) {
      return REFUSED;
    }
    if (targetCpu != cpu) {
      scheduler.resched(targetCpu);
    }
    scheduler.resched(cpu);
    return NOMINATED;
  }

  /** {@code rq->nr_running}. */
  private int running(int cpu) {
    int sum = 0;
    for (SchedClass owner : owners) {
      sum += owner.queued(cpu);
    }
    return sum;
  }
}
