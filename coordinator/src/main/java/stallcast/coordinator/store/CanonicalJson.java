package stallcast.coordinator.store;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * JSON with sorted keys and fixed white space: equal values are equal text. Knows maps with text
 * keys, lists, text, whole and real numbers, booleans and null. Written by hand, because the JSON
 * library of this project is the scenario reader's alone and its layout is not ours to fix.
 */
public final class CanonicalJson {
  private static final int FIRST_PRINTABLE = 0x20;
  private static final int DOUBLE_DIGITS = 17; // enough for every double
  private static final double PLAIN_MIN = 1e-3;
  private static final double PLAIN_MAX = 1e15;

  private final StringBuilder text = new StringBuilder();
  private final boolean indented;

  private CanonicalJson(boolean indented) {
    this.indented = indented;
  }

  /** The value on one line. */
  public static String line(Object value) {
    CanonicalJson json = new CanonicalJson(false);
    json.write(value, 0);
    return json.text.toString();
  }

  /** The value indented by two blanks, with a newline at the end. */
  public static String page(Object value) {
    CanonicalJson json = new CanonicalJson(true);
    json.write(value, 0);
    return json.text.append('\n').toString();
  }

  /** Reads an object; fails with an IllegalArgumentException that says where it is wrong. */
  public static Map<String, Object> parse(String text) {
    return new JsonParser(text).object();
  }

  private void write(Object value, int depth) {
    if (value instanceof Map<?, ?> map) {
      writeMap(map, depth);
    } else if (value instanceof List<?> list) {
      writeList(list, depth);
    } else if (value instanceof String string) {
      writeText(string);
    } else if (value instanceof Double number) {
      writeReal(number);
    } else if (value == null
        || value instanceof Boolean
        || value instanceof Long
        || value instanceof Integer) {
      text.append(value);
    } else {
      throw new IllegalArgumentException("no JSON value: " + value.getClass());
    }
  }

  private void writeMap(Map<?, ?> map, int depth) {
    Map<String, Object> sorted = new TreeMap<>();
    map.forEach((key, value) -> sorted.put((String) key, value));
    text.append('{');
    Iterator<Map.Entry<String, Object>> entries = sorted.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<String, Object> entry = entries.next();
      newLine(depth + 1);
      writeText(entry.getKey());
      text.append(indented ? ": " : ":");
      write(entry.getValue(), depth + 1);
      text.append(entries.hasNext() ? "," : "");
    }
    if (!sorted.isEmpty()) {
      newLine(depth);
    }
    text.append('}');
  }

  private void writeList(List<?> list, int depth) {
    text.append('[');
    for (int i = 0; i < list.size(); i++) {
      newLine(depth + 1);
      write(list.get(i), depth + 1);
      text.append(i + 1 < list.size() ? "," : "");
    }
    if (!list.isEmpty()) {
      newLine(depth);
    }
    text.append(']');
  }

  private void newLine(int depth) {
    if (indented) {
      text.append('\n').append("  ".repeat(depth));
    }
  }

  /** The fewest digits that give the number back; Double.toString differs between JDKs. */
  private void writeReal(double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("JSON has no " + value);
    }
    BigDecimal exact = new BigDecimal(value);
    BigDecimal shortest = exact;
    for (int digits = 1; digits <= DOUBLE_DIGITS; digits++) {
      shortest = exact.round(new MathContext(digits));
      if (shortest.doubleValue() == value) {
        break;
      }
    }
    boolean plain = Math.abs(value) >= PLAIN_MIN && Math.abs(value) < PLAIN_MAX;
    BigDecimal stripped = shortest.stripTrailingZeros();
    text.append(plain ? stripped.toPlainString() : stripped.toString());
  }

  private void writeText(String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"' -> text.append("\\\"");
        case '\\' -> text.append("\\\\");
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\t' -> text.append("\\t");
        default -> {
          boolean plain = c >= FIRST_PRINTABLE && !Character.isSurrogate(c);
          boolean paired = Character.isSurrogate(c) && isPaired(value, i);
          text.append(plain || paired ? Character.toString(c) : "\\u%04x".formatted((int) c));
        }
      }
    }
    text.append('"');
  }

  /** Half a character cannot be stored as UTF-8. */
  private static boolean isPaired(String value, int at) {
    return Character.isHighSurrogate(value.charAt(at))
        ? at + 1 < value.length() && Character.isLowSurrogate(value.charAt(at + 1))
        : at > 0 && Character.isHighSurrogate(value.charAt(at - 1));
  }
}
