package stallcast.coordinator.aggregate;

import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * A binomial proportion with its intervals (statistics.md section 3.1).
 *
 * <p>Without events only the upper limit says anything: then {@link #isUpperBoundOnly()} holds and
 * the result reads "at most", never "0".
 *
 * @param n trials, &gt;= 0
 * @param k trials with the event, 0..n
 */
public record Proportion(long n, long k) {
  /** Below this many events the exact interval is chosen (statistics.md section 1, E-prob). */
  private static final long EXACT_BELOW = 30;

  /** Checks the range. */
  public Proportion {
    if (n < 0 || k < 0 || k > n) {
      throw new IllegalArgumentException("proportion of " + k + " in " + n);
    }
  }

  /** The share k/n, NaN without trials. */
  public double estimate() {
    return n == 0 ? Double.NaN : (double) k / n;
  }

  /** Binomial standard error of {@link #estimate()}, NaN without trials. */
  public double standardError() {
    return Math.sqrt(estimate() * (1 - estimate()) / n);
  }

  /** Whether there was no event. */
  public boolean isUpperBoundOnly() {
    return k == 0;
  }

  /** The interval to print: Clopper-Pearson for few events, Wilson otherwise. */
  public Interval chosen(double level) {
    return k < EXACT_BELOW ? clopperPearson(level) : wilson(level);
  }

  /** Score interval; covers close to its level on average. */
  public Interval wilson(double level) {
    if (n == 0) {
      return new Interval("wilson", level, 0, 1);
    }
    double z = NormalDistribution.of(0, 1).inverseSurvivalProbability((1 - level) / 2);
    double p = estimate();
    double zz = z * z;
    double centre = (k + zz / 2) / (n + zz);
    double half = z / (1 + zz / n) * Math.sqrt(p * (1 - p) / n + zz / (4.0 * n) / n);
    double low = k == 0 ? 0 : Math.max(0, centre - half);
    double high = k == n ? 1 : Math.min(1, centre + half);
    return new Interval("wilson", level, low, high);
  }

  /** Exact interval; never covers less than its level. */
  public Interval clopperPearson(double level) {
    double tail = (1 - level) / 2;
    double low = k == 0 ? 0 : TailQuantile.betaLower(tail, (double) k, n - k + 1.0);
    double high;
    if (k == n) {
      high = 1;
    } else if (k == 0) {
      high = -StrictMath.expm1(StrictMath.log(tail) / n);
    } else {
      high = TailQuantile.betaUpper(tail, k + 1.0, (double) (n - k));
    }
    return new Interval("clopper-pearson", level, low, high);
  }

  /** Equal-tailed Bayes interval of the prior Beta(1/2, 1/2). */
  public Interval jeffreys(double level) {
    double tail = (1 - level) / 2;
    double low = k == 0 ? 0 : TailQuantile.betaLower(tail, k + 0.5, n - k + 0.5);
    double high = k == n ? 1 : TailQuantile.betaUpper(tail, k + 0.5, n - k + 0.5);
    return new Interval("jeffreys", level, low, high);
  }
}
