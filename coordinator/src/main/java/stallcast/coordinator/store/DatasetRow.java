package stallcast.coordinator.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/** One row that was read back; a column that the file does not have is absent, like a null. */
public final class DatasetRow {
  private final Group group;

  DatasetRow(Group group) {
    this.group = group;
  }

  /** Names of the columns of the file. */
  public List<String> columns() {
    return group.getType().getFields().stream().map(Type::getName).toList();
  }

  /** A whole number. */
  public OptionalLong whole(String column) {
    if (!isPresent(column)) {
      return OptionalLong.empty();
    }
    boolean small =
        group.getType().getType(column).asPrimitiveType().getPrimitiveTypeName()
            == PrimitiveTypeName.INT32;
    return OptionalLong.of(small ? group.getInteger(column, 0) : group.getLong(column, 0));
  }

  /** A real number. */
  public OptionalDouble real(String column) {
    return isPresent(column)
        ? OptionalDouble.of(group.getDouble(column, 0))
        : OptionalDouble.empty();
  }

  /** A text. */
  public Optional<String> text(String column) {
    return isPresent(column) ? Optional.of(group.getString(column, 0)) : Optional.empty();
  }

  /** A list of texts. */
  public List<String> texts(String column) {
    if (!isPresent(column)) {
      return List.of();
    }
    Group list = group.getGroup(column, 0);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < list.getFieldRepetitionCount(0); i++) {
      texts.add(list.getGroup(0, i).getString(0, 0));
    }
    return texts;
  }

  /** Any value as text; {@code null} as a word. */
  public String shown(String column) {
    if (!isPresent(column)) {
      return "null";
    }
    Type type = group.getType().getType(column);
    return type.isPrimitive()
        ? group.getValueToString(group.getType().getFieldIndex(column), 0)
        : texts(column).toString();
  }

  private boolean isPresent(String column) {
    return group.getType().containsField(column) && group.getFieldRepetitionCount(column) > 0;
  }
}
