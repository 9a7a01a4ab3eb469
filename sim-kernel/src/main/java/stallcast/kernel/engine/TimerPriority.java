package stallcast.kernel.engine;

/**
 * Order of expiries at the same instant. Within a priority the order of arming decides, for
 * periodic timers the order of registration: they may be settled lazily, and then have no order of
 * arming to go by.
 */
public enum TimerPriority {
  /** A stopped lane goes on: everything else on it needs that first. */
  RESUME(false),
  /** Expiries that a stopped lane missed, in the order in which they were due. */
  OVERDUE(false),
  /** Work completes: it must not be interrupted by what hits after its last instruction. */
  COMPLETION(false),
  /** High-resolution timers: refills, wake-ups. */
  HRTIMER(false),
  /** Refills that may be skipped while they only pay a debt: these have no order of arming. */
  PERIOD(true),
  /** The periodic tick; re-armed last, so that equal expiries run before it. */
  TICK(true),
  /** Detectors that look at what the instant has done. */
  WATCHDOG(true),
  /** What is done to the machine from outside, after all that the machine itself does. */
  OPERATION(false),
  /** Probes of measures: they see the instant complete. */
  PROBE(false);

  private final boolean byRegistration;

  TimerPriority(boolean byRegistration) {
    this.byRegistration = byRegistration;
  }

  /** Whether the order of registration decides, not that of arming. */
  boolean isByRegistration() {
    return byRegistration;
  }
}
