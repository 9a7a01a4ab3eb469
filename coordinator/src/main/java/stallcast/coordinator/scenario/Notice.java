package stallcast.coordinator.scenario;

import stallcast.coordinator.scenario.yaml.Position;

/**
 * Something legal that the user probably wants to know.
 *
 * @param position where; for a value in a map, where its key stands
 * @param message what happens, or does not
 */
public record Notice(Position position, String message) implements Comparable<Notice> {

  /** {@code file:line:column: message}. */
  public String text() {
    return position.text() + ": " + message;
  }

  @Override
  public int compareTo(Notice other) {
    int order = position.compareTo(other.position);
    return order == 0 ? message.compareTo(other.message) : order;
  }
}
