package stallcast.kernel.random;

/**
 * The normal law, sampled by inversion (see {@link NormalLaw}), one draw.
 *
 * @param mean mean; finite
 * @param sd standard deviation; finite, above 0
 */
public record Normal(double mean, double sd) implements Distribution {
  public Normal {
    Parameter.finite("mean", mean);
    Parameter.positive("sd", sd);
  }

  @Override
  public double quantile(double p) {
    Parameter.inRange("p", p, 0, 1);
    return mean + sd * NormalLaw.quantile(p);
  }

  @Override
  public double cdf(double x) {
    return NormalLaw.cdf(score(x));
  }

  @Override
  public double partialMean(double x) {
    double z = score(x);
    return mean * NormalLaw.cdf(z) - sd * NormalLaw.density(z);
  }

  private double score(double x) {
    Parameter.number("x", x);
    return (x - mean) / sd;
  }

  @Override
  public double lower() {
    return Double.NEGATIVE_INFINITY;
  }

  @Override
  public double upper() {
    return Double.POSITIVE_INFINITY;
  }
}
