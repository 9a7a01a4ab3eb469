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
}
