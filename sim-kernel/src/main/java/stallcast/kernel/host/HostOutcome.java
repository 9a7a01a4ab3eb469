package stallcast.kernel.host;

import java.util.Arrays;
import stallcast.kernel.cpu.IncidentLog;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.IncidentKind;

/**
 * What one host came to: the row of the results. Reused from host to host by one thread; whoever
 * keeps values copies them.
 */
public final class HostOutcome {
  /** Marks an absent value: "did not happen". */
  public static final long NONE = Long.MIN_VALUE;

  private final long[] measures; // [measureCount], NONE if absent
  private final int[] count = new int[IncidentKind.values().length]; // [kind]
  private final long[] firstNs = new long[IncidentKind.values().length]; // [kind]
  private final long[] longestNs = new long[IncidentKind.values().length]; // [kind]
  private HostConfig config;
  private IncidentLog incidents;
  private EndReason endReason = EndReason.HORIZON;
  private long events;
  private int operations;

  /**
   * An empty outcome.
   *
   * @param measureCount measures per host
   */
  public HostOutcome(int measureCount) {
    measures = new long[measureCount];
  }

  /** Starts the row of one host. */
  void begin(HostConfig host, IncidentLog log) {
    config = host;
    incidents = log;
    endReason = EndReason.HORIZON;
    events = 0;
    operations = 0;
    Arrays.fill(measures, NONE);
  }

  /**
   * Finishes the row from the log.
   *
   * @param nowNs end of the run, for what is still open, ns
   */
  void finish(EndReason reason, long expiries, int operationCount, long nowNs) {
    endReason = reason;
    events = expiries;
    operations = operationCount;
    Arrays.fill(count, 0);
    Arrays.fill(firstNs, NONE);
    Arrays.fill(longestNs, NONE);
    int steady = IncidentKind.RT_THROTTLE_STEADY.ordinal();
    count[steady] = (int) incidents.steadyCount();
    firstNs[steady] = incidents.steadyFirstNs();
    longestNs[steady] = incidents.steadyLongestNs();
    for (int i = 0; i < incidents.size(); i++) {
      int kind = incidents.kind(i).ordinal();
      count[kind]++;
      if (firstNs[kind] == NONE || incidents.startNs(i) < firstNs[kind]) {
        firstNs[kind] = incidents.startNs(i);
      }
      longestNs[kind] = Math.max(longestNs[kind], incidents.lengthNs(i, nowNs));
    }
  }

  void measure(int index, long value) {
    measures[index] = value;
  }

  /** The machine that was run. */
  public HostConfig config() {
    return config;
  }

  /** Its incidents, in order of their start being known. */
  public IncidentLog incidents() {
    return incidents;
  }

  /** Why it ended. */
  public EndReason endReason() {
    return endReason;
  }

  /** Timer expiries. */
  public long events() {
    return events;
  }

  /** Operations that hit the machine. */
  public int operations() {
    return operations;
  }

  /** Incidents of one kind. */
  public int count(IncidentKind kind) {
    return count[kind.ordinal()];
  }

  /** Start of the first incident of one kind, ns, or {@link #NONE}. */
  public long firstNs(IncidentKind kind) {
    return firstNs[kind.ordinal()];
  }

  /** Length of the longest incident of one kind, ns, or {@link #NONE}. */
  public long longestNs(IncidentKind kind) {
    return longestNs[kind.ordinal()];
  }

  /** Value of measure {@code index} in its unit, or {@link #NONE}. */
  public long measure(int index) {
    return measures[index];
  }
}
