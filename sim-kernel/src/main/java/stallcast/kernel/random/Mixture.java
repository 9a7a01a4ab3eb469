package stallcast.kernel.random;

import java.util.Arrays;

/**
 * A law that first chooses one of several laws by weight and then samples it.
 *
 * <p>Takes one draw for the choice and then always as many as its most demanding component: what
 * the chosen component leaves over is drawn and dropped, so that the number of draws is fixed. The
 * quantile is found by bisection and is meant for reports. A class and not a record, because a
 * record has no room for the cumulative shares.
 */
public final class Mixture implements Distribution {
  private final Distribution[] components; // [componentCount]
  private final double[] weights; // [componentCount] as given
  private final double[] cumulativeShares; // [componentCount]
  private final int componentDraws; // draws of the most demanding component

  /**
   * Makes the law.
   *
   * @param components at least one
   * @param weights one per component; finite, at least 0, not all 0
   * @throws IllegalArgumentException if the parameters are not as stated
   */
  public Mixture(Distribution[] components, double[] weights) {
    this.components = components.clone();
    this.weights = weights.clone();
    Weights.sameLength("components", components.length, "weights", weights.length);
    cumulativeShares = Weights.cumulativeShares(weights);
    componentDraws =
        Arrays.stream(components).mapToInt(Distribution::drawsPerSample).max().getAsInt();
  }

  /** Returns the components. */
  public Distribution[] components() {
    return components.clone();
  }

  /** Returns the weights as given. */
  public double[] weights() {
    return weights.clone();
  }

  @Override
  public double sample(RandomStream s) {
    Distribution chosen = components[Weights.indexAt(cumulativeShares, s.nextOpenDouble())];
    double value = chosen.sample(s);
    for (int spare = componentDraws - chosen.drawsPerSample(); spare > 0; spare--) {
      s.nextLong();
    }
    return value;
  }

  @Override
  public int drawsPerSample() {
    return 1 + componentDraws;
  }

  @Override
  public double mean() {
    return partialMean(Double.POSITIVE_INFINITY);
  }

  @Override
  public double quantile(double p) {
    Parameter.inRange("p", p, 0, 1);
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < components.length; i++) {
      if (weights[i] > 0) {
        double ofComponent = components[i].quantile(p);
        low = Math.min(low, ofComponent);
        high = Math.max(high, ofComponent);
      }
    }
    if (p == 0) {
      return low;
    }
    return p == 1 ? high : smallestReaching(p, low, high);
  }

  /** Bisects over the doubles in their order, at most 64 steps: exact for steps of the cdf too. */
  private double smallestReaching(double p, double low, double high) {
    long below = orderOf(low);
    long reaching = orderOf(high);
    while (below < reaching) {
      long middle = (below & reaching) + ((below ^ reaching) >> 1); // floor of the average
      if (cdf(ofOrder(middle)) >= p) {
        reaching = middle;
      } else {
        below = middle + 1;
      }
    }
    return ofOrder(reaching);
  }

  /** Maps doubles to longs of the same order; its own inverse on the bits. */
  private static long orderOf(double x) {
    long bits = Double.doubleToLongBits(x);
    return bits ^ (bits >> 63 & Long.MAX_VALUE);
  }

  private static double ofOrder(long order) {
    return Double.longBitsToDouble(order ^ (order >> 63 & Long.MAX_VALUE));
  }

  @Override
  public double cdf(double x) {
    double sum = 0;
    for (int i = 0; i < components.length; i++) {
      sum += Weights.share(cumulativeShares, i) * components[i].cdf(x);
    }
    return Math.min(1, sum);
  }

  @Override
  public double partialMean(double x) {
    double sum = 0;
    for (int i = 0; i < components.length; i++) {
      if (weights[i] > 0) { // 0 times an infinite mean would be NaN
        sum += Weights.share(cumulativeShares, i) * components[i].partialMean(x);
      }
    }
    return sum;
  }

  @Override
  public double lower() {
    return quantile(0);
  }

  @Override
  public double upper() {
    return quantile(1);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Mixture that
        && Arrays.equals(components, that.components)
        && Arrays.equals(weights, that.weights);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(components) + Arrays.hashCode(weights);
  }

  @Override
  public String toString() {
    return "Mixture[components="
        + Arrays.toString(components)
        + ", weights="
        + Arrays.toString(weights)
        + "]";
  }
}
