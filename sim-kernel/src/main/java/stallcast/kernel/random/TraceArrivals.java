package stallcast.kernel.random;

import java.util.Arrays;

/**
 * Arrivals replayed from a recording, from its begin; takes no draw.
 *
 * <p>A class and not a record, because its array is copied and compared by content.
 */
public final class TraceArrivals implements ArrivalProcess {
  /** Longest recording, ns: up to here a double holds every whole number. */
  public static final double TOTAL_NS_MAX = 0x1p53 - 1;

  private final double[] gapsNs; // [arrivalCount]
  private final boolean repeat;
  private final double totalNs;

  /**
   * Makes the process.
   *
   * @param gapsNs gap before each arrival in ns, the first one from the start; at least one; whole
   *     numbers &gt;= 1 with a sum below 2^53
   * @param repeat whether the recording starts again with its last arrival; otherwise nothing comes
   *     after that
   * @throws IllegalArgumentException if the gaps are not as stated
   */
  public TraceArrivals(double[] gapsNs, boolean repeat) {
    this.gapsNs = gapsNs.clone();
    this.repeat = repeat;
    Parameter.inRange("number of gapsNs", gapsNs.length, 1, Integer.MAX_VALUE);
    double sum = 0; // of whole numbers below 2^53, hence exact
    for (int i = 0; i < gapsNs.length; i++) {
      double gap = gapsNs[i];
      if (!(gap >= 1 && gap <= TOTAL_NS_MAX && gap == StrictMath.rint(gap))) {
        throw Parameter.illegal("gapsNs[" + i + "]", gap, "a whole number in [1, 2^53)");
      }
      sum += gap;
      Parameter.inRange("sum of gapsNs", sum, 1, TOTAL_NS_MAX);
    }
    totalNs = sum;
  }

  /** Returns the gap before each arrival in ns. */
  public double[] gapsNs() {
    return gapsNs.clone();
  }

  /** Returns whether the recording starts again with its last arrival. */
  public boolean repeat() {
    return repeat;
  }

  /** Returns the number of arrivals in the recording. */
  public int arrivals() {
    return gapsNs.length;
  }

  /** Returns one gap in ns, without a copy of all. */
  long gapNs(int arrival) {
    return (long) gapsNs[arrival];
  }

  /** Returns the arrivals per second of the recording, whether it is repeated or not. */
  @Override
  public double meanRatePerSecond() {
    return gapsNs.length / totalNs * NS_PER_SECOND;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TraceArrivals that
        && repeat == that.repeat
        && Arrays.equals(gapsNs, that.gapsNs);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(gapsNs) + Boolean.hashCode(repeat);
  }

  /** Length and not content: a recording may have a million arrivals. */
  @Override
  public String toString() {
    return "TraceArrivals[arrivals="
        + gapsNs.length
        + ", totalNs="
        + totalNs
        + ", repeat="
        + repeat
        + "]";
  }
}
