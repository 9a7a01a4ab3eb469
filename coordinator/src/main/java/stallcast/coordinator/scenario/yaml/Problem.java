package stallcast.coordinator.scenario.yaml;

import java.util.Comparator;

/**
 * One thing that is wrong with an input.
 *
 * @param position where; for a value in a map, where its key stands
 * @param path JSON pointer of the value within its document, empty for the document itself
 * @param message what is wrong and what would be legal
 */
public record Problem(Position position, String path, String message)
    implements Comparable<Problem> {
  private static final Comparator<Problem> ORDER =
      Comparator.comparing(Problem::position)
          .thenComparing(Problem::path)
          .thenComparing(Problem::message);

  /** {@code file:line:column: message}. */
  public String text() {
    return position.text() + ": " + message;
  }

  @Override
  public int compareTo(Problem other) {
    return ORDER.compare(this, other);
  }
}
