package stallcast.kernel.random;

/**
 * The sum of independent sources that alternate between ON, with Poisson arrivals, and OFF, with
 * none.
 *
 * <p>With heavy-tailed periods (tail index between 1 and 2) the sum is long-range dependent with
 * Hurst exponent (3 - smaller index) / 2 (Taqqu, Willinger and Sherman, "Proof of a fundamental
 * result in self-similar traffic modeling", Computer Communication Review 27, 1997).
 *
 * @param sources number of sources; in [1, 1e6]
 * @param onNs length of an ON period in ns; never negative, mean finite and above 0
 * @param offNs length of an OFF period in ns; never negative, mean finite and above 0
 * @param onRatePerSecond arrival rate of one source while ON; above 0, at most 1e9 for all sources
 *     together
 */
public record OnOff(int sources, Distribution onNs, Distribution offNs, double onRatePerSecond)
    implements ArrivalProcess {
  private static final int SOURCES_MAX = 1_000_000; // 8 MB of state

  public OnOff {
    Parameter.inRange("sources", sources, 1, SOURCES_MAX);
    requireDuration("onNs", onNs);
    requireDuration("offNs", offNs);
    Parameter.positive("onRatePerSecond", onRatePerSecond);
    Parameter.inRange(
        "sources * onRatePerSecond", sources * onRatePerSecond, 0, RATE_MAX_PER_SECOND);
    ArrivalState.requireWork(onRatePerSecond / NS_PER_SECOND * onNs.mean() / 2);
  }

  private static void requireDuration(String name, Distribution duration) {
    Parameter.inRange("lower end of " + name, duration.lower(), 0, Double.MAX_VALUE);
    Parameter.positive("mean of " + name, duration.mean());
  }

  /** Returns the long-run share of time a source is ON. */
  public double onShare() {
    return onNs.mean() / (onNs.mean() + offNs.mean());
  }

  @Override
  public double meanRatePerSecond() {
    return sources * onRatePerSecond * onShare();
  }
}
