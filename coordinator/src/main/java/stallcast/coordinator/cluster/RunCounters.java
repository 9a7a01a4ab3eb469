package stallcast.coordinator.cluster;

import java.util.OptionalLong;
import stallcast.coordinator.plan.ShardLedger;
import stallcast.coordinator.plan.ShardPlan;

/** What a run has come to so far. */
final class RunCounters {
  private static final double NS_PER_SECOND = 1e9;

  private final ShardPlan plan;
  private final long begunNs;
  private OptionalLong firstWorkerNs = OptionalLong.empty();
  private int shardsStored;
  private final long hostsBefore;
  private long hostsStored;
  private long hostsFailed;
  private long events;
  private long computeNs;
  private int computed;
  private int retries;
  private int secondCopies;
  private int repeatedResults;

  RunCounters(ShardPlan plan, long nowNs) {
    this.plan = plan;
    this.begunNs = nowNs;
    this.shardsStored = plan.done().cardinality();
    this.hostsBefore = plan.hostsDone();
  }

  void workerReady(long nowNs) {
    if (firstWorkerNs.isEmpty()) {
      firstWorkerNs = OptionalLong.of(nowNs);
    }
  }

  void stored(SinkFeed.Delivery.Stored delivery) {
    shardsStored++;
    hostsStored += plan.hostCount(delivery.shard());
    hostsFailed += delivery.hostsFailed();
    events += delivery.events();
  }

  void computed(long tookNs) {
    computed++;
    computeNs += Math.max(0, tookNs);
  }

  void retried(int count) {
    retries += count;
  }

  void copied() {
    secondCopies++;
  }

  void repeated() {
    repeatedResults++;
  }

  /** Mean time of a shard, ns, or {@code otherwise} as long as there is none. */
  long meanComputeNs(long otherwise) {
    return computed == 0 ? otherwise : computeNs / computed;
  }

  /**
   * The state of the run.
   *
   * @param waiting results that wait for the disk
   */
  RunProgress.State state(ShardLedger ledger, WorkerRoster workers, int waiting, long nowNs) {
    double seconds = (nowNs - firstWorkerNs.orElse(nowNs)) / NS_PER_SECOND;
    return new RunProgress.State(
        shardsStored,
        plan.shards(),
        ledger.leasedCount(),
        ledger.failedCount(),
        waiting,
        retries,
        secondCopies,
        hostsBefore + hostsStored,
        plan.hosts(),
        hostsFailed,
        events,
        workers.size(),
        workers.slots(),
        nowNs - begunNs,
        seconds > 0 ? hostsStored / seconds : 0);
  }

  RunSummary summary(String stopped, ShardLedger ledger, RunProgress.State last) {
    return new RunSummary(stopped, last, ledger.failed(), retries, secondCopies, repeatedResults);
  }
}
