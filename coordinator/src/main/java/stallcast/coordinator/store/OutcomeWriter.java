package stallcast.coordinator.store;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import stallcast.worker.shard.OutcomeBlock;

/**
 * Writes outcome blocks, which come in any order and size, as parts in host order. A part begins at
 * every multiple of a fixed number of hosts, so that neither shard size nor workers nor order can
 * change a byte. Blocks that are too early wait in memory, and beyond a stated number of rows in
 * work files.
 *
 * <p>Not thread-safe.
 */
final class OutcomeWriter implements Closeable {
  private final RunFolder folder;
  private final RunDescription run;
  private final Limits limits;
  private final TableColumns<HostCursor> outcomeColumns;
  private final TableColumns<HostCursor> incidentColumns;
  private final List<StoredFile> files = new ArrayList<>();
  private final TreeMap<Long, Waiting> waiting = new TreeMap<>(); // by first host
  private final HostCursor cursor = new HostCursor();
  private PartWriter part; // null between parts
  private long nextHost;
  private long rowsInMemory;

  /**
   * Sizes that do not depend on the run.
   *
   * @param partHosts hosts in a part, &gt; 0
   * @param waitingRows rows of early blocks that are kept in memory, &gt;= 0
   */
  record Limits(long partHosts, long waitingRows) {
    /** A million hosts make tens of megabytes; 200 000 waiting rows take about 100 MB. */
    static final Limits DEFAULT = new Limits(1_000_000, 200_000);
  }

  /** A block that came before its turn: in memory, or as a work file and null here. */
  private record Waiting(OutcomeBlock block, int rows) {}

  OutcomeWriter(RunFolder folder, RunDescription run, Limits limits) {
    this.folder = folder;
    this.run = run;
    this.limits = limits;
    outcomeColumns = OutcomeColumns.of(run.spec());
    incidentColumns = IncidentColumns.of(run.spec());
  }

  /**
   * Takes a block.
   *
   * @throws IllegalStateException if one of its hosts has come before
   */
  void accept(OutcomeBlock block) throws IOException {
    refuseOverlap(block);
    if (block.rows() == 0) {
      return;
    }
    if (block.firstHost() != nextHost) {
      waiting.put(block.firstHost(), new Waiting(block, block.rows()));
      rowsInMemory += block.rows();
      spill();
      return;
    }
    write(block);
    Map.Entry<Long, Waiting> next = waiting.firstEntry();
    while (next != null && next.getKey() == nextHost) {
      waiting.remove(next.getKey());
      write(fetch(next.getKey(), next.getValue()));
      next = waiting.firstEntry();
    }
  }

  /** All hosts below this one are written. */
  long nextHost() {
    return nextHost;
  }

  /** First host of the blocks that still wait for others; {@link #nextHost} if none does. */
  long firstWaiting() {
    return waiting.isEmpty() ? nextHost : waiting.firstKey();
  }

  /** Early blocks that were put aside in work files. */
  long spilledBlocks() {
    return waiting.values().stream().filter(w -> w.block() == null).count();
  }

  /**
   * Finishes the last part.
   *
   * @return all files written
   */
  List<StoredFile> finish() throws IOException {
    publishPart();
    return List.copyOf(files);
  }

  @Override
  public void close() throws IOException {
    if (part != null) {
      part.close();
      part = null;
    }
  }

  private void refuseOverlap(OutcomeBlock block) {
    long end = block.firstHost() + block.rows();
    Map.Entry<Long, Waiting> before = waiting.lowerEntry(end);
    boolean again =
        before != null && before.getKey() + before.getValue().rows() > block.firstHost();
    if (block.firstHost() < nextHost || again) {
      throw new IllegalStateException(
          "hosts " + block.firstHost() + " to " + (end - 1) + " came twice, at least in part");
    }
  }

  private void write(OutcomeBlock block) throws IOException {
    cursor.open(block);
    while (cursor.hasHost()) {
      if (part == null) {
        part = new PartWriter(folder, run, outcomeColumns, incidentColumns, nextHost);
      }
      part.write(cursor);
      nextHost++;
      if (nextHost % limits.partHosts() == 0) {
        publishPart();
      }
    }
  }

  private void publishPart() throws IOException {
    if (part != null) {
      files.addAll(part.publish());
      part = null;
    }
  }

  /** Moves the blocks that are needed last to work files. */
  private void spill() throws IOException {
    for (Long first : new ArrayList<>(waiting.descendingKeySet())) {
      Waiting entry = waiting.get(first);
      if (rowsInMemory <= limits.waitingRows()) {
        return;
      }
      if (entry.block() != null) {
        BlockFile.write(entry.block(), folder.createWork(spillName(first)));
        waiting.put(first, new Waiting(null, entry.rows()));
        rowsInMemory -= entry.rows();
      }
    }
  }

  private OutcomeBlock fetch(long first, Waiting entry) throws IOException {
    if (entry.block() != null) {
      rowsInMemory -= entry.rows();
      return entry.block();
    }
    OutcomeBlock block = BlockFile.read(folder.openWork(spillName(first)));
    folder.deleteWork(spillName(first));
    return block;
  }

  private static String spillName(long firstHost) {
    return "block-" + firstHost + ".waiting";
  }
}
