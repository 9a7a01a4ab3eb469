package stallcast.kernel.random;

/**
 * The law of a stream of arrivals: immutable; {@link ArrivalState} runs it.
 *
 * <p>Rates are per second, durations in nanoseconds. Rates above 1e9 per second are refused,
 * because gaps are whole nanoseconds of at least 1.
 */
public sealed interface ArrivalProcess
    permits Mmpp, OnOff, Periodic, PoissonArrivals, TraceArrivals {
  /** Nanoseconds in a second. */
  double NS_PER_SECOND = 1e9;

  /** Largest rate of one process: one arrival per nanosecond. */
  double RATE_MAX_PER_SECOND = 1e9;

  /**
   * Returns the long-run number of arrivals per second; of a recording that ends, the number over
   * its length.
   */
  double meanRatePerSecond();
}
