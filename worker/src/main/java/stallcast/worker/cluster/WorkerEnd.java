package stallcast.worker.cluster;

/**
 * Why a worker ended.
 *
 * @param kind in one word
 * @param reason one line for the user, empty if the word says all
 */
public record WorkerEnd(Kind kind, String reason) {

  /** In one word. */
  public enum Kind {
    /** The coordinator said that the run is complete. */
    COMPLETE,
    /** The coordinator left before the end of the run and may come back. */
    INTERRUPTED,
    /** The run failed. */
    STOPPED,
    /** The coordinator does not want this worker. */
    REFUSED,
    /** It was asked to finish what it had begun and leave. */
    DRAINED,
    /** The coordinator was not found, or went away. */
    LOST
  }
}
