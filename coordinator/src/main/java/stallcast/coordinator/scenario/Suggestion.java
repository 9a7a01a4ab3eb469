package stallcast.coordinator.scenario;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import stallcast.coordinator.scenario.yaml.SourceNode;

/** What a user who wrote an unknown word probably meant. */
public final class Suggestion {
  private static final int LISTED_MAX = 16;

  private static final int NEAREST_MAX = 3; // more alternatives than this are a list, not a hint
  private static final int COMPARED_MAX = 64; // letters looked at, because the cost is their square
  private static final int WRONG_OF = 3; // one letter of so many may be wrong
  private static final int TAIL_MIN = 4;
  private static final int STEM_MIN = 2;
  private static final int ENDING_OF = 8; // one letter of so many may differ: complete, completion

  private Suggestion() {}

  /** {@code , did you mean 'x'?}, or the legal words if none is near. */
  static String of(String word, Collection<String> legal) {
    List<String> near = nearest(word, legal);
    if (!near.isEmpty()) {
      return ", did you mean '" + near.get(0) + "'?";
    }
    if (legal.isEmpty()) {
      return "";
    }
    List<String> sorted = legal.stream().sorted().toList();
    return sorted.size() <= LISTED_MAX
        ? ", legal: " + String.join(", ", sorted)
        : ", legal: " + String.join(", ", sorted.subList(0, LISTED_MAX)) + ", …";
  }

  /** An unknown word with its suggestion. */
  static String unknown(String what, String word, Collection<String> legal) {
    return "unknown " + what + " '" + SourceNode.shortened(word) + "'" + of(word, legal);
  }

  /**
   * Known words that are close to the written one.
   *
   * @param written what the user wrote, an option with or without its dashes and value
   * @param known what would have been legal
   * @return the nearest first; empty if nothing is close
   */
  public static List<String> nearest(String written, Collection<String> known) {
    String word = bare(written);
    return known.stream()
        .filter(candidate -> isNear(word, bare(candidate)))
        .sorted(
            Comparator.<String>comparingInt(candidate -> faults(word, bare(candidate)))
                .thenComparing(Comparator.naturalOrder()))
        .limit(NEAREST_MAX)
        .toList();
  }

  private static boolean isNear(String word, String candidate) {
    return faults(word, candidate) <= Math.max(1, word.length() / WRONG_OF)
        || isStemOf(word, candidate);
  }

  /** Letters that are wrong; a word that only lacks its beginning counts as one. */
  private static int faults(String word, String candidate) {
    boolean isTail = word.length() >= TAIL_MIN && candidate.endsWith(word);
    return isTail ? 1 : distance(word, candidate);
  }

  /** An abbreviation, or the same word with another ending. */
  private static boolean isStemOf(String word, String candidate) {
    int same = 0;
    while (same < Math.min(word.length(), candidate.length())
        && word.charAt(same) == candidate.charAt(same)) {
      same++;
    }
    return same >= STEM_MIN && word.length() - same <= word.length() / ENDING_OF;
  }

  private static String bare(String written) {
    String start = written.length() > COMPARED_MAX ? written.substring(0, COMPARED_MAX) : written;
    return start
        .replaceFirst("^-+", "")
        .replaceFirst("=.*", "")
        .toLowerCase(Locale.ROOT)
        .replace("_", "")
        .replace("-", "");
  }

  /** Letters to insert, delete, replace or swap with a neighbour (optimal string alignment). */
  static int distance(String from, String to) {
    int[][] edits = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        edits[i][j] = i == 0 || j == 0 ? i + j : cheapest(edits, from, to, i, j);
      }
    }
    return edits[from.length()][to.length()];
  }

  private static int cheapest(int[][] edits, String from, String to, int i, int j) {
    int replaced = edits[i - 1][j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
    int best = Math.min(replaced, 1 + Math.min(edits[i - 1][j], edits[i][j - 1]));
    boolean swapped =
        i > 1
            && j > 1
            && from.charAt(i - 1) == to.charAt(j - 2)
            && from.charAt(i - 2) == to.charAt(j - 1);
    return swapped ? Math.min(best, edits[i - 2][j - 2] + 1) : best;
  }
}
