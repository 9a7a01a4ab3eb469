package stallcast.kernel.fair;

/**
 * What {@link CfsBandwidth} asks of the run queues. Groups are numbered as in {@link
 * stallcast.kernel.cpu.TaskTable#group}: 0 is the root, a control group its index + 1.
 */
interface CfsQueues {

  /**
   * Takes a group's entity of one CPU off its parent queue, with all tasks below ({@code
   * throttle_cfs_rq()}).
   */
  void throttleQueue(int group, int cpu);

  /** Puts it back, and asks for a reschedule if the CPU is idle ({@code unthrottle_cfs_rq()}). */
  void unthrottleQueue(int group, int cpu);

  /** Runnable tasks of a group and the groups below it on a CPU. */
  int runnable(int group, int cpu);

  /** Whether the task that runs on a CPU belongs to a group or a group below it. */
  boolean isCurrent(int group, int cpu);
}
