package stallcast.coordinator.validate;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Optional;
import stallcast.coordinator.aggregate.Interval;
import stallcast.coordinator.scenario.Expectation;
import stallcast.coordinator.scenario.Expectation.Statistic;

/** Values of expectations as tables show them: times to the nanosecond, shares in digits. */
final class ValueText {
  private static final String[] UNITS = {"s", "ms", "us"};
  private static final double[] UNIT_NS = {1e9, 1e6, 1e3};
  private static final MathContext DIGITS = new MathContext(6);

  private static final double HUNDREDTHS = 1e4; // of a percent

  private ValueText() {}

  /** What is looked at: metric, instant and statistic. */
  static String quantity(Expectation expectation) {
    Expectation.Quantity quantity = expectation.quantity();
    StringBuilder text = new StringBuilder(quantity.metric().text());
    quantity.atNs().ifPresent(ns -> text.append(" at ").append(time((double) ns)));
    if (quantity instanceof Expectation.ProbabilityOf probability) {
      text.insert(0, "P(").append(" > ").append(value(expectation, probability.above(), false));
      return text.append(')').toString();
    }
    text.append(statistic(expectation).map(s -> " (" + s + ")").orElse(""));
    return text.append(expectation.relativeTo().map(c -> " against " + c).orElse("")).toString();
  }

  /** The word of a statistic, empty for the value of the only host and for probabilities. */
  static Optional<String> statistic(Expectation expectation) {
    if (expectation.quantity() instanceof Expectation.OfMetric metric
        && metric.statistic() != Statistic.Plain.VALUE) {
      if (metric.statistic() instanceof Statistic.Percentile percentile) {
        return Optional.of("p" + plain(percentile.percent()));
      }
      Statistic.Plain word = (Statistic.Plain) metric.statistic();
      return Optional.of(word.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }
    return Optional.empty();
  }

  static String expected(Expectation expectation) {
    Expectation.Comparison comparison = expectation.comparison();
    if (comparison instanceof Expectation.Equals equal) {
      return value(expectation, equal.value());
    }
    if (comparison instanceof Expectation.Published figure) {
      return "published " + value(expectation, figure.value());
    }
    if (comparison instanceof Expectation.Between range) {
      return value(expectation, range.low()) + " to " + value(expectation, range.high());
    }
    if (comparison instanceof Expectation.AtLeast bound) {
      return "at least " + value(expectation, bound.low());
    }
    if (comparison instanceof Expectation.AtMost bound) {
      return "at most " + value(expectation, bound.high());
    }
    if (comparison instanceof Expectation.AgreesWith known) {
      return value(expectation, known.probability());
    }
    return "absent";
  }

  static String tolerance(Expectation expectation) {
    if (expectation.comparison() instanceof Expectation.Equals equal) {
      return equal.tolerance() == 0 ? "exact" : "±" + value(expectation, equal.tolerance());
    }
    if (expectation.comparison() instanceof Expectation.Published figure) {
      return "±" + value(expectation, figure.tolerance()).replace("+", "");
    }
    if (expectation.comparison() instanceof Expectation.AgreesWith
        && expectation.quantity() instanceof Expectation.ProbabilityOf probability) {
      return "in " + plain(100 * probability.level()) + " % interval";
    }
    return "";
  }

  static String simulated(Verdict verdict) {
    if (verdict.result() == Verdict.Result.ERROR) {
      return verdict.message();
    }
    if (verdict.simulated().isEmpty()) {
      return "absent";
    }
    String text = value(verdict.expectation(), verdict.simulated().getAsDouble());
    if (verdict.interval().isEmpty()) {
      return text;
    }
    Interval interval = verdict.interval().get();
    return text + " [" + rounded(interval.low()) + ", " + rounded(interval.high()) + "]";
  }

  private static String value(Expectation expectation, double value) {
    return value(expectation, value, isShare(expectation));
  }

  private static String value(Expectation expectation, double value, boolean share) {
    if (expectation.relativeTo().isPresent()) {
      double percent = Math.rint(HUNDREDTHS * value) / HUNDREDTHS * 100;
      return String.format(Locale.ROOT, "%+.2f %%", percent == 0 ? 0.0 : percent); // no -0.00
    }
    boolean time = expectation.quantity().metric().what().isTime();
    return time && !share ? time(value) : plain(value);
  }

  /** Whether the number is a share of hosts, whatever the unit of the metric is. */
  static boolean isShare(Expectation expectation) {
    return expectation.relativeTo().isPresent()
        || expectation.quantity() instanceof Expectation.ProbabilityOf
        || (expectation.quantity() instanceof Expectation.OfMetric of
            && of.statistic() == Statistic.Plain.FRACTION_POSITIVE);
  }

  /** A time in s, ms, us or ns with all its digits. */
  static String time(double ns) {
    double rounded = Math.abs(ns) >= 1 ? Math.rint(ns) : ns;
    for (int i = 0; i < UNITS.length; i++) {
      if (Math.abs(rounded) >= UNIT_NS[i]) {
        BigDecimal inUnit = new BigDecimal(rounded).divide(new BigDecimal(UNIT_NS[i]));
        return inUnit.stripTrailingZeros().toPlainString() + UNITS[i];
      }
    }
    return ns == 0 ? "0s" : plain(rounded) + "ns";
  }

  private static String plain(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return Long.toString((long) value);
    }
    return new BigDecimal(value).round(DIGITS).stripTrailingZeros().toPlainString();
  }

  private static String rounded(double share) {
    MathContext four = new MathContext(4, RoundingMode.HALF_EVEN);
    return share == 0
        ? "0"
        : new BigDecimal(share).round(four).stripTrailingZeros().toPlainString();
  }
}
