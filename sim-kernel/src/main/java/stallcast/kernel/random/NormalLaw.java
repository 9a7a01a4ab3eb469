package stallcast.kernel.random;

/**
 * The standard normal distribution function, its density and its inverse.
 *
 * <p>The inverse is algorithm AS 241, routine PPND16 (Wichura, "The percentage points of the normal
 * distribution", Applied Statistics 37, 1988): rational approximations in three regions, relative
 * error about 1e-16. All coefficients are the paper's, rounded to doubles, lowest power first.
 */
final class NormalLaw {
  private static final double SQRT_TWO_PI = Math.sqrt(2 * StrictMath.PI);
  private static final double CENTRE_HALF_WIDTH = 0.425; // |p - 1/2| of the central region
  private static final double CENTRE_SQUARE = 0.180625; // its square
  private static final double FAR_TAIL_START = 5; // sqrt(-ln tail) beyond which the far tail begins
  private static final double NEAR_TAIL_SHIFT = 1.6;

  private static final double[] CENTRE_TOP = {
    3.3871328727963665e0,
    1.3314166789178438e2,
    1.9715909503065513e3,
    1.373169376550946e4,
    4.592195393154987e4,
    6.72657709270087e4,
    3.343057558358813e4,
    2.5090809287301227e3
  };
  private static final double[] CENTRE_BOTTOM = {
    1.0,
    4.231333070160091e1,
    6.871870074920579e2,
    5.394196021424751e3,
    2.1213794301586597e4,
    3.930789580009271e4,
    2.8729085735721943e4,
    5.226495278852854e3
  };
  private static final double[] NEAR_TAIL_TOP = {
    1.4234371107496835e0,
    4.630337846156546e0,
    5.769497221460691e0,
    3.6478483247632045e0,
    1.2704582524523684e0,
    2.417807251774506e-1,
    2.2723844989269184e-2,
    7.745450142783414e-4
  };
  private static final double[] NEAR_TAIL_BOTTOM = {
    1.0,
    2.053191626637759e0,
    1.6763848301838038e0,
    6.897673349851e-1,
    1.4810397642748008e-1,
    1.5198666563616457e-2,
    5.475938084995345e-4,
    1.0507500716444169e-9
  };
  private static final double[] FAR_TAIL_TOP = {
    6.657904643501103e0,
    5.463784911164114e0,
    1.7848265399172913e0,
    2.9656057182850487e-1,
    2.6532189526576124e-2,
    1.2426609473880784e-3,
    2.7115555687434876e-5,
    2.0103343992922881e-7
  };
  private static final double[] FAR_TAIL_BOTTOM = {
    1.0,
    5.99832206555888e-1,
    1.369298809227358e-1,
    1.4875361290850615e-2,
    7.868691311456133e-4,
    1.8463183175100548e-5,
    1.421511758316446e-7,
    2.0442631033899397e-15
  };

  private NormalLaw() {}

  static double density(double z) {
    return StrictMath.exp(-0.5 * z * z) / SQRT_TWO_PI;
  }

  /** Returns {@code P(Z <= z)}, accurate relative to its size in the lower tail. */
  static double cdf(double z) {
    double tail = 0.5 * GammaLaw.upper(0.5, 0.5 * z * z);
    return z < 0 ? tail : 1 - tail;
  }

  /** Returns z with {@code P(Z <= z) = p}; 0 and 1 give the infinities. */
  static double quantile(double p) {
    double centred = p - 0.5;
    if (Math.abs(centred) <= CENTRE_HALF_WIDTH) {
      double r = CENTRE_SQUARE - centred * centred;
      return centred * polynomial(CENTRE_TOP, r) / polynomial(CENTRE_BOTTOM, r);
    }
    double tail = centred < 0 ? p : 1 - p;
    if (tail <= 0) {
      return centred < 0 ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    double r = Math.sqrt(-StrictMath.log(tail));
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
