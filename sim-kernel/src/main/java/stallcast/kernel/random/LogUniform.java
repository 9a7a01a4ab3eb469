package stallcast.kernel.random;

/**
 * The law whose logarithm is uniform between ln min and ln max.
 *
 * @param min lower end; finite, above 0
 * @param max upper end; finite, above min
 */
public record LogUniform(double min, double max) implements Distribution {
  public LogUniform {
    Parameter.positive("min", min);
    Parameter.above("max", max, "min", min);
    Parameter.finite("max / min", max / min);
  }

  @Override
  public double mean() {
    return partialMean(max);
  }

  @Override
  public double quantile(double p) {
    Parameter.inRange("p", p, 0, 1);
    return p == 1 ? max : Math.min(max, min * StrictMath.exp(p * logSpan(max)));
  }

  @Override
  public double cdf(double x) {
    return logSpan(clamped(x)) / logSpan(max);
  }

  @Override
  public double partialMean(double x) {
    return (clamped(x) - min) / logSpan(max);
  }

  private double clamped(double x) {
    Parameter.number("x", x);
    return Math.min(max, Math.max(min, x));
  }

  private double logSpan(double to) {
    return Pareto.logRatio(to, min);
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
