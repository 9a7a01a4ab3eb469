package stallcast.coordinator.aggregate;

import java.math.BigDecimal;
import java.math.MathContext;

/** Simulated times as text. */
public final class NsText {
  /** One simulated day, ns. */
  public static final long DAY_NS = 86_400_000_000_000L;

  private static final String[] NAMES = {"d", "h", "m", "s", "ms", "us", "ns"};
  private static final long[] SIZES = {
    DAY_NS, 3_600_000_000_000L, 60_000_000_000L, 1_000_000_000L, 1_000_000L, 1_000L, 1L
  };
  private static final int SECOND = 3;
  private static final long PER_UNIT = 1000; // of the next smaller unit, below a second

  private NsText() {}

  /** Exact, as scenarios spell it: the largest unit that divides, {@code 90s}, {@code 1500ms}. */
  public static String exact(long ns) {
    for (int i = 0; i < SIZES.length; i++) {
      if (ns != 0 && ns % SIZES[i] == 0) {
        return ns / SIZES[i] + NAMES[i];
      }
    }
    return "0s";
  }

  /** For people, three digits: {@code 15.5 s}, {@code 550 ms}, {@code 12.4 us}. */
  public static String rounded(long ns) {
    for (int i = SECOND; i < SIZES.length; i++) {
      if (Math.abs(ns) >= SIZES[i]) {
        double value = (double) ns / SIZES[i];
        boolean carries = i > SECOND && Math.round(Math.abs(value)) == PER_UNIT;
        return carries
            ? (ns < 0 ? "-1 " : "1 ") + NAMES[i - 1]
            : digits(value) + " " + NAMES[i];
      }
    }
    return "0 s";
  }

  private static String digits(double value) {
    if (Math.abs(value) >= 100) {
      return Long.toString(Math.round(value));
    }
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(3)).stripTrailingZeros();
    return rounded.toPlainString();
  }
}
