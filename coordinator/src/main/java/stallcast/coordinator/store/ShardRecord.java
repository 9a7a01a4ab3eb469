package stallcast.coordinator.store;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import stallcast.worker.shard.OutcomeBlock;

/**
 * How one range of hosts was run: a row of the table {@code shards}.
 *
 * @param id number of the shard in the plan
 * @param firstHost global index of its first host
 * @param hosts its hosts
 * @param attempt which hand-out brought the result, from 1
 * @param worker who ran it
 * @param computeNs how long it was computed, ns
 * @param wireBytes size of its result on the wire
 * @param arrived when its result was in
 */
public record ShardRecord(
    long id,
    long firstHost,
    int hosts,
    int attempt,
    String worker,
    long computeNs,
    long wireBytes,
    Instant arrived) {

  /** The record of a block that has just arrived. */
  public static ShardRecord of(
      long id, OutcomeBlock block, int attempt, String worker, long computeNs, long wireBytes) {
    return new ShardRecord(
        id, block.firstHost(), block.rows(), attempt, worker, computeNs, wireBytes, Instant.now());
  }

  /** Writes it for {@link #read}. */
  void write(DataOutput out) throws IOException {
    out.writeLong(id);
    out.writeLong(firstHost);
    out.writeInt(hosts);
    out.writeInt(attempt);
    out.writeUTF(worker);
    out.writeLong(computeNs);
    out.writeLong(wireBytes);
    out.writeLong(arrived.getEpochSecond());
    out.writeInt(arrived.getNano());
  }

  static ShardRecord read(DataInput in) throws IOException {
    return new ShardRecord(
        in.readLong(),
        in.readLong(),
        in.readInt(),
        in.readInt(),
        in.readUTF(),
        in.readLong(),
        in.readLong(),
        Instant.ofEpochSecond(in.readLong(), in.readInt()));
  }

  static TableColumns<ShardRecord> columns() {
    return new TableColumns<ShardRecord>(TableName.SHARDS.key())
        .int64("shard", ShardRecord::id)
        .int64("first_host", ShardRecord::firstHost)
        .int32("hosts", ShardRecord::hosts)
        .int32("attempt", ShardRecord::attempt)
        .text("worker", ShardRecord::worker)
        .int64("compute_ns", ShardRecord::computeNs)
        .int64("wire_bytes", ShardRecord::wireBytes)
        .timestamp("arrived", r -> ChronoUnit.MICROS.between(Instant.EPOCH, r.arrived()));
  }
}
