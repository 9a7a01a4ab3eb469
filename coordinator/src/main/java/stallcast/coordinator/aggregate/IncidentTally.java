package stallcast.coordinator.aggregate;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import stallcast.kernel.host.EndReason;
import stallcast.kernel.host.HostOutcome;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.worker.shard.OutcomeBlock;

/**
 * Folds outcome blocks into what the estimates need. All state is whole numbers that are added or
 * compared, so any partition of the hosts into blocks, in any order and over any number of tallies,
 * comes to the same state (statistics.md section 9).
 *
 * <p>Not thread-safe. Whoever feeds it makes sure that no host comes twice.
 */
public final class IncidentTally {
  /** Records on one host less than this apart are one incident (statistics.md section 1). */
  public static final long QUIET_DEFAULT_NS = 3_600_000_000_000L;

  private static final EndReason[] END_REASONS = EndReason.values();
  private static final int KINDS = IncidentKind.values().length;

  private final long horizonNs;
  private final int measureCount;
  private final HostIncidents reduction;
  private final StratumTally[] strata;
  private long failedUnplaced; // failed before their stratum was known

  /** An empty tally of a scenario's hosts with the default quiet period. */
  public IncidentTally(ScenarioSpec spec) {
    this(spec, QUIET_DEFAULT_NS);
  }

  /**
   * An empty tally.
   *
   * @param quietNs quiet period between two incidents, ns, &gt;= 0
   */
  public IncidentTally(ScenarioSpec spec, long quietNs) {
    horizonNs = spec.horizonNs();
    measureCount = spec.measures().size();
    reduction = new HostIncidents(horizonNs, quietNs);
    strata = new StratumTally[spec.strata().size()];
    Arrays.fill(strata, StratumTally.none(measureCount));
  }

  /** Adds the hosts of a block. */
  public void fold(OutcomeBlock block) {
    Rows[] rows = new Rows[strata.length];
    for (int s = 0; s < rows.length; s++) {
      rows[s] = new Rows();
    }
    OutcomeBlock.IncidentRows incidents = block.incidents();
    int from = 0;
    for (int row = 0; row < block.rows(); row++) {
      int to = from;
      while (to < incidents.size() && incidents.row()[to] == row) {
        to++;
      }
      int stratum = block.stratum()[row];
      if (stratum >= 0) {
        rows[stratum].add(block, row, from, to);
      } else {
        failedUnplaced++;
      }
      from = to;
    }
    if (from != incidents.size()) {
      throw new IllegalStateException("incident rows are out of order at " + from);
    }
    for (int s = 0; s < rows.length; s++) {
      strata[s] = strata[s].plus(rows[s].tally());
    }
  }

  /** Adds another tally of the same scenario. */
  public void merge(IncidentTally other) {
    if (other.strata.length != strata.length || other.measureCount != measureCount) {
      throw new IllegalArgumentException("tallies of different scenarios");
    }
    for (int s = 0; s < strata.length; s++) {
      strata[s] = strata[s].plus(other.strata[s]);
    }
    failedUnplaced += other.failedUnplaced;
  }

  /** The hosts of one stratum. */
  public StratumTally stratum(int index) {
    return strata[index];
  }

  /** All hosts. */
  public StratumTally fleet() {
    StratumTally fleet = StratumTally.none(measureCount);
    for (StratumTally stratum : strata) {
      fleet = fleet.plus(stratum);
    }
    return new StratumTally(
        fleet.failed() + failedUnplaced,
        fleet.panicked(),
        fleet.truncated(),
        fleet.dropping(),
        fleet.events(),
        fleet.time(),
        fleet.operations(),
        fleet.kinds(),
        fleet.measures());
  }

  /** Everything that is known; equal states are equal lists. */
  public List<StratumTally> state() {
    List<StratumTally> state = new ArrayList<>(Arrays.asList(strata));
    state.add(fleet());
    return List.copyOf(state);
  }

  /** The rows of one block in one stratum, added up before they touch the totals. */
  private final class Rows {
    private final List<KindTally> kinds =
        new ArrayList<>(Collections.nCopies(KINDS, KindTally.NONE));
    private final List<ValueTally> measures =
        new ArrayList<>(Collections.nCopies(measureCount, ValueTally.NONE));
    private final long[] ended = new long[END_REASONS.length]; // [EndReason]
    private long hosts;
    private long operations;
    private BigInteger operationSquares = BigInteger.ZERO;
    private long events;

    void add(OutcomeBlock block, int row, int from, int to) {
      ended[block.endReason()[row]]++;
      if (END_REASONS[block.endReason()[row]] == EndReason.FAILED) {
        return;
      }
      int hostOperations = block.operations()[row];
      hosts++;
      operations += hostOperations;
      operationSquares =
          operationSquares.add(BigInteger.valueOf((long) hostOperations * hostOperations));
      events = Math.addExact(events, block.events()[row]);
      for (int kind = 0; kind < KINDS; kind++) {
        if (block.counts()[kind][row] > 0) {
          KindTally host = reduction.tally(block, row, from, to, kind);
          kinds.set(kind, kinds.get(kind).plus(host));
        }
      }
      for (int m = 0; m < measureCount; m++) {
        long value = block.measures()[m][row];
        if (value != HostOutcome.NONE) {
          measures.set(m, measures.get(m).plusValue(value));
        }
      }
    }

    StratumTally tally() {
      return new StratumTally(
          ended[EndReason.FAILED.ordinal()],
          ended[EndReason.PANIC.ordinal()],
          ended[EndReason.EVENT_LIMIT.ordinal()] + ended[EndReason.PROGRAM_SPIN.ordinal()],
          ended[EndReason.INCIDENT_LIMIT.ordinal()],
          events,
          Exposure.equal(hosts, horizonNs),
          new Exposure(hosts, BigInteger.valueOf(operations), operationSquares),
          kinds,
          measures);
    }
  }
}
