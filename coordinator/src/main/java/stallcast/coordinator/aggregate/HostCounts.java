package stallcast.coordinator.aggregate;

import java.math.BigInteger;

/**
 * Exact sums over the hosts that counted at least one event; hosts without events add nothing here
 * and are known from the {@link Exposure} of all.
 *
 * @param hit hosts with at least one event
 * @param repeated hosts with more than one event
 * @param events sum of the counts
 * @param squares sum of the squared counts
 * @param products sum of count times exposure
 */
public record HostCounts(
    long hit, long repeated, long events, BigInteger squares, BigInteger products) {

  /** No event anywhere. */
  public static final HostCounts NONE = new HostCounts(0, 0, 0, BigInteger.ZERO, BigInteger.ZERO);

  /**
   * One more host.
   *
   * @param count its events, &gt;= 0
   * @param exposure its exposure, &gt;= 0
   */
  public HostCounts plusHost(long count, long exposure) {
    if (count == 0) {
      return this;
    }
    BigInteger c = BigInteger.valueOf(count);
    return new HostCounts(
        hit + 1,
        repeated + (count > 1 ? 1 : 0),
        Math.addExact(events, count),
        squares.add(c.multiply(c)),
        products.add(c.multiply(BigInteger.valueOf(exposure))));
  }

  /** Both together. */
  public HostCounts plus(HostCounts other) {
    return new HostCounts(
        hit + other.hit,
        repeated + other.repeated,
        Math.addExact(events, other.events),
        squares.add(other.squares),
        products.add(other.products));
  }
}
