package stallcast.coordinator.scenario.yaml;

/** The text cannot be read as a tree; nothing after this problem was looked at. */
public final class SourceException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  /** Stops reading at a problem. */
  public SourceException(Position position, String message) {
    super(position.text() + ": " + message);
    problem = new Problem(position, "", message);
  }

  /** What stopped the reading. */
  public Problem problem() {
    return problem;
  }
}
