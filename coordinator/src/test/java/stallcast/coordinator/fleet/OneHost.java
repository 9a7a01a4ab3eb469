package stallcast.coordinator.fleet;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import stallcast.kernel.host.EndReason;
import stallcast.kernel.host.HostOutcome;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.worker.shard.OutcomeBlock;

/** One host of {@link MadeUpFleet} with literal incidents; times are seconds. */
public final class OneHost {
  private static final int KINDS = IncidentKind.values().length;
  private static final long SECOND_NS = 1_000_000_000L;
  private static final int STOP_EVERY_SECONDS = 3600; // records of one hour have one stop
  private static final int OPEN = -1;

  private final List<int[]> records = new ArrayList<>();
  private int operations;
  private EndReason end = EndReason.HORIZON;

  /** Adds a lockup without a cause. */
  public OneHost lockup(int start, int seconds) {
    return record(MadeUpFleet.LOCKUP, start, seconds, -1, -1);
  }

  /** Adds a lockup without a cause that does not end. */
  public OneHost openLockup(int start) {
    return record(MadeUpFleet.LOCKUP, start, OPEN, -1, -1);
  }

  /** Adds a record. */
  public OneHost record(IncidentKind kind, int start, int seconds, int parent, int operation) {
    records.add(new int[] {kind.ordinal(), start, seconds, parent, operation});
    return this;
  }

  /** Sets the number of operations. */
  public OneHost operations(int count) {
    operations = count;
    return this;
  }

  /** Sets how the host ended. */
  public OneHost end(EndReason reason) {
    end = reason;
    return this;
  }

  /** Host 0 as a block. */
  public OutcomeBlock block() {
    int[][] counts = new int[KINDS][1];
    long[][] none = new long[KINDS][1];
    for (long[] column : none) {
      column[0] = HostOutcome.NONE;
    }
    records.forEach(r -> counts[r[0]][0]++);
    boolean failed = end == EndReason.FAILED;
    return new OutcomeBlock(
        0,
        1,
        new int[1],
        new double[3][1],
        counts,
        none,
        none,
        new long[][] {{HostOutcome.NONE}, {HostOutcome.NONE}},
        new int[] {end.ordinal()},
        new int[] {operations},
        new long[] {1000},
        incidents(),
        failed ? List.of(new OutcomeBlock.HostFailure(0, "broken")) : List.of());
  }

  private OutcomeBlock.IncidentRows incidents() {
    int n = records.size();
    long[] none = new long[n];
    Arrays.fill(none, HostOutcome.NONE);
    int[] ones = new int[n];
    Arrays.fill(ones, 1);
    long[] ends =
        records.stream()
            .mapToLong(r -> r[2] == OPEN ? HostOutcome.NONE : (r[1] + r[2]) * SECOND_NS)
            .toArray();
    return new OutcomeBlock.IncidentRows(
        new int[n],
        column(0),
        records.stream().mapToLong(r -> r[1] * SECOND_NS).toArray(),
        ends,
        none,
        new int[n],
        new int[n],
        ones,
        new int[n],
        none,
        none,
        new int[n],
        new int[n],
        ones,
        ones,
        column(3),
        column(4),
        records.stream().mapToInt(r -> r[1] / STOP_EVERY_SECONDS).toArray());
  }

  private int[] column(int index) {
    return records.stream().mapToInt(r -> r[index]).toArray();
  }
}
