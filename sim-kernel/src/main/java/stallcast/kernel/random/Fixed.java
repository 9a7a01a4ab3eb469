package stallcast.kernel.random;

/**
 * The law that always gives one value and takes no draw.
 *
 * @param value the value; finite
 */
public record Fixed(double value) implements Distribution {
  public Fixed {
    Parameter.finite("value", value);
  }

  @Override
  public double sample(RandomStream s) {
    return value;
  }

  @Override
  public double mean() {
    return value;
  }

  @Override
  public double quantile(double p) {
    Parameter.inRange("p", p, 0, 1);
    return value;
  }

  @Override
  public double cdf(double x) {
    Parameter.number("x", x);
    return x >= value ? 1 : 0;
  }

  @Override
  public double partialMean(double x) {
    return value * cdf(x);
  }

  @Override
  public double lower() {
    return value;
  }

  @Override
  public double upper() {
    return value;
  }

  @Override
  public int drawsPerSample() {
    return 0;
  }
}
