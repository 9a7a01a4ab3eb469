package stallcast.kernel.random;

/**
 * The Pareto law under the condition that it does not exceed max, by inversion on the truncated
 * range.
 *
 * @param min lower end; finite, above 0
 * @param max upper end; finite, above min
 * @param shape tail index; finite, above 0
 */
public record BoundedPareto(double min, double max, double shape) implements Distribution {
  public BoundedPareto {
    Parameter.positive("min", min);
    Parameter.above("max", max, "min", min);
    Parameter.positive("shape", shape);
    Parameter.finite("max / min", max / min);
    Parameter.positive("mass", massBelow(max, min, shape)); // 0 only if shape is next to nothing
  }

  /** Probability that the unbounded law stays below x. */
  private static double massBelow(double x, double min, double shape) {
    return -StrictMath.expm1(-shape * Pareto.logRatio(x, min));
  }

  private double mass() {
    return massBelow(max, min, shape);
  }

  @Override
  public double mean() {
    return partialMean(max);
  }

  @Override
  public double quantile(double p) {
    Parameter.inRange("p", p, 0, 1);
    if (p == 1) {
      return max;
    }
    double x = min * StrictMath.exp(-StrictMath.log1p(-p * mass()) / shape);
    return Math.min(max, x);
  }

  @Override
  public double cdf(double x) {
    Parameter.number("x", x);
    if (x <= min) {
      return 0;
    }
    return x >= max ? 1 : massBelow(x, min, shape) / mass();
  }

  @Override
  public double partialMean(double x) {
    Parameter.number("x", x);
    if (x <= min) {
      return 0;
    }
    double logSpan = Pareto.logRatio(Math.min(x, max), min);
    return shape * min * Pareto.powerIntegral(1 - shape, logSpan) / mass();
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
