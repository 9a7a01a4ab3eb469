package stallcast.kernel.random;

/**
 * How much of a renewal period is left when a stationary alternation is met at a random time.
 *
 * <p>Its distribution function is the integral of P(X > t) over t from 0 to x, divided by E[X],
 * which equals {@code (x P(X > x) + E[X; X <= x]) / E[X]} (Cox, "Renewal Theory", 1962, section
 * 5.2). Starting with it makes an ON/OFF source stationary at once; for heavy tails the start would
 * otherwise be felt for the whole run.
 */
final class ResidualLife {
  private static final int BISECTIONS = 200; // more than any double can be halved usefully

  private ResidualLife() {}

  /**
   * Returns the p-quantile of the residual life.
   *
   * @param life law of whole periods; never negative, mean finite and above 0
   * @param p in (0, 1)
   */
  static double quantile(Distribution life, double p) {
    double low = 0;
    double high = life.mean();
    while (cdf(life, high) < p) {
      low = high;
      high *= 2;
    }
    for (int i = 0; i < BISECTIONS; i++) {
      double middle = low + 0.5 * (high - low);
      if (middle <= low || middle >= high) {
        break;
      }
      if (cdf(life, middle) < p) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  static double cdf(Distribution life, double x) {
    return (x * (1 - life.cdf(x)) + life.partialMean(x)) / life.mean();
  }
}
