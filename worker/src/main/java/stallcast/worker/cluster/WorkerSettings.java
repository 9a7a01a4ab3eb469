package stallcast.worker.cluster;

import java.time.Duration;

/**
 * How a worker's actor behaves.
 *
 * @param threads hosts simulated at once, &gt;= 1
 * @param beat how often it says what it holds; far below the length of a lease
 * @param contactLimit it ends as lost when no coordinator answers for this long
 */
public record WorkerSettings(int threads, Duration beat, Duration contactLimit) {
  /** A worker names its shards this often. */
  public static final Duration BEAT_DEFAULT = Duration.ofSeconds(2);

  /** A coordinator that is found answers at once. */
  public static final Duration CONTACT_LIMIT_DEFAULT = Duration.ofSeconds(30);

  /** Checks the number of threads. */
  public WorkerSettings {
    if (threads < 1 || threads > 4096) {
      throw new IllegalArgumentException(threads + " threads: must be 1..4096");
    }
  }

  /** The defaults. */
  public static WorkerSettings ofThreads(int threads) {
    return new WorkerSettings(threads, BEAT_DEFAULT, CONTACT_LIMIT_DEFAULT);
  }
}
