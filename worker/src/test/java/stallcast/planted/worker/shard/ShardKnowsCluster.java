package stallcast.planted.worker.shard;

import stallcast.planted.worker.cluster.ClusterKnowsShard;

/** Planted: one half of a cycle. */
public final class ShardKnowsCluster {
  ClusterKnowsShard other;
}
