package stallcast.coordinator.cluster;

import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import stallcast.coordinator.plan.ShardLedger;
import stallcast.coordinator.plan.ShardPlan;
import stallcast.worker.protocol.Parcel;
import stallcast.worker.protocol.ToWorker;
import stallcast.worker.protocol.WorkerInbox;

/**
 * What a dispatcher works on.
 *
 * @param runId tells this run's messages from those of any other
 * @param spec the encoded scenario
 * @param plan which hosts make a shard
 * @param sink where rows go
 * @param progress who wants to know
 * @param nanoTime the clock, ns
 */
record DispatchJob(
    long runId,
    Parcel spec,
    ShardPlan plan,
    ShardSink sink,
    RunProgress progress,
    LongSupplier nanoTime) {

  /** Sends a worker the scenario. */
  void sendSpec(ActorRef<WorkerInbox> worker) {
    for (int i = 0; i < spec.chunkCount(); i++) {
      worker.tell(new ToWorker.RunSpecChunk(runId, spec.chunk(i)));
    }
  }

  /** The message that gives a shard to a worker. */
  ToWorker.ShardTask task(ShardLedger.Lease lease, long leaseNs) {
    int shard = lease.shard();
    return new ToWorker.ShardTask(
        runId, shard, lease.attempt(), plan.firstHost(shard), plan.hostCount(shard), leaseNs);
  }
}
