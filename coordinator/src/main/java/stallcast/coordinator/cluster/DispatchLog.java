package stallcast.coordinator.cluster;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line per important event of a run, with the ids of shard and worker as values. */
final class DispatchLog {
  private static final Logger LOG = LoggerFactory.getLogger(ShardDispatcher.class);
  private static final String SHARD = "shard";
  private static final String WORKER = "worker";

  private DispatchLog() {}

  static void joined(String worker, int threads) {
    LOG.atInfo().addKeyValue(WORKER, worker).log("worker {}, {} threads", worker, threads);
  }

  static void refused(String worker, String why) {
    LOG.atWarn().addKeyValue(WORKER, worker).log("refused worker {}: {}", worker, why);
  }

  static void lost(String worker, int shards) {
    LOG.atWarn()
        .addKeyValue(WORKER, worker)
        .log("worker {} was lost; {} shards go to others", worker, shards);
  }

  static void left(String worker) {
    LOG.atInfo().addKeyValue(WORKER, worker).log("worker {} left", worker);
  }

  static void failed(int shard, String worker, String why) {
    LOG.atWarn()
        .addKeyValue(SHARD, shard)
        .addKeyValue(WORKER, worker)
        .log("shard {} failed: {}", shard, why);
  }

  static void refused(int shard, String worker, String why) {
    LOG.atWarn()
        .addKeyValue(SHARD, shard)
        .addKeyValue(WORKER, worker)
        .log("result of shard {} from {} refused: {}", shard, worker, why);
  }

  static void late(int shard) {
    LOG.atWarn()
        .addKeyValue(SHARD, shard)
        .log("lease of shard {} ended in silence: it goes to others", shard);
  }

  static void over(String how, int shards) {
    LOG.info("the run is over, {} shards are stored: {}", shards, how);
  }
}
