package stallcast.kernel.random;

/**
 * The Poisson law on 0, 1, 2, ...
 *
 * <p>Sampled by inversion, one draw: a Cornish-Fisher guess, then steps of 1 along the distribution
 * function {@code P(N <= k) = Q(k + 1, mean)} (DLMF 8.4.10).
 *
 * @param mean mean; in (0, 1e6]
 */
public record Poisson(double mean) implements Distribution {
  public Poisson {
    Parameter.positive("mean", mean);
    Parameter.inRange("mean", mean, 0, GammaLaw.SHAPE_MAX);
  }

  @Override
  public double quantile(double p) {
    Parameter.inRange("p", p, 0, 1);
    if (p == 0) {
      return lower();
    }
    if (p == 1) {
      return upper();
    }
    double z = NormalLaw.quantile(p);
    double guess = mean + Math.sqrt(mean) * z + (z * z - 1) / 6; // skewness 1 / sqrt(mean)
    double count = Math.max(0, Math.floor(guess));
    while (count > 0 && cumulative(count - 1) >= p) {
      count--;
    }
    while (cumulative(count) < p) {
      count++;
    }
    return count;
  }

  @Override
  public double cdf(double x) {
    Parameter.number("x", x);
    return cumulative(Math.floor(x));
  }

  @Override
  public double partialMean(double x) {
    Parameter.number("x", x);
    return mean * cumulative(Math.floor(x) - 1);
  }

  private double cumulative(double count) {
    if (count < 0) {
      return 0;
    }
    return count == Double.POSITIVE_INFINITY ? 1 : GammaLaw.upper(count + 1, mean);
  }

  @Override
  public double lower() {
    return 0;
  }

  @Override
  public double upper() {
    return Double.POSITIVE_INFINITY;
  }
}
