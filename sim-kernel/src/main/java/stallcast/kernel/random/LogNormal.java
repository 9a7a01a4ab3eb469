package stallcast.kernel.random;

/**
 * The law of exp(mu + sigma Z) with Z standard normal.
 *
 * @param mu logarithm of the median; finite
 * @param sigma standard deviation of the logarithm; above 0, and such that the mean is a finite
 *     double
 */
public record LogNormal(double mu, double sigma) implements Distribution {
  private static final double Z99 = NormalLaw.quantile(0.99); // 2.3263: the 99th percentile of Z

  public LogNormal {
    Parameter.finite("mu", mu);
    Parameter.positive("sigma", sigma);
    Parameter.finite("mean exp(mu + sigma^2 / 2)", StrictMath.exp(mu + 0.5 * sigma * sigma));
  }

  /**
   * Makes the law with a given median and 99th percentile.
   *
   * @param median median; finite, above 0
   * @param p99 99th percentile; finite, above the median
   */
  public static LogNormal ofMedianAndP99(double median, double p99) {
    Parameter.positive("median", median);
    Parameter.above("p99", p99, "median", median);
    return new LogNormal(StrictMath.log(median), StrictMath.log(p99 / median) / Z99);
  }

  /**
   * Makes the law with a given median and standard deviation of the logarithm.
   *
   * @param median median; finite, above 0
   * @param sigma standard deviation of the logarithm; finite, above 0
   */
  public static LogNormal ofMedianAndSigma(double median, double sigma) {
    Parameter.positive("median", median);
    return new LogNormal(StrictMath.log(median), sigma);
  }

  @Override
  public double mean() {
    return StrictMath.exp(mu + 0.5 * sigma * sigma);
  }

  @Override
  public double quantile(double p) {
    Parameter.inRange("p", p, 0, 1);
    return StrictMath.exp(mu + sigma * NormalLaw.quantile(p));
  }

  @Override
  public double cdf(double x) {
    Parameter.number("x", x);
    return x <= 0 ? 0 : NormalLaw.cdf(score(x));
  }

  @Override
  public double partialMean(double x) {
    Parameter.number("x", x);
    return x <= 0 ? 0 : mean() * NormalLaw.cdf(score(x) - sigma);
  }

  private double score(double x) {
    return (StrictMath.log(x) - mu) / sigma;
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
