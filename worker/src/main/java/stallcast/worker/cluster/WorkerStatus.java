package stallcast.worker.cluster;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import stallcast.worker.status.Metrics;

/** What a worker process has done so far, over all coordinators that it has served. */
public final class WorkerStatus {
  /** An actor system that says nothing for so long hangs; a new one needs seconds. */
  private static final Duration SILENCE_MAX = Duration.ofMinutes(2);

  private final AtomicLong hosts = new AtomicLong();
  private final AtomicLong events = new AtomicLong();
  private final AtomicLong shards = new AtomicLong();
  private final AtomicLong connections = new AtomicLong();
  private final AtomicInteger held = new AtomicInteger();
  private final AtomicLong lastBeatNs = new AtomicLong(System.nanoTime());
  private volatile boolean connected;

  void connected() {
    connected = true;
    connections.incrementAndGet();
  }

  void disconnected() {
    connected = false;
    held.set(0);
    lastBeatNs.set(System.nanoTime());
  }

  void computed(int ofHosts, long withEvents) {
    hosts.addAndGet(ofHosts);
    events.addAndGet(withEvents);
    shards.incrementAndGet();
  }

  void beat(int holding) {
    held.set(holding);
    lastBeatNs.set(System.nanoTime());
  }

  /** The same as metrics. */
  public Metrics metrics(int threads) {
    Metrics metrics = new Metrics();
    metrics.gauge("threads", "Hosts simulated at once.", () -> threads);
    metrics.gauge("connected", "1 while it works for a coordinator.", () -> connected ? 1 : 0);
    metrics.counter("connections", "Coordinators it has worked for.", connections::get);
    metrics.counter("hosts_simulated", "Hosts simulated.", hosts::get);
    metrics.counter("events", "Timer expiries of these hosts.", events::get);
    metrics.counter("shards_computed", "Shards computed.", shards::get);
    metrics.gauge("shards_held", "Shards waiting, computing or being sent.", held::get);
    metrics.gauge("lag_seconds", "Since it last spoke to a coordinator.", this::silenceSeconds);
    return metrics;
  }

  private double silenceSeconds() {
    return (System.nanoTime() - lastBeatNs.get()) / 1e9;
  }

  /** Why the process should be killed; empty while it is well. */
  public Optional<String> illness() {
    return silenceSeconds() > SILENCE_MAX.toSeconds()
        ? Optional.of("nothing was heard of its actors for " + (long) silenceSeconds() + " s")
        : Optional.empty();
  }

  /** Why it does no work; empty while it does. */
  public Optional<String> idleness() {
    return connected ? Optional.empty() : Optional.of("it works for no coordinator");
  }
}
