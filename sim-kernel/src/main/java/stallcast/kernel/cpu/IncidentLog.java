package stallcast.kernel.cpu;

import java.util.Arrays;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.scenario.IncidentKind;

/**
 * Incidents of one host, in the order in which they were opened. Times are engine time (wall clock
 * of whoever looks at the machine from outside), ns.
 *
 * <p>State: columns of {@link #CAPACITY} records; more are counted as dropped, never lost silently.
 */
public final class IncidentLog implements Stateful {
  /** Most records of one host; a host that exceeds it ends as {@code incident-limit}. */
  public static final int CAPACITY = 16_384;

  /** No end yet, or no value. */
  public static final long NONE = Long.MIN_VALUE;

  private static final int LONGS = 5; // start, end, detected, peak, residual
  private static final int INTS = 12; // see the accessors below

  private static final IncidentKind[] KINDS = IncidentKind.values();

  private long[] longs = new long[64 * LONGS]; // [capacity][LONGS]
  private int[] ints = new int[64 * INTS]; // [capacity][INTS]
  private int size;
  private int open;
  private boolean overflow;
  private long steadyCount; // ordinary throttling: counted, not recorded
  private long steadyFirstNs = NONE;
  private long steadyLongestNs = NONE;
  private long steadyTotalNs;

  /** Forgets everything. */
  public void clear() {
    size = 0;
    open = 0;
    overflow = false;
    steadyCount = 0;
    steadyFirstNs = NONE;
    steadyLongestNs = NONE;
    steadyTotalNs = 0;
  }

  /** Counts an episode of ordinary throttling, which is no incident. */
  public void countSteady(long startNs, long lengthNs) {
    steadyCount++;
    steadyFirstNs = steadyFirstNs == NONE ? startNs : Math.min(steadyFirstNs, startNs);
    steadyLongestNs = Math.max(steadyLongestNs, lengthNs);
    steadyTotalNs += lengthNs;
  }

  /** Episodes of ordinary throttling that have ended. */
  public long steadyCount() {
    return steadyCount;
  }

  /** Start of the first one to end, ns, or {@link #NONE}. */
  public long steadyFirstNs() {
    return steadyFirstNs;
  }

  /** Length of the longest one, ns, or {@link #NONE}. */
  public long steadyLongestNs() {
    return steadyLongestNs;
  }

  /** Their total length, ns. */
  public long steadyTotalNs() {
    return steadyTotalNs;
  }

  /**
   * Opens a record.
   *
   * @param kind what happened
   * @param startNs when it began, ns
   * @param cpu where, -1 if nowhere in particular
   * @param task task id, -1 if none
   * @param parent record that caused it, -1 if none
   * @return its index, or -1 if the log is full
   */
  public int open(IncidentKind kind, long startNs, int cpu, int task, int parent) {
    if (size == CAPACITY) {
      overflow = true;
      return -1;
    }
    if ((size + 1) * LONGS > longs.length) {
      longs = Arrays.copyOf(longs, longs.length * 2);
      ints = Arrays.copyOf(ints, ints.length * 2);
    }
    int at = size * LONGS;
    longs[at] = startNs;
    longs[at + 1] = NONE;
    longs[at + 2] = NONE;
    longs[at + 3] = NONE;
    longs[at + 4] = NONE;
    int i = size * INTS;
    ints[i] = kind.ordinal();
    ints[i + 1] = cpu;
    ints[i + 2] = task;
    ints[i + 3] = parent;
    ints[i + 4] = -1;
    ints[i + 5] = 0;
    ints[i + 6] = 0;
    ints[i + 7] = 0;
    ints[i + 8] = 0;
    ints[i + 9] = -1;
    ints[i + 10] = 1;
    ints[i + 11] = -1;
    open++;
    return size++;
  }

  /**
   * Closes a record.
   *
   * @param endNs when it ended, ns
   */
  public void close(int index, long endNs) {
    if (index < 0) {
      return;
    }
    longs[index * LONGS + 1] = endNs;
    ints[index * INTS + 10] = 0;
    open--;
  }

  /**
   * Moves the end of a closed record to later.
   *
   * @param endNs when it was still going on, ns
   */
  public void extend(int index, long endNs) {
    if (index >= 0) {
      longs[index * LONGS + 1] = endNs;
    }
  }

  /** Changes the kind of a record whose class is known only at its end. */
  public void reclassify(int index, IncidentKind kind) {
    if (index >= 0) {
      ints[index * INTS] = kind.ordinal();
    }
  }

  /** Stores what an RT throttle episode looked like. */
  public void describeThrottle(int index, int branch, long peakNs, int tasksHeld) {
    if (index >= 0) {
      longs[index * LONGS + 3] = peakNs;
      ints[index * INTS + 5] = branch;
      ints[index * INTS + 7] = tasksHeld;
    }
  }

  /** Stores how an RT throttle episode ended. */
  public void settleThrottle(int index, long residualNs, int refills) {
    if (index >= 0) {
      longs[index * LONGS + 4] = residualNs;
      ints[index * INTS + 6] = refills;
    }
  }

  /**
   * Counts a report.
   *
   * @param detectedNs when, ns
   * @param printedSeconds seconds in the message
   */
  public void report(int index, long detectedNs, int printedSeconds) {
    if (index < 0) {
      return;
    }
    if (ints[index * INTS + 8]++ == 0) {
      longs[index * LONGS + 2] = detectedNs;
      ints[index * INTS + 9] = printedSeconds;
    }
  }

  /** The latest record of a kind and a task, -1 if none. */
  public int latest(IncidentKind kind, int task) {
    int index = size - 1;
    while (index >= 0 && (kind(index) != kind || task(index) != task)) {
      index--;
    }
    return index;
  }

  /** Number of records. */
  public int size() {
    return size;
  }

  /** Records that are still open. */
  public int openCount() {
    return open;
  }

  /** Whether records were dropped. */
  public boolean isOverflowing() {
    return overflow;
  }

  /** What happened. */
  public IncidentKind kind(int index) {
    return KINDS[ints[index * INTS]];
  }

  /** Begin, ns. */
  public long startNs(int index) {
    return longs[index * LONGS];
  }

  /** End, ns, or {@link #NONE} if open. */
  public long endNs(int index) {
    return longs[index * LONGS + 1];
  }

  /** First report, ns, or {@link #NONE}. */
  public long detectedNs(int index) {
    return longs[index * LONGS + 2];
  }

  /** rt_time at the begin of a throttle episode, ns, or {@link #NONE}. */
  public long peakRtTimeNs(int index) {
    return longs[index * LONGS + 3];
  }

  /** rt_time at the end of a throttle episode, ns, or {@link #NONE}. */
  public long residualRtTimeNs(int index) {
    return longs[index * LONGS + 4];
  }

  /** End minus start, ns; an open record lasts until {@code nowNs}. */
  public long lengthNs(int index, long nowNs) {
    long end = endNs(index);
    return (end == NONE ? nowNs : end) - startNs(index);
  }

  /** CPU, -1 if none. */
  public int cpu(int index) {
    return ints[index * INTS + 1];
  }

  /** Task id, -1 if none. */
  public int task(int index) {
    return ints[index * INTS + 2];
  }

  /** Causing record, -1 if none. */
  public int parent(int index) {
    return ints[index * INTS + 3];
  }

  /**
   * Names what started the chain of a record.
   *
   * @param operation index in the host's list of operations
   * @param occurrence number of the stop on this host, from 0
   */
  public void attribute(int index, int operation, int occurrence) {
    if (index >= 0) {
      ints[index * INTS + 4] = operation;
      ints[index * INTS + 11] = occurrence;
    }
  }

  /** Number of the stop that started the chain, -1 if none did. */
  public int occurrence(int index) {
    return ints[index * INTS + 11];
  }

  /** Operation that started the chain, -1 if none. */
  public int operation(int index) {
    return ints[index * INTS + 4];
  }

  /** Resume branch 'A', 'B', 'C', or 0. */
  public int branch(int index) {
    return ints[index * INTS + 5];
  }

  /** Refills during a throttle episode. */
  public int refills(int index) {
    return ints[index * INTS + 6];
  }

  /** RT tasks held by a throttle episode. */
  public int tasksHeld(int index) {
    return ints[index * INTS + 7];
  }

  /** Reports. */
  public int reports(int index) {
    return ints[index * INTS + 8];
  }

  /** Seconds in the first report, -1 if none. */
  public int printedSeconds(int index) {
    return ints[index * INTS + 9];
  }

  /** Whether the record is still open. */
  public boolean isOpen(int index) {
    return ints[index * INTS + 10] != 0;
  }

  @Override
  public void save(StateBuffer out) {
    out.put(size);
    out.put(open);
    out.put(overflow);
    out.put(steadyCount);
    out.put(steadyFirstNs);
    out.put(steadyLongestNs);
    out.put(steadyTotalNs);
    out.put(longs, size * LONGS);
    out.put(ints, size * INTS);
  }

  @Override
  public void restore(StateBuffer in) {
    size = in.takeInt();
    open = in.takeInt();
    overflow = in.takeFlag();
    steadyCount = in.take();
    steadyFirstNs = in.take();
    steadyLongestNs = in.take();
    steadyTotalNs = in.take();
    in.take(longs, size * LONGS);
    in.take(ints, size * INTS);
  }
}
