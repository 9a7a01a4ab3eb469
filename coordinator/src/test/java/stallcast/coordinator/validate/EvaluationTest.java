package stallcast.coordinator.validate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.HostOutcome.NONE;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stallcast.coordinator.scenario.Expectation;
import stallcast.coordinator.scenario.Expectation.Comparison;
import stallcast.coordinator.scenario.Expectation.Statistic;
import stallcast.coordinator.scenario.yaml.Position;
import stallcast.coordinator.validate.Verdict.Result;
import stallcast.kernel.scenario.MetricName;

/** Every form of expectation, held by one set of values and missed by another. */
final class EvaluationTest {
  private static final MetricName METRIC =
      MetricName.parse("host.incident freeze.longest", new ArrayList<>()).orElseThrow();
  private static final Statistic VALUE = Statistic.Plain.VALUE;

  @ParameterizedTest
  @CsvSource({"7, PASS", "9, PASS", "11, PASS", "12, FAIL", "6, FAIL"})
  void equalsHoldsWithinItsTolerance(long value, Result result) {
    assertResult(result, VALUE, new Expectation.Equals(9, 2), value);
  }

  @Test
  void equalsWithoutToleranceIsExact() {
    assertResult(Result.PASS, VALUE, new Expectation.Equals(9, 0), 9);
    assertResult(Result.FAIL, VALUE, new Expectation.Equals(9, 0), 10);
  }

  @ParameterizedTest
  @CsvSource({"4, FAIL", "5, PASS", "6, PASS", "7, FAIL"})
  void betweenIncludesItsEnds(long value, Result result) {
    assertResult(result, VALUE, new Expectation.Between(5, 6), value);
  }

  @Test
  void boundsIncludeThemselves() {
    assertResult(Result.PASS, VALUE, new Expectation.AtLeast(5), 5);
    assertResult(Result.FAIL, VALUE, new Expectation.AtLeast(5), 4);
    assertResult(Result.PASS, VALUE, new Expectation.AtMost(5), 5);
    assertResult(Result.FAIL, VALUE, new Expectation.AtMost(5), 6);
  }

  @ParameterizedTest
  @CsvSource({"4, NOT_SUPPORTED", "5, SUPPORTED", "9, SUPPORTED", "10, NOT_SUPPORTED"})
  void publishedFigureIsJudgedAndNeverFails(long value, Result result) {
    Verdict verdict = judge(VALUE, new Expectation.Published(7, 2), value);
    assertEquals(result, verdict.result());
    assertTrue(verdict.isPass());
  }

  @ParameterizedTest
  @CsvSource({"0.25, 0, PASS", "0.25, 0.01, PASS", "0.2, 0.04, FAIL"})
  void gainIsTheRatioOfTheStatisticsLessOne(double gain, double tolerance, Result result) {
    var metric = new Expectation.OfMetric(METRIC, OptionalLong.empty(), Statistic.Plain.MEAN);
    Expectation expectation = expectation(metric, new Expectation.Equals(gain, tolerance));
    Verdict verdict =
        Evaluation.judgeGain(expectation, new long[] {100, NONE, 150}, new long[] {100, 100});
    assertEquals(0.25, verdict.simulated().orElseThrow(), 1e-12);
    assertEquals(result, verdict.result());
  }

  @Test
  void gainOverNothingHasNoValue() {
    var metric = new Expectation.OfMetric(METRIC, OptionalLong.empty(), VALUE);
    Expectation expectation = expectation(metric, new Expectation.AtLeast(0));
    Verdict verdict = Evaluation.judgeGain(expectation, new long[] {1}, new long[] {0});
    assertEquals(Result.FAIL, verdict.result());
    assertTrue(verdict.simulated().isEmpty());
  }

  @Test
  void absentHoldsOnlyIfNoHostHasAValue() {
    assertResult(Result.PASS, VALUE, new Expectation.Absent(), NONE);
    assertResult(Result.FAIL, VALUE, new Expectation.Absent(), 0);
    assertResult(Result.PASS, Statistic.Plain.MAX, new Expectation.Absent(), NONE, NONE);
    assertResult(Result.FAIL, Statistic.Plain.MAX, new Expectation.Absent(), NONE, 3);
  }

  @Test
  void missingValueMeetsNoNumber() {
    for (Comparison comparison :
        List.of(
            new Expectation.Equals(0, 1e18),
            new Expectation.Between(-1e18, 1e18),
            new Expectation.AtLeast(-1e18),
            new Expectation.AtMost(1e18))) {
      Verdict verdict = judge(VALUE, comparison, NONE);
      assertEquals(Result.FAIL, verdict.result());
      assertTrue(verdict.simulated().isEmpty());
    }
  }

  @Test
  void statisticsLookAtHostsWithAValue() {
    long[] values = {40, NONE, 10, 30, 20, NONE};
    assertEquals(25, simulated(Statistic.Plain.MEAN, values));
    assertEquals(25, simulated(Statistic.Plain.MEDIAN, values));
    assertEquals(10, simulated(Statistic.Plain.MIN, values));
    assertEquals(40, simulated(Statistic.Plain.MAX, values));
    assertEquals(10 + 0.9 * 30, simulated(new Statistic.Percentile(90), values), 1e-9);
    assertEquals(20, simulated(new Statistic.Percentile(100.0 / 3), values), 1e-9);
  }

  @Test
  void shareAboveZeroLooksAtAllHosts() {
    assertEquals(0.25, simulated(Statistic.Plain.FRACTION_POSITIVE, 5, 0, NONE, -1));
    assertEquals(0, simulated(Statistic.Plain.FRACTION_POSITIVE, NONE, NONE));
  }

  /** Clopper-Pearson for 20 of 100 at 95 %: 0.1266556 to 0.2918427 (R, binom.test(20, 100)). */
  @ParameterizedTest
  @CsvSource({"0.1266, FAIL", "0.1267, PASS", "0.2, PASS", "0.2918, PASS", "0.2919, FAIL"})
  void probabilityAgreesInsideTheExactInterval(double known, Result result) {
    long[] values = new long[100];
    for (int host = 0; host < values.length; host++) {
      values[host] = host < 20 ? 8 : host < 60 ? 7 : NONE;
    }
    Verdict verdict = probability(7, new Expectation.AgreesWith(known), values);
    assertEquals(result, verdict.result());
    assertEquals(0.2, verdict.simulated().orElseThrow());
    assertEquals(0.1266556, verdict.interval().orElseThrow().low(), 1e-7);
    assertEquals(0.2918427, verdict.interval().orElseThrow().high(), 1e-7);
  }

  @Test
  void probabilityIsBoundedByItsEstimate() {
    long[] values = {1, 1, 0, NONE};
    assertEquals(Result.PASS, probability(0, new Expectation.AtMost(0.5), values).result());
    assertEquals(Result.FAIL, probability(0, new Expectation.AtLeast(0.51), values).result());
    assertEquals(Result.PASS, probability(0, new Expectation.Between(0.4, 0.6), values).result());
  }

  private static Verdict probability(double above, Comparison comparison, long... values) {
    return Evaluation.judge(
        expectation(
            new Expectation.ProbabilityOf(METRIC, OptionalLong.empty(), above, 0.95), comparison),
        values);
  }

  private static double simulated(Statistic statistic, long... values) {
    return judge(statistic, new Expectation.AtLeast(0), values).simulated().orElseThrow();
  }

  private static void assertResult(
      Result expected, Statistic statistic, Comparison comparison, long... values) {
    assertEquals(expected, judge(statistic, comparison, values).result());
  }

  private static Verdict judge(Statistic statistic, Comparison comparison, long... values) {
    return Evaluation.judge(
        expectation(new Expectation.OfMetric(METRIC, OptionalLong.empty(), statistic), comparison),
        values);
  }

  private static Expectation expectation(Expectation.Quantity quantity, Comparison comparison) {
    return new Expectation("x", quantity, comparison, Optional.empty(), "", Position.of("test"));
  }
}
