package stallcast.kernel.random;

/**
 * The incomplete beta function and its inverse.
 *
 * <p>Continued fraction DLMF 8.17.22 by Lentz's method on the side where it converges fast; its
 * factor x^a (1-x)^b / B(a, b) is formed from Stirling's errors and deviances as in {@link
 * GammaLaw}. The inverse solves for whichever of x and 1 - x lies in (0, 1/2], by Newton's method
 * on ln I over ln x inside a bracket: the two are almost proportional near 0, however small the
 * first parameter is.
 */
final class BetaLaw {
  /** Largest parameter supported: the fraction takes some sqrt(max(a, b)) terms. */
  static final double PARAMETER_MAX = 1e6;

  private static final double TWO_PI = 2 * StrictMath.PI;
  private static final int TERMS_MAX = 100_000;
  private static final int NEWTON_STEPS_MAX = 200;
  private static final double LOG_HALF = StrictMath.log(0.5);

  private BetaLaw() {}

  /** Returns I_x(a, b), the distribution function of a beta variable on [0, 1]. */
  static double cdf(double x, double a, double b) {
    if (x <= 0) {
      return 0;
    }
    if (x >= 1) {
      return 1;
    }
    return cdf(x, a, b, stirling(a, b));
  }

  private static double cdf(double x, double a, double b, double stirling) {
    if (x < (a + 1) / (a + b + 2)) {
      return factor(x, 1 - x, a, b, stirling) / a * fraction(x, a, b);
    }
    return 1 - factor(1 - x, x, b, a, stirling) / b * fraction(1 - x, b, a);
  }

  /**
   * Returns x with I_x(a, b) = p.
   *
   * @param p probability in [0, 1]
   * @param a first parameter, in (0, {@link #PARAMETER_MAX}]
   * @param b second parameter, in (0, {@link #PARAMETER_MAX}]
   */
  static double quantile(double p, double a, double b) {
    if (p <= 0) {
      return 0;
    }
    if (p >= 1) {
      return 1;
    }
    double stirling = stirling(a, b);
    return p <= cdf(0.5, a, b, stirling)
        ? lowerHalf(p, a, b, stirling)
        : 1 - lowerHalf(1 - p, b, a, stirling);
  }

  private static double lowerHalf(double p, double a, double b, double stirling) {
    double target = StrictMath.log(p);
    double low = GammaLaw.LOG_X_MIN;
    double high = LOG_HALF;
    double logX = Math.min(high, Math.max(low, logStart(p, a, b)));
    if (logX < GammaLaw.LOG_NORMAL_MIN) {
      return StrictMath.exp(logX); // so far out the leading term is all there is
    }
    for (int step = 0; step < NEWTON_STEPS_MAX; step++) {
      double x = StrictMath.exp(logX);
      double value = cdf(x, a, b, stirling);
      double error = StrictMath.log(value) - target;
      if (error == 0) {
        break;
      }
      if (error < 0) {
        low = logX;
      } else {
        high = logX;
      }
      double slope = factor(x, 1 - x, a, b, stirling) / ((1 - x) * value);
      double next = logX - error / slope;
      if (!(next > low && next < high)) {
        next = 0.5 * (low + high);
      }
      double moved = Math.abs(next - logX);
      logX = next;
      if (moved <= 0x1p-52 * Math.max(1, Math.abs(logX))) {
        break;
      }
    }
    return StrictMath.exp(logX);
  }

  /**
   * Normal approximation 26.5.22 of Abramowitz and Stegun, else the leading term x^a / (a B(a, b)).
   */
  private static double logStart(double p, double a, double b) {
    if (a > 1 && b > 1) {
      double z = NormalLaw.quantile(p);
      double lambda = (z * z - 3) / 6;
      double h = 2 / (1 / (2 * a - 1) + 1 / (2 * b - 1));
      double w =
          -z * Math.sqrt(Math.max(0, h + lambda)) / h
              - (1 / (2 * b - 1) - 1 / (2 * a - 1)) * (lambda + 5.0 / 6 - 2 / (3 * h));
      return -StrictMath.log1p(b / a * StrictMath.exp(2 * w));
    }
    double logBeta = GammaLaw.logGamma(a) + GammaLaw.logGamma(b) - GammaLaw.logGamma(a + b);
    return (StrictMath.log(p) + StrictMath.log(a) + logBeta) / a;
  }

  /**
   * The part of {@link #factor} that depends on the parameters only, and is the same for (b, a).
   */
  private static double stirling(double a, double b) {
    return GammaLaw.stirlingError(a + b) - GammaLaw.stirlingError(a) - GammaLaw.stirlingError(b);
  }

  /** x^a y^b / B(a, b) with y = 1 - x. */
  private static double factor(double x, double y, double a, double b, double stirling) {
    double n = a + b;
    double exponent = stirling - GammaLaw.deviance(a, n * x) - GammaLaw.deviance(b, n * y);
    return StrictMath.exp(exponent) * Math.sqrt(a / TWO_PI * (b / n));
  }

  private static double fraction(double x, double a, double b) {
    double c = 1;
    double d = 1 / GammaLaw.awayFromZero(1 - (a + b) * x / (a + 1));
    double value = d;
    for (int m = 1; m < TERMS_MAX; m++) {
      double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
      d = 1 / GammaLaw.awayFromZero(1 + even * d);
      c = GammaLaw.awayFromZero(1 + even / c);
      value *= c * d;
      double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
      d = 1 / GammaLaw.awayFromZero(1 + odd * d);
      c = GammaLaw.awayFromZero(1 + odd / c);
      double change = c * d;
      value *= change;
      if (Math.abs(change - 1) < 0x1p-52) {
        return value;
      }
    }
    throw new IllegalStateException("I(" + x + "; " + a + ", " + b + ") does not converge");
  }
}
