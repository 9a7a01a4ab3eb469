package stallcast.kernel.engine;

/** Order of expiries at the same instant; within a priority the order of arming decides. */
public enum TimerPriority {
  /** A stopped lane goes on: everything else on it needs that first. */
  RESUME,
  /** Expiries that a stopped lane missed, in the order in which they were due. */
  OVERDUE,
  /** Work completes: it must not be interrupted by what hits after its last instruction. */
  COMPLETION,
  /** High-resolution timers: refills, wake-ups. */
  HRTIMER,
  /** The periodic tick; re-armed last, so that equal expiries run before it. */
  TICK,
  /** Detectors that look at what the instant has done. */
  WATCHDOG,
  /** What is done to the machine from outside, after all that the machine itself does. */
  OPERATION,
  /** Probes of measures: they see the instant complete. */
  PROBE
}
