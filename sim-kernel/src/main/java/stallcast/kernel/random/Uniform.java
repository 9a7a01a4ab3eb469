package stallcast.kernel.random;

/**
 * The uniform law on [min, max].
 *
 * @param min lower end; finite
 * @param max upper end; finite, above min, and at a finite distance from it
 */
public record Uniform(double min, double max) implements Distribution {
  public Uniform {
    Parameter.finite("min", min);
    Parameter.above("max", max, "min", min);
    Parameter.finite("max - min", max - min);
  }

  @Override
  public double mean() {
    return min + 0.5 * (max - min);
  }

  @Override
  public double quantile(double p) {
    Parameter.inRange("p", p, 0, 1);
    return p == 1 ? max : Math.min(max, min + p * (max - min));
  }

  @Override
  public double cdf(double x) {
    return (clamped(x) - min) / (max - min);
  }

  @Override
  public double partialMean(double x) {
    return cdf(x) * (0.5 * min + 0.5 * clamped(x));
  }

  private double clamped(double x) {
    Parameter.number("x", x);
    return Math.min(max, Math.max(min, x));
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
