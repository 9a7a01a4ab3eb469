package stallcast.tidy;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import stallcast.tidy.SourceText.Comment;

/** Rules that need no syntax tree: lengths, forbidden words, comments that hold code. */
final class TextRules {
  static final int LINE_LENGTH_MAX = 100;
  static final int FILE_LINES_MAX = 400;

  /** Put together from halves, so that this file obeys its own rule. */
  private static final Pattern UNFINISHED =
      Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b");

  private static final Pattern SWITCHED_OFF = Pattern.compile("@Dis" + "abled\\b");

  /** A statement or a block edge: ends like code and has a call, an assignment or a keyword. */
  private static final Pattern CODE =
      Pattern.compile(
          "(.*[(=].*;"
              + "|(import|package|return|throw|break|continue)\\b.*;"
              + "|(if|for|while|switch|try|else|do|\\})\\b?.*\\{"
              + "|(public|private|protected|static|final)\\s.*[;{]"
              + "|@Override"
              + "|[{}]+;?)");

  private TextRules() {}

  static List<String> faultsIn(String text) {
    List<String> faults = new ArrayList<>();
    List<String> lines = text.lines().toList();
    if (lines.size() > FILE_LINES_MAX) {
      faults.add("1: file has " + lines.size() + " lines, limit " + FILE_LINES_MAX);
    }
    for (int i = 0; i < lines.size(); i++) {
      checkLine(i + 1, lines.get(i), faults);
    }
    for (Comment comment : SourceText.commentsOf(text)) {
      checkComment(comment, faults);
    }
    return faults;
  }

  private static void checkLine(int number, String line, List<String> faults) {
    if (line.length() > LINE_LENGTH_MAX && !cannotBeWrapped(line)) {
      faults.add(number + ": line has " + line.length() + " characters, limit " + LINE_LENGTH_MAX);
    }
    if (UNFINISHED.matcher(line).find()) {
      faults.add(number + ": unfinished work belongs into an issue");
    }
    if (SWITCHED_OFF.matcher(line).find()) {
      faults.add(number + ": a test is fixed or removed, not switched off");
    }
  }

  /** Imports and web addresses have no place to break. */
  private static boolean cannotBeWrapped(String line) {
    return line.startsWith("import ") || line.matches(".*https?://\\S{60,}.*");
  }

  private static void checkComment(Comment comment, List<String> faults) {
    if (comment.isJavadoc()) {
      return; // shows code on purpose
    }
    int offset = 0;
    for (String line : comment.text().split("\n", -1)) {
      String content = line.strip().replaceFirst("^(//|/\\*|\\*/?)", "").replaceFirst("\\*/$", "");
      if (CODE.matcher(content.strip()).matches()) {
        faults.add(comment.line() + offset + ": commented-out code: " + content.strip());
      }
      offset++;
    }
  }
}
