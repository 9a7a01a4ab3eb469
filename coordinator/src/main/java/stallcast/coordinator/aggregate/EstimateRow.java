package stallcast.coordinator.aggregate;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** One row of the table {@code estimates}; a column that is not set is null in files. */
public final class EstimateRow {
  /** The stratum of rows about all hosts. */
  public static final String FLEET = "FLEET";

  /**
   * Digits of stored limits: {@code Math.log} inside the statistics library may differ by the last
   * bit between processors, a stored file must not.
   */
  private static final MathContext LIMIT_DIGITS = new MathContext(12);

  private final Map<EstimateColumn, Object> values = new EnumMap<>(EstimateColumn.class);

  /** Sets a text. */
  public EstimateRow set(EstimateColumn column, String value) {
    return put(column, EstimateColumn.Type.TEXT, value);
  }

  /** Sets a whole number. */
  public EstimateRow set(EstimateColumn column, long value) {
    return put(column, EstimateColumn.Type.LONG, value);
  }

  /** Sets a real number; NaN leaves it absent. */
  public EstimateRow set(EstimateColumn column, double value) {
    return Double.isNaN(value) ? this : put(column, EstimateColumn.Type.DOUBLE, value);
  }

  /** Sets a list of words. */
  public EstimateRow set(EstimateColumn column, List<String> value) {
    return put(column, EstimateColumn.Type.TEXT_LIST, List.copyOf(value));
  }

  /** Sets a limit of an interval, rounded to 12 digits. */
  public EstimateRow setLimit(EstimateColumn column, double value) {
    return set(column, Double.isNaN(value) ? value : roundedLimit(value));
  }

  /** A limit as it is stored. */
  public static double roundedLimit(double value) {
    return Double.isInfinite(value)
        ? value
        : new BigDecimal(value).round(LIMIT_DIGITS).doubleValue();
  }

  private EstimateRow put(EstimateColumn column, EstimateColumn.Type type, Object value) {
    if (column.type() != type) {
      throw new IllegalArgumentException(column + " is no " + type);
    }
    values.put(column, value);
    return this;
  }

  /** Whether a column is set. */
  public boolean has(EstimateColumn column) {
    return values.containsKey(column);
  }

  /** A text, empty text if absent. */
  public String text(EstimateColumn column) {
    return Optional.ofNullable((String) values.get(column)).orElse("");
  }

  /** A whole number. */
  public OptionalLong whole(EstimateColumn column) {
    Object value = values.get(column);
    return value == null ? OptionalLong.empty() : OptionalLong.of((Long) value);
  }

  /** A real number. */
  public OptionalDouble real(EstimateColumn column) {
    Object value = values.get(column);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of((Double) value);
  }

  /** The flags. */
  public List<String> flags() {
    Object value = values.get(EstimateColumn.FLAGS);
    return value instanceof List<?> list
        ? list.stream().map(String.class::cast).toList()
        : List.of();
  }

  /** All values that are set, in column order. */
  public Map<EstimateColumn, Object> values() {
    return Collections.unmodifiableMap(new EnumMap<>(values));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EstimateRow row && row.values.equals(values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
