package stallcast.kernel.cpu;

/**
 * A scheduling class (kernel/sched/sched.h, {@code struct sched_class}). It owns tasks; a current
 * task stays in its class's queue, as in the kernel.
 */
public interface SchedClass extends Picker {

  /**
   * Where a waking task goes.
   *
   * @param wakerCpu CPU that wakes it
   * @return an allowed CPU
   */
  int selectCpu(int task, int wakerCpu);

  /**
   * Makes a task eligible on a CPU.
   *
   * @param wakerCpu CPU that executes the enqueue
   */
  void enqueue(int cpu, int task, int wakerCpu);

  /**
   * Takes a task off a CPU; charges it first if it is current.
   *
   * @param sleeps whether it will be woken again, as opposed to moved now or ended
   */
  void dequeue(int cpu, int task, boolean sleeps);

  /** Whether a newly woken task of this class preempts the current one of this class. */
  boolean preempts(int cpu, int woken, int current);

  /** Called after a wake-up on {@code cpu} was handled: may push the task elsewhere. */
  void woken(int cpu, int task);

  /** Charges the current task up to now ({@code update_curr}). */
  void updateCurr(int cpu);

  /** Called when a task of this class becomes current. */
  void setNext(int cpu, int task);

  /** Called when a task of this class may stop being current but stays runnable. */
  void putPrev(int cpu, int task);

  /**
   * Called when a task of this class stops being current, whether it sleeps or not.
   *
   * @param next what runs next, or {@link Scheduler#IDLE}
   */
  default void switchedOut(int cpu, int next) {}

  /** A tick hits the current task. */
  void tick(int cpu);

  /**
   * From when on a tick may change more than sums.
   *
   * @param firstTickNs the next tick to come, kernel time, ns
   * @return kernel time, ns; the first tick at or after it must be run; {@link
   *     stallcast.kernel.engine.TimerQueue#NEVER} if none
   */
  long nextTickNs(int cpu, long firstTickNs);

  /** Charges the current task as ticks up to {@code atNs} would have, {@code count} of them. */
  void settleTicks(int cpu, long atNs, long count);

  /** The current task is about to run pending task work: it returns to user mode or to a guest. */
  default void onTaskWork(int cpu) {}

  /** The current task calls sched_yield. */
  void yieldCurrent(int cpu);

  /** Tasks of this class that are queued on a CPU, the current one included. */
  int queued(int cpu);

  /**
   * The current task of a CPU gives way to another task of this class, which is queued somewhere
   * ({@code yield_to_task}).
   *
   * @return whether the other one was nominated to run next
   */
  default boolean yieldTo(int cpu, int target) {
    return false;
  }
}
