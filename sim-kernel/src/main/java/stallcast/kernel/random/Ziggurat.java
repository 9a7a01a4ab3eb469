package stallcast.kernel.random;

/**
 * Tables of the 256-layer ziggurats of the unit exponential and the standard normal density.
 *
 * <p>Marsaglia and Tsang, "The ziggurat method for generating random variables", J. Stat. Softw.
 * 5(8), 2000; the single-draw split into disjoint bit fields follows Doornik, "An improved ziggurat
 * method to generate normal random samples", 2005. For an unnormalised density f with f(0) = 1:
 * layer i is the box [0, X[i]) x [Y[i], Y[i+1]), every layer has the same area v, X[1] is where the
 * tail starts, and layer 0 is the box of width X[0] = v / f(X[1]) that stands for the strip under
 * Y[1] together with the tail.
 *
 * <p>The tail starts are the roots r of "the last layer ends at height 1", found by bisection at 40
 * digits: {@code v(r) = r f(r) + integral of f from r; x = r; 254 times: x = inverse f(f(x) + v/x);
 * f(x) + v/x = 1} (Python mpmath 1.3, mp.dps = 40; rounded to doubles here). The tables themselves
 * come from StrictMath and so are the same everywhere.
 */
final class Ziggurat {
  static final int LAYERS = 256; // the low 8 bits of a draw choose the layer
  static final int LAYER_MASK = LAYERS - 1;
  static final long SIGN_BIT = LAYERS; // the next bit is the sign of a normal

  static final double EXPONENTIAL_TAIL_START = 7.69711747013105;
  static final double EXPONENTIAL_AREA = 0.003949659822581557;
  static final double NORMAL_TAIL_START = 3.654152885361009;
  static final double NORMAL_AREA = 0.004928673233974655;

  static final double[] EXPONENTIAL_X = new double[LAYERS + 1]; // right edges, decreasing to 0
  static final double[] EXPONENTIAL_Y =
      new double[LAYERS + 1]; // density at the edge; [0] is unused
  static final double[] NORMAL_X = new double[LAYERS + 1];
  static final double[] NORMAL_Y = new double[LAYERS + 1];

  static {
    EXPONENTIAL_X[1] = EXPONENTIAL_TAIL_START;
    NORMAL_X[1] = NORMAL_TAIL_START;
    for (int i = 1; i < LAYERS; i++) {
      EXPONENTIAL_Y[i] = exponentialDensity(EXPONENTIAL_X[i]);
      NORMAL_Y[i] = normalDensity(NORMAL_X[i]);
      if (i + 1 < LAYERS) {
        EXPONENTIAL_X[i + 1] =
            -StrictMath.log(EXPONENTIAL_Y[i] + EXPONENTIAL_AREA / EXPONENTIAL_X[i]);
        NORMAL_X[i + 1] = Math.sqrt(-2 * StrictMath.log(NORMAL_Y[i] + NORMAL_AREA / NORMAL_X[i]));
      }
    }
    EXPONENTIAL_X[0] = EXPONENTIAL_AREA / EXPONENTIAL_Y[1];
    NORMAL_X[0] = NORMAL_AREA / NORMAL_Y[1];
    EXPONENTIAL_Y[LAYERS] = 1; // the top: X[LAYERS] = 0, f(0) = 1
    NORMAL_Y[LAYERS] = 1;
  }

  private Ziggurat() {}

  static double exponentialDensity(double x) {
    return StrictMath.exp(-x);
  }

  static double normalDensity(double x) {
    return StrictMath.exp(-0.5 * x * x);
  }
}
