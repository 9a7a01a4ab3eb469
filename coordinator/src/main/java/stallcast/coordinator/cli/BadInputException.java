package stallcast.coordinator.cli;

/** What a user gave cannot be used; shown as message and hint, never with a stack trace. */
public final class BadInputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String hint;

  /**
   * Says what is wrong and what to do about it.
   *
   * @param message what is wrong, naming the file or the argument
   * @param hint what the user can do next; empty if the message already says it
   */
  public BadInputException(String message, String hint) {
    super(message);
    this.hint = hint;
  }

  String hint() {
    return hint;
  }
}
