package stallcast.kernel.cpu;

import stallcast.kernel.scenario.IncidentKind;

/**
 * What can be seen of a kernel while it runs: traces and incident detectors. Read only. Times are
 * kernel time in ns unless a name says otherwise; every method does nothing by default.
 */
public interface KernelObserver {

  /** Whether {@link #onSwitch} and {@link #onWakeup} are wanted: they are the hot ones. */
  default boolean wantsSwitches() {
    return false;
  }

  /**
   * Whether every task must be run, even if nobody else can tell ({@link IsolatedLoops}). A run
   * that is watched without this is the run that is not watched.
   */
  default boolean wantsEveryTask() {
    return false;
  }

  /** A CPU changes its task; {@link Scheduler#IDLE} is the idle task. */
  default void onSwitch(int cpu, int prev, int next) {}

  /** A task became runnable on a CPU. */
  default void onWakeup(int task, int cpu) {}

  /** A task got the CPU after waiting at least the freeze threshold. */
  default void onLongWait(int task, int cpu, long waitedNs) {}

  /** RT time was charged across a stop of the CPU. */
  default void onStallCharge(int cpu, int task, long deltaNs, long rtTimeNs) {}

  /** The RFC of seed 000 forgave a charge. */
  default void onForgiven(int cpu, int task, long deltaNs, boolean byFlag) {}

  /** A real-time run queue was throttled. */
  default void onRtThrottle(int cpu, int group, long rtTimeNs, long runtimeNs) {}

  /** The period timer gave time back. */
  default void onRtRefill(int cpu, int group, long overrun, long beforeNs, long afterNs) {}

  /** A real-time run queue may run again. */
  default void onRtUnthrottle(int cpu, int group, long rtTimeNs) {}

  /** A CPU borrowed RT runtime. */
  default void onRtBorrow(int cpu, int group, long runtimeNs) {}

  /** A queue of a cpu.max group ran out of runtime. */
  default void onCfsThrottle(int cpu, int group, long remainingNs) {}

  /** A throttled queue holds its first task back. */
  default void onCfsHold(int cpu, int group, long remainingNs) {}

  /** A queue of a cpu.max group may run again. */
  default void onCfsUnthrottle(int cpu, int group, long remainingNs) {}

  /** The fair server of a CPU starts or stops to put fair tasks first. */
  default void onFairServer(int cpu, boolean running) {}

  /**
   * The machine, or some CPUs of it, stop.
   *
   * @param operation index of the operation in the host's list
   * @param occurrence number of the stop on this host, from 0
   * @param stopNs length of the stop, ns
   * @param shownNs how much of it the machine's clock will show, ns
   * @param flag whether the guest-stopped flag will be set
   */
  default void onStop(int operation, int occurrence, long stopNs, long shownNs, boolean flag) {}

  /**
   * A CPU begins to serve softirqs. Only called if {@link #wantsSwitches}.
   *
   * @param pending mask of vectors
   */
  default void onSoftirqEntry(int cpu, int pending) {}

  /**
   * A CPU has served softirqs. Only called if {@link #wantsSwitches}.
   *
   * @param items items of work done
   */
  default void onSoftirqExit(int cpu, long items) {}

  /**
   * Interrupts of the push walker have hit a CPU. Only called if {@link #wantsSwitches}.
   *
   * @param visits how many; more than one at the end of a time in which they were a rate
   */
  default void onWalkerIpi(int cpu, long visits) {}

  /**
   * A source of softirq work becomes busier for a while.
   *
   * @param operation index of the operation in the host's list
   * @param occurrence number of the operation on this host, from 0
   * @param factor how many times as fast as usual its interrupts come
   * @param lengthNs how long, ns
   */
  default void onBurst(int operation, int occurrence, double factor, long lengthNs) {}

  /** One CPU goes on after a stop. */
  default void onResume(int cpu) {}

  /** Somebody found the guest-stopped flag of a CPU and cleared it. */
  default void onFlagConsumed(int cpu, String consumer) {}

  /**
   * The soft-lockup detector prints.
   *
   * @param touchNs last sign of life of the CPU
   * @param seconds units of 2^30 ns that it prints
   */
  default void onSoftLockup(int cpu, int task, long touchNs, int seconds) {}

  /**
   * RCU, the hard-lockup detector, the workqueue watchdog or the hung-task checker prints.
   *
   * @param kind which of them
   * @param subject CPU; the task for {@link IncidentKind#HUNG_TASK}
   * @param sinceNs begin of what it complains about
   * @param seconds what it prints
   * @param again whether it has printed the same before
   */
  default void onReport(IncidentKind kind, int subject, long sinceNs, int seconds, boolean again) {}

  /**
   * Softirqs and interrupts have kept all tasks off a CPU for the freeze threshold.
   *
   * @param sinceNs when that began
   */
  default void onSoftirqTrap(int cpu, long sinceNs) {}

  /**
   * What a detector has reported about a CPU, or a softirq trap, is over; nothing is printed then.
   *
   * @param kind what was reported
   * @param atNs when it ended, now or earlier
   */
  default void onReportEnd(IncidentKind kind, int cpu, long atNs) {}
}
