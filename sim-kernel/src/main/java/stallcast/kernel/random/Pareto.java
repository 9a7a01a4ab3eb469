package stallcast.kernel.random;

/**
 * The Pareto law: P(X > x) = (min / x)^shape for x above min.
 *
 * @param min lower end; finite, above 0
 * @param shape tail index; finite, above 0; the mean is infinite up to 1
 */
public record Pareto(double min, double shape) implements Distribution {
  public Pareto {
    Parameter.positive("min", min);
    Parameter.positive("shape", shape);
  }

  @Override
  public double mean() {
    return partialMean(Double.POSITIVE_INFINITY);
  }

  @Override
  public double quantile(double p) {
    Parameter.inRange("p", p, 0, 1);
    return min * StrictMath.exp(-StrictMath.log1p(-p) / shape);
  }

  @Override
  public double cdf(double x) {
    Parameter.number("x", x);
    return x <= min ? 0 : -StrictMath.expm1(-shape * logRatio(x, min));
  }

  @Override
  public double partialMean(double x) {
    Parameter.number("x", x);
    return x <= min ? 0 : shape * min * powerIntegral(1 - shape, logRatio(x, min));
  }

  /** Returns ln(x / min) for x of at least min, to full relative precision where they are close. */
  static double logRatio(double x, double min) {
    return x < 2 * min ? StrictMath.log1p((x - min) / min) : StrictMath.log(x / min);
  }

  /**
   * Returns the integral of exp(exponent t) over t in [0, to]: the growth of a power law's mean.
   */
  static double powerIntegral(double exponent, double to) {
    return exponent == 0 ? to : StrictMath.expm1(exponent * to) / exponent;
  }

  @Override
  public double lower() {
    return min;
  }

  @Override
  public double upper() {
    return Double.POSITIVE_INFINITY;
  }
}
