package stallcast.coordinator.store;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * How one shard was run: a row of the table {@code shards}.
 *
 * @param shard number in the plan
 * @param firstHost global index of its first host
 * @param hosts its hosts
 * @param attempts times it was handed out, the last one succeeded
 * @param worker who ran it
 * @param started when the last attempt started
 * @param finished when its result was in
 */
public record ShardRecord(
    long shard,
    long firstHost,
    int hosts,
    int attempts,
    String worker,
    Instant started,
    Instant finished) {

  static TableColumns<ShardRecord> columns() {
    return new TableColumns<ShardRecord>(TableName.SHARDS.key())
        .int64("shard", ShardRecord::shard)
        .int64("first_host", ShardRecord::firstHost)
        .int32("hosts", ShardRecord::hosts)
        .int32("attempts", ShardRecord::attempts)
        .text("worker", ShardRecord::worker)
        .timestamp("started", r -> micros(r.started()))
        .timestamp("finished", r -> micros(r.finished()))
        .int64("wall_ns", r -> r.started().until(r.finished(), ChronoUnit.NANOS));
  }

  private static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }
}
