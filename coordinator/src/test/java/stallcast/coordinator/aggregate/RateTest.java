package stallcast.coordinator.aggregate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import org.apache.commons.statistics.distribution.PoissonDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateTest {
  private static final double LEVEL = 0.95;

  /** Hosts with these counts and exposures. */
  private static Rate rate(long[] counts, long[] exposures) {
    HostCounts sums = HostCounts.NONE;
    Exposure exposure = Exposure.NONE;
    for (int i = 0; i < counts.length; i++) {
      sums = sums.plusHost(counts[i], exposures[i]);
      exposure = exposure.plus(Exposure.equal(1, exposures[i]));
    }
    return new Rate(sums, exposure, 1);
  }

  private static Rate independent(long events, long hosts, long exposure) {
    HostCounts counts =
        new HostCounts(
            events,
            0,
            events,
            BigInteger.valueOf(events),
            BigInteger.valueOf(events).multiply(BigInteger.valueOf(exposure)));
    return new Rate(counts, Exposure.equal(hosts, exposure), 1);
  }

  // The vectors of statistics.md section 3.2.
  @ParameterizedTest
  @CsvSource({
    "0, 1000, 0, 3.68887945411e-3",
    "1, 1000, 2.53178079843e-5, 5.57164339094e-3",
    "7, 25000, 1.12574522061e-4, 5.76907014468e-4",
    "37, 1200000, 2.17095121393e-5, 4.24996884516e-5",
  })
  void garwoodAgreesWithThePublishedVectors(long k, long hosts, double low, double high) {
    ProportionTest.assertLimits(low, high, independent(k, hosts, 1).garwood(LEVEL));
  }

  // Statistics.md section 3.3: exact coverage at an expected count.
  @ParameterizedTest
  @CsvSource({
    "0.5, 0.9856",
    "1, 0.9810",
    "3.2, 0.9832",
    "7, 0.9799",
    "12.5, 0.9679",
    "40, 0.9607",
  })
  void garwoodCoversWhatEnumerationSays(double expected, double coverage) {
    PoissonDistribution law = PoissonDistribution.of(expected);
    double covered = 0;
    for (int k = 0; k < 200; k++) {
      if (independent(k, 1000, 1).garwood(LEVEL).contains(expected / 1000)) {
        covered += law.probability(k);
      }
    }
    assertEquals(coverage, covered, 5.1e-5);
  }

  @Test
  void dispersionOfEqualExposuresIsVarianceOverMean() {
    // Counts 0 1 2 3 4: mean 2, sample variance 2.5.
    Rate rate = rate(new long[] {0, 1, 2, 3, 4}, new long[] {7, 7, 7, 7, 7});
    assertEquals(1.25, rate.indexOfDispersion(), 1e-15);
    assertEquals(2.0 / 7, rate.estimate(), 1e-15);
  }

  @Test
  void robustErrorFollowsTheFormulaForUnequalExposures() {
    long[] counts = {0, 3, 1, 0, 5, 2};
    long[] exposures = {10, 20, 30, 5, 15, 40};
    double r = 11.0 / 120;
    double scatter = 0;
    for (int i = 0; i < counts.length; i++) {
      double difference = counts[i] - r * exposures[i];
      scatter += difference * difference;
    }
    double error = Math.sqrt(6.0 / 5 * scatter) / 120; // statistics.md section 3.4
    Rate rate = rate(counts, exposures);
    assertEquals(error, rate.standardError(), 1e-15);
    Interval robust = rate.clusterRobust(LEVEL);
    assertEquals(r * Math.exp(-1.959963984540054 * error / r), robust.low(), 1e-12);
    assertEquals(r * Math.exp(1.959963984540054 * error / r), robust.high(), 1e-12);
  }

  @Test
  void nanosecondExposuresStayExact() {
    // One host of a million has 1 event; a day each: the sums pass 2^64 and 2^96.
    long day = NsText.DAY_NS;
    Rate rate =
        new Rate(HostCounts.NONE.plusHost(1, day), Exposure.equal(1_000_000, day), NsText.DAY_NS);
    assertEquals(1e-6, rate.estimate(), 1e-21);
    // Counts are one 1 and zeros: variance over mean is exactly one.
    assertEquals(1, rate.indexOfDispersion(), 1e-15);
  }

  @Test
  void clusteredReportsAreRefusedTheIntervalOfIndependentOnes() {
    // 30 % of the hosts with events have several.
    long[] counts = {1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    long[] exposures = new long[counts.length];
    java.util.Arrays.fill(exposures, 1);
    Rate rate = rate(counts, exposures);
    assertFalse(rate.isOverdispersed());
    assertTrue(rate.refusesGarwood(false));
    assertFalse(rate.refusesGarwood(true));
    assertEquals("cluster-robust", rate.chosen(false, LEVEL).method());
    assertEquals("garwood", rate.chosen(true, LEVEL).method());
  }

  @Test
  void overdispersionIsRefusedEvenWhenDeclustered() {
    Rate rate = rate(new long[] {6, 0, 0, 0, 0, 0}, new long[] {1, 1, 1, 1, 1, 1});
    assertTrue(rate.isOverdispersed());
    assertEquals("cluster-robust", rate.chosen(true, LEVEL).method());
  }

  @Test
  void noEventLeavesAnUpperBound() {
    Rate rate = independent(0, 100, 10);
    assertTrue(rate.isUpperBoundOnly());
    assertEquals("garwood", rate.chosen(false, LEVEL).method());
    assertEquals(3.688879454113936 / 1000, rate.chosen(false, LEVEL).high(), 1e-15);
  }
}
