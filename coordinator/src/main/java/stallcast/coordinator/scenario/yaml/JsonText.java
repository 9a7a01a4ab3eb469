package stallcast.coordinator.scenario.yaml;

import java.util.TreeMap;

/**
 * Canonical JSON of a tree: keys sorted, no blanks, numbers as written. Equal scenarios that differ
 * in layout, comments or key order have equal text; reading it again gives the same tree.
 */
public final class JsonText {
  private final StringBuilder out = new StringBuilder();

  private JsonText() {}

  /** The text of a tree. */
  public static String of(SourceNode node) {
    JsonText writer = new JsonText();
    writer.write(node);
    return writer.out.toString();
  }

  /** A text in quotes, escaped. */
  public static String quote(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029' || c == '\uFEFF') {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    return out.append('"').toString();
  }

  private void write(SourceNode node) {
    if (node instanceof SourceNode.MapNode map) {
      String separator = "";
      out.append('{');
      for (var entry : new TreeMap<>(map.fields()).entrySet()) {
        out.append(separator).append(quote(entry.getKey())).append(':');
        write(entry.getValue().value());
        separator = ",";
      }
      out.append('}');
    } else if (node instanceof SourceNode.ListNode list) {
      String separator = "";
      out.append('[');
      for (Field item : list.items()) {
        out.append(separator);
        write(item.value());
        separator = ",";
      }
      out.append(']');
    } else if (node instanceof SourceNode.ScalarNode scalar) {
      out.append(
          switch (scalar.kind()) {
            case NULL -> "null";
            case BOOLEAN, NUMBER -> scalar.text();
            case TEXT -> quote(scalar.text());
          });
    }
  }
}
