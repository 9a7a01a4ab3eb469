package stallcast.kernel.random;

/**
 * The incomplete gamma function, its inverse, and the logarithm of the gamma function.
 *
 * <p>Factors of the form x^a e^-x / Gamma(a+1) are formed from Stirling's error and the deviance
 * (Loader, "Fast and accurate computation of binomial probabilities", 2000), so that nothing large
 * cancels: [1]. Below its turning point the function is summed as a power series (DLMF 8.11.4),
 * above it as a continued fraction (DLMF 8.9.2) by Lentz's method: [2]. The inverse is Newton's
 * method on ln P or ln Q over ln x, which is almost a straight line in the tails, held inside a
 * bracket: [3].
 */
final class GammaLaw {
  /** Largest shape supported: series and fraction take about 6 sqrt(shape) terms near the mean. */
  static final double SHAPE_MAX = 1e6;

  private static final double TWO_PI = 2 * StrictMath.PI;
  private static final double SQRT_TWO_PI = Math.sqrt(TWO_PI);
  private static final double STIRLING_START = 8; // eight terms are then exact to 1e-16
  private static final int TERMS_MAX = 100_000;
  private static final int NEWTON_STEPS_MAX = 200;
  private static final double RELATIVE_EPSILON = 0x1p-54; // a term below this changes no sum
  private static final double LENTZ_FLOOR = 1e-300; // stands in for a denominator of 0
  static final double LOG_X_MIN = -746; // exp of it is 0 in double
  static final double LOG_NORMAL_MIN = -708; // smaller logarithms are of subnormal doubles

  private GammaLaw() {}

  /** Returns ln Gamma(a) for a > 0. */
  static double logGamma(double a) {
    return stirlingError(a) + (a - 0.5) * StrictMath.log(a) - a + 0.5 * StrictMath.log(TWO_PI);
  }

  /** [1] Returns ln Gamma(a+1) - ((a + 1/2) ln a - a + ln(2 pi) / 2) for a > 0. */
  static double stirlingError(double a) {
    double shifted = a;
    double error = 0;
    while (shifted < STIRLING_START) {
      error += (shifted + 0.5) * StrictMath.log1p(1 / shifted) - 1;
      shifted++;
    }
    double r = 1 / (shifted * shifted);
    // Bernoulli numbers B(2k) / (2k (2k-1)), k = 1..8 (DLMF 5.11.1)
    double series = -3617.0 / 122400;
    series = 1.0 / 156 + r * series;
    series = -691.0 / 360360 + r * series;
    series = 1.0 / 1188 + r * series;
    series = -1.0 / 1680 + r * series;
    series = 1.0 / 1260 + r * series;
    series = -1.0 / 360 + r * series;
    series = 1.0 / 12 + r * series;
    return error + series / shifted;
  }

  /** [1] Returns k ln(k / m) + m - k without cancellation, for k > 0 and m >= 0. */
  static double deviance(double k, double m) {
    if (Math.abs(k - m) >= 0.1 * (k + m)) {
      double ratio = k / m;
      double logRatio =
          ratio < Double.POSITIVE_INFINITY
              ? StrictMath.log(ratio)
              : StrictMath.log(k) - StrictMath.log(m);
      return k * logRatio + m - k;
    }
    double v = (k - m) / (k + m);
    double square = v * v;
    double sum = (k - m) * v;
    double power = 2 * k * v;
    for (int odd = 3; ; odd += 2) {
      power *= square;
      double next = sum + power / odd;
      if (next == sum) {
        return sum;
      }
      sum = next;
    }
  }

  /** Returns P(a, x), the distribution function of a gamma variable of shape a and scale 1. */
  static double lower(double a, double x) {
    if (x <= 0) {
      return 0;
    }
    if (x == Double.POSITIVE_INFINITY) {
      return 1;
    }
    return lower(a, x, stirlingError(a));
  }

  /** Returns Q(a, x) = 1 - P(a, x), accurate where it is small. */
  static double upper(double a, double x) {
    if (x <= 0) {
      return 1;
    }
    if (x == Double.POSITIVE_INFINITY) {
      return 0;
    }
    return upper(a, x, stirlingError(a));
  }

  private static double lower(double a, double x, double stirling) {
    return x < a + 1 ? series(a, x, stirling) : 1 - fraction(a, x, stirling);
  }

  private static double upper(double a, double x, double stirling) {
    return x < a + 1 ? 1 - series(a, x, stirling) : fraction(a, x, stirling);
  }

  /** [1] x^a e^-x / Gamma(a + 1); {@code stirling} is the error at a, the costly part of it. */
  private static double leadingTerm(double a, double x, double stirling) {
    return StrictMath.exp(-stirling - deviance(a, x)) / (SQRT_TWO_PI * Math.sqrt(a));
  }

  /** [2] P = leading term * sum of x^n / ((a+1) ... (a+n)). */
  private static double series(double a, double x, double stirling) {
    double term = 1;
    double sum = 1;
    for (int n = 1; n < TERMS_MAX; n++) {
      term *= x / (a + n);
      sum += term;
      if (term < sum * RELATIVE_EPSILON) {
        return Math.min(1, leadingTerm(a, x, stirling) * sum);
      }
    }
    throw new IllegalStateException("series of P(" + a + ", " + x + ") does not converge");
  }

  /** [2] Q = a * leading term / (x + 1 - a - 1 (1 - a) / (x + 3 - a - 2 (2 - a) / ...)). */
  private static double fraction(double a, double x, double stirling) {
    double b = x + 1 - a;
    double c = 1 / LENTZ_FLOOR;
    double d = 1 / b;
    double value = d;
    for (int n = 1; n < TERMS_MAX; n++) {
      double numerator = -n * (n - a);
      b += 2;
      d = 1 / awayFromZero(numerator * d + b);
      c = awayFromZero(b + numerator / c);
      double factor = c * d;
      value *= factor;
      if (Math.abs(factor - 1) < 0x1p-52) {
        return a * leadingTerm(a, x, stirling) * value;
      }
    }
    throw new IllegalStateException("fraction of Q(" + a + ", " + x + ") does not converge");
  }

  static double awayFromZero(double denominator) {
    return Math.abs(denominator) < LENTZ_FLOOR ? LENTZ_FLOOR : denominator;
  }

  /**
   * [3] Returns x with P(a, x) = p.
   *
   * @param p probability in [0, 1]; 0 gives 0, 1 gives infinity
   * @param a shape, in (0, {@link #SHAPE_MAX}]
   */
  static double quantile(double p, double a) {
    if (p <= 0) {
      return 0;
    }
    if (p >= 1) {
      return Double.POSITIVE_INFINITY;
    }
    double stirling = stirlingError(a);
    boolean lowerSide = p <= lower(a, a, stirling);
    double target = StrictMath.log(lowerSide ? p : 1 - p);
    double low = lowerSide ? LOG_X_MIN : StrictMath.log(a);
    double high = lowerSide ? StrictMath.log(a) : StrictMath.log(4 * a + 1000);
    double logX = Math.min(high, Math.max(low, logStart(p, a)));
    if (logX < LOG_NORMAL_MIN) {
      return StrictMath.exp(logX); // so far out the leading term is all there is
    }
    for (int step = 0; step < NEWTON_STEPS_MAX; step++) {
      double x = StrictMath.exp(logX);
      double tail = lowerSide ? lower(a, x, stirling) : upper(a, x, stirling);
      double error = StrictMath.log(tail) - target;
      if (error == 0) {
        break;
      }
      if (error < 0 == lowerSide) {
        low = logX;
      } else {
        high = logX;
      }
      double slope = a * leadingTerm(a, x, stirling) / tail;
      double next = lowerSide ? logX - error / slope : logX + error / slope;
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

  /** Wilson and Hilferty's cube root where it is positive, else the leading term of the series. */
  private static double logStart(double p, double a) {
    double ninth = 1 / (9 * a);
    double root = 1 - ninth + NormalLaw.quantile(p) * Math.sqrt(ninth);
    if (a >= 1 && root > 0.1) {
      return StrictMath.log(a) + 3 * StrictMath.log(root);
    }
    return (StrictMath.log(p) + logGamma(a) + StrictMath.log(a)) / a;
  }
}
