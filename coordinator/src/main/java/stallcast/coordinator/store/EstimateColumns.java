package stallcast.coordinator.store;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import stallcast.coordinator.aggregate.EstimateColumn;
import stallcast.coordinator.aggregate.EstimateRow;
import stallcast.kernel.host.HostOutcome;

/** Columns of the table {@code estimates}: those of {@link EstimateColumn}, all nullable. */
final class EstimateColumns {
  private EstimateColumns() {}

  static TableColumns<EstimateRow> all() {
    TableColumns<EstimateRow> columns = new TableColumns<>(TableName.ESTIMATES.key());
    for (EstimateColumn column : EstimateColumn.values()) {
      String name = column.column();
      switch (column.type()) {
        case TEXT ->
            columns.optionalText(
                name, r -> r.has(column) ? Optional.of(r.text(column)) : Optional.empty());
        case LONG -> columns.optionalInt64(name, r -> r.whole(column).orElse(HostOutcome.NONE));
        case DOUBLE -> columns.optionalDouble(name, r -> r.real(column).orElse(Double.NaN));
        case TEXT_LIST -> columns.textList(name, EstimateRow::flags);
      }
    }
    return columns;
  }

  /** Writes and publishes the table. */
  static StoredFile write(RunFolder folder, RunDescription run, List<EstimateRow> rows)
      throws IOException {
    TableName table = TableName.ESTIMATES;
    TableFile<EstimateRow> file =
        new TableFile<>(folder, all(), "estimates.inprogress", run.footer(table));
    try (file) {
      for (EstimateRow row : rows) {
        file.write(row);
      }
      return file.publish(table.key() + "/part-0.parquet");
    }
  }
}
