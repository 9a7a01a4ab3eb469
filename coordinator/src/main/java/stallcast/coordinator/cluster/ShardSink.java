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
   * @throws IOException if they cannot be stored; the run ends
   */
  void accept(int shardId, OutcomeBlock block, ShardProvenance provenance) throws IOException;
}
