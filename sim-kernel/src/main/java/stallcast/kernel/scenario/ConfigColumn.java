package stallcast.kernel.scenario;

import java.util.List;

/**
 * A drawn configuration value that is stored with every host's outcome.
 *
 * @param name column name, snake case with its unit
 * @param type how its number is read
 * @param words for {@link Type#TEXT}: the word of number i; empty otherwise
 */
public record ConfigColumn(String name, Type type, List<String> words) {

  /** Copies the list. */
  public ConfigColumn {
    words = List.copyOf(words);
  }

  /** How a stored number is read; NaN means that the host has no such value. */
  public enum Type {
    /** A whole number. */
    LONG,
    /** A real number. */
    DOUBLE,
    /** An index into {@link ConfigColumn#words}. */
    TEXT
  }
}
