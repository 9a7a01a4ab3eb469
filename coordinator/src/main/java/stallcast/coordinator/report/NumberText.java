package stallcast.coordinator.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers for people. */
final class NumberText {
  private static final MathContext DIGITS = new MathContext(3);
  private static final double PLAIN_MIN = 1e-3; // below it zeros after the point are hard to count
  private static final double PLAIN_MAX = 1e6;

  private NumberText() {}

  /** Three significant digits: {@code 0.0123}, {@code 3.69e-4}, {@code 1,230}. */
  static String rounded(double value) {
    if (value == 0) {
      return "0";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "unlimited" : "-unlimited";
    }
    double size = Math.abs(value);
    if (size < PLAIN_MIN || size >= PLAIN_MAX) {
      return String.format(Locale.ROOT, "%.2e", value).replaceFirst("e\\+?(-?)0*", "e$1");
    }
    if (size >= 1000) {
      return grouped(Math.round(value));
    }
    BigDecimal rounded = new BigDecimal(value).round(DIGITS);
    int whole = Math.max(1, rounded.precision() - rounded.scale()); // digits before the point
    int zeros = Math.max(0, rounded.scale() - rounded.precision()); // behind it
    int scale = size < 1 ? zeros + DIGITS.getPrecision() : DIGITS.getPrecision() - whole;
    return rounded.setScale(Math.max(0, scale)).toPlainString();
  }

  /** A count with its thousands apart. */
  static String grouped(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** A confidence level: {@code 95 %}. */
  static String percent(double share) {
    return new BigDecimal(share * 100).round(DIGITS).stripTrailingZeros().toPlainString() + " %";
  }
}
