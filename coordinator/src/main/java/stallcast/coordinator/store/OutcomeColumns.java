package stallcast.coordinator.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stallcast.coordinator.aggregate.NsText;
import stallcast.kernel.host.HostOutcome;
import stallcast.kernel.scenario.ConfigColumn;
import stallcast.kernel.scenario.HostSampler;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.kernel.scenario.MeasureSpec;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.kernel.scenario.StratumSpec;

/**
 * Columns of the table {@code outcomes}: keys, drawn configuration, outcome, reasons. A failed host
 * has null counts, so that {@code count(<kind>_count)} is the number of hosts that count.
 */
final class OutcomeColumns {
  private final ScenarioSpec spec;
  private final TableColumns<HostCursor> columns = new TableColumns<>(TableName.OUTCOMES.key());

  private OutcomeColumns(ScenarioSpec spec) {
    this.spec = spec;
  }

  static TableColumns<HostCursor> of(ScenarioSpec spec) {
    OutcomeColumns table = new OutcomeColumns(spec);
    table.addKeys();
    table.addConfiguration();
    for (IncidentKind kind : IncidentKind.values()) {
      table.addKind(kind);
    }
    for (int m = 0; m < spec.measures().size(); m++) {
      table.addMeasure(spec.measures().get(m), m);
    }
    table.addReasons();
    return table.columns;
  }

  private void addKeys() {
    List<String> names = spec.strata().stream().map(StratumSpec::name).toList();
    columns
        .int64("host_index", HostCursor::host)
        .int64("seed", at -> spec.masterSeed())
        .optionalText(
            "stratum",
            at -> {
              int stratum = at.block().stratum()[at.row()];
              return stratum < 0 ? Optional.empty() : Optional.of(names.get(stratum));
            });
  }

  private void addConfiguration() {
    List<ConfigColumn> drawn = new ArrayList<>(new HostSampler(spec).columns());
    for (int c = 0; c < drawn.size(); c++) {
      ConfigColumn column = drawn.get(c);
      int index = c;
      String name = columns.free(column.name());
      switch (column.type()) {
        case LONG -> columns.optionalInt64(name, at -> whole(config(at, index)));
        case DOUBLE -> columns.optionalDouble(name, at -> config(at, index));
        case TEXT ->
            columns.optionalText(
                name,
                at -> {
                  double word = config(at, index);
                  return Double.isNaN(word)
                      ? Optional.empty()
                      : Optional.of(column.words().get((int) word));
                });
      }
    }
  }

  private static double config(HostCursor at, int column) {
    return at.block().config()[column][at.row()];
  }

  private static long whole(double value) {
    return Double.isNaN(value) ? HostOutcome.NONE : (long) value;
  }

  private void addKind(IncidentKind kind) {
    int k = kind.ordinal();
    columns
        .optionalInt32(
            columns.free(kind.column() + "_count"),
            at -> at.isFailed() ? -1 : at.block().counts()[k][at.row()])
        .optionalInt64(
            columns.free(kind.column() + "_first_ns"), at -> at.block().firstNs()[k][at.row()])
        .optionalInt64(
            columns.free(kind.column() + "_longest_ns"), at -> at.block().longestNs()[k][at.row()]);
  }

  private void addMeasure(MeasureSpec measure, int index) {
    columns.optionalInt64(
        columns.free(measureName(measure)), at -> at.block().measures()[index][at.row()]);
  }

  /** The metric in words, the instant if there is one, the unit last. */
  static String measureName(MeasureSpec measure) {
    StringBuilder name = new StringBuilder(measure.metric().text());
    measure.atNs().ifPresent(at -> name.append(" at ").append(NsText.exact(at)));
    if (measure.metric().what().isTime()) {
      name.append(" ns");
    }
    return name.toString();
  }

  private void addReasons() {
    columns
        .optionalInt32("operations", at -> at.isFailed() ? -1 : at.block().operations()[at.row()])
        .text("end_reason", at -> at.endReason().key())
        .optionalText(
            "message", at -> at.isFailed() ? Optional.of(at.failureMessage()) : Optional.empty())
        .int64("events", at -> at.block().events()[at.row()]);
  }
}
