package stallcast.coordinator.store;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import stallcast.coordinator.plan.ShardPlan;
import stallcast.worker.protocol.WireCodec;
import stallcast.worker.shard.OutcomeBlock;

/**
 * Writes shards, which come in any order, as parts in host order. A part begins at every multiple
 * of a fixed number of hosts, so that neither shard size nor workers nor order can change a byte. A
 * shard is in the journal before anything else happens to it; those that are too early wait there,
 * and as far as there is room in memory, too.
 *
 * <p>Not thread-safe.
 */
final class OutcomeWriter implements Closeable {
  private final RunFolder folder;
  private final RunDescription run;
  private final ShardPlan plan;
  private final Journal journal;
  private final Limits limits;
  private final Consumer<OutcomeBlock> listener;
  private final TableColumns<HostCursor> outcomeColumns;
  private final TableColumns<HostCursor> incidentColumns;
  private final List<StoredFile> files = new ArrayList<>();
  private final Map<Integer, Early> early = new HashMap<>(); // by shard
  private final HostCursor cursor = new HostCursor();
  private Optional<PartWriter> part = Optional.empty();
  private Optional<TableFile<ShardRecord>> shards = Optional.empty();
  private int nextShard;
  private long nextHost;
  private long earlyRows;

  /**
   * Sizes that do not depend on the run.
   *
   * @param partHosts hosts in a part, &gt; 0
   * @param waitingRows rows of early shards that are kept in memory, &gt;= 0
   */
  record Limits(long partHosts, long waitingRows) {
    /** A million hosts make tens of megabytes; 200 000 waiting rows take about 100 MB. */
    static final Limits DEFAULT = new Limits(1_000_000, 200_000);
  }

  /** A shard that came before its turn. */
  private record Early(ShardRecord shard, OutcomeBlock block) {}

  /**
   * A writer.
   *
   * @param listener gets every block in host order
   */
  OutcomeWriter(ClaimedRun claimed, Limits limits, Consumer<OutcomeBlock> listener) {
    this.folder = claimed.folder();
    this.run = claimed.record().run();
    this.plan = claimed.record().plan();
    this.journal = claimed.journal();
    this.limits = limits;
    this.listener = listener;
    outcomeColumns = OutcomeColumns.of(run.spec());
    incidentColumns = IncidentColumns.of(run.spec());
  }

  /**
   * Takes a shard.
   *
   * @throws IllegalStateException if it has come before, or is none of the plan
   */
  void accept(Journal.Entry entry, OutcomeBlock block) throws IOException {
    int shard = Math.toIntExact(entry.shard().id());
    refuseStranger(shard, block);
    journal.append(entry);
    if (shard != nextShard) {
      if (earlyRows + block.rows() <= limits.waitingRows()) {
        early.put(shard, new Early(entry.shard(), block));
        earlyRows += block.rows();
      }
      return;
    }
    write(entry.shard(), block);
    writeWaiting();
  }

  private void refuseStranger(int shard, OutcomeBlock block) {
    if (shard < 0
        || shard >= plan.shards()
        || plan.firstHost(shard) != block.firstHost()
        || plan.hostCount(shard) != block.rows()) {
      throw new IllegalStateException(
          block.rows() + " hosts from " + block.firstHost() + " are not shard " + shard);
    }
    if (journal.has(shard)) {
      throw new IllegalStateException("shard " + shard + " came twice");
    }
  }

  /** Writes the shards whose turn it is. */
  void writeWaiting() throws IOException {
    while (nextShard < plan.shards() && journal.has(nextShard)) {
      Early next = early.remove(nextShard);
      if (next == null) {
        Journal.Entry entry = journal.read(nextShard);
        write(entry.shard(), WireCodec.unpackBlock(entry.packed()));
      } else {
        earlyRows -= next.block().rows();
        write(next.shard(), next.block());
      }
    }
  }

  /** All hosts below this one are written. */
  long nextHost() {
    return nextHost;
  }

  /** Shards in memory that wait for others. */
  int earlyInMemory() {
    return early.size();
  }

  /**
   * Finishes the last part.
   *
   * @return all files written, but not that of the shards
   */
  List<StoredFile> finish() throws IOException {
    publishPart();
    return List.copyOf(files);
  }

  /** Finishes the table of the shards. */
  StoredFile finishShards() throws IOException {
    StoredFile file = shardTable().publish(TableName.SHARDS.key() + "/part-0.parquet");
    shards = Optional.empty();
    return file;
  }

  private TableFile<ShardRecord> shardTable() throws IOException {
    if (shards.isEmpty()) {
      shards =
          Optional.of(
              new TableFile<>(
                  folder,
                  ShardRecord.columns(),
                  "shards.inprogress",
                  run.footer(TableName.SHARDS)));
    }
    return shards.get();
  }

  @Override
  public void close() throws IOException {
    if (part.isPresent()) {
      part.get().close();
    }
    if (shards.isPresent()) {
      shards.get().close();
    }
  }

  private void write(ShardRecord shard, OutcomeBlock block) throws IOException {
    cursor.open(block);
    while (cursor.hasHost()) {
      if (part.isEmpty()) {
        part = Optional.of(new PartWriter(folder, run, outcomeColumns, incidentColumns, nextHost));
      }
      part.get().write(cursor);
      nextHost++;
      if (nextHost % limits.partHosts() == 0) {
        publishPart();
      }
    }
    shardTable().write(shard);
    nextShard++;
    listener.accept(block);
  }

  private void publishPart() throws IOException {
    if (part.isPresent()) {
      files.addAll(part.get().publish());
      part = Optional.empty();
    }
  }
}
