package stallcast.kernel.random;

/**
 * The standard normal distribution function, its density and its inverse.
 *
 * <p>The inverse is algorithm AS 241, routine PPND16 (Wichura, "The percentage points of the normal
 * distribution", Applied Statistics 37, 1988): rational approximations in three regions, relative
 * error about 1e-16. All coefficients are the paper's, lowest power first.
 */
final class NormalLaw {
  private static final double SQRT_TWO_PI = StrictMath.sqrt(2 * StrictMath.PI);
  private static final double CENTRE_HALF_WIDTH = 0.425; // |p - 1/2| of the central region
  private static final double CENTRE_SQUARE = 0.180625; // its square
  private static final double FAR_TAIL_START = 5; // sqrt(-ln tail) beyond which the far tail begins
  private static final double NEAR_TAIL_SHIFT = 1.6;

  private static final double[] CENTRE_TOP = {
    3.3871328727963666080e0,
    1.3314166789178437745e2,
    1.9715909503065514427e3,
    1.3731693765509461125e4,
    4.5921953931549871457e4,
    6.7265770927008700853e4,
    3.3430575583588128105e4,
    2.5090809287301226727e3
  };
  private static final double[] CENTRE_BOTTOM = {
    1.0,
    4.2313330701600911252e1,
    6.8718700749205790830e2,
    5.3941960214247511077e3,
    2.1213794301586595867e4,
    3.9307895800092710610e4,
    2.8729085735721942674e4,
    5.2264952788528545610e3
  };
  private static final double[] NEAR_TAIL_TOP = {
    1.42343711074968357734e0,
    4.63033784615654529590e0,
    5.76949722146069140550e0,
    3.64784832476320460504e0,
    1.27045825245236838258e0,
    2.41780725177450611770e-1,
    2.27238449892691845833e-2,
    7.74545014278341407640e-4
  };
  private static final double[] NEAR_TAIL_BOTTOM = {
    1.0,
    2.05319162663775882187e0,
    1.67638483018380384940e0,
    6.89767334985100004550e-1,
    1.48103976427480074590e-1,
    1.51986665636164571966e-2,
    5.47593808499534494600e-4,
    1.05075007164441684324e-9
  };
  private static final double[] FAR_TAIL_TOP = {
    6.65790464350110377720e0,
    5.46378491116411436990e0,
    1.78482653991729133580e0,
    2.96560571828504891230e-1,
    2.65321895265761230930e-2,
    1.24266094738807843860e-3,
    2.71155556874348757815e-5,
    2.01033439929228813265e-7
  };
  private static final double[] FAR_TAIL_BOTTOM = {
    1.0,
    5.99832206555887937690e-1,
    1.36929880922735805310e-1,
    1.48753612908506148525e-2,
    7.86869131145613259100e-4,
    1.84631831751005468180e-5,
    1.42151175831644588870e-7,
    2.04426310338993978564e-15
  };

  private NormalLaw() {}

  static double density(double z) {
    return StrictMath.exp(-0.5 * z * z) / SQRT_TWO_PI;
  }

  /** Returns P(Z <= z), accurate relative to its size in the lower tail. */
  static double cdf(double z) {
    double tail = 0.5 * GammaLaw.upper(0.5, 0.5 * z * z);
    return z < 0 ? tail : 1 - tail;
  }

  /** Returns z with P(Z <= z) = p; 0 and 1 give the infinities. */
  static double quantile(double p) {
    double centred = p - 0.5;
    if (StrictMath.abs(centred) <= CENTRE_HALF_WIDTH) {
      double r = CENTRE_SQUARE - centred * centred;
      return centred * polynomial(CENTRE_TOP, r) / polynomial(CENTRE_BOTTOM, r);
    }
    double tail = centred < 0 ? p : 1 - p;
    if (tail <= 0) {
      return centred < 0 ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    double r = StrictMath.sqrt(-StrictMath.log(tail));
    double z;
    if (r <= FAR_TAIL_START) {
      r -= NEAR_TAIL_SHIFT;
      z = polynomial(NEAR_TAIL_TOP, r) / polynomial(NEAR_TAIL_BOTTOM, r);
    } else {
      r -= FAR_TAIL_START;
      z = polynomial(FAR_TAIL_TOP, r) / polynomial(FAR_TAIL_BOTTOM, r);
    }
    return centred < 0 ? -z : z;
  }

  private static double polynomial(double[] coefficients, double x) {
    double value = coefficients[coefficients.length - 1];
    for (int i = coefficients.length - 2; i >= 0; i--) {
      value = value * x + coefficients[i];
    }
    return value;
  }
}
