package stallcast.coordinator.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import stallcast.coordinator.scenario.yaml.Field;
import stallcast.coordinator.scenario.yaml.SourceNode.ListNode;
import stallcast.kernel.random.Beta;
import stallcast.kernel.random.BoundedPareto;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.Empirical;
import stallcast.kernel.random.Exponential;
import stallcast.kernel.random.Fixed;
import stallcast.kernel.random.Gamma;
import stallcast.kernel.random.Geometric;
import stallcast.kernel.random.LogNormal;
import stallcast.kernel.random.LogUniform;
import stallcast.kernel.random.Normal;
import stallcast.kernel.random.Pareto;
import stallcast.kernel.random.Poisson;
import stallcast.kernel.random.Uniform;
import stallcast.kernel.random.Weibull;

/**
 * Reads the laws that have parameters. Locations and scales carry the unit of the quantity, shapes
 * and logarithms are plain numbers. The parameter {@code mu} of a lognormal time is the logarithm
 * of a time in seconds.
 */
final class LawReader {
  /** The laws' names. */
  static final List<String> FORMS =
      List.of(
          "uniform",
          "exponential",
          "normal",
          "lognormal",
          "weibull",
          "pareto",
          "bounded-pareto",
          "beta",
          "log-uniform",
          "gamma",
          "poisson",
          "geometric",
          "empirical");

  private static final double NS_PER_SECOND = 1e9;

  private final ScalarReader scalar;
  private final Field whole;

  /**
   * A reader of laws for one scalar.
   *
   * @param whole the scalar, for problems
   */
  LawReader(ScalarReader scalar, Field whole) {
    this.scalar = scalar;
    this.whole = whole;
  }

  /**
   * Reads the parameters of a law.
   *
   * @return empty with a problem reported
   */
  Optional<Distribution> read(String form, Cursor body) {
    return switch (form) {
      case "uniform" -> uniform(body);
      case "exponential" -> one(body, "mean", Exponential::new);
      case "normal" -> normal(body);
      case "lognormal" -> logNormal(body);
      case "weibull" -> shaped(body, "scale", Weibull::new);
      case "pareto" -> shaped(body, "min", Pareto::new);
      case "gamma" -> shaped(body, "scale", (scale, shape) -> new Gamma(shape, scale));
      case "bounded-pareto" -> boundedPareto(body);
      case "beta" -> beta(body);
      case "log-uniform" -> range(body, LogUniform::new);
      case "poisson" -> count(body, Poisson::new);
      case "geometric" -> count(body, Geometric::new);
      case "empirical" -> empirical(body);
      default -> throw new IllegalStateException("no such law: " + form);
    };
  }

  private interface OneParameter {
    Distribution of(double a);
  }

  private interface TwoParameters {
    Distribution of(double a, double b);
  }

  private Optional<Distribution> uniform(Cursor body) {
    if (!(body.node() instanceof ListNode)) {
      return range(body, Uniform::new);
    }
    if (body.items().size() != 2) {
      return fault(body, "uniform must be [min, max] or {min: …, max: …}");
    }
    double min = amount(body.items().get(0));
    double max = amount(body.items().get(1));
    return ordered(body, min, max, Uniform::new);
  }

  private Optional<Distribution> range(Cursor body, TwoParameters law) {
    if (!hasKeys(body, whole, List.of("min", "max"))) {
      return Optional.empty();
    }
    return ordered(body, amount(body, "min"), amount(body, "max"), law);
  }

  private Optional<Distribution> ordered(Cursor body, double min, double max, TwoParameters law) {
    if (Double.isNaN(min) || Double.isNaN(max)) {
      return Optional.empty();
    }
    if (!(min < max)) {
      return fault(body, body.name() + ": max must be greater than min");
    }
    return ScalarReader.build(body, whole, () -> law.of(min, max));
  }

  private Optional<Distribution> one(Cursor body, String key, OneParameter law) {
    if (!hasKeys(body, whole, List.of(key))) {
      return Optional.empty();
    }
    double value = positive(body, key, unit());
    return Double.isNaN(value)
        ? Optional.empty()
        : ScalarReader.build(body, whole, () -> law.of(value));
  }

  private Optional<Distribution> shaped(Cursor body, String key, TwoParameters law) {
    if (!hasKeys(body, whole, List.of(key, "shape"))) {
      return Optional.empty();
    }
    double scale = positive(body, key, unit());
    double shape = positive(body, "shape", Quantity.NUMBER);
    return pair(body, scale, shape, law);
  }

  private Optional<Distribution> normal(Cursor body) {
    if (!hasKeys(body, whole, List.of("mean", "sd"))) {
      return Optional.empty();
    }
    double sd = positive(body, "sd", unit());
    return pair(body, amount(body, "mean"), sd, Normal::new);
  }

  private Optional<Distribution> logNormal(Cursor body) {
    List<String> keys = body.keys();
    boolean p99 = body.isMap() && keys.contains("median") && keys.contains("p99");
    boolean sigma = body.isMap() && keys.contains("median") && keys.contains("sigma");
    boolean mu = body.isMap() && keys.contains("mu") && keys.contains("sigma");
    if (keys.size() != 2 || !(p99 || sigma || mu)) {
      return fault(body, "lognormal must have {median, p99}, {median, sigma} or {mu, sigma}");
    }
    if (p99) {
      double median = positive(body, "median", unit());
      double high = positive(body, "p99", unit());
      if (high <= median) {
        return fault(body, "lognormal: p99 must be greater than the median");
      }
      return pair(body, median, high, LogNormal::ofMedianAndP99);
    }
    double spread = positive(body, "sigma", Quantity.NUMBER);
    if (sigma) {
      double median = positive(body, "median", unit());
      return pair(body, median, spread, LogNormal::ofMedianAndSigma);
    }
    double log = body.find("mu").map(at -> number(at)).orElse(Double.NaN);
    double unit = scalar.quantity() == Quantity.TIME ? StrictMath.log(NS_PER_SECOND) : 0;
    return pair(body, log + unit, spread, LogNormal::new);
  }

  private Optional<Distribution> boundedPareto(Cursor body) {
    if (!hasKeys(body, whole, List.of("min", "max", "shape"))) {
      return Optional.empty();
    }
    double min = positive(body, "min", unit());
    double shape = positive(body, "shape", Quantity.NUMBER);
    double max = amount(body, "max");
    if (Double.isNaN(shape)) {
      return Optional.empty();
    }
    return ordered(body, min, max, (low, high) -> new BoundedPareto(low, high, shape));
  }

  private Optional<Distribution> beta(Cursor body) {
    boolean unit = scalar.quantity().hasUnit();
    List<String> needed = unit ? List.of("alpha", "beta", "min", "max") : List.of("alpha", "beta");
    List<String> optional = unit ? List.of() : List.of("min", "max");
    if (!hasKeys(body, whole, needed, optional)) {
      return Optional.empty();
    }
    double alpha = positive(body, "alpha", Quantity.NUMBER);
    double beta = positive(body, "beta", Quantity.NUMBER);
    double min = body.has("min") ? amount(body, "min") : 0;
    double max = body.has("max") ? amount(body, "max") : 1;
    if (Double.isNaN(alpha) || Double.isNaN(beta)) {
      return Optional.empty();
    }
    return ordered(body, min, max, (low, high) -> new Beta(alpha, beta, low, high));
  }

  private Optional<Distribution> count(Cursor body, OneParameter law) {
    if (scalar.quantity() != Quantity.WHOLE && scalar.quantity() != Quantity.NUMBER) {
      return fault(
          body, body.name() + " counts things and cannot draw " + scalar.quantity().words());
    }
    return one(body, "mean", law);
  }

  private Optional<Distribution> empirical(Cursor body) {
    if (!hasKeys(body, whole, List.of("edges", "weights"), List.of("log"))) {
      return Optional.empty();
    }
    List<Cursor> edgeItems = body.find("edges").map(Cursor::items).orElse(List.of());
    List<Cursor> weightItems = body.find("weights").map(Cursor::items).orElse(List.of());
    if (edgeItems.size() < 2 || weightItems.size() != edgeItems.size() - 1) {
      return fault(body, "empirical must have n+1 edges for n weights, n >= 1");
    }
    double[] edges = new double[edgeItems.size()];
    List<Double> weights = new ArrayList<>();
    boolean legal = true;
    for (int i = 0; i < edges.length; i++) {
      edges[i] = amount(edgeItems.get(i));
      legal &= !Double.isNaN(edges[i]);
      if (i > 0 && edges[i] <= edges[i - 1]) {
        return fault(edgeItems.get(i), "the edges of empirical must be ascending");
      }
    }
    for (Cursor item : weightItems) {
      weights.add(Weights.read(item, whole, item.name()));
      legal &= !Double.isNaN(weights.get(weights.size() - 1));
    }
    Optional<Distribution> log =
        new ScalarReader(Quantity.FLAG, Bounds.NONE).read(body, "log", new Fixed(0));
    if (!legal || log.isEmpty() || !Weights.hasMass(weights, body, whole)) {
      return Optional.empty();
    }
    boolean logUniform = log.get().mean() != 0;
    double[] shares = Weights.normalised(weights);
    return ScalarReader.build(body, whole, () -> new Empirical(edges, shares, logUniform));
  }

  private Optional<Distribution> pair(Cursor body, double a, double b, TwoParameters law) {
    return Double.isNaN(a) || Double.isNaN(b)
        ? Optional.empty()
        : ScalarReader.build(body, whole, () -> law.of(a, b));
  }

  private double positive(Cursor body, String key, Quantity unit) {
    Cursor at = body.find(key).orElseThrow();
    double value = scalar.parameter(at, whole, unit);
    if (value <= 0) {
      ScalarReader.fault(at, whole, key + " must be > 0, got " + at.node().words());
      return Double.NaN;
    }
    return value;
  }

  private double amount(Cursor body, String key) {
    return amount(body.find(key).orElseThrow());
  }

  private double amount(Cursor at) {
    return scalar.parameter(at, whole, unit());
  }

  /** The unit of locations and scales; the mean of a whole number need not be one. */
  private Quantity unit() {
    return scalar.quantity() == Quantity.WHOLE ? Quantity.NUMBER : scalar.quantity();
  }

  private double number(Cursor at) {
    return scalar.parameter(at, whole, Quantity.NUMBER);
  }

  private Optional<Distribution> fault(Cursor at, String message) {
    ScalarReader.fault(at, whole, message);
    return Optional.empty();
  }

  static boolean hasKeys(Cursor body, Field whole, List<String> needed) {
    return hasKeys(body, whole, needed, List.of());
  }

  /** Whether a map has all needed keys and no other than these and the optional ones. */
  static boolean hasKeys(Cursor body, Field whole, List<String> needed, List<String> optional) {
    List<String> all = new ArrayList<>(needed);
    all.addAll(optional);
    if (!body.isMap()) {
      String form = "{" + String.join(": …, ", all) + ": …}";
      ScalarReader.fault(body, whole, body.name() + " must be " + form);
      return false;
    }
    boolean legal = true;
    for (Cursor child : body.children()) {
      String key = child.name();
      if (!all.contains(key)) {
        ScalarReader.fault(child, whole, Suggestion.unknown("key", key, all));
        legal = false;
      }
    }
    // An unknown key probably is the missing one, misspelt.
    List<String> missing = legal ? needed.stream().filter(k -> !body.has(k)).toList() : List.of();
    for (String key : missing) {
      ScalarReader.fault(body, whole, body.name() + " needs the key '" + key + "'");
    }
    return legal && missing.isEmpty();
  }
}
