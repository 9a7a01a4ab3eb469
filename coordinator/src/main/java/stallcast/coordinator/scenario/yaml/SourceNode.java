package stallcast.coordinator.scenario.yaml;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A value of the input: what JSON can say, with the user's own spelling of scalars. */
public sealed interface SourceNode {

  /**
   * Keys with their values, in file order.
   *
   * @param fields values by key
   */
  record MapNode(Map<String, Field> fields) implements SourceNode {

    /** Copies the map, keeping its order. */
    public MapNode {
      fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /** The value of a key. */
    public Optional<Field> find(String key) {
      return Optional.ofNullable(fields.get(key));
    }

    /** This map with one value added or replaced. */
    public MapNode with(String key, Field field) {
      Map<String, Field> changed = new LinkedHashMap<>(fields);
      changed.put(key, field);
      return new MapNode(changed);
    }

    /** This map without one key. */
    public MapNode without(String key) {
      Map<String, Field> changed = new LinkedHashMap<>(fields);
      changed.remove(key);
      return new MapNode(changed);
    }
  }

  /**
   * Values in order.
   *
   * @param items the values
   */
  record ListNode(List<Field> items) implements SourceNode {

    /** Copies the list. */
    public ListNode {
      items = List.copyOf(items);
    }
  }

  /**
   * A single value.
   *
   * @param kind how YAML 1.2's JSON schema reads it
   * @param text the user's spelling, without quotes
   */
  record ScalarNode(Kind kind, String text) implements SourceNode {

    /** What a scalar is. */
    public enum Kind {
      /** {@code null}, {@code ~} or nothing. */
      NULL,
      /** {@code true} or {@code false}. */
      BOOLEAN,
      /** A JSON number. */
      NUMBER,
      /** Anything else, and everything in quotes. */
      TEXT
    }
  }

  /** What the user would call this value. */
  default String words() {
    if (this instanceof MapNode) {
      return "a map";
    }
    if (this instanceof ListNode) {
      return "a list";
    }
    ScalarNode scalar = (ScalarNode) this;
    return switch (scalar.kind()) {
      case NULL -> "nothing";
      case BOOLEAN, NUMBER -> scalar.text();
      case TEXT -> "'" + shortened(scalar.text()) + "'";
    };
  }

  /** Text of a bounded length on one line, fit for a message. */
  static String shortened(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .limit(60)
        .map(c -> Character.isISOControl(c) ? '?' : c)
        .forEach(shown::appendCodePoint);
    return text.codePointCount(0, text.length()) > 60 ? shown + "…" : shown.toString();
  }
}
