package stallcast.kernel.fair;

import java.util.Arrays;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.scenario.CgroupSpec.CpuMax;
import stallcast.kernel.scenario.HostConfig;

/**
 * The books of CFS bandwidth: one pool per group ({@code struct cfs_bandwidth}) and one balance per
 * group and CPU ({@code cfs_rq.runtime_remaining}), with the list of throttled queues in order of
 * throttling. Group 0 is the root and has no limit. A row is {@code group * cpuCount + cpu}.
 */
final class CfsPools implements Stateful {
  static final int NO_ROW = -1;
  private static final long NS_PER_US = 1_000;

  int cpuCount;
  int groupCount;
  boolean anyLimit; // some group has or had a limit
  int[] parent = new int[0]; // [group], -1 for the root
  long[] quotaNs = new long[0]; // [group]
  long[] periodNs = new long[0]; // [group]
  long[] burstNs = new long[0]; // [group]
  boolean[] limited = new boolean[0]; // [group] quota is not "max" (runtime_enabled)
  long[] runtimeNs = new long[0]; // [group] left in the pool
  long[] snapNs = new long[0]; // [group] the pool right after its last refill
  long[] lowestNs = new long[0]; // [group] smallest balance of its queues so far
  boolean[] idle = new boolean[0]; // [group] nothing was taken since the last refill
  int[] head = new int[0]; // [group] first throttled row
  int[] tail = new int[0]; // [group]
  long[] nrPeriods = new long[0]; // [group]
  long[] nrThrottled = new long[0]; // [group]
  long[] throttledNs = new long[0]; // [group]
  long[] nrBursts = new long[0]; // [group]
  long[] burstTimeNs = new long[0]; // [group]
  long[] remainingNs = new long[0]; // [row]
  boolean[] throttled = new boolean[0]; // [row]
  boolean[] pending = new boolean[0]; // [row] a cross-call will unthrottle it
  long[] heldSinceNs = new long[0]; // [row] throttled_clock, or TaskTable.NONE
  int[] next = new int[0]; // [row]
  int[] prev = new int[0]; // [row]

  void reset(HostConfig config) {
    cpuCount = config.cpus();
    groupCount = config.cgroups().size() + 1;
    reserve(groupCount, groupCount * cpuCount);
    anyLimit = false;
    limited[0] = false;
    parent[0] = -1;
    for (int g = 1; g < groupCount; g++) {
      HostConfig.Cgroup group = config.cgroups().get(g - 1);
      parent[g] = group.parent() + 1;
      burstNs[g] = group.burstUs() * NS_PER_US;
      limit(g, group.quotaUs(), group.periodUs());
      runtimeNs[g] = 0;
      snapNs[g] = 0;
      refill(g);
    }
    Arrays.fill(lowestNs, 0, groupCount, 0);
    Arrays.fill(idle, 0, groupCount, false);
    Arrays.fill(head, 0, groupCount, NO_ROW);
    Arrays.fill(tail, 0, groupCount, NO_ROW);
    Arrays.fill(nrPeriods, 0, groupCount, 0);
    Arrays.fill(nrThrottled, 0, groupCount, 0);
    Arrays.fill(throttledNs, 0, groupCount, 0);
    Arrays.fill(nrBursts, 0, groupCount, 0);
    Arrays.fill(burstTimeNs, 0, groupCount, 0);
    int rows = groupCount * cpuCount;
    Arrays.fill(remainingNs, 0, rows, 0);
    Arrays.fill(throttled, 0, rows, false);
    Arrays.fill(pending, 0, rows, false);
    Arrays.fill(heldSinceNs, 0, rows, TaskTable.NONE);
    Arrays.fill(next, 0, rows, NO_ROW);
    Arrays.fill(prev, 0, rows, NO_ROW);
  }

  private void reserve(int groups, int rows) {
    if (parent.length < groups) {
      parent = new int[groups];
      quotaNs = new long[groups];
      periodNs = new long[groups];
      burstNs = new long[groups];
      limited = new boolean[groups];
      runtimeNs = new long[groups];
      snapNs = new long[groups];
      lowestNs = new long[groups];
      idle = new boolean[groups];
      head = new int[groups];
      tail = new int[groups];
      nrPeriods = new long[groups];
      nrThrottled = new long[groups];
      throttledNs = new long[groups];
      nrBursts = new long[groups];
      burstTimeNs = new long[groups];
    }
    if (remainingNs.length < rows) {
      remainingNs = new long[rows];
      throttled = new boolean[rows];
      pending = new boolean[rows];
      heldSinceNs = new long[rows];
      next = new int[rows];
      prev = new int[rows];
    }
  }

  /** Sets quota and period. */
  void limit(int group, long quotaUs, long newPeriodUs) {
    limited[group] = quotaUs != CpuMax.MAX;
    anyLimit |= limited[group];
    quotaNs[group] = limited[group] ? quotaUs * NS_PER_US : 0;
    periodNs[group] = newPeriodUs * NS_PER_US;
  }

  /** {@code __refill_cfs_bandwidth_runtime()}. */
  void refill(int group) {
    if (!limited[group]) {
      return;
    }
    long full = runtimeNs[group] + quotaNs[group];
    long burst = snapNs[group] - full;
    if (burst > 0) {
      burstTimeNs[group] += burst;
      nrBursts[group]++;
    }
    runtimeNs[group] = Math.min(full, quotaNs[group] + burstNs[group]);
    snapNs[group] = runtimeNs[group];
  }

  /** Whether tasks of a group are held back on a CPU: its queue or one above it is throttled. */
  boolean isThrottledHierarchy(int group, int cpu) {
    if (anyLimit) {
      for (int g = group; g > 0; g = parent[g]) {
        if (throttled[g * cpuCount + cpu]) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether a group is another one, or below it. */
  boolean isWithin(int group, int ancestor) {
    int g = group;
    while (g > ancestor) { // parents come before children
      g = parent[g];
    }
    return g == ancestor;
  }

  /** Puts a queue to the end of its group's list. */
  void append(int group, int row) {
    prev[row] = tail[group];
    next[row] = NO_ROW;
    if (tail[group] == NO_ROW) {
      head[group] = row;
    } else {
      next[tail[group]] = row;
    }
    tail[group] = row;
  }

  /** Takes a queue off its group's list. */
  void remove(int group, int row) {
    if (prev[row] == NO_ROW) {
      head[group] = next[row];
    } else {
      next[prev[row]] = next[row];
    }
    if (next[row] == NO_ROW) {
      tail[group] = prev[row];
    } else {
      prev[next[row]] = prev[row];
    }
  }

  @Override
  public void save(StateBuffer out) {
    out.put(anyLimit);
    out.put(quotaNs, groupCount);
    out.put(periodNs, groupCount);
    out.put(burstNs, groupCount);
    out.put(limited, groupCount);
    out.put(runtimeNs, groupCount);
    out.put(snapNs, groupCount);
    out.put(lowestNs, groupCount);
    out.put(idle, groupCount);
    out.put(head, groupCount);
    out.put(tail, groupCount);
    out.put(nrPeriods, groupCount);
    out.put(nrThrottled, groupCount);
    out.put(throttledNs, groupCount);
    out.put(nrBursts, groupCount);
    out.put(burstTimeNs, groupCount);
    int rows = groupCount * cpuCount;
    out.put(remainingNs, rows);
    out.put(throttled, rows);
    out.put(pending, rows);
    out.put(heldSinceNs, rows);
    out.put(next, rows);
    out.put(prev, rows);
  }

  @Override
  public void restore(StateBuffer in) {
    anyLimit = in.takeFlag();
    in.take(quotaNs, groupCount);
    in.take(periodNs, groupCount);
    in.take(burstNs, groupCount);
    in.take(limited, groupCount);
    in.take(runtimeNs, groupCount);
    in.take(snapNs, groupCount);
    in.take(lowestNs, groupCount);
    in.take(idle, groupCount);
    in.take(head, groupCount);
    in.take(tail, groupCount);
    in.take(nrPeriods, groupCount);
    in.take(nrThrottled, groupCount);
    in.take(throttledNs, groupCount);
    in.take(nrBursts, groupCount);
    in.take(burstTimeNs, groupCount);
    int rows = groupCount * cpuCount;
    in.take(remainingNs, rows);
    in.take(throttled, rows);
    in.take(pending, rows);
    in.take(heldSinceNs, rows);
    in.take(next, rows);
    in.take(prev, rows);
  }
}
