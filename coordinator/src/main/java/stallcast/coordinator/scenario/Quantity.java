package stallcast.coordinator.scenario;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import stallcast.coordinator.scenario.yaml.SourceNode.ScalarNode;

/** What a scalar measures: how it is written, and the number that it means. */
enum Quantity {
  /** A time such as {@code 750us}; held in ns. */
  TIME("a time such as 750us, 30ms, 1.5s, 2h, 1d"),
  /** A size such as {@code 512GiB}; held in bytes. */
  SIZE("a size such as 64KiB, 512GiB, 2TB"),
  /** Events per time such as {@code 2/day}; held per second. */
  RATE("a rate such as 1000/s, 2/day, 0.25/month"),
  /** Bytes per time such as {@code 1GiB/s}; held per second. */
  BYTE_RATE("bytes per time such as 1GiB/s, 125MB/s"),
  /** A plain real number. */
  NUMBER("a number without unit"),
  /** A plain whole number. */
  WHOLE("a whole number without unit"),
  /** A probability, as a share or in percent. */
  PROBABILITY("a probability such as 0.25 or 25%"),
  /** A whole number of hundredths; {@code %} may be left out. */
  PERCENT("a whole percentage such as 25 or 25%"),
  /** {@code true} or {@code false}; held as 1 or 0. */
  FLAG("true or false");

  private static final Pattern FORM =
      Pattern.compile(
          "([+-]?(?:[0-9]{1,30}(?:\\.[0-9]{0,30})?|\\.[0-9]{1,30})(?:[eE][-+]?[0-9]{1,3})?)"
              + "\\s*(.*)");
  private static final Map<String, BigDecimal> TIMES = new LinkedHashMap<>();
  private static final Map<String, BigDecimal> SIZES = new LinkedHashMap<>();
  private static final Map<String, Double> PERIODS = new LinkedHashMap<>(); // s

  static {
    String[] times = {"ns", "us", "µs", "ms", "s", "m", "min", "h", "d"};
    String[] ns = {"1", "1e3", "1e3", "1e6", "1e9", "60e9", "60e9", "3600e9", "86400e9"};
    for (int i = 0; i < times.length; i++) {
      TIMES.put(times[i], new BigDecimal(ns[i]));
    }
    SIZES.put("B", BigDecimal.ONE);
    String[] steps = {"k", "M", "G", "T"};
    for (int i = 0; i < steps.length; i++) {
      String binary = i == 0 ? "K" : steps[i];
      SIZES.put(binary + "iB", new BigDecimal(1024).pow(i + 1));
      SIZES.put(steps[i] + "B", new BigDecimal(1000).pow(i + 1));
    }
    PERIODS.put("s", 1.0);
    PERIODS.put("min", 60.0);
    PERIODS.put("h", 3600.0);
    PERIODS.put("day", 86_400.0);
    PERIODS.put("week", 7 * 86_400.0);
    PERIODS.put("month", 30 * 86_400.0);
  }

  private final String words;

  Quantity(String words) {
    this.words = words;
  }

  /** What it looks like, for messages. */
  String words() {
    return words;
  }

  /** Whether it is written with a unit. */
  boolean hasUnit() {
    return this == TIME || this == SIZE || this == RATE || this == BYTE_RATE;
  }

  /** Whether only whole numbers are possible values. */
  boolean isWhole() {
    return this == WHOLE || this == PERCENT || this == FLAG;
  }

  /**
   * A scalar that was read.
   *
   * @param value the number
   * @param problem empty if it is legal
   */
  record Reading(double value, Optional<String> problem) {

    static Reading of(double value) {
      return new Reading(value, Optional.empty());
    }

    static Reading fault(String problem) {
      return new Reading(Double.NaN, Optional.of(problem));
    }
  }

  /** Reads a scalar; a problem says what is wrong without naming the key. */
  Reading read(ScalarNode scalar) {
    String text = scalar.text().trim();
    String got = ", got " + scalar.words();
    if (this == FLAG) {
      return switch (text) {
        case "true", "1" -> Reading.of(1);
        case "false", "0" -> Reading.of(0);
        default -> Reading.fault("must be true or false" + got);
      };
    }
    if (text.toLowerCase(java.util.Locale.ROOT).matches("[+-]?\\.?(nan|inf|infinity)")) {
      return Reading.fault("must be a finite number" + got);
    }
    Matcher form = FORM.matcher(text);
    if (scalar.kind() == ScalarNode.Kind.NULL || !form.matches()) {
      return Reading.fault("must be " + words + got);
    }
    BigDecimal number = new BigDecimal(form.group(1));
    String unit = form.group(2);
    return switch (this) {
      case TIME -> scaled(number, unit, TIMES, got);
      case SIZE -> scaled(number, unit, SIZES, got);
      case RATE, BYTE_RATE -> rate(number, unit, got);
      case NUMBER, WHOLE, PERCENT, PROBABILITY, FLAG -> plain(number, unit, got);
    };
  }

  private Reading scaled(
      BigDecimal number, String unit, Map<String, BigDecimal> units, String got) {
    if (unit.isEmpty()) {
      return number.signum() == 0 ? Reading.of(0) : needsUnit(number, got);
    }
    BigDecimal scale = units.get(unit);
    if (scale == null) {
      return Reading.fault("has an unknown unit '" + unit + "', " + units(units.keySet()) + got);
    }
    return Reading.of(number.multiply(scale).doubleValue());
  }

  private Reading rate(BigDecimal number, String unit, String got) {
    if (unit.isEmpty()) {
      return number.signum() == 0 ? Reading.of(0) : needsUnit(number, got);
    }
    int slash = unit.indexOf('/');
    String above = slash < 0 ? unit : unit.substring(0, slash).trim();
    Double seconds = PERIODS.get(unit.substring(slash + 1).trim());
    BigDecimal scale = this == RATE ? BigDecimal.ONE : SIZES.get(above);
    boolean legal = slash >= 0 && seconds != null && scale != null;
    if (!legal || (this == RATE && !above.isEmpty())) {
      return Reading.fault("must be " + words + " (" + units(PERIODS.keySet()) + ")" + got);
    }
    return Reading.of(number.multiply(scale).doubleValue() / seconds);
  }

  private Reading plain(BigDecimal number, String unit, String got) {
    if (this == PROBABILITY && unit.equals("%")) {
      return Reading.of(number.movePointLeft(2).doubleValue());
    }
    if (!unit.isEmpty() && !(this == PERCENT && unit.equals("%"))) {
      return Reading.fault("must be " + words + got);
    }
    double value = number.doubleValue();
    if (Double.isInfinite(value)) {
      return Reading.fault("is too large" + got);
    }
    if (isWhole() && value != Math.rint(value)) {
      return Reading.fault("must be a whole number" + got);
    }
    return Reading.of(value);
  }

  private Reading needsUnit(BigDecimal number, String got) {
    String example =
        switch (this) {
          case TIME -> number + "ms or " + number + "s";
          case SIZE -> number + "MiB or " + number + "GB";
          case RATE -> number + "/s or " + number + "/day";
          default -> number + "MiB/s";
        };
    return Reading.fault("needs a unit, such as " + example + got);
  }

  private String units(Iterable<String> units) {
    return "units: " + (this == RATE || this == BYTE_RATE ? "/" : "") + joined(units);
  }

  private String joined(Iterable<String> units) {
    return String.join(this == RATE || this == BYTE_RATE ? " /" : " ", units);
  }

  /** A number of this quantity as a user would write it. */
  String format(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "∞" : "-∞";
    }
    return switch (this) {
      case TIME -> Amounts.time(value);
      case SIZE -> Amounts.number(value) + "B";
      case RATE -> Amounts.number(value) + "/s";
      case BYTE_RATE -> Amounts.number(value) + "B/s";
      case NUMBER, WHOLE, PROBABILITY -> Amounts.number(value);
      case PERCENT -> Amounts.number(value) + "%";
      case FLAG -> value == 0 ? "false" : "true";
    };
  }
}
