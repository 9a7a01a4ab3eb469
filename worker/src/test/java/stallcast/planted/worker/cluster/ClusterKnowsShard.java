package stallcast.planted.worker.cluster;

import stallcast.planted.worker.shard.ShardKnowsCluster;

/** Planted: the other half of a cycle. */
public final class ClusterKnowsShard {
  ShardKnowsCluster other;
}
