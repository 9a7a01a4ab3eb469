package stallcast.kernel.random;

/**
 * Arrivals at a fixed period, the first one full period after the start; takes no draw.
 *
 * @param periodNs period in ns; in [1, 2^62)
 */
public record Periodic(long periodNs) implements ArrivalProcess {
  public Periodic {
    Parameter.inRange("periodNs", periodNs, 1, ArrivalState.NEVER_NS - 1);
  }

  @Override
  public double meanRatePerSecond() {
    return NS_PER_SECOND / periodNs;
  }
}
