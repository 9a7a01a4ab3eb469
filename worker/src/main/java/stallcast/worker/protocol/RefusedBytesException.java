package stallcast.worker.protocol;

/** Bytes that are no message of this protocol; the only way in which decoding fails. */
public final class RefusedBytesException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A refusal that says what was wrong. */
  public RefusedBytesException(String message) {
    super(message);
  }

  /** A refusal that says what was wrong and what the decoder met. */
  public RefusedBytesException(String message, Throwable cause) {
    super(message, cause);
  }
}
