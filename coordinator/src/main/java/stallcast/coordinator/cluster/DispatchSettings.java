package stallcast.coordinator.cluster;

import java.time.Duration;
import stallcast.coordinator.plan.LeaseLimits;

/**
 * How shards are given out.
 *
 * @param limits of leases and attempts
 * @param workersMin the first shard is given out when so many workers are there, &gt;= 1
 * @param startLimit the run fails when fewer are there after this long
 * @param undeliveredMax results held in memory, being received or waiting for the sink, &gt;= 1
 * @param tick how often deadlines are looked at and progress is told
 * @param secondCopyAfter a second copy is made of shards that are out at least this long, and twice
 *     the mean
 * @param goodbyeLimit workers have this long to leave when the run is over
 */
public record DispatchSettings(
    LeaseLimits limits,
    int workersMin,
    Duration startLimit,
    int undeliveredMax,
    Duration tick,
    Duration secondCopyAfter,
    Duration goodbyeLimit) {

  /** One worker is enough, and everything has the time that it needs on a loaded machine. */
  public static final DispatchSettings DEFAULT =
      new DispatchSettings(
          LeaseLimits.DEFAULT,
          1,
          Duration.ofMinutes(10),
          8,
          Duration.ofMillis(250),
          Duration.ofSeconds(2),
          Duration.ofSeconds(10));

  /** Checks the counts. */
  public DispatchSettings {
    if (workersMin < 1 || undeliveredMax < 1) {
      throw new IllegalArgumentException(workersMin + " workers, " + undeliveredMax + " results");
    }
  }

  /** The same with another number of workers to wait for. */
  public DispatchSettings withWorkersMin(int count) {
    return new DispatchSettings(
        limits, count, startLimit, undeliveredMax, tick, secondCopyAfter, goodbyeLimit);
  }

  /** The same with other limits of leases and attempts. */
  public DispatchSettings withLimits(LeaseLimits other) {
    return new DispatchSettings(
        other, workersMin, startLimit, undeliveredMax, tick, secondCopyAfter, goodbyeLimit);
  }
}
