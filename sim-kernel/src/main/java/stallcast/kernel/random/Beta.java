package stallcast.kernel.random;

/**
 * The beta law stretched over [min, max].
 *
 * <p>Sampled by inversion (see {@link BetaLaw}), one draw and about 2 to 3 us for parameters up to
 * 100: dear for a hot loop, cheap for a configuration, where a fixed number of draws matters more.
 *
 * @param alpha weight at the upper end; in (0, 1e6]
 * @param beta weight at the lower end; in (0, 1e6]
 * @param min lower end; finite
 * @param max upper end; finite, above min
 */
public record Beta(double alpha, double beta, double min, double max) implements Distribution {
  public Beta {
    Parameter.positive("alpha", alpha);
    Parameter.inRange("alpha", alpha, 0, BetaLaw.PARAMETER_MAX);
    Parameter.positive("beta", beta);
    Parameter.inRange("beta", beta, 0, BetaLaw.PARAMETER_MAX);
    Parameter.finite("min", min);
    Parameter.above("max", max, "min", min);
    Parameter.finite("max - min", max - min);
  }

  @Override
  public double mean() {
    return min + (max - min) * (alpha / (alpha + beta));
  }

  @Override
  public double quantile(double p) {
    Parameter.inRange("p", p, 0, 1);
    double unit = BetaLaw.quantile(p, alpha, beta);
    return unit == 1 ? max : Math.min(max, min + (max - min) * unit);
  }

  @Override
  public double cdf(double x) {
    return BetaLaw.cdf(unit(x), alpha, beta);
  }

  @Override
  public double partialMean(double x) {
    double unit = unit(x);
    double unitMean = alpha / (alpha + beta) * BetaLaw.cdf(unit, alpha + 1, beta);
    return min * BetaLaw.cdf(unit, alpha, beta) + (max - min) * unitMean;
  }

  private double unit(double x) {
    Parameter.number("x", x);
    return (x - min) / (max - min);
  }

  @Override
  public double lower() {
    return min;
  }

  @Override
  public double upper() {
    return max;
  }
}
