package stallcast.coordinator.cluster;

/** A run that cannot go on; the message is for the user. */
public final class RunFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A failure without another behind it. */
  public RunFailedException(String message) {
    super(message);
  }

  /** A failure with the one behind it. */
  public RunFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
