package stallcast.kernel.random;

/**
 * A law under the condition that it falls into [min, max], by inversion on that range: never
 * rejection, one draw.
 *
 * <p>The ends of its support are the ends of the range, also where no value of a discrete base lies
 * there.
 *
 * <p>A class and not a record, because a record has no room for the two probabilities it needs at
 * every sample.
 */
public final class Truncated implements Distribution {
  /**
   * Fewest distinguishable probabilities a range may have: a coarser grid would show in the
   * samples.
   */
  private static final double POSITIONS_MIN = 0x1p20;

  private final Distribution base;
  private final double min;
  private final double max;
  private final double probabilityBelow; // P(base < min)
  private final double probabilityUpTo; // P(base <= max)
  private final double mass; // P(min <= base <= max)

  /**
   * Makes the law.
   *
   * @param base the law to cut
   * @param min lower end, itself included; may be negative infinity
   * @param max upper end, itself included; at least min; may be positive infinity
   * @throws IllegalArgumentException if the base has no mass in the range, or so little, far in an
   *     upper tail, that its distribution function cannot resolve 2^20 positions in it
   */
  public Truncated(Distribution base, double min, double max) {
    Parameter.number("min", min);
    Parameter.number("max", max);
    if (max < min) {
      throw Parameter.illegal("max", max, "a number >= min = " + min);
    }
    this.base = base;
    this.min = min;
    this.max = max;
    probabilityBelow = base.cdf(Math.nextDown(min));
    probabilityUpTo = base.cdf(max);
    mass = probabilityUpTo - probabilityBelow;
    if (!(mass > 0 && mass >= POSITIONS_MIN * Math.ulp(probabilityBelow))) {
      throw Parameter.illegal(
          "mass of " + base + " in [" + min + ", " + max + "]",
          mass,
          "a probability > 0 that a distribution function can resolve");
    }
  }

  /** Returns the law that is cut. */
  public Distribution base() {
    return base;
  }

  /** Returns the lower end of the range. */
  public double min() {
    return min;
  }

  /** Returns the upper end of the range. */
  public double max() {
    return max;
  }

  @Override
  public double mean() {
    return partialMean(max);
  }

  @Override
  public double quantile(double p) {
    Parameter.inRange("p", p, 0, 1);
    if (p == 0) {
      return lower();
    }
    if (p == 1) {
      return upper();
    }
    double ofBase = Math.min(probabilityUpTo, probabilityBelow + p * mass);
    // at least one step into the range: a sum rounded back to its start belongs to the value before
    double x = base.quantile(Math.max(Math.nextUp(probabilityBelow), ofBase));
    return Math.min(max, Math.max(min, x));
  }

  @Override
  public double cdf(double x) {
    Parameter.number("x", x);
    if (x < min) {
      return 0;
    }
    return x >= max ? 1 : Math.max(0, base.cdf(x) - probabilityBelow) / mass;
  }

  @Override
  public double partialMean(double x) {
    Parameter.number("x", x);
    if (x < min) {
      return 0;
    }
    double upTo = base.partialMean(Math.min(x, max));
    return (upTo - base.partialMean(Math.nextDown(min))) / mass;
  }

  @Override
  public double lower() {
    return Math.max(min, base.lower());
  }

  @Override
  public double upper() {
    return Math.min(max, base.upper());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Truncated that
        && base.equals(that.base)
        && Double.compare(min, that.min) == 0
        && Double.compare(max, that.max) == 0;
  }

  @Override
  public int hashCode() {
    return 31 * (31 * base.hashCode() + Double.hashCode(min)) + Double.hashCode(max);
  }

  @Override
  public String toString() {
    return "Truncated[base=" + base + ", min=" + min + ", max=" + max + "]";
  }
}
