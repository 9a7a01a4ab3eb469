package stallcast.worker.cluster;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import stallcast.worker.protocol.Parcel;
import stallcast.worker.protocol.ToCoordinator.ShardChunk;
import stallcast.worker.protocol.ToWorker.ShardTask;

/**
 * A shard that a worker holds: waiting for a thread, computing, or on its way to the coordinator.
 * Only {@link #begin} and {@link #isCancelled} are called by the computing thread.
 */
final class HeldShard {
  /** Chunks under way without an acknowledgement; 1 MiB is far below what Artery queues. */
  private static final int WINDOW_CHUNKS = 8;

  private enum Stage {
    WAITING,
    COMPUTING,
    CANCELLED
  }

  private final ShardTask task;
  private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.WAITING);
  private Optional<Parcel> result = Optional.empty();
  private long computeNs;
  private int acknowledged;
  private int sent;
  private boolean progress; // since the last probe

  HeldShard(ShardTask task) {
    this.task = task;
  }

  ShardTask task() {
    return task;
  }

  /**
   * Takes the shard for computing.
   *
   * @return false if it was cancelled before
   */
  boolean begin() {
    return stage.compareAndSet(Stage.WAITING, Stage.COMPUTING);
  }

  boolean isCancelled() {
    return stage.get() == Stage.CANCELLED;
  }

  void cancel() {
    stage.set(Stage.CANCELLED);
  }

  /** Cancels it if no thread has taken it yet. */
  boolean cancelIfWaiting() {
    return stage.compareAndSet(Stage.WAITING, Stage.CANCELLED);
  }

  void finish(Parcel parcel, long tookNs) {
    result = Optional.of(parcel);
    computeNs = tookNs;
    progress = true;
  }

  boolean hasResult() {
    return result.isPresent();
  }

  /** Goes on behind the chunks that have arrived. */
  void acknowledge(int received) {
    acknowledged = received;
    sent = received == 0 ? 0 : Math.max(sent, received); // 0: the coordinator had no place before
    progress = true;
  }

  /** The next chunk that may be sent now. */
  Optional<ShardChunk> next(String workerId) {
    if (result.isEmpty()) {
      return Optional.empty();
    }
    int end = Math.min(result.get().chunkCount(), acknowledged + WINDOW_CHUNKS);
    return sent < end ? Optional.of(chunk(workerId, sent++)) : Optional.empty();
  }

  /**
   * One chunk to find out how far the coordinator is, if it has been silent since the last call.
   */
  Optional<ShardChunk> probe(String workerId) {
    boolean silent = result.isPresent() && !progress;
    progress = false;
    if (!silent) {
      return Optional.empty();
    }
    int index = Math.min(acknowledged, result.get().chunkCount() - 1);
    sent = index + 1;
    return Optional.of(chunk(workerId, index));
  }

  private ShardChunk chunk(String workerId, int index) {
    return new ShardChunk(
        workerId,
        task.runId(),
        task.shardId(),
        task.attempt(),
        computeNs,
        result.orElseThrow().chunk(index));
  }
}
