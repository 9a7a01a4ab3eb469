package stallcast.coordinator.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import stallcast.kernel.host.HostOutcome;

/**
 * The columns of one table: name, Parquet type, and how a row's value is read. Only types that
 * DuckDB, Spark and pyarrow read alike (results-dataset.md section 2); "did not happen" is null.
 *
 * @param <R> a row, or a cursor on one
 */
final class TableColumns<R> {

  /** Writes one column of a row, if it has a value. */
  private interface Cell<R> {
    void write(R row, RecordConsumer out);
  }

  private final String table;
  private final List<Type> types = new ArrayList<>();
  private final List<Cell<R>> cells = new ArrayList<>();

  TableColumns(String table) {
    this.table = table;
  }

  /** A required INT64. */
  TableColumns<R> int64(String name, ToLongFunction<R> value) {
    return add(
        Types.required(PrimitiveTypeName.INT64).named(name),
        field(name, (row, out) -> out.addLong(value.applyAsLong(row))));
  }

  /** An INT64 that is null for {@link HostOutcome#NONE}. */
  TableColumns<R> optionalInt64(String name, ToLongFunction<R> value) {
    Cell<R> present = field(name, (row, out) -> out.addLong(value.applyAsLong(row)));
    return add(
        Types.optional(PrimitiveTypeName.INT64).named(name),
        (row, out) -> {
          if (value.applyAsLong(row) != HostOutcome.NONE) {
            present.write(row, out);
          }
        });
  }

  /** A required INT32. */
  TableColumns<R> int32(String name, ToIntFunction<R> value) {
    return add(
        Types.required(PrimitiveTypeName.INT32).named(name),
        field(name, (row, out) -> out.addInteger(value.applyAsInt(row))));
  }

  /** An INT32 that is null for negative numbers. */
  TableColumns<R> optionalInt32(String name, ToIntFunction<R> value) {
    Cell<R> present = field(name, (row, out) -> out.addInteger(value.applyAsInt(row)));
    return add(
        Types.optional(PrimitiveTypeName.INT32).named(name),
        (row, out) -> {
          if (value.applyAsInt(row) >= 0) {
            present.write(row, out);
          }
        });
  }

  /** A DOUBLE that is null for NaN. */
  TableColumns<R> optionalDouble(String name, ToDoubleFunction<R> value) {
    Cell<R> present = field(name, (row, out) -> out.addDouble(value.applyAsDouble(row)));
    return add(
        Types.optional(PrimitiveTypeName.DOUBLE).named(name),
        (row, out) -> {
          if (!Double.isNaN(value.applyAsDouble(row))) {
            present.write(row, out);
          }
        });
  }

  /** A required STRING. */
  TableColumns<R> text(String name, Function<R, String> value) {
    Type type =
        Types.required(PrimitiveTypeName.BINARY).as(LogicalTypeAnnotation.stringType()).named(name);
    return add(type, field(name, (row, out) -> out.addBinary(Binary.fromString(value.apply(row)))));
  }

  /** A STRING that may be null. */
  TableColumns<R> optionalText(String name, Function<R, Optional<String>> value) {
    Type type =
        Types.optional(PrimitiveTypeName.BINARY).as(LogicalTypeAnnotation.stringType()).named(name);
    int index = types.size();
    return add(
        type,
        (row, out) -> {
          Optional<String> text = value.apply(row);
          if (text.isPresent()) {
            out.startField(name, index);
            out.addBinary(Binary.fromString(text.get()));
            out.endField(name, index);
          }
        });
  }

  /** A LIST of STRING in the three-level form, never null. */
  TableColumns<R> textList(String name, Function<R, List<String>> value) {
    Type type =
        Types.requiredList()
            .requiredElement(PrimitiveTypeName.BINARY)
            .as(LogicalTypeAnnotation.stringType())
            .named(name);
    return add(
        type,
        field(
            name,
            (row, out) -> {
              out.startGroup();
              writeElements(value.apply(row), out);
              out.endGroup();
            }));
  }

  /**
   * A required TIMESTAMP(MICROS, UTC).
   *
   * @param micros since the epoch
   */
  TableColumns<R> timestamp(String name, ToLongFunction<R> micros) {
    Type type =
        Types.required(PrimitiveTypeName.INT64)
            .as(LogicalTypeAnnotation.timestampType(true, LogicalTypeAnnotation.TimeUnit.MICROS))
            .named(name);
    return add(type, field(name, (row, out) -> out.addLong(micros.applyAsLong(row))));
  }

  /** A name in snake case that no column has yet. */
  String free(String text) {
    String name =
        text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_").replaceAll("^_|_$", "");
    String unique = name;
    for (int i = 2; has(unique); i++) {
      unique = name + "_" + i;
    }
    return unique;
  }

  private boolean has(String name) {
    return types.stream().anyMatch(t -> t.getName().equals(name));
  }

  MessageType schema() {
    return new MessageType(table, types);
  }

  String table() {
    return table;
  }

  void write(R row, RecordConsumer out) {
    out.startMessage();
    for (Cell<R> cell : cells) {
      cell.write(row, out);
    }
    out.endMessage();
  }

  private static void writeElements(List<String> words, RecordConsumer out) {
    if (words.isEmpty()) {
      return;
    }
    out.startField("list", 0);
    for (String word : words) {
      out.startGroup();
      out.startField("element", 0);
      out.addBinary(Binary.fromString(word));
      out.endField("element", 0);
      out.endGroup();
    }
    out.endField("list", 0);
  }

  private Cell<R> field(String name, Cell<R> value) {
    int index = types.size();
    return (row, out) -> {
      out.startField(name, index);
      value.write(row, out);
      out.endField(name, index);
    };
  }

  private TableColumns<R> add(Type type, Cell<R> cell) {
    if (has(type.getName())) {
      throw new IllegalStateException("table " + table + " has two columns " + type.getName());
    }
    types.add(type);
    cells.add(cell);
    return this;
  }
}
