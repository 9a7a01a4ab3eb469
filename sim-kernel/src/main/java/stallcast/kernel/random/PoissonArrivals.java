package stallcast.kernel.random;

/**
 * Independent arrivals at a constant rate.
 *
 * @param perSecond rate in arrivals per second; in [0, 1e9], where 0 means that nothing ever
 *     arrives
 */
public record PoissonArrivals(double perSecond) implements ArrivalProcess {
  public PoissonArrivals {
    Parameter.inRange("perSecond", perSecond, 0, RATE_MAX_PER_SECOND);
  }

  @Override
  public double meanRatePerSecond() {
    return perSecond;
  }
}
