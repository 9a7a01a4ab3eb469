package stallcast.kernel.fair;

/**
 * What {@link CfsBandwidth} needs of the class that owns the groups' queues. Groups are numbered as
 * in {@link stallcast.kernel.cpu.TaskTable#group}: 0 is the root, a control group its index + 1.
 */
interface CfsQueues {

  /**
   * A queue was throttled. With direct dequeue its entity leaves the parent queue, with all tasks
   * below ({@code throttle_cfs_rq()}); with task work every task leaves by itself.
   */
  void throttleQueue(int group, int cpu);

  /**
   * A queue may run: its entity, or the tasks held back in it and below it, are queued again, and
   * the CPU reschedules if it is idle ({@code unthrottle_cfs_rq()}).
   */
  void unthrottleQueue(int group, int cpu);

  /** Whether anything stands in a group's queue, runnable or delayed ({@code nr_queued}). */
  boolean isOccupied(int group, int cpu);

  /** Whether the current task of a CPU belongs to a group or to one below it. */
  boolean isCurrent(int group, int cpu);
}
