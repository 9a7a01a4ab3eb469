package stallcast.coordinator.scenario;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import stallcast.coordinator.scenario.yaml.Field;
import stallcast.coordinator.scenario.yaml.SourceNode;
import stallcast.coordinator.scenario.yaml.SourceNode.ScalarNode;
import stallcast.kernel.random.Categorical;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.Fixed;
import stallcast.kernel.random.Mixture;
import stallcast.kernel.random.Truncated;

/**
 * Reads any scalar of a scenario: a plain value, or the distribution it is drawn from. Every value
 * that could be drawn must be legal. Immutable; the laws with parameters are {@link LawReader}'s.
 */
final class ScalarReader {
  /** Keys that make a map a distribution. */
  static final List<String> FORMS;

  static {
    FORMS = new ArrayList<>(LawReader.FORMS);
    FORMS.addAll(List.of("categorical", "mixture", "truncated"));
  }

  private final Quantity quantity;
  private final Bounds bounds;
  private final Map<String, Double> words;

  /** A reader of one kind of scalar. */
  ScalarReader(Quantity quantity, Bounds bounds) {
    this(quantity, bounds, Map.of());
  }

  /**
   * A reader that also takes words.
   *
   * @param words their values; none of them need be a number of the quantity
   */
  ScalarReader(Quantity quantity, Bounds bounds, Map<String, Double> words) {
    this.quantity = quantity;
    this.bounds = bounds;
    this.words = new LinkedHashMap<>(words);
  }

  /** Whether a map is one value rather than a block of keys. */
  static boolean isDistribution(SourceNode.MapNode map) {
    return map.fields().keySet().stream().anyMatch(FORMS::contains);
  }

  Quantity quantity() {
    return quantity;
  }

  /** Reads a key of a map, or takes a default if there is no such key. */
  Optional<Distribution> read(Cursor map, String key, Distribution absent) {
    return map.find(key).map(this::read).orElse(Optional.of(absent));
  }

  /** Reads a key of a map that must be there. */
  Optional<Distribution> require(Cursor map, String key) {
    Optional<Cursor> found = map.find(key);
    if (found.isEmpty()) {
      map.missing(key, map.name() + " needs the key '" + key + "': " + legal());
    }
    return found.flatMap(this::read);
  }

  /**
   * Reads a value.
   *
   * @return its law, or empty with a problem reported
   */
  Optional<Distribution> read(Cursor at) {
    return read(at, at.field());
  }

  /**
   * Reads a value that must not be a distribution.
   *
   * @return NaN with a problem reported
   */
  double readPlain(Cursor at) {
    if (at.node() instanceof ScalarNode scalar) {
      return value(at, at.field(), scalar);
    }
    boolean random = at.node() instanceof SourceNode.MapNode map && isDistribution(map);
    String got = random ? ", not random" : ", got " + at.node().words();
    at.problems().addScalar(at.field(), at.field(), at.name() + " must be " + legal() + got);
    return Double.NaN;
  }

  private Optional<Distribution> read(Cursor at, Field whole) {
    if (at.node() instanceof ScalarNode scalar) {
      double value = value(at, whole, scalar);
      return Double.isNaN(value) ? Optional.empty() : Optional.of(new Fixed(value));
    }
    if (!at.isMap() || at.keys().size() != 1) {
      fault(
          at,
          whole,
          at.name() + " must be " + legal() + ", or one distribution: " + String.join(", ", FORMS));
      return Optional.empty();
    }
    String form = at.keys().get(0);
    Cursor body = at.children().get(0);
    return switch (form) {
      case "categorical" -> categorical(body, whole);
      case "mixture" -> mixture(body, whole);
      case "truncated" -> truncated(body, whole);
      default -> law(at, form, body, whole);
    };
  }

  private Optional<Distribution> law(Cursor at, String form, Cursor body, Field whole) {
    if (!LawReader.FORMS.contains(form)) {
      fault(body, whole, Suggestion.unknown("distribution", form, FORMS));
      return Optional.empty();
    }
    if (quantity == Quantity.FLAG || onlyWords() || !bounds.isRange()) {
      fault(body, whole, at.name() + " must be " + legal() + "; only categorical can draw it");
      return Optional.empty();
    }
    return new LawReader(this, whole).read(form, body).filter(l -> supported(body, whole, l));
  }

  private double value(Cursor at, Field whole, ScalarNode scalar) {
    Double word = words.get(scalar.text());
    if (word != null) {
      return word;
    }
    if (onlyWords()) {
      fault(at, whole, at.name() + " must be " + legal() + ", got " + scalar.words());
      return Double.NaN;
    }
    Quantity.Reading reading = quantity.read(scalar);
    if (reading.problem().isPresent()) {
      fault(at, whole, at.name() + " " + reading.problem().get());
      return Double.NaN;
    }
    double value = reading.value();
    if (quantity == Quantity.TIME && value != Math.rint(value)) {
      fault(at, whole, at.name() + " is finer than 1ns, got " + scalar.words());
      return Double.NaN;
    }
    if (!bounds.allows(value)) {
      fault(
          at, whole, at.name() + " must be " + bounds.words(quantity) + ", got " + scalar.words());
      return Double.NaN;
    }
    return value;
  }

  /** Whether everything a law may draw is legal. */
  private boolean supported(Cursor at, Field whole, Distribution law) {
    double low = quantity.isWhole() ? Math.rint(law.lower()) : law.lower();
    double high = quantity.isWhole() ? Math.rint(law.upper()) : law.upper();
    boolean lowLegal = bounds.allows(low) || (bounds.minOpen() && low == bounds.min());
    boolean highLegal = bounds.allows(high) || (high == bounds.max() && bounds.knob().isEmpty());
    if (lowLegal && highLegal) {
      return true;
    }
    String drawn = quantity.format(lowLegal ? high : low);
    String name = new Cursor(whole, at.problems()).name();
    fault(
        at,
        whole,
        name
            + " must be "
            + bounds.words(quantity)
            + ", but can be drawn as "
            + drawn
            + "; bound it with {truncated: {of: …, min: …, max: …}}");
    return false;
  }

  private Optional<Distribution> categorical(Cursor body, Field whole) {
    if (!body.isMap() || body.keys().isEmpty()) {
      fault(body, whole, "categorical must be a map of value: weight");
      return Optional.empty();
    }
    // Sorted, so that the order of keys in the file cannot change a draw.
    Map<Double, Double> shares = new TreeMap<>();
    boolean legal = true;
    for (String key : body.keys()) {
      Cursor entry = body.find(key).orElseThrow();
      ScalarNode spelled = new ScalarNode(ScalarNode.Kind.TEXT, key);
      Field named = new Field(entry.field().position(), whole.path(), spelled);
      double value = value(new Cursor(named, body.problems()), whole, spelled);
      double weight = Weights.read(entry, whole, "the weight of " + key);
      legal &= !Double.isNaN(value) && !Double.isNaN(weight);
      shares.merge(value, weight, Double::sum);
    }
    if (!legal || !Weights.hasMass(shares.values(), body, whole)) {
      return Optional.empty();
    }
    shares.values().removeIf(weight -> weight == 0);
    if (shares.size() == 1) {
      return Optional.of(new Fixed(shares.keySet().iterator().next()));
    }
    double[] values = shares.keySet().stream().mapToDouble(v -> v).toArray();
    double[] weights = Weights.normalised(shares.values());
    return build(body, whole, () -> new Categorical(values, weights));
  }

  private Optional<Distribution> mixture(Cursor body, Field whole) {
    if (body.items().isEmpty()) {
      fault(body, whole, "mixture must be a list of {weight: …, of: …}");
      return Optional.empty();
    }
    List<Distribution> parts = new ArrayList<>();
    List<Double> weights = new ArrayList<>();
    boolean legal = true;
    for (Cursor item : body.items()) {
      legal &= LawReader.hasKeys(item, whole, List.of("weight", "of"));
      double weight =
          item.find("weight").map(w -> Weights.read(w, whole, "weight")).orElse(Double.NaN);
      Optional<Distribution> part = item.find("of").flatMap(of -> read(of, whole));
      legal &= part.isPresent() && !Double.isNaN(weight);
      if (weight > 0) {
        part.ifPresent(parts::add);
        weights.add(weight);
      }
    }
    if (!legal || !Weights.hasMass(weights, body, whole)) {
      return Optional.empty();
    }
    double[] shares = Weights.normalised(weights);
    Distribution[] laws = parts.toArray(new Distribution[0]);
    return build(body, whole, () -> new Mixture(laws, shares));
  }

  private Optional<Distribution> truncated(Cursor body, Field whole) {
    if (!LawReader.hasKeys(body, whole, List.of("of"), List.of("min", "max"))) {
      return Optional.empty();
    }
    ScalarReader free = new ScalarReader(quantity, Bounds.NONE, words);
    Optional<Distribution> base = body.find("of").flatMap(of -> free.read(of, whole));
    double min = end(free, body, whole, "min", Double.NEGATIVE_INFINITY);
    double max = end(free, body, whole, "max", Double.POSITIVE_INFINITY);
    if (base.isEmpty() || Double.isNaN(min) || Double.isNaN(max)) {
      return Optional.empty();
    }
    if (min > max) {
      fault(body, whole, "truncated: min must not exceed max");
      return Optional.empty();
    }
    return build(body, whole, () -> new Truncated(base.get(), min, max))
        .filter(law -> supported(body, whole, law));
  }

  private static double end(
      ScalarReader free, Cursor body, Field whole, String key, double absent) {
    Optional<Cursor> found = body.find(key);
    if (found.isEmpty()) {
      return absent;
    }
    if (found.get().node() instanceof ScalarNode scalar) {
      return free.value(found.get(), whole, scalar);
    }
    fault(found.get(), whole, key + " must be " + free.legal() + ", not random");
    return Double.NaN;
  }

  /** Builds a law whose own constructor has the last word on its parameters. */
  static Optional<Distribution> build(Cursor body, Field whole, Supplier<Distribution> law) {
    try {
      return Optional.of(law.get());
    } catch (IllegalArgumentException e) {
      fault(body, whole, body.name() + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  /** A plain parameter of a law, without bounds of its own. */
  double parameter(Cursor at, Field whole, Quantity unit) {
    if (at.node() instanceof ScalarNode scalar) {
      Quantity.Reading reading = unit.read(scalar);
      reading.problem().ifPresent(p -> fault(at, whole, at.name() + " " + p));
      return reading.value();
    }
    fault(at, whole, at.name() + " must be " + unit.words() + ", not " + at.node().words());
    return Double.NaN;
  }

  private String legal() {
    if (words.isEmpty()) {
      return bounds.isRange() ? quantity.words() : bounds.words(quantity);
    }
    String listed = String.join(", ", words.keySet());
    return onlyWords() ? "one of " + listed : quantity.words() + ", or " + listed;
  }

  private boolean onlyWords() {
    return quantity == Quantity.WHOLE && !words.isEmpty();
  }

  static void fault(Cursor at, Field whole, String message) {
    at.problems().addScalar(at.field(), whole, message);
  }
}
