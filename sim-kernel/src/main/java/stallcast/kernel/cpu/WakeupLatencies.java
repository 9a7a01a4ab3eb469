package stallcast.kernel.cpu;

import java.util.Arrays;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;

/**
 * Times from wake-ups to running: the longest of each task, and, if somebody wants them, a
 * histogram of each template over all runs on a host.
 *
 * <p>Buckets are exact below {@value #PARTS} ns and then {@value #PARTS} to each power of two: a
 * quantile is the upper end of its bucket, at most 1/{@value #PARTS} too high.
 *
 * <p>State: longest [task], buckets [template][{@value #BUCKETS}].
 */
public final class WakeupLatencies implements Stateful {
  private static final int PART_BITS = 5;
  private static final int PARTS = 1 << PART_BITS;
  private static final int BUCKETS = (Long.SIZE - PART_BITS) * PARTS;

  private long[] longestNs = new long[0]; // [task]
  private int taskCount;
  private long[] histogram = new long[0]; // [template][BUCKETS], empty if not wanted
  private int buckets; // in use

  /** Starts a host, of which nothing is known yet. */
  public void begin(int templates, boolean wanted) {
    buckets = wanted ? templates * BUCKETS : 0;
    if (histogram.length < buckets) {
      histogram = new long[buckets];
    }
    Arrays.fill(histogram, 0, buckets, 0);
  }

  /** Starts a run on the host. */
  void reset(int tasks) {
    taskCount = tasks;
    if (longestNs.length < tasks) {
      longestNs = new long[tasks];
    }
    Arrays.fill(longestNs, 0, tasks, 0);
  }

  /** A task runs after a wake-up. Tasks of no template have longest times only. */
  void add(int task, int template, long waitedNs) {
    longestNs[task] = Math.max(longestNs[task], waitedNs);
    int first = template * BUCKETS;
    if (first >= 0 && first < buckets) {
      histogram[first + bucket(waitedNs)]++;
    }
  }

  private static int bucket(long ns) {
    if (ns < PARTS) {
      return (int) ns;
    }
    int shift = Long.SIZE - 1 - PART_BITS - Long.numberOfLeadingZeros(ns);
    return ((shift + 1) << PART_BITS) + ((int) (ns >>> shift) & (PARTS - 1));
  }

  /** The last ns of a bucket. */
  private static long end(int bucket) {
    if (bucket < PARTS) {
      return bucket;
    }
    int shift = (bucket >> PART_BITS) - 1;
    return (((long) (bucket & (PARTS - 1)) + PARTS + 1) << shift) - 1;
  }

  /** Longest time of a task in this run, ns. */
  public long longestNs(int task) {
    return longestNs[task];
  }

  /**
   * A quantile over all wake-ups of a template's tasks on this host, ns, or {@link TaskTable#NONE}
   * if none has run.
   *
   * @param p probability, 0 &lt; p &lt;= 1
   */
  public long quantileNs(int template, double p) {
    int first = template * BUCKETS;
    long count = 0;
    for (int b = 0; b < BUCKETS && first < buckets; b++) {
      count += histogram[first + b];
    }
    long rank = (long) Math.ceil(p * count);
    long below = 0;
    for (int b = 0; b < BUCKETS && count > 0; b++) {
      below += histogram[first + b];
      if (below >= rank) {
        return end(b);
      }
    }
    return TaskTable.NONE;
  }

  @Override
  public void save(StateBuffer out) {
    out.put(longestNs, taskCount);
    out.put(histogram, buckets);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(longestNs, taskCount);
    in.take(histogram, buckets);
  }
}
