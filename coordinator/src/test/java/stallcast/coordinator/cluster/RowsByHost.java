package stallcast.coordinator.cluster;

import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import stallcast.worker.shard.OutcomeBlock;

/** A sink that keeps every host's row in words, and refuses a host that comes twice. */
final class RowsByHost implements ShardSink {
  private final SortedMap<Long, String> rows = Collections.synchronizedSortedMap(new TreeMap<>());

  @Override
  public void accept(int shardId, OutcomeBlock block, byte[] packed, ShardProvenance provenance) {
    for (int r = 0; r < block.rows(); r++) {
      assertNull(rows.put(block.firstHost() + r, words(block, r)), "delivered twice");
    }
  }

  SortedMap<Long, String> rows() {
    return rows;
  }

  private static String words(OutcomeBlock block, int row) {
    StringBuilder text = new StringBuilder();
    text.append(block.stratum()[row]).append(' ').append(block.endReason()[row]);
    text.append(' ').append(block.operations()[row]).append(' ').append(block.events()[row]);
    for (double[] column : block.config()) {
      text.append(' ').append(column[row]);
    }
    for (int kind = 0; kind < block.counts().length; kind++) {
      text.append(' ').append(block.counts()[kind][row]);
      text.append(' ').append(block.firstNs()[kind][row]);
      text.append(' ').append(block.longestNs()[kind][row]);
    }
    for (long[] measure : block.measures()) {
      text.append(' ').append(measure[row]);
    }
    for (int i = 0; i < block.incidents().size(); i++) {
      if (block.incidents().row()[i] == row) {
        text.append(" | ").append(block.incidents().kind()[i]);
        text.append(' ').append(block.incidents().startNs()[i]);
        text.append(' ').append(block.incidents().endNs()[i]);
      }
    }
    return text.toString();
  }
}
