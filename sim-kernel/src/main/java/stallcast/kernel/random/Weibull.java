package stallcast.kernel.random;

/**
 * The Weibull law: P(X > x) = exp(-(x / scale)^shape).
 *
 * @param scale the 63.2 % quantile; finite, above 0
 * @param shape shape; in [0.01, 1000]: below, the mean is no longer a double in any useful unit
 */
public record Weibull(double scale, double shape) implements Distribution {
  private static final double SHAPE_MIN = 0.01; // Gamma(101) = 9e157 is still a double
  private static final double SHAPE_MAX = 1000;

  public Weibull {
    Parameter.positive("scale", scale);
    Parameter.inRange("shape", shape, SHAPE_MIN, SHAPE_MAX);
    Parameter.finite("mean", meanOf(scale, shape));
  }

  private static double meanOf(double scale, double shape) {
    return scale * StrictMath.exp(GammaLaw.logGamma(1 + 1 / shape));
  }

  @Override
  public double mean() {
    return meanOf(scale, shape);
  }

  @Override
  public double quantile(double p) {
    Parameter.inRange("p", p, 0, 1);
    return scale * power(-StrictMath.log1p(-p), 1 / shape);
  }

  @Override
  public double cdf(double x) {
    Parameter.number("x", x);
    return x <= 0 ? 0 : -StrictMath.expm1(-hazard(x));
  }

  @Override
  public double partialMean(double x) {
    Parameter.number("x", x);
    return x <= 0 ? 0 : mean() * GammaLaw.lower(1 + 1 / shape, hazard(x));
  }

  private double hazard(double x) {
    return power(x / scale, shape);
  }

  /**
   * Returns base^exponent for a base of at least 0; StrictMath.pow allocates (measured, JDK 17).
   */
  private static double power(double base, double exponent) {
    return StrictMath.exp(exponent * StrictMath.log(base));
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
