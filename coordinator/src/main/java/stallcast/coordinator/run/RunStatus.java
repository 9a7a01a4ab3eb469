package stallcast.coordinator.run;

import java.time.Duration;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import stallcast.coordinator.cluster.RunProgress;
import stallcast.worker.status.Metrics;

/** The last that was heard of a run, as metrics and health. */
public final class RunStatus implements ProgressListener {
  /** The dispatcher speaks four times a second; after so long it hangs. */
  private static final Duration SILENCE_MAX = Duration.ofMinutes(2);

  private static final double NS_PER_SECOND = 1e9;

  private final String version;
  private Optional<RunProgress.State> last = Optional.empty();
  private long lastHeardNs = System.nanoTime();
  private long lastStoredNs = System.nanoTime();
  private long begunNs = System.nanoTime();

  /**
   * A run that has not begun.
   *
   * @param version of the program, for a label
   */
  public RunStatus(String version) {
    this.version = version;
  }

  @Override
  public synchronized void update(RunProgress.State state, String headline) {
    lastHeardNs = System.nanoTime();
    if (last.isEmpty()) {
      begunNs = lastHeardNs;
    }
    if (last.isEmpty() || state.shardsDone() > last.get().shardsDone()) {
      lastStoredNs = lastHeardNs;
    }
    last = Optional.of(state);
  }

  private synchronized double read(ToDoubleFunction<RunProgress.State> value) {
    return last.map(value::applyAsDouble).orElse(0.0);
  }

  private synchronized double secondsSinceStored() {
    return (System.nanoTime() - lastStoredNs) / NS_PER_SECOND;
  }

  private synchronized double eventsPerSecond() {
    double seconds = (lastHeardNs - begunNs) / NS_PER_SECOND;
    return seconds > 0 ? read(RunProgress.State::events) / seconds : 0;
  }

  /** The same as metrics. */
  public Metrics metrics() {
    Metrics metrics = new Metrics();
    metrics.gauge("info", "1, with the version.", "version", version, () -> 1);
    metrics.gauge("hosts", "Hosts of the fleet.", () -> read(RunProgress.State::hosts));
    metrics.gauge("hosts_done", "Hosts stored.", () -> read(RunProgress.State::hostsDone));
    metrics.counter(
        "hosts_failed", "Hosts the simulator failed on.", () -> read(s -> s.hostsFailed()));
    metrics.gauge(
        "hosts_per_second", "Mean since a worker came.", () -> read(s -> s.hostsPerSecond()));
    metrics.counter("events", "Timer expiries.", () -> read(RunProgress.State::events));
    metrics.gauge("events_per_second", "Mean of the run.", this::eventsPerSecond);
    shards(
        metrics, "pending", s -> s.shards() - s.shardsDone() - s.shardsLeased() - s.shardsFailed());
    shards(metrics, "leased", RunProgress.State::shardsLeased);
    shards(metrics, "done", RunProgress.State::shardsDone);
    shards(metrics, "failed", RunProgress.State::shardsFailed);
    metrics.counter("retries", "Leases without a result.", () -> read(s -> s.retries()));
    metrics.counter("second_copies", "Shards leased twice.", () -> read(s -> s.secondCopies()));
    metrics.gauge("workers", "Workers that take part.", () -> read(s -> s.workers()));
    metrics.gauge("slots", "Hosts they simulate at once.", () -> read(s -> s.slots()));
    metrics.gauge(
        "results_waiting", "Results that wait for the disk.", () -> read(s -> s.resultsWaiting()));
    metrics.gauge("lag_seconds", "Since the last result was stored.", this::secondsSinceStored);
    return metrics;
  }

  private void shards(Metrics metrics, String state, ToDoubleFunction<RunProgress.State> value) {
    metrics.gauge("shards", "Shards by state.", "state", state, () -> read(value));
  }

  /** Why the process should be killed; empty while it is well. */
  public synchronized Optional<String> illness() {
    long silentNs = System.nanoTime() - lastHeardNs;
    return last.isPresent() && silentNs > SILENCE_MAX.toNanos()
        ? Optional.of("the dispatcher is silent for " + silentNs / 1_000_000_000 + " s")
        : Optional.empty();
  }

  /** Why no work is given out; empty while it is. */
  public synchronized Optional<String> idleness() {
    if (last.isEmpty()) {
      return Optional.of("the run has not begun");
    }
    return last.get().workers() > 0 ? Optional.empty() : Optional.of("there is no worker");
  }
}
