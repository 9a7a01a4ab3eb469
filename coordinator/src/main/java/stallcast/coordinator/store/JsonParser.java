package stallcast.coordinator.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads JSON: whole numbers as long, other numbers as double. */
final class JsonParser {
  private static final int DEPTH_MAX = 100; // a manifest has five levels
  private static final int HEX_DIGITS = 4;

  private final String text;
  private int at;
  private int depth;

  JsonParser(String text) {
    this.text = text;
  }

  /** The whole text as an object. */
  Map<String, Object> object() {
    skipBlanks();
    Map<String, Object> object = map();
    if (at != text.length()) {
      throw wrong("the end");
    }
    return object;
  }

  private Object value() {
    if (at == text.length()) {
      throw wrong("a value");
    }
    switch (text.charAt(at)) {
      case '{' -> {
        return map();
      }
      case '[' -> {
        return list();
      }
      case '"' -> {
        return string();
      }
      default -> {
        return word();
      }
    }
  }

  private Map<String, Object> map() {
    Map<String, Object> map = new TreeMap<>();
    enter('{');
    while (!isNext('}')) {
      if (!map.isEmpty()) {
        expect(',');
      }
      String key = string();
      expect(':');
      if (map.containsKey(key)) {
        throw wrong("another key than '" + key + "' again");
      }
      map.put(key, value());
      skipBlanks();
    }
    leave('}');
    return map;
  }

  private List<Object> list() {
    List<Object> list = new ArrayList<>();
    enter('[');
    while (!isNext(']')) {
      if (!list.isEmpty()) {
        expect(',');
      }
      list.add(value());
      skipBlanks();
    }
    leave(']');
    return list;
  }

  private void enter(char bracket) {
    expect(bracket);
    if (++depth > DEPTH_MAX) {
      throw wrong("less nesting");
    }
  }

  private void leave(char bracket) {
    expect(bracket);
    depth--;
  }

  private Object word() {
    int from = at;
    while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    String word = text.substring(from, at);
    switch (word) {
      case "true" -> {
        return true;
      }
      case "false" -> {
        return false;
      }
      case "null" -> {
        return null;
      }
      default -> {
        return number(word, from);
      }
    }
  }

  private Object number(String word, int from) {
    try {
      if (word.matches("-?(0|[1-9][0-9]*)")) {
        return Long.parseLong(word);
      }
      if (word.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?")) {
        return Double.parseDouble(word);
      }
    } catch (NumberFormatException e) {
      at = from;
      throw wrong("a number of 64 bits");
    }
    at = from;
    throw wrong("a value");
  }

  private String string() {
    if (!isNext('"')) {
      throw wrong("\"");
    }
    StringBuilder string = new StringBuilder();
    for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
      char c = text.charAt(at);
      string.append(c == '\\' ? escape() : c);
    }
    expect('"');
    return string.toString();
  }

  /** The character behind a backslash; ends on its last digit or letter. */
  private char escape() {
    at++;
    char c = at < text.length() ? text.charAt(at) : ' ';
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> hex();
      default -> throw wrong("an escape");
    };
  }

  private char hex() {
    int end = at + 1 + HEX_DIGITS;
    if (end > text.length() || !text.substring(at + 1, end).matches("[0-9a-fA-F]+")) {
      throw wrong("four hexadecimal digits");
    }
    char c = (char) Integer.parseInt(text.substring(at + 1, end), 16);
    at = end - 1;
    return c;
  }

  private boolean isNext(char c) {
    skipBlanks();
    return at < text.length() && text.charAt(at) == c;
  }

  private void expect(char c) {
    if (!isNext(c)) {
      throw wrong("'" + c + "'");
    }
    at++;
    skipBlanks();
  }

  private void skipBlanks() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private IllegalArgumentException wrong(String expected) {
    return new IllegalArgumentException("no JSON: expected " + expected + " at character " + at);
  }
}
