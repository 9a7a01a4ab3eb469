package stallcast.coordinator.scenario.yaml;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Lays one tree over another: maps merge key by key, everything else is replaced, and {@code null}
 * removes a key.
 */
public final class TreeMerge {
  private final Predicate<SourceNode.MapNode> whole;

  /**
   * A merge.
   *
   * @param whole maps that are one value and never merge, such as a distribution
   */
  public TreeMerge(Predicate<SourceNode.MapNode> whole) {
    this.whole = whole;
  }

  /** The tree {@code over} laid on {@code base}. */
  public SourceNode merge(SourceNode base, SourceNode over) {
    boolean merges =
        base instanceof SourceNode.MapNode b
            && over instanceof SourceNode.MapNode o
            && !whole.test(b)
            && !whole.test(o);
    if (!merges) {
      return over;
    }
    Map<String, Field> fields = new LinkedHashMap<>(((SourceNode.MapNode) base).fields());
    ((SourceNode.MapNode) over)
        .fields()
        .forEach(
            (key, field) -> {
              Field below = fields.get(key);
              if (isNull(field.value())) {
                fields.remove(key);
              } else if (below == null) {
                fields.put(key, field);
              } else {
                SourceNode value = merge(below.value(), field.value());
                fields.put(key, new Field(field.position(), field.path(), value));
              }
            });
    return new SourceNode.MapNode(fields);
  }

  /** A tree without the keys that only remove one. */
  public static SourceNode withoutNulls(SourceNode node) {
    if (!(node instanceof SourceNode.MapNode map)) {
      return node;
    }
    Map<String, Field> fields = new LinkedHashMap<>();
    map.fields()
        .forEach(
            (key, field) -> {
              if (!isNull(field.value())) {
                SourceNode value = withoutNulls(field.value());
                fields.put(key, new Field(field.position(), field.path(), value));
              }
            });
    return new SourceNode.MapNode(fields);
  }

  private static boolean isNull(SourceNode node) {
    return node instanceof SourceNode.ScalarNode scalar
        && scalar.kind() == SourceNode.ScalarNode.Kind.NULL;
  }
}
