package stallcast.coordinator.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import stallcast.coordinator.scenario.yaml.Field;
import stallcast.coordinator.scenario.yaml.Problem;
import stallcast.coordinator.scenario.yaml.SourceNode;
import stallcast.coordinator.scenario.yaml.SourceNode.ListNode;
import stallcast.coordinator.scenario.yaml.SourceNode.MapNode;
import stallcast.coordinator.scenario.yaml.SourceNode.ScalarNode;

/**
 * A value that is being read, with the list that its problems go to. Wrong shapes (a map where a
 * list belongs, an unknown key) are the schema's to report: reading past them gives nothing.
 *
 * @param field the value at its place
 * @param problems where problems go
 */
record Cursor(Field field, Problems problems) {

  SourceNode node() {
    return field.value();
  }

  String name() {
    return field.name();
  }

  boolean isMap() {
    return node() instanceof MapNode;
  }

  /** The value of a key, empty if this is no map or has no such key. */
  Optional<Cursor> find(String key) {
    return node() instanceof MapNode map
        ? map.find(key).map(f -> new Cursor(f, problems))
        : Optional.empty();
  }

  boolean has(String key) {
    return find(key).isPresent();
  }

  /** Keys in file order. */
  List<String> keys() {
    return node() instanceof MapNode map ? List.copyOf(map.fields().keySet()) : List.of();
  }

  /** Values of a map, or items of a list, in file order. */
  List<Cursor> children() {
    List<Cursor> children = new ArrayList<>();
    if (node() instanceof ListNode list) {
      list.items().forEach(item -> children.add(new Cursor(item, problems)));
    } else if (node() instanceof MapNode map) {
      for (Map.Entry<String, Field> entry : map.fields().entrySet()) {
        children.add(new Cursor(entry.getValue(), problems));
      }
    }
    return children;
  }

  /** The items of a list, empty for anything else. */
  List<Cursor> items() {
    return node() instanceof ListNode ? children() : List.of();
  }

  /** The spelling of a scalar, empty for anything else. */
  Optional<String> text() {
    boolean filled = node() instanceof ScalarNode s && s.kind() != ScalarNode.Kind.NULL;
    return filled ? Optional.of(((ScalarNode) node()).text()) : Optional.empty();
  }

  /** The spelling of a key's value, or a default. */
  String text(String key, String absent) {
    return find(key).flatMap(Cursor::text).orElse(absent);
  }

  void problem(String message) {
    problems.add(field, message);
  }

  void note(String message) {
    problems.note(field, message);
  }

  /** Reports that a key is missing. */
  void missing(String key, String message) {
    problems.addMissing(new Problem(field.position(), field.pathOf(key), message));
  }
}
