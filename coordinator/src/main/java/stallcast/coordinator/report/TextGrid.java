package stallcast.coordinator.report;

import java.util.ArrayList;
import java.util.List;

/** Cells in aligned columns; the first column and those marked so are left-aligned. */
public final class TextGrid {
  private static final String GAP = "  ";

  private final List<List<String>> lines = new ArrayList<>();
  private final List<Boolean> left;

  /**
   * An empty grid.
   *
   * @param left per column, whether it is left-aligned
   */
  public TextGrid(List<Boolean> left) {
    this.left = List.copyOf(left);
  }

  /**
   * Adds a line.
   *
   * @param cells one per column
   */
  public void add(List<String> cells) {
    if (cells.size() != left.size()) {
      throw new IllegalArgumentException(cells + " has not " + left.size() + " columns");
    }
    lines.add(List.copyOf(cells));
  }

  /** The lines, without blanks at their ends. */
  public String text() {
    int[] width = new int[left.size()];
    for (List<String> line : lines) {
      for (int c = 0; c < width.length; c++) {
        width[c] = Math.max(width[c], line.get(c).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> line : lines) {
      StringBuilder row = new StringBuilder();
      for (int c = 0; c < width.length; c++) {
        String blanks = " ".repeat(width[c] - line.get(c).length());
        row.append(c == 0 ? "" : GAP);
        row.append(left.get(c) ? line.get(c) + blanks : blanks + line.get(c));
      }
      text.append(row.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
