package stallcast.kernel.fair;

import stallcast.kernel.engine.TimerQueue;

/** CPU bandwidth of control groups. No group has a quota yet: it never throttles. */
final class CfsBandwidth {

  /**
   * {@code account_cfs_rq_runtime()}: the current task of a CPU has run below a group, or begins
   * to.
   *
   * @param deltaNs run time, ns; 0 when a task becomes current
   * @return whether the CPU must reschedule
   */
  boolean charge(int group, int cpu, long deltaNs) {
    return false;
  }

  /** {@code check_enqueue_throttle()}: a group's queue gets its first entity. */
  void onEnqueueFirst(int group, int cpu) {}

  /** {@code check_cfs_rq_runtime()}: a group's current entity is put, or the group is picked. */
  void onPutPrev(int group, int cpu) {}

  /** {@code throttled_hierarchy()}: whether a group or one above it is throttled on a CPU. */
  boolean isThrottledHierarchy(int group, int cpu) {
    return false;
  }

  /** {@code return_cfs_rq_runtime()}: a group's queue has lost its last entity. */
  void onQueueEmpty(int group, int cpu) {}

  /**
   * From when on a tick may find the runtime used up, kernel time, ns.
   *
   * @param execStartNs up to when the current task is charged
   */
  long nextTickNs(int group, int cpu, long execStartNs) {
    return TimerQueue.NEVER;
  }
}
