package stallcast.coordinator.validate;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import stallcast.coordinator.aggregate.Interval;
import stallcast.coordinator.aggregate.Proportion;
import stallcast.coordinator.scenario.Expectation;
import stallcast.coordinator.scenario.Expectation.Comparison;
import stallcast.coordinator.scenario.Expectation.ProbabilityOf;
import stallcast.coordinator.scenario.Expectation.Statistic;
import stallcast.kernel.host.HostOutcome;

/**
 * Judges an expectation by the values of all hosts of a case.
 *
 * <p>Mean, median, percentiles, smallest and largest look at the hosts that have a value;
 * probabilities and {@code fraction-positive} at all hosts, and one without a value counts as not
 * above. Percentiles interpolate between order statistics (type 7 of Hyndman and Fan, 1996).
 */
final class Evaluation {
  private Evaluation() {}

  /**
   * Judges.
   *
   * @param values [host] of the metric, {@link HostOutcome#NONE} where a host has none
   */
  static Verdict judge(Expectation expectation, long[] values) {
    if (expectation.quantity() instanceof ProbabilityOf probability) {
      return judgeProbability(expectation, probability, values);
    }
    return verdict(expectation, summary(statisticOf(expectation), values));
  }

  /**
   * Judges an expectation that is relative to another case.
   *
   * @param values [host] of the metric
   * @param base [host] of the metric in the other case
   */
  static Verdict judgeGain(Expectation expectation, long[] values, long[] base) {
    OptionalDouble own = summary(statisticOf(expectation), values);
    OptionalDouble other = summary(statisticOf(expectation), base);
    boolean defined = own.isPresent() && other.isPresent() && other.getAsDouble() != 0;
    return verdict(
        expectation,
        defined
            ? OptionalDouble.of(own.getAsDouble() / other.getAsDouble() - 1)
            : OptionalDouble.empty());
  }

  private static Statistic statisticOf(Expectation expectation) {
    return ((Expectation.OfMetric) expectation.quantity()).statistic();
  }

  private static Verdict verdict(Expectation expectation, OptionalDouble simulated) {
    boolean holds =
        simulated.isPresent()
            ? holds(expectation.comparison(), simulated.getAsDouble())
            : expectation.comparison() instanceof Expectation.Absent;
    return Verdict.of(expectation, holds, simulated, Optional.empty());
  }

  private static Verdict judgeProbability(
      Expectation expectation, ProbabilityOf quantity, long[] values) {
    Proportion proportion = new Proportion(values.length, countAbove(quantity.above(), values));
    Interval interval = proportion.clopperPearson(quantity.level());
    boolean holds =
        expectation.comparison() instanceof Expectation.AgreesWith known
            ? interval.contains(known.probability())
            : holds(expectation.comparison(), proportion.estimate());
    OptionalDouble simulated = OptionalDouble.of(proportion.estimate());
    return Verdict.of(expectation, holds, simulated, Optional.of(interval));
  }

  private static long countAbove(double threshold, long[] values) {
    return Arrays.stream(values).filter(v -> v != HostOutcome.NONE && v > threshold).count();
  }

  private static OptionalDouble summary(Statistic statistic, long[] values) {
    if (statistic == Statistic.Plain.FRACTION_POSITIVE) {
      return OptionalDouble.of((double) countAbove(0, values) / values.length);
    }
    long[] present = Arrays.stream(values).filter(v -> v != HostOutcome.NONE).sorted().toArray();
    if (present.length == 0) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(ofPresent(statistic, present));
  }

  private static double ofPresent(Statistic statistic, long[] sorted) {
    if (statistic instanceof Statistic.Percentile percentile) {
      return quantile(percentile.percent() / 100, sorted);
    }
    return switch ((Statistic.Plain) statistic) {
      case VALUE, MIN -> sorted[0];
      case MAX -> sorted[sorted.length - 1];
      case MEDIAN -> quantile(0.5, sorted);
      case MEAN -> Arrays.stream(sorted).mapToDouble(v -> v).sum() / sorted.length;
      case FRACTION_POSITIVE -> throw new IllegalStateException("a share of all hosts");
    };
  }

  private static double quantile(double share, long[] sorted) {
    double at = share * (sorted.length - 1);
    int below = (int) Math.floor(at);
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }

  private static boolean holds(Comparison comparison, double value) {
    if (comparison instanceof Expectation.Equals equal) {
      return Math.abs(value - equal.value()) <= equal.tolerance();
    }
    if (comparison instanceof Expectation.Published figure) {
      return Math.abs(value - figure.value()) <= figure.tolerance();
    }
    if (comparison instanceof Expectation.Between range) {
      return range.low() <= value && value <= range.high();
    }
    if (comparison instanceof Expectation.AtLeast bound) {
      return value >= bound.low();
    }
    if (comparison instanceof Expectation.AtMost bound) {
      return value <= bound.high();
    }
    return false; // absent, but there is a value
  }
}
