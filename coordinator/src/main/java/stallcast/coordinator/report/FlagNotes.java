package stallcast.coordinator.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import stallcast.coordinator.aggregate.EstimateRow;
import stallcast.coordinator.aggregate.EstimateTable;

/**
 * The remarks under the tables, each with the rows it is about: {@code [probability, rate:
 * soft-lockup, freeze (web, storage)]} means all strata of the one and two of the other.
 */
final class FlagNotes {
  /** Metric suffixes of the columns and sections of the tables, as remarks call them. */
  private static final Map<String, String> COLUMNS = new LinkedHashMap<>();

  static {
    COLUMNS.put(EstimateTable.PROBABILITY, "probability");
    COLUMNS.put(EstimateTable.RATE, "rate");
    COLUMNS.put(EstimateTable.PER_OPERATION, "per operation");
    COLUMNS.put(EstimateTable.MEAN, "mean");
  }

  private final List<EstimateRow> rows;

  /**
   * Remarks on rows; those of metrics that no table shows are left out.
   *
   * @param shown rows that have a line in a table
   */
  FlagNotes(List<EstimateRow> shown) {
    rows = shown.stream().filter(r -> !suffix(r).isEmpty()).toList();
  }

  /** Adds a remark if it holds for any row. */
  void add(StringBuilder text, String remark, Predicate<EstimateRow> holds) {
    List<EstimateRow> found = rows.stream().filter(holds).toList();
    if (!found.isEmpty()) {
      String about = found.size() == rows.size() ? "all rows" : about(found);
      text.append("! ").append(remark).append(" [").append(about).append("]\n");
    }
  }

  /** Columns that the remark concerns in the same rows share one list. */
  private String about(List<EstimateRow> found) {
    Map<String, List<String>> columnsByRows = new LinkedHashMap<>();
    COLUMNS.forEach(
        (suffix, column) -> {
          List<EstimateRow> some = withSuffix(found, suffix);
          if (!some.isEmpty()) {
            boolean all = some.size() == withSuffix(rows, suffix).size();
            columnsByRows
                .computeIfAbsent(all ? "all" : list(some, suffix), k -> new ArrayList<>())
                .add(column);
          }
        });
    return columnsByRows.entrySet().stream()
        .map(e -> String.join(", ", e.getValue()) + ": " + e.getKey())
        .collect(Collectors.joining("; "));
  }

  private String list(List<EstimateRow> some, String suffix) {
    Map<String, List<String>> strata = new LinkedHashMap<>();
    for (EstimateRow row : some) {
      strata
          .computeIfAbsent(ResultTable.named(row, suffix), k -> new ArrayList<>())
          .add(ResultTable.stratum(row));
    }
    return strata.entrySet().stream()
        .map(e -> e.getKey() + only(e.getValue(), linesOf(e.getKey(), suffix)))
        .collect(Collectors.joining(", "));
  }

  private static String only(List<String> strata, long lines) {
    return strata.size() == lines ? "" : " (" + String.join(", ", strata) + ")";
  }

  private long linesOf(String name, String suffix) {
    return withSuffix(rows, suffix).stream()
        .filter(r -> ResultTable.named(r, suffix).equals(name))
        .count();
  }

  private static List<EstimateRow> withSuffix(List<EstimateRow> rows, String suffix) {
    return rows.stream().filter(r -> suffix(r).equals(suffix)).toList();
  }

  private static String suffix(EstimateRow row) {
    return COLUMNS.keySet().stream()
        .filter(s -> ResultTable.metric(row).endsWith(s))
        .findFirst()
        .orElse("");
  }
}
