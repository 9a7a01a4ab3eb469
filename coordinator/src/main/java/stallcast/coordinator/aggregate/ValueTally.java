package stallcast.coordinator.aggregate;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;

/**
 * Exact moments of a measured whole number.
 *
 * @param n hosts that have the value
 * @param sum sum of the values
 * @param squares sum of the squared values
 * @param min smallest value, {@link Long#MAX_VALUE} without values
 * @param max largest value, {@link Long#MIN_VALUE} without values
 */
public record ValueTally(long n, BigInteger sum, BigInteger squares, long min, long max) {

  /** No value. */
  public static final ValueTally NONE =
      new ValueTally(0, BigInteger.ZERO, BigInteger.ZERO, Long.MAX_VALUE, Long.MIN_VALUE);

  /** Both together. */
  public ValueTally plus(ValueTally other) {
    return new ValueTally(
        n + other.n,
        sum.add(other.sum),
        squares.add(other.squares),
        Math.min(min, other.min),
        Math.max(max, other.max));
  }

  /** One more value. */
  public ValueTally plusValue(long value) {
    BigInteger v = BigInteger.valueOf(value);
    return plus(new ValueTally(1, v, v.multiply(v), value, value));
  }

  /** Mean, NaN without values. */
  public double mean() {
    return n == 0 ? Double.NaN : ratio(sum, BigInteger.valueOf(n));
  }

  /** Standard error of the mean, NaN with fewer than two values. */
  public double standardError() {
    if (n < 2) {
      return Double.NaN;
    }
    BigInteger count = BigInteger.valueOf(n);
    BigInteger scatter = squares.multiply(count).subtract(sum.multiply(sum)); // n^2 x variance
    return Math.sqrt(ratio(scatter, count.pow(2).multiply(BigInteger.valueOf(n - 1))));
  }

  private static double ratio(BigInteger over, BigInteger under) {
    return new BigDecimal(over).divide(new BigDecimal(under), MathContext.DECIMAL128).doubleValue();
  }
}
