package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.random.Refusal.assertRefused;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * What every distribution keeps, whatever its law; each has a test that inherits this one.
 *
 * <p>Reference probabilities come from Python mpmath 1.3 at {@code mp.dps = 40}; each test states
 * the expression. Statistical assertions use fixed seeds and have a false-alarm rate of 1e-6 for a
 * seed chosen at random.
 */
abstract class DistributionContract {
  private static final int SAMPLES = 20_000;
  private static final double FALSE_ALARM_RATE = 1e-6;
  private static final double[] PROBABILITIES = {
    1e-12, 1e-6, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1 - 1e-6, 1 - 1e-12
  };

  /** Returns a new instance of the law under test, always with the same parameters. */
  abstract Distribution subject();

  /** Returns rows {x, P(X <= x)} from an independent computation. */
  abstract double[][] references();

  /** Returns the mean from an independent computation. */
  abstract double expectedMean();

  static RandomStream stream(int entity) {
    RandomStream stream = new RandomStream();
    stream.derive(20260507, StreamPurpose.CONFIG, 0, 7, 0, entity);
    return stream;
  }

  @Test
  void distributionFunctionAgreesWithReferences() {
    for (double[] row : references()) {
      assertEquals(row[1], subject().cdf(row[0]), 1e-12 * row[1], () -> "cdf(" + row[0] + ")");
    }
  }

  /** A reference probability lies on the edge of a step of a discrete law: both sides are asked. */
  @Test
  void quantileAgreesWithReferences() {
    for (double[] row : references()) {
      if (row[1] == 0) {
        continue; // any lower end will do
      }
      double x = row[0];
      double slack = 1e-12 * Math.abs(x) + 1e-15;
      double below = subject().quantile(row[1] * (1 - 1e-13));
      double above = subject().quantile(Math.min(1, row[1] * (1 + 1e-13)));
      assertTrue(below <= x + slack && above >= x - slack, () -> x + " by " + below + ", " + above);
    }
  }

  @Test
  void meanAgreesWithTheClosedForm() {
    double mean = expectedMean();
    assertEquals(mean, subject().mean(), mean == Double.POSITIVE_INFINITY ? 0 : 1e-12 * mean);
  }

  @Test
  void quantileIsTheSmallestValueThatReachesTheProbability() {
    Distribution law = subject();
    double slack = 1e-12; // some 1e4 ulps of a probability, for series and root finding
    for (double p : PROBABILITIES) {
      double x = law.quantile(p);
      double step = Math.max(1e-12 * Math.abs(x), Double.MIN_VALUE);
      assertTrue(law.cdf(x) >= p - slack, () -> "cdf(" + x + ") < " + p);
      assertTrue(
          law.cdf(x - step) <= p + slack, () -> "cdf below " + x + " exceeds " + p + " already");
    }
  }

  @Test
  void quantileRisesWithTheProbability() {
    Distribution law = subject();
    double before = law.lower();
    for (double p : PROBABILITIES) {
      double x = law.quantile(p);
      assertTrue(x >= before, () -> "quantile(" + p + ") = " + x);
      before = x;
    }
    assertTrue(law.upper() >= before);
  }

  @Test
  void quantilesOfTheEndsAreTheEndsOfTheSupport() {
    Distribution law = subject();
    assertEquals(law.lower(), law.quantile(0));
    assertEquals(law.upper(), law.quantile(1));
    assertEquals(1, law.cdf(law.upper()));
    assertEquals(1, law.cdf(Double.POSITIVE_INFINITY));
    assertEquals(0, law.cdf(Double.NEGATIVE_INFINITY));
    assertEquals(0, law.cdf(Math.nextDown(law.lower())));
  }

  /** Integrates the quantile function by 4000 midpoints up to each level. */
  @Test
  void partialMeanIsTheIntegralOfTheQuantile() {
    Distribution law = subject();
    for (double level : new double[] {0.2, 0.9}) {
      double x = law.quantile(level);
      double reached = law.cdf(x);
      double integral = 0;
      double size = 0;
      for (int i = 0; i < 4000; i++) {
        double value = law.quantile((i + 0.5) / 4000 * reached) * reached / 4000;
        integral += value;
        size += Math.abs(value);
      }
      assertEquals(integral, law.partialMean(x), 1e-3 * size, () -> "up to " + x);
    }
  }

  @Test
  void partialMeanGrowsFromNothingToTheMean() {
    Distribution law = subject();
    assertTrue(law.partialMean(Double.NEGATIVE_INFINITY) == 0);
    assertEquals(law.mean(), law.partialMean(Double.POSITIVE_INFINITY));
  }

  /**
   * Kolmogorov-Smirnov distance against the inequality of Dvoretzky, Kiefer, Wolfowitz and Massart,
   * which holds for steps as well: P(distance > e) <= 2 exp(-2 n e^2).
   */
  @Test
  void samplesFollowTheDistributionFunction() {
    Distribution law = subject();
    RandomStream stream = stream(1);
    double[] sorted = new double[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      sorted[i] = law.sample(stream);
    }
    Arrays.sort(sorted);
    double allowed = Math.sqrt(StrictMath.log(2 / FALSE_ALARM_RATE) / (2.0 * SAMPLES));
    for (int from = 0, to; from < SAMPLES; from = to) {
      double x = sorted[from];
      for (to = from; to < SAMPLES && sorted[to] == x; to++) {}
      assertEquals(law.cdf(x), (double) to / SAMPLES, allowed);
      assertEquals(law.cdf(Math.nextDown(x)), (double) from / SAMPLES, allowed);
    }
  }

  @Test
  void samplesStayInTheSupportAndFinite() {
    Distribution law = subject();
    RandomStream stream = stream(2);
    for (int i = 0; i < SAMPLES; i++) {
      double x = law.sample(stream);
      assertTrue(Double.isFinite(x) && x >= law.lower() && x <= law.upper(), () -> "" + x);
    }
  }

  @Test
  void everySampleTakesTheDeclaredNumberOfDraws() {
    Distribution law = subject();
    RandomStream sampled = stream(3);
    RandomStream counted = stream(3);
    long[] actual = new long[RandomStream.STATE_LONGS];
    long[] expected = new long[RandomStream.STATE_LONGS];
    for (int i = 0; i < 1000; i++) {
      law.sample(sampled);
      for (int draw = 0; draw < law.drawsPerSample(); draw++) {
        counted.nextLong();
      }
    }
    sampled.save(actual, 0);
    counted.save(expected, 0);
    assertTrue(Arrays.equals(expected, actual));
  }

  /** Returns whether a sample is the quantile of one open uniform number, as the interface says. */
  boolean isInverted() {
    return true;
  }

  @Test
  void sampleIsTheQuantileOfOneUniformNumberUnlessSaidOtherwise() {
    Distribution law = subject();
    RandomStream sampled = stream(5);
    RandomStream uniform = stream(5);
    for (int i = 0; isInverted() && i < 1000; i++) {
      assertEquals(law.quantile(uniform.nextOpenDouble()), law.sample(sampled));
    }
  }

  @Test
  void samplingAllocatesNothing() {
    Distribution law = subject();
    RandomStream stream = stream(4);
    double[] sink = new double[1];
    Allocation.assertNone(() -> sink[0] += law.sample(stream));
  }

  @Test
  void probabilitiesOutsideTheUnitIntervalAreRefused() {
    Distribution law = subject();
    assertRefused("p", () -> law.quantile(-Double.MIN_VALUE));
    assertRefused("p", () -> law.quantile(Math.nextUp(1.0)));
    assertRefused("p", () -> law.quantile(Double.NaN));
    assertRefused("x", () -> law.cdf(Double.NaN));
    assertRefused("x", () -> law.partialMean(Double.NaN));
  }

  @Test
  void equalParametersMakeEqualLaws() {
    assertEquals(subject(), subject());
    assertEquals(subject().hashCode(), subject().hashCode());
    assertNotEquals(subject(), new Fixed(-12345));
    assertEquals(subject().toString(), subject().toString());
  }

  @Test
  void onlyALawOfOneValueIsFixed() {
    assertEquals(subject().lower() == subject().upper(), subject().isFixed());
  }
}
