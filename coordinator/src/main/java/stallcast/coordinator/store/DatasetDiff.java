package stallcast.coordinator.store;

import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Where two datasets differ in content: row by row and column by column, whatever build wrote them.
 * Bytes of files are equal for equal builds only (results-dataset.md section 6).
 */
public final class DatasetDiff {
  /** Columns of estimates that name the run and say nothing about its hosts. */
  private static final Set<String> IDENTITY = Set.of("run_id", "software_version", "config_hash");

  private static final List<String> DESCRIBED =
      List.of(
          "scenario_name",
          "master_seed",
          "hosts",
          "horizon_ns",
          "scenario_hash",
          "software_version",
          "stream_scheme");

  /**
   * A value, or a row, that is not the same.
   *
   * @param table name of the table
   * @param row which row, in words: {@code host 7}
   * @param column which column; empty if one side does not have the row
   * @param left value on the left, or {@code absent}
   * @param right value on the right, or {@code absent}
   */
  public record Difference(String table, String row, String column, String left, String right) {}

  /**
   * What came of a comparison.
   *
   * @param descriptions how the two runs are described differently, one line each
   * @param first the first differences of every table
   * @param totals number of differences by table
   */
  public record Report(
      List<String> descriptions, List<Difference> first, Map<String, Long> totals) {

    /** Copies. */
    public Report {
      descriptions = List.copyOf(descriptions);
      first = List.copyOf(first);
      totals = Map.copyOf(totals);
    }

    /** Whether the content is the same. */
    public boolean isSame() {
      return totals.values().stream().allMatch(count -> count == 0);
    }
  }

  private final DatasetReader left;
  private final DatasetReader right;
  private final int shownMax;
  private final List<Difference> first = new ArrayList<>();
  private final Map<String, Long> totals = new TreeMap<>();

  private DatasetDiff(DatasetReader left, DatasetReader right, int shownMax) {
    this.left = left;
    this.right = right;
    this.shownMax = shownMax;
  }

  /**
   * Compares two complete datasets.
   *
   * @param shownMax differences that are kept per table, the first ones
   * @throws StoreException if one cannot be read
   */
  public static Report of(URI left, URI right, int shownMax) {
    DatasetDiff diff = new DatasetDiff(complete(left), complete(right), shownMax);
    diff.compareRows(TableName.OUTCOMES);
    diff.compareRows(TableName.INCIDENTS);
    diff.compareEstimates();
    return new Report(diff.descriptions(), diff.first, diff.totals);
  }

  private static DatasetReader complete(URI uri) {
    DatasetReader reader = new DatasetReader(uri);
    if (!reader.isComplete()) {
      throw new StoreException(
          StoreException.Reason.FOLDER, reader.uri() + " is no complete dataset");
    }
    return reader;
  }

  private List<String> descriptions() {
    Map<?, ?> one = left.manifest().run();
    Map<?, ?> other = right.manifest().run();
    List<String> lines = new ArrayList<>();
    for (String name : DESCRIBED) {
      if (!String.valueOf(one.get(name)).equals(String.valueOf(other.get(name)))) {
        lines.add(name + ": " + one.get(name) + " | " + other.get(name));
      }
    }
    return lines;
  }

  /** Both sides are in host order; rows of one host are compared one after another. */
  private void compareRows(TableName table) {
    totals.put(table.key(), 0L);
    try (DatasetRows one = left.rows(table);
        DatasetRows other = right.rows(table)) {
      Side a = new Side(one);
      Side b = new Side(other);
      while (a.has() || b.has()) {
        int order = a.compareTo(b);
        if (order == 0) {
          compare(table, a.words(), a.row, b.row);
        } else {
          String words = order < 0 ? a.words() : b.words();
          add(table, words, "", order < 0 ? "a row" : "absent", order < 0 ? "absent" : "a row");
        }
        if (order <= 0) {
          a.next();
        }
        if (order >= 0) {
          b.next();
        }
      }
    }
  }

  /** A place in one of two tables that are in host order. */
  private static final class Side {
    private final DatasetRows rows;
    private DatasetRow row;
    private long host = -1;
    private int number; // of the row among those of its host, from 0

    Side(DatasetRows rows) {
      this.rows = rows;
      next();
    }

    boolean has() {
      return host != Long.MAX_VALUE;
    }

    void next() {
      long before = host;
      if (!rows.hasNext()) {
        host = Long.MAX_VALUE;
        return;
      }
      row = rows.next();
      host = row.whole("host_index").orElse(-1);
      number = host == before ? number + 1 : 0;
    }

    int compareTo(Side other) {
      int order = Long.compare(host, other.host);
      return order == 0 ? Integer.compare(number, other.number) : order;
    }

    String words() {
      return "host " + host + (number == 0 ? "" : " row " + number);
    }
  }

  private void compareEstimates() {
    TableName table = TableName.ESTIMATES;
    totals.put(table.key(), 0L);
    Map<String, DatasetRow> one = estimates(left);
    Map<String, DatasetRow> other = estimates(right);
    Set<String> keys = new LinkedHashSet<>(one.keySet());
    keys.addAll(other.keySet());
    for (String key : keys) {
      DatasetRow a = one.get(key);
      DatasetRow b = other.get(key);
      if (a == null || b == null) {
        add(table, key, "", a == null ? "absent" : "a row", b == null ? "absent" : "a row");
      } else {
        compare(table, key, a, b);
      }
    }
  }

  private static Map<String, DatasetRow> estimates(DatasetReader dataset) {
    Map<String, DatasetRow> rows = new LinkedHashMap<>();
    dataset.forEach(
        TableName.ESTIMATES,
        row -> rows.put(row.shown("stratum") + " " + row.shown("metric"), row));
    return rows;
  }

  private void compare(TableName table, String words, DatasetRow a, DatasetRow b) {
    Set<String> columns = new LinkedHashSet<>(a.columns());
    columns.addAll(b.columns());
    if (table == TableName.ESTIMATES) {
      columns.removeAll(IDENTITY);
    }
    for (String column : columns) {
      if (!a.shown(column).equals(b.shown(column))) {
        add(table, words, column, a.shown(column), b.shown(column));
      }
    }
  }

  private void add(TableName table, String row, String column, String one, String other) {
    if (totals.merge(table.key(), 1L, Long::sum) <= shownMax) {
      first.add(new Difference(table.key(), row, column, one, other));
    }
  }
}
