package stallcast.kernel.random;

/**
 * What a random stream is drawn for; one number per purpose keeps mechanisms from moving each
 * other's draws.
 *
 * <p>The registry is append-only: a number, once given, is part of every stored result. New
 * purposes take the next free number; none is ever renumbered or reused.
 */
public enum StreamPurpose {
  /** Draws of a host's configuration. */
  CONFIG(1),
  /** Arrival times of work and operations. */
  ARRIVALS(2),
  /** Demands of arrived work. */
  SERVICE(3),
  /** Live migrations: rounds, blackouts, brownouts. */
  MIGRATION(4),
  /** Steal and other interference from outside the instance. */
  STEAL(5),
  /** Placement and tie-breaking. */
  PLACEMENT(6),
  /** Resampling steps of splitting methods. */
  RESAMPLING(7),
  /** Control draws of importance sampling. */
  IS_CONTROL(8),
  /** Bootstrap replicates of the estimators. */
  BOOTSTRAP(9),
  /** Random choices inside task programs. */
  TASK_PROGRAM(10),
  /** Skew between vCPUs when a paused guest resumes. */
  RESUME_SKEW(11),
  /** Initial and hidden state of a guest. */
  GUEST_STATE(12),
  /** Interrupts that are run as a rate. */
  INTERRUPTS(13),
  /** Which of several spinning vCPUs gets a lock of their guest. */
  GUEST_LOCKS(14);

  private final int number;

  StreamPurpose(int number) {
    this.number = number;
  }

  /**
   * Returns the registered number, in [1, 65535]; it fills the top 16 bits of a Philox key word.
   */
  public int number() {
    return number;
  }
}
