package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;

/** Pearson's test of counts, judged on the scale of a standard normal. */
final class ChiSquare {
  /** |z| of a test that sounds a false alarm once in about a million: P(|Z| > 4.9) = 9.6e-7. */
  static final double Z_ONE_IN_A_MILLION = 4.9;

  private ChiSquare() {}

  static void assertUniform(String what, long[] counts) {
    double total = 0;
    for (long count : counts) {
      total += count;
    }
    double[] expected = new double[counts.length];
    Arrays.fill(expected, total / counts.length);
    assertFits(what, counts, expected);
  }

  static void assertFits(String what, long[] counts, double[] expected) {
    double statistic = 0;
    for (int i = 0; i < counts.length; i++) {
      double difference = counts[i] - expected[i];
      statistic += difference * difference / expected[i];
    }
    double z = normalScore(statistic, counts.length - 1);
    assertTrue(
        Math.abs(z) < Z_ONE_IN_A_MILLION,
        () -> what + ": chi-square lies " + z + " standard deviations off");
  }

  /**
   * Wilson and Hilferty 1931: the cube root of chi-square over its degrees of freedom is nearly
   * normal.
   */
  private static double normalScore(double statistic, int degreesOfFreedom) {
    double variance = 2.0 / (9.0 * degreesOfFreedom);
    return (StrictMath.cbrt(statistic / degreesOfFreedom) - (1 - variance)) / Math.sqrt(variance);
  }
}
