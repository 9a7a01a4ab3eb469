package stallcast.coordinator.aggregate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.Function;
import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProportionTest {
  private static final double LEVEL = 0.95;
  private static final double VECTOR_DIGITS = 5e-12; // relative: half a unit of the 12th digit

  // The vectors of statistics.md section 3.2.
  @ParameterizedTest
  @CsvSource({
    "0, 10000, 0, 3.83998370677e-4, 0, 3.68819914619e-4, 0, 2.51156484383e-4",
    "3, 10000, 1.02032199418e-4, 8.81735772236e-4, 6.18714857484e-5, 8.76474522514e-4,"
        + " 8.45004521429e-5, 8.00417811081e-4",
    "12, 100000, 6.86488807399e-5, 2.09755012696e-4, 6.20072391174e-5, 2.09606458050e-4,"
        + " 6.56002205356e-5, 2.03223379793e-4",
    "47, 1000000, 3.53474849069e-5, 6.24935980613e-5, 3.45340301556e-5, 6.24995519613e-5,"
        + " 3.49626352377e-5, 6.19285055487e-5",
    "500, 1000, 0.469069600368, 0.530930399632, 0.468549172972, 0.531450827028,"
        + " 0.469047712699, 0.530952287301",
  })
  void intervalsAgreeWithThePublishedVectors(
      long k,
      long n,
      double wilsonLow,
      double wilsonHigh,
      double exactLow,
      double exactHigh,
      double jeffreysLow,
      double jeffreysHigh) {
    Proportion proportion = new Proportion(n, k);
    assertLimits(wilsonLow, wilsonHigh, proportion.wilson(LEVEL));
    assertLimits(exactLow, exactHigh, proportion.clopperPearson(LEVEL));
    assertLimits(jeffreysLow, jeffreysHigh, proportion.jeffreys(LEVEL));
  }

  static void assertLimits(double low, double high, Interval interval) {
    assertEquals(low, interval.low(), low * VECTOR_DIGITS);
    assertEquals(high, interval.high(), high * VECTOR_DIGITS);
  }

  // The table of statistics.md section 3.3, by full enumeration; it prints four digits.
  @ParameterizedTest
  @CsvSource({
    "1000, 0.002, 0.9475, 0.9835, 0.9835",
    "1000, 0.01, 0.9635, 0.9761, 0.9449",
    "10000, 0.0003, 0.9665, 0.9881, 0.9168",
    "100000, 0.00005, 0.9614, 0.9796, 0.9278",
    "2000, 0.05, 0.9548, 0.9600, 0.9489",
  })
  void coverageIsWhatEnumerationSays(
      int n, double p, double wilson, double exact, double jeffreys) {
    assertEquals(wilson, coverage(n, p, x -> x.wilson(LEVEL)), 5.1e-5);
    assertEquals(exact, coverage(n, p, x -> x.clopperPearson(LEVEL)), 5.1e-5);
    assertEquals(jeffreys, coverage(n, p, x -> x.jeffreys(LEVEL)), 5.1e-5);
  }

  private static double coverage(int n, double p, Function<Proportion, Interval> method) {
    BinomialDistribution law = BinomialDistribution.of(n, p);
    double covered = 0;
    for (int k = 0; k <= n; k++) {
      double mass = law.probability(k);
      boolean matters = mass > 1e-15;
      if (matters && method.apply(new Proportion(n, k)).contains(p)) {
        covered += mass;
      }
    }
    return covered;
  }

  @Test
  void fewEventsGetTheExactIntervalAndManyTheScoreInterval() {
    assertEquals("clopper-pearson", new Proportion(1000, 29).chosen(LEVEL).method());
    assertEquals("wilson", new Proportion(1000, 30).chosen(LEVEL).method());
  }

  @Test
  void moreHostDaysThanAnIntegerHolds() {
    long n = 3_000_000_000L;
    // For tiny p the binomial is Poisson: the limits are those of the rate, to about k/n.
    Proportion few = new Proportion(n, 7);
    Interval rate =
        new Rate(
                HostCounts.NONE.plus(
                    new HostCounts(7, 0, 7, java.math.BigInteger.ZERO, java.math.BigInteger.ZERO)),
                Exposure.equal(n, 1),
                1)
            .garwood(LEVEL);
    Interval exact = few.clopperPearson(LEVEL);
    assertEquals(rate.low(), exact.low(), rate.low() * 1e-7);
    assertEquals(rate.high(), exact.high(), rate.high() * 1e-7);
    assertEquals(3.688879454 / n, new Proportion(n, 0).clopperPearson(LEVEL).high(), 1e-17);
  }

  @Test
  void noEventLeavesAnUpperBoundOnly() {
    Proportion none = new Proportion(10_000, 0);
    assertTrue(none.isUpperBoundOnly());
    assertEquals(0, none.chosen(LEVEL).low());
    assertTrue(none.chosen(LEVEL).high() > 0);
    assertFalse(new Proportion(10_000, 1).isUpperBoundOnly());
  }

  @Test
  void everyHostHitReachesOne() {
    assertEquals(1, new Proportion(50, 50).clopperPearson(LEVEL).high());
    assertEquals(1, new Proportion(50, 50).wilson(LEVEL).high());
    assertEquals(1, new Proportion(50, 50).jeffreys(LEVEL).high());
    assertTrue(new Proportion(50, 50).clopperPearson(LEVEL).low() < 1);
  }

  @Test
  void withoutTrialsEverythingIsPossible() {
    Interval nothing = new Proportion(0, 0).chosen(LEVEL);
    assertEquals(0, nothing.low());
    assertEquals(1, nothing.high());
  }

  @Test
  void moreEventsThanTrialsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Proportion(1, 2));
    assertThrows(IllegalArgumentException.class, () -> new Proportion(1, -1));
  }
}
