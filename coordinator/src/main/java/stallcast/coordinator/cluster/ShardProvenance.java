package stallcast.coordinator.cluster;

/**
 * Where the rows of a shard come from. No part of the results: another run has another.
 *
 * @param worker id of the worker
 * @param attempt lease that brought the result, from 1
 * @param computeNs how long it was computed, ns
 * @param bytes size on the wire
 */
public record ShardProvenance(String worker, int attempt, long computeNs, int bytes) {}
