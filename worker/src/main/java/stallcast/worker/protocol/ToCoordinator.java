package stallcast.worker.protocol;

import stallcast.worker.protocol.Parcel.Chunk;

/** What a worker says. The worker id is unique per incarnation, so that nobody inherits a lease. */
public sealed interface ToCoordinator extends WireMessage, CoordinatorInbox {

  /** Who speaks. */
  String workerId();

  /**
   * Asks to take part; repeated until answered.
   *
   * @param workerId unique id of this incarnation
   * @param replyTo the worker's actor, as ActorRefResolver writes it
   * @param version what the worker was built from
   * @param threads hosts it simulates at once
   */
  record Hello(String workerId, String replyTo, CodeIdentity version, int threads)
      implements ToCoordinator {}

  /**
   * Asks for work and tells that it is alive; repeated, and sent whenever a slot becomes free.
   *
   * @param workerId who
   * @param runId the run it holds the scenario of
   * @param credits shards that it wants to hold at once, results that wait for an acknowledgement
   *     included; 0 while it drains
   * @param held shards that it holds now; their leases are renewed
   */
  record RequestWork(String workerId, long runId, int credits, int[] held)
      implements ToCoordinator {}

  /**
   * A piece of a finished shard.
   *
   * @param workerId who
   * @param runId the run
   * @param shardId the shard
   * @param attempt the attempt of the task
   * @param computeNs how long the shard was computed, ns
   * @param chunk piece of the encoded OutcomeBlock
   */
  record ShardChunk(
      String workerId, long runId, int shardId, int attempt, long computeNs, Chunk chunk)
      implements ToCoordinator {}

  /**
   * The shard could not be computed or packed here.
   *
   * @param workerId who
   * @param runId the run
   * @param shardId the shard
   * @param attempt the attempt of the task
   * @param message one line for the user
   */
  record ShardFailed(String workerId, long runId, int shardId, int attempt, String message)
      implements ToCoordinator {}

  /**
   * The worker gives a shard back that it did not finish, because it drains or was told to stop.
   *
   * @param workerId who
   * @param runId the run
   * @param shardId the shard
   * @param attempt the attempt of the task
   */
  record ShardReturned(String workerId, long runId, int shardId, int attempt)
      implements ToCoordinator {}

  /**
   * The worker leaves and holds nothing any more.
   *
   * @param workerId who
   */
  record Goodbye(String workerId) implements ToCoordinator {}
}
