package stallcast.kernel.random;

/**
 * The geometric law on 1, 2, 3, ...: the number of trials up to the first success.
 *
 * @param mean mean, the reciprocal of the success probability; in [1, 1e12], so that samples are
 *     exact integers
 */
public record Geometric(double mean) implements Distribution {
  private static final double MEAN_MAX = 1e12; // the largest sample, 36.7 means, stays below 2^53

  public Geometric {
    Parameter.inRange("mean", mean, 1, MEAN_MAX);
  }

  /** Logarithm of the failure probability; negative infinity if every first trial succeeds. */
  private double logFailure() {
    return StrictMath.log1p(-1 / mean);
  }

  @Override
  public double quantile(double p) {
    Parameter.inRange("p", p, 0, 1);
    if (p == 0 || mean == 1) {
      return lower();
    }
    if (p == 1) {
      return upper();
    }
    double count = Math.max(1, Math.ceil(StrictMath.log1p(-p) / logFailure()));
    if (count > 1 && cdf(count - 1) >= p) {
      return count - 1; // the quotient was rounded up over an integer
    }
    return cdf(count) < p ? count + 1 : count;
  }

  @Override
  public double cdf(double x) {
    Parameter.number("x", x);
    return x < 1 ? 0 : -StrictMath.expm1(Math.floor(x) * logFailure());
  }

  @Override
  public double partialMean(double x) {
    Parameter.number("x", x);
    if (x < 1) {
      return 0;
    }
    double count = Math.floor(x);
    double survival = StrictMath.exp(count * logFailure());
    return survival == 0 ? mean : mean * cdf(count) - count * survival;
  }

  @Override
  public double lower() {
    return 1;
  }

  @Override
  public double upper() {
    return mean == 1 ? 1 : Double.POSITIVE_INFINITY;
  }
}
