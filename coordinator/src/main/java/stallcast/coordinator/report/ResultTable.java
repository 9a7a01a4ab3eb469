package stallcast.coordinator.report;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import stallcast.coordinator.aggregate.EstimateColumn;
import stallcast.coordinator.aggregate.EstimateFlag;
import stallcast.coordinator.aggregate.EstimateRow;
import stallcast.coordinator.aggregate.EstimateTable;
import stallcast.coordinator.aggregate.NsText;
import stallcast.coordinator.store.Assumption;
import stallcast.coordinator.store.CanonicalJson;
import stallcast.kernel.scenario.IncidentKind;

/**
 * The result of a run as a user reads it: per kind of incident and stratum the hosts hit, their
 * probability and the incidents with their rate, each with its interval and method; then what was
 * measured, what was assumed, and where the dataset is.
 */
public final class ResultTable {
  private static final String CUT_AT_ZERO =
      "the lower limit is below 0 by its method and cut at 0: no value is negative";

  private final RunHeader header;
  private final List<EstimateRow> rows;
  private final URI dataset;
  private final boolean hasStrata;

  /**
   * The result of one run.
   *
   * @param rows rows of the table {@code estimates}
   * @param dataset where all of it is stored
   */
  public ResultTable(RunHeader header, List<EstimateRow> rows, URI dataset) {
    this.header = header;
    this.rows = List.copyOf(rows);
    this.dataset = dataset;
    hasStrata = rows.stream().anyMatch(r -> !stratum(r).equals(EstimateRow.FLEET));
  }

  /** The tables for a terminal. */
  public String text() {
    StringBuilder text = new StringBuilder(headerLine()).append("\n\n");
    text.append(incidents());
    addSection(text, "given an operation", EstimateTable.PER_OPERATION, this::operations);
    addSection(text, "measured per host", EstimateTable.MEAN, this::measures);
    return text.append('\n').append(footer()).toString();
  }

  /** The same for scripts: an object whose keys are stable, absent values left out. */
  public String json() {
    Map<String, Object> object = new TreeMap<>();
    object.put("scenario", header.scenario());
    object.put("seed", Long.toString(header.masterSeed()));
    object.put("hosts", header.hosts());
    object.put("horizon_ns", header.horizonNs());
    object.put("dataset", dataset.toString());
    object.put("estimates", rows.stream().map(ResultTable::jsonRow).toList());
    object.put("flags", flags());
    object.put(
        "assumptions_class_c",
        guesses().map(a -> Map.of("id", a.id(), "text", a.text(), "source", a.source())).toList());
    return CanonicalJson.page(object);
  }

  private static Map<String, Object> jsonRow(EstimateRow row) {
    Map<String, Object> object = new TreeMap<>();
    row.values().forEach((column, value) -> object.put(column.column(), value));
    // JSON numbers are doubles for most readers; a 64-bit seed is not.
    object.computeIfPresent(EstimateColumn.SEED.column(), (k, v) -> v.toString());
    return object;
  }

  private String headerLine() {
    return header.scenario()
        + "   seed "
        + header.masterSeed()
        + "   "
        + NumberText.grouped(header.hosts())
        + " hosts x "
        + NsText.exact(header.horizonNs());
  }

  private String incidents() {
    String level =
        rows.isEmpty()
            ? ""
            : " (" + NumberText.percent(number(rows.get(0), EstimateColumn.CI_LEVEL)) + ")";
    String probability = EstimateTable.hostUnit(header.horizonNs()) + level;
    TextGrid grid = grid(true, false, false, true, true, false, true, true, false);
    add(
        grid,
        "incident",
        "stratum",
        List.of(
            "hosts",
            "hit",
            "probability " + probability,
            "method",
            "incidents",
            "rate per host-day" + level,
            "method",
            "longest"));
    for (IncidentKind kind : IncidentKind.values()) {
      for (EstimateRow row : shown(withMetric(kind.key() + EstimateTable.PROBABILITY))) {
        EstimateRow rate = sibling(row, kind.key() + EstimateTable.RATE);
        add(
            grid,
            kind.key(),
            stratum(row),
            List.of(
                count(row, EstimateColumn.N_HOSTS),
                count(row, EstimateColumn.N_EVENTS),
                estimate(row),
                row.text(EstimateColumn.CI_METHOD),
                count(rate, EstimateColumn.N_EVENTS),
                estimate(rate),
                rate.text(EstimateColumn.CI_METHOD),
                row.has(EstimateColumn.MAX)
                    ? NsText.rounded(row.whole(EstimateColumn.MAX).getAsLong())
                    : "-"));
      }
    }
    return grid.text();
  }

  /** Makes the lines of one table from its rows. */
  private interface Section {
    void fill(TextGrid grid, List<EstimateRow> rows);
  }

  private void addSection(StringBuilder text, String title, String suffix, Section section) {
    List<EstimateRow> found = rows.stream().filter(r -> metric(r).endsWith(suffix)).toList();
    if (!found.isEmpty()) {
      TextGrid grid = grid(true, false, false, true, true, false);
      section.fill(grid, found);
      text.append('\n').append(title).append(":\n").append(grid.text());
    }
  }

  private void operations(TextGrid grid, List<EstimateRow> found) {
    add(
        grid,
        "incident",
        "stratum",
        List.of("operations", "led to it", "probability per operation", "method", "hosts"));
    for (EstimateRow row : shown(found)) {
      add(
          grid,
          named(row, EstimateTable.PER_OPERATION),
          stratum(row),
          List.of(
              count(row, EstimateColumn.N_TRIALS),
              count(row, EstimateColumn.N_EVENTS),
              estimate(row),
              row.text(EstimateColumn.CI_METHOD),
              count(row, EstimateColumn.N_HOSTS)));
    }
  }

  private void measures(TextGrid grid, List<EstimateRow> found) {
    add(grid, "metric", "stratum", List.of("hosts", "least", "mean", "method", "most"));
    for (EstimateRow row : found) {
      boolean time = row.text(EstimateColumn.UNIT).equals("ns");
      add(
          grid,
          named(row, EstimateTable.MEAN),
          stratum(row),
          List.of(
              count(row, EstimateColumn.N_EVENTS),
              value(row, EstimateColumn.MIN, time),
              mean(row, time),
              row.text(EstimateColumn.CI_METHOD),
              value(row, EstimateColumn.MAX, time)));
    }
  }

  private static String mean(EstimateRow row, boolean time) {
    if (!row.has(EstimateColumn.ESTIMATE)) {
      return "-";
    }
    String mean = quantity(number(row, EstimateColumn.ESTIMATE), time);
    return row.has(EstimateColumn.CI_LOW)
        ? mean
            + " ("
            + quantity(lowOfMean(row), time)
            + " .. "
            + quantity(number(row, EstimateColumn.CI_HIGH), time)
            + ")"
        : mean + " (one value: no interval)";
  }

  /** No mean of values that are never negative is below 0; the footer says so. */
  private static double lowOfMean(EstimateRow row) {
    double low = number(row, EstimateColumn.CI_LOW);
    return isCut(row) ? 0 : low;
  }

  private static boolean isCut(EstimateRow row) {
    return metric(row).endsWith(EstimateTable.MEAN)
        && row.has(EstimateColumn.CI_LOW)
        && number(row, EstimateColumn.CI_LOW) < 0
        && row.whole(EstimateColumn.MIN).orElse(-1) >= 0;
  }

  private static String quantity(double value, boolean time) {
    return time ? NsText.rounded(Math.round(value)) : NumberText.rounded(value);
  }

  private static String value(EstimateRow row, EstimateColumn column, boolean time) {
    if (!row.has(column)) {
      return "-";
    }
    long value = row.whole(column).getAsLong();
    return time ? NsText.rounded(value) : NumberText.grouped(value);
  }

  /** The estimate with its interval; without events only the upper limit, never a bare zero. */
  private static String estimate(EstimateRow row) {
    if (!row.has(EstimateColumn.ESTIMATE) || !row.has(EstimateColumn.CI_HIGH)) {
      return "nothing observed";
    }
    String high = NumberText.rounded(number(row, EstimateColumn.CI_HIGH));
    if (number(row, EstimateColumn.ESTIMATE) == 0) {
      return "<= " + high;
    }
    return NumberText.rounded(number(row, EstimateColumn.ESTIMATE))
        + " ("
        + NumberText.rounded(number(row, EstimateColumn.CI_LOW))
        + " .. "
        + high
        + ")";
  }

  private String footer() {
    StringBuilder text = new StringBuilder();
    FlagNotes notes = new FlagNotes(shown(rows));
    for (EstimateFlag flag : EstimateFlag.values()) {
      notes.add(text, flag.meaning(), row -> row.flags().contains(flag.name()));
    }
    notes.add(text, CUT_AT_ZERO, ResultTable::isCut);
    for (Assumption guess : guesses().toList()) {
      String source = guess.source().isEmpty() ? "" : "  [" + guess.source() + "]";
      text.append("assumed (class C): " + guess.id() + ": " + guess.text() + source + "\n");
    }
    return text.append("dataset: ").append(dataset).append('\n').toString();
  }

  private Stream<Assumption> guesses() {
    return header.assumptions().stream().filter(Assumption::isGuess);
  }

  /** Meanings of the flags that are set on any row, in the order in which flags are declared. */
  private Map<String, String> flags() {
    Map<String, String> meanings = new LinkedHashMap<>();
    for (EstimateFlag flag : EstimateFlag.values()) {
      if (rows.stream().anyMatch(r -> r.flags().contains(flag.name()))) {
        meanings.put(flag.name(), flag.meaning());
      }
    }
    return meanings;
  }

  private TextGrid grid(Boolean... left) {
    List<Boolean> columns = new ArrayList<>(List.of(left));
    if (hasStrata) {
      columns.add(1, true);
    }
    return new TextGrid(columns);
  }

  private void add(TextGrid grid, String name, String stratum, List<String> cells) {
    List<String> line = new ArrayList<>();
    line.add(name);
    if (hasStrata) {
      line.add(stratum);
    }
    line.addAll(cells);
    grid.add(line);
  }

  /** Rows worth a line: where nothing happened in the whole fleet, strata have nothing to add. */
  private List<EstimateRow> shown(List<EstimateRow> found) {
    Set<String> quiet = new HashSet<>();
    for (EstimateRow row : rows) {
      if (stratum(row).equals(EstimateRow.FLEET) && events(row) == 0 && isOfIncidents(row)) {
        quiet.add(metric(row));
      }
    }
    return found.stream()
        .filter(r -> stratum(r).equals(EstimateRow.FLEET) || !quiet.contains(metric(r)))
        .toList();
  }

  private static boolean isOfIncidents(EstimateRow row) {
    return !metric(row).endsWith(EstimateTable.MEAN);
  }

  private List<EstimateRow> withMetric(String metric) {
    return rows.stream().filter(r -> metric(r).equals(metric)).toList();
  }

  /** The row of another metric of the same stratum. */
  private EstimateRow sibling(EstimateRow row, String metric) {
    return withMetric(metric).stream()
        .filter(r -> stratum(r).equals(stratum(row)))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no estimate of " + metric));
  }

  /** The metric without its suffix; the instant of a measure in units instead of ns. */
  static String named(EstimateRow row, String suffix) {
    String name = metric(row).substring(0, metric(row).length() - suffix.length());
    int at = name.lastIndexOf('@');
    return at < 0
        ? name
        : name.substring(0, at + 1) + NsText.exact(Long.parseLong(name.substring(at + 1)));
  }

  static String metric(EstimateRow row) {
    return row.text(EstimateColumn.METRIC);
  }

  static String stratum(EstimateRow row) {
    return row.text(EstimateColumn.STRATUM);
  }

  private static long events(EstimateRow row) {
    return row.whole(EstimateColumn.N_EVENTS).orElse(0);
  }

  private static String count(EstimateRow row, EstimateColumn column) {
    return NumberText.grouped(row.whole(column).orElse(0));
  }

  private static double number(EstimateRow row, EstimateColumn column) {
    return row.real(column).orElse(Double.NaN);
  }
}
