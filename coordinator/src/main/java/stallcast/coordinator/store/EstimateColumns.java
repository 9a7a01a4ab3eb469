package stallcast.coordinator.store;

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
}
