package stallcast.coordinator.scenario;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import stallcast.coordinator.scenario.yaml.SourceNode;

/** What a user who wrote an unknown word probably meant. */
final class Suggestion {
  private static final int LISTED_MAX = 16;

  private Suggestion() {}

  /** {@code , did you mean 'x'?}, or the legal words if none is near. */
  static String of(String word, Collection<String> legal) {
    Optional<String> near = nearest(word, legal);
    if (near.isPresent()) {
      return ", did you mean '" + near.get() + "'?";
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

  /** The legal word that is near, if there is one. */
  static Optional<String> nearest(String word, Collection<String> legal) {
    String plain = plain(word);
    Optional<String> best = Optional.empty();
    int bestDistance = Integer.MAX_VALUE;
    for (String candidate : legal.stream().sorted().toList()) {
      String other = plain(candidate);
      boolean tail = plain.length() >= 4 && other.endsWith(plain);
      int distance = tail ? 1 : distance(plain, other);
      if (distance < bestDistance && distance <= Math.max(1, plain.length() / 3)) {
        best = Optional.of(candidate);
        bestDistance = distance;
      }
    }
    return best;
  }

  private static String plain(String word) {
    String lower = word.length() > 64 ? word.substring(0, 64) : word;
    return lower.toLowerCase(java.util.Locale.ROOT).replace("_", "").replace("-", "");
  }

  /** Letters to insert, delete, replace or swap with a neighbour. */
  private static int distance(String from, String to) {
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
