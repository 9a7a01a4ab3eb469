package stallcast.kernel.scenario;

import java.util.List;

/**
 * A word that is fixed or drawn per host.
 *
 * @param values the words, at least one
 * @param weights their probabilities, same length, sum one
 */
public record TextChoice(List<String> values, List<Double> weights) {

  /** Copies the lists. */
  public TextChoice {
    values = List.copyOf(values);
    weights = List.copyOf(weights);
  }

  /** A word that does not vary. */
  public static TextChoice of(String value) {
    return new TextChoice(List.of(value), List.of(1.0));
  }

  /** Whether only one word is possible. */
  public boolean isFixed() {
    return values.size() == 1;
  }
}
