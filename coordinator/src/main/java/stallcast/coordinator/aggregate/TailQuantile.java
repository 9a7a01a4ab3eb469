package stallcast.coordinator.aggregate;

import java.util.function.DoubleUnaryOperator;
import org.apache.commons.statistics.distribution.BetaDistribution;
import org.apache.commons.statistics.distribution.ContinuousDistribution;
import org.apache.commons.statistics.distribution.GammaDistribution;

/**
 * Quantiles of beta and gamma laws to full relative precision. The library's own inverse stops at
 * an absolute error of 1e-9, which is as large as the probabilities of a rare incident; so its
 * distribution functions are inverted here on a log or logit scale, where bisection ends at
 * neighbouring doubles.
 */
final class TailQuantile {
  private static final double LOG_RANGE = 745; // exp(-745) is the smallest positive double

  private TailQuantile() {}

  /** The value below which a beta variable falls with probability {@code tail}. */
  static double betaLower(double tail, double alpha, double beta) {
    return inUnit(increasing(BetaDistribution.of(alpha, beta), tail));
  }

  /** The value above which a beta variable falls with probability {@code tail}. */
  static double betaUpper(double tail, double alpha, double beta) {
    return inUnit(decreasing(BetaDistribution.of(alpha, beta), tail));
  }

  /** The value below which a gamma variable of scale one falls with probability {@code tail}. */
  static double gammaLower(double tail, double shape) {
    return positive(increasing(GammaDistribution.of(shape, 1), tail));
  }

  /** The value above which a gamma variable of scale one falls with probability {@code tail}. */
  static double gammaUpper(double tail, double shape) {
    return positive(decreasing(GammaDistribution.of(shape, 1), tail));
  }

  /** Inverse of x = 1 / (1 + exp(-y)). */
  static double unitOf(double logit) {
    return logit < 0
        ? StrictMath.exp(logit) / (1 + StrictMath.exp(logit))
        : 1 / (1 + StrictMath.exp(-logit));
  }

  /**
   * Finds where a function turns from negative to positive.
   *
   * @param excess increasing function
   * @param low where it is negative
   * @param high where it is positive
   */
  static double root(DoubleUnaryOperator excess, double low, double high) {
    double below = low;
    double above = high;
    while (true) {
      double middle = below + (above - below) / 2;
      if (middle <= below || middle >= above) {
        return middle;
      }
      if (excess.applyAsDouble(middle) < 0) {
        below = middle;
      } else {
        above = middle;
      }
    }
  }

  private static DoubleUnaryOperator increasing(ContinuousDistribution law, double tail) {
    return x -> law.cumulativeProbability(x) - tail;
  }

  private static DoubleUnaryOperator decreasing(ContinuousDistribution law, double tail) {
    return x -> tail - law.survivalProbability(x);
  }

  private static double inUnit(DoubleUnaryOperator excess) {
    return unitOf(root(y -> excess.applyAsDouble(unitOf(y)), -LOG_RANGE, LOG_RANGE));
  }

  private static double positive(DoubleUnaryOperator excess) {
    double log = root(y -> excess.applyAsDouble(StrictMath.exp(y)), -LOG_RANGE, LOG_RANGE / 2);
    return StrictMath.exp(log);
  }
}
