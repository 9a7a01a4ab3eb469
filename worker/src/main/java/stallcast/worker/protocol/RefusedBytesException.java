package stallcast.worker.protocol;

/** Bytes that are no message of this protocol; the only way in which decoding fails. */
public final class RefusedBytesException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A refusal. @param message what was wrong */
  public RefusedBytesException(String message) {
    super(message);
  }

  /** A refusal. @param message what was wrong @param cause what the decoder met */
  public RefusedBytesException(String message, Throwable cause) {
    super(message, cause);
  }
}
