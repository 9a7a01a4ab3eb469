package stallcast.coordinator.aggregate;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Comparator;
import stallcast.kernel.host.HostOutcome;
import stallcast.worker.shard.OutcomeBlock;
import stallcast.worker.shard.OutcomeBlock.IncidentRows;

/**
 * The incident records of one host and one kind, reduced to that host's tally. Everything inside a
 * host is dependent, so this is where reports become host-level values (statistics.md section 1).
 */
final class HostIncidents {
  private final long horizonNs;
  private final long quietNs;

  /**
   * A reduction.
   *
   * @param horizonNs exposure of a host, ns
   * @param quietNs records less than this apart are one incident, ns
   */
  HostIncidents(long horizonNs, long quietNs) {
    this.horizonNs = horizonNs;
    this.quietNs = quietNs;
  }

  /**
   * Reduces one kind of one host.
   *
   * @param block block of the host
   * @param row its row, whose count of the kind is at least 1; more than are listed if it ran over
   * @param from first record of the host
   * @param to after its last record
   * @param kind ordinal of the kind
   */
  KindTally tally(OutcomeBlock block, int row, int from, int to, int kind) {
    IncidentRows rows = block.incidents();
    int hostOperations = block.operations()[row];
    int[] listed = byStart(rows, from, to, kind);
    long reports = 0;
    long longestNs = Math.max(0, block.longestNs()[kind][row]); // NONE is below
    long open = 0;
    BigInteger lengthNs = BigInteger.ZERO;
    for (int i : listed) {
      reports += rows.reports()[i];
      if (rows.endNs()[i] == HostOutcome.NONE) {
        open++;
      } else {
        long length = rows.endNs()[i] - rows.startNs()[i];
        longestNs = Math.max(longestNs, length);
        lengthNs = lengthNs.add(BigInteger.valueOf(length));
      }
    }
    long[] clusters = decluster(rows, from, listed);
    long caused = Math.min(clusters[1], hostOperations);
    return new KindTally(
        HostCounts.NONE.plusHost(block.counts()[kind][row], horizonNs),
        HostCounts.NONE.plusHost(Math.max(1, clusters[0]), horizonNs),
        HostCounts.NONE.plusHost(reports, horizonNs),
        HostCounts.NONE.plusHost(caused, hostOperations),
        longestNs,
        lengthNs,
        open,
        caused > 0 && hostOperations > 1 ? 1 : 0);
  }

  private static int[] byStart(IncidentRows rows, int from, int to, int kind) {
    Integer[] found = new Integer[to - from];
    int size = 0;
    for (int i = from; i < to; i++) {
      if (rows.kind()[i] == kind) {
        found[size++] = i;
      }
    }
    Arrays.sort(found, 0, size, Comparator.comparingLong(i -> rows.startNs()[i]));
    int[] sorted = new int[size];
    for (int i = 0; i < size; i++) {
      sorted[i] = found[i];
    }
    return sorted;
  }

  /** Counts clusters, and those of them that an operation led to. */
  private long[] decluster(IncidentRows rows, int from, int[] sorted) {
    long clusters = 0;
    long caused = 0;
    long busyUntilNs = 0;
    boolean counted = false;
    for (int i : sorted) {
      long startNs = rows.startNs()[i];
      if (clusters == 0 || startNs - busyUntilNs >= quietNs) {
        clusters++;
        counted = false;
        busyUntilNs = startNs;
      }
      busyUntilNs = Math.max(busyUntilNs, rows.endNs()[i]); // NONE is below every time
      if (!counted && isFromOperation(rows, from, i)) {
        caused++;
        counted = true;
      }
    }
    return new long[] {clusters, caused};
  }

  private static boolean isFromOperation(IncidentRows rows, int from, int record) {
    int at = record;
    while (rows.operation()[at] < 0) {
      int parent = rows.parent()[at];
      if (parent < 0) {
        return false;
      }
      if (from + parent >= at) {
        throw new IllegalStateException("record " + (at - from) + " has a later cause " + parent);
      }
      at = from + parent;
    }
    return true;
  }
}
