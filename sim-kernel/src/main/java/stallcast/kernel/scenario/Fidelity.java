package stallcast.kernel.scenario;

/** How much of what cannot change an outcome is simulated anyway. */
public enum Fidelity {
  /** Every tick, watchdog sample, interrupt and request between CPUs is an expiry of its own. */
  EXACT,
  /**
   * Periodic timers are settled lazily where the outcome is provably the same; dense interrupts
   * between CPUs are a rate where their distribution is.
   */
  AUTO
}
