package stallcast.kernel.fair;

/** What {@link CfsBandwidth} needs of the class that owns the tasks of the groups' queues. */
interface CfsQueues {

  /** A queue was throttled; with direct dequeue its tasks, and those of groups below, stop now. */
  void throttleQueue(int group, int cpu);

  /** A queue may run: tasks that it held back, also in groups below it, are runnable again. */
  void unthrottleQueue(int group, int cpu);

  /** Tasks of a group and of groups below it that could be picked on a CPU. */
  int runnable(int group, int cpu);

  /** Whether the current task of a CPU belongs to a group or to one below it. */
  boolean isCurrent(int group, int cpu);
}
