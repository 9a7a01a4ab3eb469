package stallcast.tidy;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits the text of a Java file into comments and the rest, so that rules about comments are not
 * fooled by string literals.
 */
final class SourceText {
  private final String text;
  private final List<Comment> comments = new ArrayList<>();
  private int at; // index of the next character to look at
  private int line = 1;

  /** One comment: where it starts and what it says, markers included. */
  record Comment(int line, String text) {
    boolean isJavadoc() {
      return text.startsWith("/**");
    }
  }

  private SourceText(String text) {
    this.text = text;
  }

  /** Finds all comments, in order of appearance. */
  static List<Comment> commentsOf(String text) {
    SourceText source = new SourceText(text);
    while (source.at < text.length()) {
      source.step();
    }
    return List.copyOf(source.comments);
  }

  private void step() {
    if (startsWith("//")) {
      comment("\n");
    } else if (startsWith("/*")) {
      comment("*/");
    } else if (startsWith("\"\"\"")) {
      literal("\"\"\"");
    } else if (startsWith("\"")) {
      literal("\"");
    } else if (startsWith("'")) {
      literal("'");
    } else {
      advanceTo(at + 1);
    }
  }

  private boolean startsWith(String prefix) {
    return text.startsWith(prefix, at);
  }

  private void comment(String end) {
    int found = text.indexOf(end, at + 2);
    boolean isBlock = end.length() == 2;
    int stop = found < 0 ? text.length() : isBlock ? found + 2 : found;
    comments.add(new Comment(line, text.substring(at, stop)));
    advanceTo(stop);
  }

  private void literal(String quote) {
    advanceTo(at + quote.length());
    while (at < text.length() && !startsWith(quote)) {
      advanceTo(at + (startsWith("\\") ? 2 : 1));
    }
    advanceTo(at + quote.length());
  }

  private void advanceTo(int index) {
    int stop = Math.min(index, text.length());
    while (at < stop) {
      if (text.charAt(at) == '\n') {
        line++;
      }
      at++;
    }
  }
}
