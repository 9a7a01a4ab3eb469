package stallcast.coordinator.scenario;

import java.math.BigDecimal;
import java.math.MathContext;

/** Numbers and times as users write them. */
public final class Amounts {
  private static final String[] UNITS = {"d", "h", "min", "s", "ms", "us"};
  private static final double[] UNIT_NS = {86_400e9, 3_600e9, 60e9, 1e9, 1e6, 1e3};

  private Amounts() {}

  /** A time in the largest unit that leaves at most three decimals, otherwise in ns. */
  public static String time(double ns) {
    if (ns == 0) {
      return "0s";
    }
    for (int i = 0; i < UNITS.length; i++) {
      double inUnit = ns / UNIT_NS[i];
      boolean sexagesimal = i < 3; // no decimals of a day, an hour or a minute
      boolean exact = sexagesimal ? inUnit == Math.rint(inUnit) : isShort(inUnit);
      if (Math.abs(inUnit) >= 1 && exact) {
        return number(inUnit) + UNITS[i];
      }
    }
    return number(ns) + "ns";
  }

  /** A number without superfluous digits. */
  public static String number(double value) {
    if (value == Math.rint(value) && Math.abs(value) <= 1e15) {
      return Long.toString((long) value);
    }
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(6)).stripTrailingZeros();
    double size = Math.abs(value);
    return size >= 1e-4 && size < 1e15 ? rounded.toPlainString() : rounded.toString();
  }

  private static boolean isShort(double value) {
    double thousands = value * 1_000;
    return Math.abs(thousands - Math.rint(thousands)) < 1e-9 * Math.abs(thousands);
  }
}
