package stallcast.coordinator.cluster;

import java.io.IOException;
import stallcast.worker.shard.OutcomeBlock;

/**
 * Where the rows of finished shards go. Called by one thread, one shard after another, in the order
 * in which results arrive; each shard is delivered at most once, and all of a complete run exactly
 * once.
 */
@FunctionalInterface
public interface ShardSink {
  /**
   * Stores the rows of one shard. It may take its time: the cluster waits.
   *
   * @param block the rows
   * @param packed the same as they came over the wire
   * @throws IOException if they cannot be stored; the run ends
   */
  void accept(int shardId, OutcomeBlock block, byte[] packed, ShardProvenance provenance)
      throws IOException;
}
