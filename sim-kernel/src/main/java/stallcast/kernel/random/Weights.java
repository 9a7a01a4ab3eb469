package stallcast.kernel.random;

/** Relative weights of alternatives: checks, and cumulative shares that end at exactly 1. */
final class Weights {
  private Weights() {}

  /**
   * Returns the cumulative shares of the weights.
   *
   * @throws IllegalArgumentException if a weight is negative or not finite, or their sum is not
   *     positive and finite
   */
  static double[] cumulativeShares(double[] weights) {
    double total = 0;
    for (int i = 0; i < weights.length; i++) {
      Parameter.inRange("weights[" + i + "]", weights[i], 0, Double.MAX_VALUE);
      total += weights[i];
    }
    Parameter.positive("sum of weights", total);
    double[] shares = new double[weights.length];
    double running = 0;
    for (int i = 0; i < weights.length; i++) {
      running += weights[i];
      shares[i] = running / total;
    }
    return shares;
  }

  /**
   * Returns the first alternative whose cumulative share reaches p; it has weight, for p in (0, 1].
   */
  static int indexAt(double[] cumulativeShares, double p) {
    int low = 0;
    int high = cumulativeShares.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (cumulativeShares[middle] >= p) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** Returns the share of one alternative. */
  static double share(double[] cumulativeShares, int index) {
    return cumulativeShares[index] - sharesBefore(cumulativeShares, index);
  }

  /** Returns the cumulative share before an alternative. */
  static double sharesBefore(double[] cumulativeShares, int index) {
    return index == 0 ? 0 : cumulativeShares[index - 1];
  }

  static void sameLength(String firstName, int first, String secondName, int second) {
    if (first != second) {
      throw Parameter.illegal(
          "number of " + secondName, second, "the number of " + firstName + " = " + first);
    }
  }
}
