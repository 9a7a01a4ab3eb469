package stallcast.worker.cluster;

/** Told what happens to a worker; called by its actor, so it must not block. */
public interface WorkerListener {
  /**
   * The coordinator gave it a scenario.
   *
   * @param threads hosts that it will simulate at once
   */
  void onConnected(int threads);

  /** It ended; called once. */
  void onEnded(WorkerEnd end);

  /**
   * A shard is computed.
   *
   * @param hosts in it
   * @param events timer expiries of all of them
   */
  default void onComputed(int hosts, long events) {}

  /**
   * It said to the coordinator what it holds, as it does every few seconds.
   *
   * @param shards how many
   */
  default void onBeat(int shards) {}
}
