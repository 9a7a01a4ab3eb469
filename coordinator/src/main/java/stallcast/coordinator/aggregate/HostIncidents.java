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
    long caused = stops(rows, from, listed);
    return new KindTally(
        HostCounts.NONE.plusHost(block.counts()[kind][row], horizonNs),
        HostCounts.NONE.plusHost(Math.max(1, clusters(rows, listed)), horizonNs),
        HostCounts.NONE.plusHost(reports, horizonNs),
        HostCounts.NONE.plusHost(caused, hostOperations),
        longestNs,
        lengthNs,
        open);
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

  /** Counts clusters: records less than a quiet period apart. */
  private long clusters(IncidentRows rows, int[] sorted) {
    long clusters = 0;
    long busyUntilNs = 0;
    for (int i : sorted) {
      long startNs = rows.startNs()[i];
      if (clusters == 0 || startNs - busyUntilNs >= quietNs) {
        clusters++;
        busyUntilNs = startNs;
      }
      busyUntilNs = Math.max(busyUntilNs, rows.endNs()[i]); // NONE is below every time
    }
    return clusters;
  }

  /** Counts the stops of the host that led to at least one of the records. */
  private static long stops(IncidentRows rows, int from, int[] listed) {
    return Arrays.stream(listed)
        .map(i -> stopOf(rows, from, i))
        .filter(occurrence -> occurrence >= 0)
        .distinct()
        .count();
  }

  /** The stop at the begin of a record's chain, -1 if there is none. */
  private static int stopOf(IncidentRows rows, int from, int record) {
    int at = record;
    while (rows.operation()[at] < 0) {
      int parent = rows.parent()[at];
      if (parent < 0) {
        return -1;
      }
      if (from + parent >= at) {
        throw new IllegalStateException("record " + (at - from) + " has a later cause " + parent);
      }
      at = from + parent;
    }
    return rows.occurrence()[at];
  }
}
