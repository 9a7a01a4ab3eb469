package stallcast.kernel.random;

import java.util.Arrays;

/**
 * A histogram as a law: a bucket by weight, then uniform or log-uniform inside it.
 *
 * <p>Sampled by inversion, one draw. A class and not a record, because a record has no room for the
 * cumulative shares.
 */
public final class Empirical implements Distribution {
  private final double[] edges; // [bucketCount + 1]
  private final double[] weights; // [bucketCount]
  private final boolean logUniform;
  private final double[] cumulativeShares; // [bucketCount]
  private final int first; // first bucket with weight
  private final int last; // last bucket with weight

  /**
   * Makes the law.
   *
   * @param edges at least two; finite, strictly ascending; above 0 if {@code logUniform}
   * @param weights one per bucket; finite, at least 0, not all 0
   * @param logUniform whether the logarithm is uniform inside a bucket, as fits durations
   * @throws IllegalArgumentException if the parameters are not as stated
   */
  public Empirical(double[] edges, double[] weights, boolean logUniform) {
    this.edges = edges.clone();
    this.weights = weights.clone();
    this.logUniform = logUniform;
    Weights.sameLength("edges - 1", edges.length - 1, "weights", weights.length);
    for (int i = 0; i < edges.length; i++) {
      Parameter.finite("edges[" + i + "]", edges[i]);
      if (logUniform) {
        Parameter.positive("edges[" + i + "]", edges[i]);
      }
      if (i > 0) {
        Parameter.above("edges[" + i + "]", edges[i], "edges[" + (i - 1) + "]", edges[i - 1]);
      }
    }
    cumulativeShares = Weights.cumulativeShares(weights);
    first = Weights.indexAt(cumulativeShares, Double.MIN_VALUE);
    last = Weights.indexAt(cumulativeShares, 1);
  }

  /** Returns the bucket edges. */
  public double[] edges() {
    return edges.clone();
  }

  /** Returns the bucket weights as given. */
  public double[] weights() {
    return weights.clone();
  }

  /** Returns whether the logarithm is uniform inside a bucket. */
  public boolean logUniform() {
    return logUniform;
  }

  @Override
  public double mean() {
    return partialMean(upper());
  }

  @Override
  public double quantile(double p) {
    Parameter.inRange("p", p, 0, 1);
    if (p == 0) {
      return lower();
    }
    int bucket = Weights.indexAt(cumulativeShares, p);
    double position =
        (p - Weights.sharesBefore(cumulativeShares, bucket))
            / Weights.share(cumulativeShares, bucket);
    double left = edges[bucket];
    double right = edges[bucket + 1];
    if (position >= 1) {
      return right;
    }
    double x =
        logUniform
            ? left * StrictMath.exp(position * StrictMath.log(right / left))
            : left + position * (right - left);
    return Math.min(right, x);
  }

  @Override
  public double cdf(double x) {
    Parameter.number("x", x);
    if (x >= upper()) {
      return 1;
    }
    double share = 0;
    for (int i = first; i <= last && edges[i] < x; i++) {
      share =
          Weights.sharesBefore(cumulativeShares, i)
              + Weights.share(cumulativeShares, i) * positionIn(i, x);
    }
    return share;
  }

  @Override
  public double partialMean(double x) {
    Parameter.number("x", x);
    double sum = 0;
    for (int i = first; i <= last && edges[i] < x; i++) {
      double left = edges[i];
      double to = Math.min(x, edges[i + 1]);
      double inside =
          logUniform
              ? (to - left) / StrictMath.log(edges[i + 1] / left)
              : positionIn(i, x) * (0.5 * left + 0.5 * to);
      sum += Weights.share(cumulativeShares, i) * inside;
    }
    return sum;
  }

  /** Returns the part of a bucket's weight that lies at or below x, for x above its left edge. */
  private double positionIn(int bucket, double x) {
    double left = edges[bucket];
    double right = edges[bucket + 1];
    if (x >= right) {
      return 1;
    }
    return logUniform
        ? StrictMath.log(x / left) / StrictMath.log(right / left)
        : (x - left) / (right - left);
  }

  @Override
  public double lower() {
    return edges[first];
  }

  @Override
  public double upper() {
    return edges[last + 1];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Empirical that
        && logUniform == that.logUniform
        && Arrays.equals(edges, that.edges)
        && Arrays.equals(weights, that.weights);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * Arrays.hashCode(edges) + Arrays.hashCode(weights))
        + Boolean.hashCode(logUniform);
  }

  @Override
  public String toString() {
    return "Empirical[edges="
        + Arrays.toString(edges)
        + ", weights="
        + Arrays.toString(weights)
        + ", logUniform="
        + logUniform
        + "]";
  }
}
