package stallcast.worker.shard;

import java.util.ArrayList;
import java.util.List;
import stallcast.kernel.host.EndReason;
import stallcast.kernel.host.HostOutcome;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.IncidentKind;

/** Packs the outcomes of consecutive hosts into the columns of one {@link OutcomeBlock}. */
final class OutcomeBlockBuilder {
  private static final IncidentKind[] KINDS = IncidentKind.values();

  private final long firstHost;
  private final int rows;
  private final int[] stratum; // [rows]
  private final double[][] config; // [columns][rows]
  private final int[][] counts; // [kinds][rows]
  private final long[][] firstNs; // [kinds][rows]
  private final long[][] longestNs; // [kinds][rows]
  private final long[][] measures; // [measures][rows]
  private final int[] endReason; // [rows]
  private final int[] operations; // [rows]
  private final long[] events; // [rows]
  private final IncidentRowsBuilder incidents = new IncidentRowsBuilder();
  private final List<OutcomeBlock.HostFailure> failures = new ArrayList<>();
  private int row;

  /**
   * An empty block.
   *
   * @param firstHost global index of the first host
   * @param rows hosts that will be added
   * @param columnCount drawn configuration values per host
   * @param measureCount measures per host
   */
  OutcomeBlockBuilder(long firstHost, int rows, int columnCount, int measureCount) {
    this.firstHost = firstHost;
    this.rows = rows;
    stratum = new int[rows];
    config = new double[columnCount][rows];
    counts = new int[KINDS.length][rows];
    firstNs = new long[KINDS.length][rows];
    longestNs = new long[KINDS.length][rows];
    measures = new long[measureCount][rows];
    endReason = new int[rows];
    operations = new int[rows];
    events = new long[rows];
  }

  /** Adds the next host. */
  void add(HostOutcome outcome, TaskNaming tasks) {
    HostConfig host = outcome.config();
    tasks.turnTo(host);
    int before = incidents.size();
    try {
      incidents.addHost(row, outcome.incidents(), tasks);
    } catch (RuntimeException e) {
      incidents.truncate(before); // the caller records the host as failed
      throw e;
    }
    configure(host);
    for (IncidentKind kind : KINDS) {
      counts[kind.ordinal()][row] = outcome.count(kind);
      firstNs[kind.ordinal()][row] = outcome.firstNs(kind);
      longestNs[kind.ordinal()][row] = outcome.longestNs(kind);
    }
    for (int m = 0; m < measures.length; m++) {
      measures[m][row] = outcome.measure(m);
    }
    endReason[row] = outcome.endReason().ordinal();
    operations[row] = outcome.operations();
    events[row] = outcome.events();
    row++;
  }

  /**
   * Adds the next host as failed.
   *
   * @param host its configuration
   * @param message one line: exception type and message
   */
  void addFailed(HostConfig host, String message) {
    configure(host);
    addFailedRow(message);
  }

  /** Adds the next host as failed when not even its configuration could be drawn. */
  void addFailed(String message) {
    stratum[row] = -1;
    for (double[] column : config) {
      column[row] = Double.NaN;
    }
    addFailedRow(message);
  }

  private void configure(HostConfig host) {
    stratum[row] = host.stratum();
    for (int c = 0; c < config.length; c++) {
      config[c][row] = host.columns()[c];
    }
  }

  private void addFailedRow(String message) {
    for (int k = 0; k < KINDS.length; k++) {
      counts[k][row] = 0;
      firstNs[k][row] = HostOutcome.NONE;
      longestNs[k][row] = HostOutcome.NONE;
    }
    for (long[] measure : measures) {
      measure[row] = HostOutcome.NONE;
    }
    endReason[row] = EndReason.FAILED.ordinal();
    operations[row] = 0;
    events[row] = 0;
    failures.add(new OutcomeBlock.HostFailure(firstHost + row, message));
    row++;
  }

  /** The finished block. */
  OutcomeBlock build() {
    if (row != rows) {
      throw new IllegalStateException("block of " + rows + " hosts holds " + row);
    }
    return new OutcomeBlock(
        firstHost,
        rows,
        stratum,
        config,
        counts,
        firstNs,
        longestNs,
        measures,
        endReason,
        operations,
        events,
        incidents.build(),
        failures);
  }
}
