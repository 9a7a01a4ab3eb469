package stallcast.coordinator.aggregate;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * An event rate from host-level counts with its intervals (statistics.md sections 3.1 and 3.4). The
 * host is the independent unit; events on one host may come in clusters.
 *
 * @param counts events of the hosts
 * @param exposure what all hosts were exposed to
 * @param unit exposure in one reported unit, for example the nanoseconds of a day
 */
public record Rate(HostCounts counts, Exposure exposure, double unit) {
  private static final double DISPERSION_MAX = 1.2; // statistics.md section 1, E-rate
  private static final long REPEATED_SHARE = 5; // one host in five: 20 % (statistics.md 3.4)

  /** Events per unit, NaN without exposure. */
  public double estimate() {
    return exposure.sum().signum() == 0 ? Double.NaN : counts.events() / units();
  }

  /** Whether there was no event. */
  public boolean isUpperBoundOnly() {
    return counts.events() == 0;
  }

  /**
   * Variance of the rate as seen between hosts over the variance that independent events would
   * have; for equal exposures the sample variance of the counts over their mean. NaN without events
   * or with fewer than two hosts.
   */
  public double indexOfDispersion() {
    if (exposure.hosts() < 2 || counts.events() == 0) {
      return Double.NaN;
    }
    // n/(n-1) sum (c - r t)^2 / sum c, with r = C/T multiplied out so that all is exact.
    BigInteger c = BigInteger.valueOf(counts.events());
    BigInteger t = exposure.sum();
    BigInteger scatter =
        counts
            .squares()
            .multiply(t.pow(2))
            .subtract(c.multiply(t).multiply(counts.products()).shiftLeft(1))
            .add(c.pow(2).multiply(exposure.squares()))
            .multiply(BigInteger.valueOf(exposure.hosts()));
    BigInteger scale = BigInteger.valueOf(exposure.hosts() - 1).multiply(t.pow(2)).multiply(c);
    return new BigDecimal(scatter)
        .divide(new BigDecimal(scale), MathContext.DECIMAL128)
        .doubleValue();
  }

  /** Standard error as seen between hosts; the Poisson one if there are fewer than two. */
  public double standardError() {
    double dispersion = indexOfDispersion();
    return poissonError() * (Double.isNaN(dispersion) ? 1 : Math.sqrt(dispersion));
  }

  /** Whether more than a fifth of the hosts with events have more than one. */
  public boolean isRepeating() {
    return counts.repeated() * REPEATED_SHARE > counts.hit();
  }

  /** Whether hosts scatter more than independent events would make them. */
  public boolean isOverdispersed() {
    return indexOfDispersion() > DISPERSION_MAX;
  }

  /**
   * Whether the interval of independent events must not be used.
   *
   * @param declustered whether a count is of incidents a quiet period apart, not of reports
   */
  public boolean refusesGarwood(boolean declustered) {
    return isOverdispersed() || (isRepeating() && !declustered);
  }

  /**
   * The interval to print.
   *
   * @param declustered see {@link #refusesGarwood}
   */
  public Interval chosen(boolean declustered, double level) {
    return refusesGarwood(declustered) && exposure.hosts() > 1
        ? clusterRobust(level)
        : garwood(level);
  }

  /** Exact interval for independent events. */
  public Interval garwood(double level) {
    double tail = (1 - level) / 2;
    long k = counts.events();
    double low = k == 0 ? 0 : TailQuantile.gammaLower(tail, (double) k) / units();
    double high = k == 0 ? -StrictMath.log(tail) : TailQuantile.gammaUpper(tail, (double) k + 1);
    return new Interval("garwood", level, low, high / units());
  }

  /** Interval on the log scale from the scatter between hosts; needs events and two hosts. */
  public Interval clusterRobust(double level) {
    double z = NormalDistribution.of(0, 1).inverseSurvivalProbability((1 - level) / 2);
    double factor = StrictMath.exp(z * standardError() / estimate());
    return new Interval("cluster-robust", level, estimate() / factor, estimate() * factor);
  }

  private double poissonError() {
    return Math.sqrt((double) counts.events()) / units();
  }

  private double units() {
    return exposure.sum().doubleValue() / unit;
  }
}
