package stallcast.worker.protocol;

import stallcast.worker.protocol.Parcel.Chunk;

/** What the coordinator says. */
public sealed interface ToWorker extends WireMessage, WorkerInbox {

  /**
   * The worker cannot take part.
   *
   * @param reason one line for the user
   */
  record Refused(String reason) implements ToWorker {}

  /** No work yet, or no more: stay connected. Answers a Hello while no run is on. */
  record Wait() implements ToWorker {}

  /**
   * A piece of the scenario of a run; all pieces follow one another.
   *
   * @param runId the run
   * @param chunk piece of the encoded ScenarioSpec
   */
  record RunSpecChunk(long runId, Chunk chunk) implements ToWorker {}

  /**
   * A range of hosts to simulate.
   *
   * @param runId the run
   * @param shardId index of the shard in the plan
   * @param attempt 1 for the first lease of the shard
   * @param firstHost global index of the first host
   * @param hostCount hosts
   * @param leaseNs the lease ends this long after the last RequestWork that names the shard, ns
   */
  record ShardTask(
      long runId, int shardId, int attempt, long firstHost, int hostCount, long leaseNs)
      implements ToWorker {}

  /**
   * How far the pieces of a result have arrived; the worker goes on from there.
   *
   * @param runId the run
   * @param shardId the shard
   * @param attempt the attempt whose pieces arrive
   * @param received pieces received without a gap
   */
  record ChunkAck(long runId, int shardId, int attempt, int received) implements ToWorker {}

  /**
   * The result is safe, or no longer wanted: the worker forgets the shard.
   *
   * @param runId the run
   * @param shardId the shard
   */
  record Ack(long runId, int shardId) implements ToWorker {}

  /**
   * The shard is done elsewhere or given up: the worker stops computing it.
   *
   * @param runId the run
   * @param shardId the shard
   */
  record CancelShard(long runId, int shardId) implements ToWorker {}

  /**
   * The run is over: the worker stops what it computes and says Goodbye.
   *
   * @param runId the run
   * @param end how it ended
   * @param reason one line for the user, empty when complete
   */
  record Stop(long runId, RunOver end, String reason) implements ToWorker {}

  /** How a run ended for its workers. */
  enum RunOver {
    /** Every host is in. */
    COMPLETE,
    /** The coordinator leaves, and goes on when it is started again. */
    INTERRUPTED,
    /** It cannot go on. */
    FAILED
  }
}
