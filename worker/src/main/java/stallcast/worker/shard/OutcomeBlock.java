package stallcast.worker.shard;

import java.util.List;

/**
 * Outcomes of a contiguous range of hosts as columns; row i is host {@code firstHost + i}. Absent
 * long values are {@link stallcast.kernel.host.HostOutcome#NONE}, absent configuration values NaN.
 *
 * @param firstHost global index of the first host
 * @param rows hosts in the block
 * @param stratum [rows] stratum index
 * @param config [columns of HostSampler][rows] drawn configuration
 * @param counts [IncidentKind][rows] incidents
 * @param firstNs [IncidentKind][rows] start of the first one, ns
 * @param longestNs [IncidentKind][rows] length of the longest one, ns
 * @param measures [measures of the scenario][rows] values in their unit
 * @param endReason [rows] ordinal of EndReason
 * @param operations [rows] operations that hit the host
 * @param events [rows] timer expiries
 * @param incidents records, ordered by row and then as recorded
 * @param failures hosts on which the simulator failed, ordered by host
 */
public record OutcomeBlock(
    long firstHost,
    int rows,
    int[] stratum,
    double[][] config,
    int[][] counts,
    long[][] firstNs,
    long[][] longestNs,
    long[][] measures,
    int[] endReason,
    int[] operations,
    long[] events,
    IncidentRows incidents,
    List<HostFailure> failures) {

  /** Copies the list; the arrays are handed over. */
  public OutcomeBlock {
    failures = List.copyOf(failures);
  }

  /**
   * Incident records as columns.
   *
   * @param row [n] row of the block
   * @param kind [n] ordinal of IncidentKind
   * @param startNs [n] start, ns of simulated time
   * @param endNs [n] end, ns, or NONE while it was still open at the end of the run
   * @param detectedNs [n] when the kernel would report it, ns, or NONE
   * @param cpu [n] CPU, -1 if none
   * @param template [n] index of the task template in the host's stratum, -1 if none
   * @param taskIndex [n] which task of the template, -1 if none
   * @param branch [n] resume branch of an RT throttle episode: 'A', 'B', 'C', or 0
   * @param peakRtTimeNs [n] rt_time when an episode began, ns, or NONE
   * @param residualRtTimeNs [n] rt_time when it ended, ns, or NONE
   * @param refills [n] refills during the episode
   * @param tasksHeld [n] RT tasks held by the episode
   * @param reports [n] kernel log reports
   * @param printedSeconds [n] seconds in the first report, -1 if none
   * @param parent [n] index, within the host's records, of the incident that caused this one; -1
   * @param operation [n] index of the operation of the stratum that started the chain, -1 if none
   * @param occurrence [n] number of that stop on the host, from 0; -1 if none
   */
  public record IncidentRows(
      int[] row,
      int[] kind,
      long[] startNs,
      long[] endNs,
      long[] detectedNs,
      int[] cpu,
      int[] template,
      int[] taskIndex,
      int[] branch,
      long[] peakRtTimeNs,
      long[] residualRtTimeNs,
      int[] refills,
      int[] tasksHeld,
      int[] reports,
      int[] printedSeconds,
      int[] parent,
      int[] operation,
      int[] occurrence) {

    /** Number of records. */
    public int size() {
      return row.length;
    }
  }

  /**
   * A host on which the simulator failed.
   *
   * @param host global index
   * @param message one line: exception type and message
   */
  public record HostFailure(long host, String message) {}
}
