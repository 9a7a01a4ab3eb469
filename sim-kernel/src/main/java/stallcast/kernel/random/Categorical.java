package stallcast.kernel.random;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A law on finitely many values, sampled from an alias table with one draw.
 *
 * <p>Walker's alias method with Vose's construction ("A linear algorithm for generating random
 * numbers with a given distribution", IEEE TSE 17(9), 1991). The upper half of draw times column
 * count chooses the column, the lower half is compared with the column's threshold. Unlike an
 * inverse distribution function this is not monotone in the draw. A class and not a record, because
 * a record has no room for the table.
 */
public final class Categorical implements Distribution {
  private final double[] values; // [valueCount], as given
  private final double[] weights; // [valueCount], as given
  private final long[] threshold; // [valueCount] unsigned 2^-64ths: below stays in the column
  private final int[] alias; // [valueCount] where the rest of the column goes
  private final double[] sortedValues; // [valueCount] ascending, only those with weight
  private final double[] cumulativeShares; // [valueCount] of sortedValues

  /**
   * Makes the law.
   *
   * @param values at least one; finite; may repeat
   * @param weights one per value; finite, at least 0, not all 0
   * @throws IllegalArgumentException if the parameters are not as stated
   */
  public Categorical(double[] values, double[] weights) {
    this.values = values.clone();
    this.weights = weights.clone();
    Weights.sameLength("values", values.length, "weights", weights.length);
    for (int i = 0; i < values.length; i++) {
      Parameter.finite("values[" + i + "]", values[i]);
    }
    double[] shares = Weights.cumulativeShares(weights);
    threshold = new long[values.length];
    alias = new int[values.length];
    fillAliasTable(shares);
    int[] order =
        IntStream.range(0, values.length)
            .filter(i -> weights[i] > 0)
            .boxed()
            .sorted((i, j) -> Double.compare(this.values[i], this.values[j]))
            .mapToInt(Integer::intValue)
            .toArray();
    sortedValues = Arrays.stream(order).mapToDouble(i -> this.values[i]).toArray();
    cumulativeShares =
        Weights.cumulativeShares(Arrays.stream(order).mapToDouble(i -> this.weights[i]).toArray());
  }

  private void fillAliasTable(double[] shares) {
    int columns = values.length;
    double[] height = new double[columns]; // of a column, where 1 is full
    int[] pending = new int[columns]; // short columns from the left, tall ones from the right
    int shortCount = 0;
    int tallStart = columns;
    for (int i = 0; i < columns; i++) {
      height[i] = Weights.share(shares, i) * columns;
      alias[i] = i;
      if (height[i] < 1) {
        pending[shortCount++] = i;
      } else {
        pending[--tallStart] = i;
      }
    }
    while (shortCount > 0 && tallStart < columns) {
      int shortColumn = pending[--shortCount];
      int tallColumn = pending[tallStart];
      threshold[shortColumn] = (long) (height[shortColumn] * 0x1p63) << 1;
      alias[shortColumn] = tallColumn;
      height[tallColumn] -= 1 - height[shortColumn];
      if (height[tallColumn] < 1) {
        tallStart++;
        pending[shortCount++] = tallColumn;
      }
    } // what is left over is full to rounding and stays its own alias
  }

  /** Returns the values as given. */
  public double[] values() {
    return values.clone();
  }

  /** Returns the weights as given. */
  public double[] weights() {
    return weights.clone();
  }

  @Override
  public double sample(RandomStream s) {
    long bits = s.nextLong();
    int column = (int) Philox4x64.unsignedMultiplyHigh(bits, values.length);
    long position = bits * values.length;
    boolean stays = Long.compareUnsigned(position, threshold[column]) < 0;
    return values[stays ? column : alias[column]];
  }

  @Override
  public double mean() {
    return partialMean(upper());
  }

  @Override
  public double quantile(double p) {
    Parameter.inRange("p", p, 0, 1);
    return sortedValues[Weights.indexAt(cumulativeShares, p)];
  }

  @Override
  public double cdf(double x) {
    Parameter.number("x", x);
    double share = 0;
    for (int i = 0; i < sortedValues.length && sortedValues[i] <= x; i++) {
      share = cumulativeShares[i];
    }
    return share;
  }

  @Override
  public double partialMean(double x) {
    Parameter.number("x", x);
    double sum = 0;
    for (int i = 0; i < sortedValues.length && sortedValues[i] <= x; i++) {
      sum += sortedValues[i] * Weights.share(cumulativeShares, i);
    }
    return sum;
  }

  @Override
  public double lower() {
    return sortedValues[0];
  }

  @Override
  public double upper() {
    return sortedValues[sortedValues.length - 1];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Categorical that
        && Arrays.equals(values, that.values)
        && Arrays.equals(weights, that.weights);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(values) + Arrays.hashCode(weights);
  }

  @Override
  public String toString() {
    return "Categorical[values="
        + Arrays.toString(values)
        + ", weights="
        + Arrays.toString(weights)
        + "]";
  }
}
