package stallcast.coordinator.cluster;

import java.util.function.LongSupplier;
import stallcast.coordinator.plan.ShardPlan;
import stallcast.worker.protocol.Parcel;

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
    LongSupplier nanoTime) {}
