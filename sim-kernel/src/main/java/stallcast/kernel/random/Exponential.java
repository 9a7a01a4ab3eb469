package stallcast.kernel.random;

/**
 * The exponential law.
 *
 * <p>Sampled by inversion, one draw; {@link RandomStream#nextExponential} is the faster choice
 * where the number of draws need not be fixed.
 *
 * @param mean mean; finite, above 0
 */
public record Exponential(double mean) implements Distribution {
  public Exponential {
    Parameter.positive("mean", mean);
  }

  @Override
  public double quantile(double p) {
    Parameter.inRange("p", p, 0, 1);
    return -mean * StrictMath.log1p(-p);
  }

  @Override
  public double cdf(double x) {
    Parameter.number("x", x);
    return x <= 0 ? 0 : -StrictMath.expm1(-x / mean);
  }

  @Override
  public double partialMean(double x) {
    Parameter.number("x", x);
    return mean * GammaLaw.lower(2, x / mean);
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
