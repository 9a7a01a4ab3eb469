package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** The tables against the equations that define them, and the samples against the laws. */
class ZigguratTest {
  private static final int SAMPLES = 1_000_000;

  @Test
  void exponentialLayersHaveEqualAreas() {
    assertLayers(
        Ziggurat.EXPONENTIAL_X,
        Ziggurat.EXPONENTIAL_Y,
        Ziggurat.EXPONENTIAL_AREA,
        x -> StrictMath.exp(-x),
        StrictMath.exp(-Ziggurat.EXPONENTIAL_TAIL_START));
  }

  @Test
  void normalLayersHaveEqualAreas() {
    double tailArea = Math.sqrt(2 * StrictMath.PI) * NormalLaw.cdf(-Ziggurat.NORMAL_TAIL_START);
    assertLayers(
        Ziggurat.NORMAL_X,
        Ziggurat.NORMAL_Y,
        Ziggurat.NORMAL_AREA,
        x -> StrictMath.exp(-x * x / 2),
        tailArea);
  }

  @Test
  void exponentialSamplesFollowTheirLaw() {
    RandomStream stream = stream(1);
    assertFollows("exponential", stream::nextExponential, x -> -StrictMath.expm1(-x), -1e-9, 25);
  }

  @Test
  void normalSamplesFollowTheirLaw() {
    RandomStream stream = stream(2);
    assertFollows("normal", stream::nextGaussian, NormalLaw::cdf, -8, 8);
  }

  /** Means of powers; standard errors from the moments of the law, 4.9 of them allowed. */
  @Test
  void momentsAgreeWithTheClosedForms() {
    RandomStream stream = stream(3);
    double[] exponential = new double[3];
    double[] normal = new double[5];
    for (int i = 0; i < SAMPLES; i++) {
      double e = stream.nextExponential();
      double z = stream.nextGaussian();
      exponential[1] += e;
      exponential[2] += e * e;
      normal[1] += z;
      normal[2] += z * z;
      normal[3] += z * z * z;
      normal[4] += z * z * z * z;
    }
    assertMean(1, 1, exponential[1]); // E, sd of E
    assertMean(2, Math.sqrt(20), exponential[2]); // E^2: 4! - 2^2
    assertMean(0, 1, normal[1]);
    assertMean(1, Math.sqrt(2), normal[2]);
    assertMean(0, Math.sqrt(15), normal[3]);
    assertMean(3, Math.sqrt(96), normal[4]);
  }

  /** P(E > r) = exp(-r) = 4.5e-4 and P(|Z| > r) = 2.6e-4: about 450 and 258 in a million. */
  @Test
  void tailsHaveTheRightWeightAndShape() {
    RandomStream stream = stream(4);
    int exponentialTail = 0;
    double exponentialExcess = 0;
    int normalTail = 0;
    for (int i = 0; i < SAMPLES; i++) {
      double e = stream.nextExponential();
      if (e > Ziggurat.EXPONENTIAL_TAIL_START) {
        exponentialTail++;
        exponentialExcess += e - Ziggurat.EXPONENTIAL_TAIL_START;
      }
      if (Math.abs(stream.nextGaussian()) > Ziggurat.NORMAL_TAIL_START) {
        normalTail++;
      }
    }
    double expected = SAMPLES * StrictMath.exp(-Ziggurat.EXPONENTIAL_TAIL_START);
    assertEquals(expected, exponentialTail, 4.9 * Math.sqrt(expected));
    assertEquals(1, exponentialExcess / exponentialTail, 4.9 / Math.sqrt(exponentialTail));
    double expectedNormal = SAMPLES * 2 * NormalLaw.cdf(-Ziggurat.NORMAL_TAIL_START);
    assertEquals(expectedNormal, normalTail, 4.9 * Math.sqrt(expectedNormal));
  }

  private interface Sampler {
    double next();
  }

  private static RandomStream stream(int entity) {
    RandomStream stream = new RandomStream();
    stream.derive(20260507, StreamPurpose.SERVICE, 0, 0, 0, entity);
    return stream;
  }

  private static void assertMean(double mean, double standardDeviation, double sum) {
    double allowed = ChiSquare.Z_ONE_IN_A_MILLION * standardDeviation / Math.sqrt(SAMPLES);
    assertEquals(mean, sum / SAMPLES, allowed);
  }

  private static void assertLayers(
      double[] x, double[] y, double area, DoubleUnaryOperator density, double tailArea) {
    assertEquals(area, x[1] * density.applyAsDouble(x[1]) + tailArea, 1e-17);
    assertEquals(area, x[0] * density.applyAsDouble(x[1]), 1e-17);
    for (int i = 1; i < Ziggurat.LAYERS; i++) {
      assertTrue(x[i + 1] < x[i] && x[i] < x[i - 1]);
      assertEquals(density.applyAsDouble(x[i]), y[i], 1e-15);
      assertEquals(area, x[i] * (y[i + 1] - y[i]), 1e-13);
    }
    assertEquals(0, x[Ziggurat.LAYERS]);
    assertEquals(1, y[Ziggurat.LAYERS]);
  }

  /** Chi-square over 1000 equal cells of the law's probability; the ends close the outer cells. */
  private static void assertFollows(
      String what, Sampler sampler, DoubleUnaryOperator cdf, double low, double high) {
    long[] counts = new long[1000];
    for (int i = 0; i < SAMPLES; i++) {
      double x = sampler.next();
      assertTrue(x > low && x < high, () -> what + " " + x);
      counts[(int) Math.min(999, cdf.applyAsDouble(x) * 1000)]++;
    }
    ChiSquare.assertUniform(what, counts);
  }
}
