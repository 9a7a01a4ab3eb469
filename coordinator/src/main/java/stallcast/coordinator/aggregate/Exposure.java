package stallcast.coordinator.aggregate;

import java.math.BigInteger;

/**
 * Exact sums over all hosts of what they were exposed to: simulated time in ns, or operations.
 *
 * @param hosts hosts
 * @param sum sum of their exposures
 * @param squares sum of the squares of their exposures
 */
public record Exposure(long hosts, BigInteger sum, BigInteger squares) {

  /** No host. */
  public static final Exposure NONE = new Exposure(0, BigInteger.ZERO, BigInteger.ZERO);

  /** A number of hosts with the same exposure each. */
  public static Exposure equal(long hosts, long each) {
    BigInteger n = BigInteger.valueOf(hosts);
    BigInteger t = BigInteger.valueOf(each);
    return new Exposure(hosts, n.multiply(t), n.multiply(t).multiply(t));
  }

  /** Both together. */
  public Exposure plus(Exposure other) {
    return new Exposure(hosts + other.hosts, sum.add(other.sum), squares.add(other.squares));
  }
}
