package stallcast.kernel.scenario;

/** How much of what cannot change an outcome is simulated anyway. */
public enum Fidelity {
  /** Every tick and watchdog sample is an expiry of its own. */
  EXACT,
  /** Periodic timers are settled lazily where the outcome is provably the same. */
  AUTO
}
