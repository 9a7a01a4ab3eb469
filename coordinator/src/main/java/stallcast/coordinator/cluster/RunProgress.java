package stallcast.coordinator.cluster;

/** Told how a run goes on, a few times per second, by the cluster's threads: must not block. */
@FunctionalInterface
public interface RunProgress {
  /** Nobody wants to know. */
  RunProgress NONE = state -> {};

  /** Takes the state of the run. */
  void update(State state);

  /**
   * The state of a run. Shards and hosts that an earlier process stored count as done.
   *
   * @param shardsDone stored shards
   * @param shards all shards
   * @param shardsLeased shards that workers hold
   * @param shardsFailed shards that no worker could finish
   * @param resultsWaiting results that wait for the disk
   * @param retries leases that brought no result
   * @param secondCopies shards that were leased twice at the end
   * @param hostsDone hosts in stored shards
   * @param hosts all hosts
   * @param hostsFailed hosts on which the simulator failed, of this process
   * @param events timer expiries of this process's hosts
   * @param workers workers that take part
   * @param slots hosts that they simulate at once
   * @param elapsedNs since the run began, ns
   * @param hostsPerSecond hosts of this process per second since the first worker came, 0 before
   */
  record State(
      int shardsDone,
      int shards,
      int shardsLeased,
      int shardsFailed,
      int resultsWaiting,
      int retries,
      int secondCopies,
      long hostsDone,
      long hosts,
      long hostsFailed,
      long events,
      int workers,
      int slots,
      long elapsedNs,
      double hostsPerSecond) {}
}
