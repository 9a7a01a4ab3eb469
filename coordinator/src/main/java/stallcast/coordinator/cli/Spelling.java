package stallcast.coordinator.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Finds what a mistyped word was probably meant to be. */
final class Spelling {
  /** More alternatives than this are a list, not a hint. */
  private static final int SUGGESTION_COUNT_MAX = 3;

  /** Share of the letters that may be wrong; chosen so that "complete" finds "completion". */
  private static final double WRONG_RATIO_MAX = 0.4;

  private Spelling() {}

  /**
   * Known words that are close to the typed one.
   *
   * @param typed what the user wrote
   * @param known what would have been legal
   * @return the nearest first; empty if nothing is close
   */
  static List<String> nearest(String typed, Collection<String> known) {
    String word = bare(typed);
    long limit = Math.max(1, Math.round(word.length() * WRONG_RATIO_MAX));
    return known.stream()
        .filter(
            candidate -> distance(word, bare(candidate)) <= limit || startsWith(candidate, word))
        .sorted(
            Comparator.<String>comparingInt(candidate -> distance(word, bare(candidate)))
                .thenComparing(Comparator.naturalOrder()))
        .limit(SUGGESTION_COUNT_MAX)
        .toList();
  }

  private static boolean startsWith(String candidate, String word) {
    return word.length() > 1 && bare(candidate).startsWith(word);
  }

  private static String bare(String option) {
    return option.replaceFirst("^-+", "").replaceFirst("=.*", "");
  }

  /** Letters to insert, delete, replace or swap with a neighbour (optimal string alignment). */
  static int distance(String a, String b) {
    int[][] edits = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        edits[i][j] = i == 0 || j == 0 ? i + j : cheapest(edits, a, b, i, j);
      }
    }
    return edits[a.length()][b.length()];
  }

  private static int cheapest(int[][] edits, String a, String b, int i, int j) {
    int replaced = edits[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
    int best = Math.min(replaced, 1 + Math.min(edits[i - 1][j], edits[i][j - 1]));
    boolean isSwap =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return isSwap ? Math.min(best, edits[i - 2][j - 2] + 1) : best;
  }
}
