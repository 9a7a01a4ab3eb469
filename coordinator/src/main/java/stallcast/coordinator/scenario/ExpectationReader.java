package stallcast.coordinator.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import stallcast.coordinator.scenario.Expectation.Comparison;
import stallcast.coordinator.scenario.Expectation.Statistic;
import stallcast.coordinator.scenario.yaml.SourceNode.ScalarNode;
import stallcast.kernel.scenario.MetricName;

/** Reads {@code expect}: metrics and probabilities with what they must be. */
final class ExpectationReader {
  /** Keys of which an expectation has exactly one. */
  static final List<String> COMPARISONS =
      List.of("equals", "between", "at-least", "at-most", "absent", "agrees-with", "published");

  /** Words of {@code statistic} besides percentiles. */
  static final List<String> STATISTICS =
      List.of("value", "mean", "median", "min", "max", "fraction-positive");

  private static final double LEVEL_DEFAULT = 0.999;
  private static final double PUBLISHED_POINTS = 0.05; // default tolerance of published gains

  private final MetricReader metrics;
  private final long hosts;

  /**
   * A reader for one scenario.
   *
   * @param metrics reads metric names
   * @param hosts hosts of the case
   */
  ExpectationReader(MetricReader metrics, long hosts) {
    this.metrics = metrics;
    this.hosts = hosts;
  }

  /** Reads all expectations of a scenario. */
  List<Expectation> read(Cursor scenario) {
    List<Expectation> expectations = new ArrayList<>();
    for (Cursor item : scenario.find("expect").map(Cursor::items).orElse(List.of())) {
      expectation(item).ifPresent(expectations::add);
    }
    return expectations;
  }

  private Optional<Expectation> expectation(Cursor item) {
    if (!item.isMap()) {
      return Optional.empty(); // the schema reports it
    }
    boolean fleet = item.has("probability-of");
    if (fleet == item.has("metric")) {
      item.problem("an expectation needs exactly one of metric, probability-of");
      return Optional.empty();
    }
    Optional<Expectation.Quantity> quantity = fleet ? probabilityOf(item) : ofMetric(item);
    if (quantity.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> base = item.find("relative-to").flatMap(Cursor::text);
    if (base.isPresent() && fleet) {
      item.find("relative-to").orElseThrow().problem("relative-to belongs to metric");
    }
    boolean share = fleet || isShare(quantity.get());
    Scale unit =
        base.isPresent()
            ? Scale.GAIN
            : new Scale(share ? Quantity.PROBABILITY : unit(quantity.get().metric()), share);
    Optional<Comparison> comparison = comparison(item, unit, fleet);
    if (comparison.isEmpty() || item.problems().isBroken(item.field())) {
      return Optional.empty();
    }
    String name = item.text("name", quantity.get().metric().text());
    String source = item.text("source", "");
    return Optional.of(
        new Expectation(
            name, quantity.get(), comparison.get(), base, source, item.field().position()));
  }

  /**
   * How the numbers of a comparison are written.
   *
   * @param unit their unit
   * @param isShare whether they lie in 0..1
   */
  private record Scale(Quantity unit, boolean isShare) {
    /** A ratio to another case less one. */
    static final Scale GAIN = new Scale(Quantity.PROBABILITY, false);

    boolean isGain() {
      return equals(GAIN);
    }
  }

  private static boolean isShare(Expectation.Quantity quantity) {
    return quantity instanceof Expectation.OfMetric of
        && of.statistic() == Statistic.Plain.FRACTION_POSITIVE;
  }

  private static Quantity unit(MetricName metric) {
    return metric.what().isTime() ? Quantity.TIME : Quantity.NUMBER;
  }

  private Optional<Expectation.Quantity> ofMetric(Cursor item) {
    item.find("level").ifPresent(at -> at.problem("level belongs to probability-of"));
    Optional<MetricName> metric = item.find("metric").flatMap(metrics::metric);
    Optional<OptionalLong> at = metrics.at(item);
    Optional<Statistic> statistic = statistic(item);
    if (metric.isEmpty() || at.isEmpty() || statistic.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new Expectation.OfMetric(metric.get(), at.get(), statistic.get()));
  }

  private Optional<Statistic> statistic(Cursor item) {
    Optional<Cursor> at = item.find("statistic");
    if (at.isEmpty()) {
      if (hosts == 1) {
        return Optional.of(Statistic.Plain.VALUE);
      }
      String legal = String.join(", ", STATISTICS.subList(1, STATISTICS.size())) + ", pNN";
      item.missing("statistic", "with hosts > 1 an expectation needs a statistic: " + legal);
      return Optional.empty();
    }
    String word = at.get().text().orElse("");
    int plain = STATISTICS.indexOf(word);
    if (plain == 0 && hosts != 1) {
      at.get().problem("statistic: value needs hosts: 1");
      return Optional.empty();
    }
    if (plain >= 0) {
      return Optional.of(Statistic.Plain.values()[plain]);
    }
    if (word.matches("p[0-9]{1,2}(\\.[0-9]{1,6})?") && Double.parseDouble(word.substring(1)) > 0) {
      return Optional.of(new Statistic.Percentile(Double.parseDouble(word.substring(1))));
    }
    List<String> legal = new ArrayList<>(STATISTICS);
    legal.add("pNN (p50, p99, p99.9)");
    ScalarReader.fault(at.get(), at.get().field(), Suggestion.unknown("statistic", word, legal));
    return Optional.empty();
  }

  private Optional<Expectation.Quantity> probabilityOf(Cursor item) {
    for (String key : List.of("at", "statistic")) {
      item.find(key).ifPresent(at -> at.problem(key + " does not belong beside probability-of"));
    }
    Cursor body = item.find("probability-of").orElseThrow();
    Optional<MetricName> metric = body.find("metric").flatMap(metrics::metric);
    Optional<OptionalLong> at = metrics.at(body);
    double level =
        item.find("level")
            .map(new ScalarReader(Quantity.PROBABILITY, Bounds.of(0.5, 1 - 1e-12))::readPlain)
            .orElse(LEVEL_DEFAULT);
    if (metric.isEmpty() || at.isEmpty() || Double.isNaN(level)) {
      return Optional.empty();
    }
    double above =
        body.find("above").map(a -> number(a, new Scale(unit(metric.get()), false))).orElse(0.0);
    return Double.isNaN(above)
        ? Optional.empty()
        : Optional.of(new Expectation.ProbabilityOf(metric.get(), at.get(), above, level));
  }

  private static Optional<Comparison> comparison(Cursor item, Scale unit, boolean fleet) {
    List<String> given = COMPARISONS.stream().filter(item::has).toList();
    if (given.size() != 1) {
      String got = given.isEmpty() ? "none" : String.join(" and ", given);
      String legal = String.join(", ", COMPARISONS);
      item.problem("an expectation needs exactly one of " + legal + ", got " + got);
      return Optional.empty();
    }
    String word = given.get(0);
    Cursor at = item.find(word).orElseThrow();
    if (item.has("tolerance") && !word.equals("equals") && !word.equals("published")) {
      item.find("tolerance").orElseThrow().problem("tolerance belongs to equals and published");
      return Optional.empty();
    }
    if (word.equals("agrees-with") != fleet && (word.equals("agrees-with") || !isRange(word))) {
      at.problem(
          fleet
              ? "probability-of is compared by agrees-with, between, at-least or at-most"
              : "agrees-with belongs to probability-of");
      return Optional.empty();
    }
    return switch (word) {
      case "equals" -> near(item, at, unit, 0, Expectation.Equals::new);
      case "published" ->
          near(item, at, unit, unit.isGain() ? PUBLISHED_POINTS : 0, Expectation.Published::new);
      case "between" -> between(at, unit);
      case "at-least" -> bounded(at, unit, Expectation.AtLeast::new);
      case "at-most" -> bounded(at, unit, Expectation.AtMost::new);
      case "agrees-with" ->
          bounded(at, new Scale(Quantity.PROBABILITY, true), Expectation.AgreesWith::new);
      default -> Optional.of(new Expectation.Absent());
    };
  }

  private static boolean isRange(String word) {
    return List.of("between", "at-least", "at-most").contains(word);
  }

  private interface OneBound {
    Comparison of(double value);
  }

  private static Optional<Comparison> bounded(Cursor at, Scale unit, OneBound comparison) {
    double value = number(at, unit);
    return Double.isNaN(value) ? Optional.empty() : Optional.of(comparison.of(value));
  }

  private static Optional<Comparison> between(Cursor at, Scale unit) {
    if (at.items().size() != 2) {
      return Optional.empty(); // the schema reports it
    }
    double low = number(at.items().get(0), unit);
    double high = number(at.items().get(1), unit);
    if (low > high) {
      ScalarReader.fault(at, at.field(), "between: the first value must not exceed the second");
      return Optional.empty();
    }
    return Double.isNaN(low) || Double.isNaN(high)
        ? Optional.empty()
        : Optional.of(new Expectation.Between(low, high));
  }

  private interface Nearness {
    Comparison of(double value, double tolerance);
  }

  private static Optional<Comparison> near(
      Cursor item, Cursor at, Scale unit, double byDefault, Nearness comparison) {
    double value = number(at, unit);
    Optional<Cursor> tolerance = item.find("tolerance");
    double distance = tolerance.map(t -> tolerance(t, unit, value)).orElse(byDefault);
    return Double.isNaN(value) || Double.isNaN(distance)
        ? Optional.empty()
        : Optional.of(comparison.of(value, distance));
  }

  /**
   * A distance in the metric's unit, or a share of the expected value in percent; of gains, the
   * distance in points.
   */
  private static double tolerance(Cursor at, Scale unit, double value) {
    String text = at.text().orElse("");
    if (text.endsWith("%") && !unit.isGain()) {
      double share = new ScalarReader(Quantity.PROBABILITY, Bounds.NOT_NEGATIVE).readPlain(at);
      return share * Math.abs(value);
    }
    return new ScalarReader(unit.unit(), Bounds.NOT_NEGATIVE).readPlain(at);
  }

  private static double number(Cursor at, Scale scale) {
    Quantity unit = scale.unit();
    Optional<String> word = at.text().filter(t -> unit == Quantity.NUMBER && isFlag(t));
    if (word.isPresent()) {
      return word.get().equals("true") ? 1 : 0; // rt_throttled: true
    }
    if (!(at.node() instanceof ScalarNode)) {
      ScalarReader.fault(at, at.field(), at.name() + " must be " + unit.words());
      return Double.NaN;
    }
    return new ScalarReader(unit, scale.isShare() ? Bounds.of(0, 1) : Bounds.NONE).readPlain(at);
  }

  private static boolean isFlag(String text) {
    return text.equals("true") || text.equals("false");
  }
}
