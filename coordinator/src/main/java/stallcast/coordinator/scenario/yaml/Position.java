package stallcast.coordinator.scenario.yaml;

/**
 * Where a piece of input stands.
 *
 * @param source file name as the user gave it, or the whole command line option
 * @param line 1-based; 0 if the source has no lines (an option, or a file that could not be read)
 * @param column 1-based; 0 if there is no line
 */
public record Position(String source, int line, int column) implements Comparable<Position> {

  /** A position without a line. */
  public static Position of(String source) {
    return new Position(source, 0, 0);
  }

  /** {@code file:line:column}, or the source alone. */
  public String text() {
    return line == 0 ? source : source + ":" + line + ":" + column;
  }

  @Override
  public int compareTo(Position other) {
    int order = source.compareTo(other.source);
    if (order == 0) {
      order = Integer.compare(line, other.line);
    }
    return order == 0 ? Integer.compare(column, other.column) : order;
  }
}
