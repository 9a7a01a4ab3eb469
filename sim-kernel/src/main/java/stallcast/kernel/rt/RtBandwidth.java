package stallcast.kernel.rt;

import java.util.Arrays;
import stallcast.kernel.cpu.CpuTime;
import stallcast.kernel.cpu.GuestStoppedFlag;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.cpu.RtBooks;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerPriority;
import stallcast.kernel.engine.TimerQueue;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * Real-time bandwidth: what RT tasks use is put on the books of their run queue; over the budget
 * the queue is throttled until the period timer has paid the debt back.
 *
 * <p>Models: {@code update_curr_rt()}, {@code sched_rt_runtime_exceeded()}, {@code
 * do_sched_rt_period_timer()}, {@code do_balance_runtime()} (kernel/sched/rt.c, v5.15 and v6.1),
 * with one bandwidth object for the machine or, with RT_GROUP_SCHED, one per group; the RFC of seed
 * 000 and its variants. State: [group][cpu] rt_time, rt_runtime, throttled, stop time on the books;
 * [group] period timer. Drives: {@link Scheduler}. Leaves out: run time of the timer's loop over
 * the CPUs, remote charges, changing a budget while it is in use.
 */
public final class RtBandwidth implements RtBooks, Stateful {
  /** Unlimited runtime ({@code RUNTIME_INF}). */
  static final long INF = Long.MAX_VALUE;

  private static final long NS_PER_US = 1_000;

  private final KernelClock clock;
  private final Scheduler scheduler;
  private final CpuTime cpuTime;
  private final StallForgiveness forgiveness;
  private KernelObserver observer = new KernelObserver() {};

  private int cpuCount;
  private int groupCount;
  private boolean accounted; // this kernel keeps RT books at all
  private boolean limited; // rt_bandwidth_enabled(): the global runtime is not -1
  private boolean share; // RT_RUNTIME_SHARE
  private int[] parent = new int[1]; // [group], -1 for the root group 0
  private long[] periodNs = new long[1]; // [group]
  private long[] runtimeNs = new long[1]; // [group] budget per period, or INF
  private boolean[] active = new boolean[1]; // [group] period timer runs
  private long[] expiryNs = new long[1]; // [group] its nominal expiry
  private long[] lastRefillNs = new long[1]; // [group] when it ran last
  private long[] rtTimeNs = new long[0]; // [group][cpu]
  private long[] budgetNs = new long[0]; // [group][cpu] rt_rq.rt_runtime
  private long[] stoppedNs = new long[0]; // [group][cpu] part of rt_time that is a stop
  private boolean[] throttled = new boolean[0]; // [group][cpu]
  private int[] running = new int[0]; // [group][cpu] rt_nr_running
  private int timer; // first of [group]

  /** Bandwidth of one kernel. */
  public RtBandwidth(
      KernelClock clock, Scheduler scheduler, CpuTime cpuTime, GuestStoppedFlag flag) {
    this.clock = clock;
    this.scheduler = scheduler;
    this.cpuTime = cpuTime;
    forgiveness = new StallForgiveness(flag);
  }

  /** Starts with empty books. */
  public void reset(HostConfig config, KernelObserver newObserver) {
    observer = newObserver;
    forgiveness.reset(config, newObserver);
    cpuCount = config.cpus();
    boolean grouped = config.isOn(KernelKnob.RT_GROUP_SCHED);
    groupCount = grouped ? config.cgroups().size() + 1 : 1;
    accounted = grouped || config.isOn(KernelKnob.RT_BANDWIDTH);
    limited = config.knob(KernelKnob.SCHED_RT_RUNTIME_US) >= 0;
    share = config.isOn(KernelKnob.RT_RUNTIME_SHARE);
    reserve(groupCount, groupCount * cpuCount);
    limit(
        0,
        -1,
        config.knob(KernelKnob.SCHED_RT_RUNTIME_US),
        config.knob(KernelKnob.SCHED_RT_PERIOD_US));
    for (int g = 1; g < groupCount; g++) {
      HostConfig.Cgroup group = config.cgroups().get(g - 1);
      limit(g, group.parent() + 1, group.rtRuntimeUs(), group.rtPeriodUs());
    }
    int rows = groupCount * cpuCount;
    Arrays.fill(rtTimeNs, 0, rows, 0);
    Arrays.fill(stoppedNs, 0, rows, 0);
    Arrays.fill(throttled, 0, rows, false);
    Arrays.fill(running, 0, rows, 0);
    timer = clock.register(this::onPeriod, TimerPriority.HRTIMER, groupCount);
  }

  private void limit(int group, int parentGroup, long runtimeUs, long periodUs) {
    parent[group] = parentGroup;
    runtimeNs[group] = runtimeUs < 0 ? INF : runtimeUs * NS_PER_US;
    periodNs[group] = periodUs * NS_PER_US;
    active[group] = false;
    expiryNs[group] = 0;
    lastRefillNs[group] = Long.MIN_VALUE;
    Arrays.fill(budgetNs, group * cpuCount, (group + 1) * cpuCount, runtimeNs[group]);
  }

  private void reserve(int groups, int rows) {
    if (parent.length < groups) {
      parent = new int[groups];
      periodNs = new long[groups];
      runtimeNs = new long[groups];
      active = new boolean[groups];
      expiryNs = new long[groups];
      lastRefillNs = new long[groups];
    }
    if (rtTimeNs.length < rows) {
      rtTimeNs = new long[rows];
      budgetNs = new long[rows];
      stoppedNs = new long[rows];
      throttled = new boolean[rows];
      running = new int[rows];
    }
  }

  /** Group of the books that a task's control group uses. */
  int booksOf(int cgroup) {
    return groupCount == 1 ? 0 : cgroup;
  }

  /** Whether tasks of a group may not run on a CPU: the group or one above it is throttled. */
  boolean isBlocked(int cgroup, int cpu) {
    for (int g = booksOf(cgroup); g >= 0; g = parent[g]) {
      if (throttled[g * cpuCount + cpu]) {
        return true;
      }
    }
    return false;
  }

  /**
   * A task became runnable.
   *
   * @param byCpu CPU that executes: a timer started now stays there
   */
  void onEnqueue(int cgroup, int cpu, int byCpu) {
    for (int g = booksOf(cgroup); g >= 0; g = parent[g]) {
      running[g * cpuCount + cpu]++;
      start(g, byCpu);
    }
  }

  /** A task is no longer runnable here. */
  void onDequeue(int cgroup, int cpu) {
    for (int g = booksOf(cgroup); g >= 0; g = parent[g]) {
      running[g * cpuCount + cpu]--;
    }
  }

  private void start(int group, int byCpu) {
    if (accounted && limited && runtimeNs[group] != INF && !active[group]) {
      active[group] = true;
      expiryNs[group] = clock.nowNs() + periodNs[group];
      clock.pin(timer + group, byCpu);
      clock.arm(timer + group, expiryNs[group]);
    }
  }

  /**
   * Puts run time on the books.
   *
   * @param sinceNs when the charged time began, kernel time
   * @param deltaNs how long, ns
   * @return whether a queue is over its budget now
   */
  boolean charge(int cpu, int task, int cgroup, long sinceNs, long deltaNs) {
    if (!accounted || !limited) {
      return false;
    }
    long chargedNs = forgiveness.forgives(cpu, task, deltaNs) ? 0 : deltaNs;
    long stopNs = Math.min(chargedNs, cpuTime.stoppedSinceNs(cpu, sinceNs));
    boolean over = false;
    for (int g = booksOf(cgroup); g >= 0; g = parent[g]) {
      int row = g * cpuCount + cpu;
      if (budgetNs[row] == INF) {
        continue;
      }
      rtTimeNs[row] += chargedNs;
      if (stopNs > 0) {
        stoppedNs[row] += stopNs;
        observer.onStallCharge(cpu, task, chargedNs, rtTimeNs[row]);
      }
      if (isExceeded(g, cpu)) {
        over = true;
        start(g, cpu);
      }
    }
    return over;
  }

  private boolean isExceeded(int group, int cpu) {
    int row = group * cpuCount + cpu;
    if (throttled[row]) {
      return true;
    }
    if (budgetNs[row] >= periodNs[group]) {
      return false;
    }
    borrow(group, cpu);
    if (rtTimeNs[row] <= budgetNs[row]) {
      return false;
    }
    if (runtimeNs[group] == 0) {
      rtTimeNs[row] = 0;
      stoppedNs[row] = 0;
      return false;
    }
    throttled[row] = true;
    observer.onRtThrottle(cpu, group, rtTimeNs[row], budgetNs[row]);
    return true;
  }

  /** Takes unused runtime of other CPUs, in index order, up to a whole period. */
  private void borrow(int group, int cpu) {
    int row = group * cpuCount + cpu;
    if (!share || rtTimeNs[row] <= budgetNs[row]) {
      return;
    }
    for (int other = 0; other < cpuCount && budgetNs[row] < periodNs[group]; other++) {
      int from = group * cpuCount + other;
      if (other == cpu || budgetNs[from] == INF) {
        continue;
      }
      scheduler.settleTicks(other);
      long spareNs = budgetNs[from] - rtTimeNs[from];
      if (spareNs > 0) {
        long lentNs = Math.min(spareNs / cpuCount, periodNs[group] - budgetNs[row]);
        budgetNs[from] -= lentNs;
        budgetNs[row] += lentNs;
        scheduler.lookAtTick(other);
      }
    }
    observer.onRtBorrow(cpu, group, budgetNs[row]);
  }

  private void onPeriod(int group) {
    long now = clock.nowNs();
    long overrun = (now - expiryNs[group]) / periodNs[group] + 1;
    expiryNs[group] += overrun * periodNs[group];
    boolean idle = true;
    boolean anyThrottled = false;
    for (int cpu = 0; cpu < cpuCount; cpu++) {
      int row = group * cpuCount + cpu;
      scheduler.settleTicks(cpu);
      if (!share && budgetNs[row] != INF) {
        budgetNs[row] = runtimeNs[group];
      }
      if (rtTimeNs[row] > 0) {
        refill(group, cpu, overrun);
      }
      idle &= rtTimeNs[row] == 0 && running[row] == 0;
      anyThrottled |= throttled[row];
    }
    lastRefillNs[group] = now;
    if (idle || (!anyThrottled && runtimeNs[group] == INF)) {
      active[group] = false;
    } else {
      clock.arm(timer + group, expiryNs[group]);
    }
  }

  private void refill(int group, int cpu, long overrun) {
    int row = group * cpuCount + cpu;
    if (throttled[row]) {
      borrow(group, cpu);
    }
    long beforeNs = rtTimeNs[row];
    long paidNs = Math.min(beforeNs, overrun * budgetNs[row]);
    rtTimeNs[row] -= paidNs;
    stoppedNs[row] = Math.max(0, stoppedNs[row] - paidNs);
    if (throttled[row]) {
      observer.onRtRefill(cpu, group, overrun, beforeNs, rtTimeNs[row]);
      if (rtTimeNs[row] < budgetNs[row]) {
        throttled[row] = false;
        observer.onRtUnthrottle(cpu, group, rtTimeNs[row]);
        scheduler.resched(cpu);
      }
    }
    scheduler.lookAtTick(cpu);
  }

  /**
   * From when on a tick may throttle the current task of a CPU.
   *
   * @param execStartNs begin of its uncharged time, kernel time
   */
  long nextTickNs(int cpu, int cgroup, long execStartNs, long tickNs) {
    if (!accounted || !limited) {
      return TimerQueue.NEVER;
    }
    long next = TimerQueue.NEVER;
    for (int g = booksOf(cgroup); g >= 0; g = parent[g]) {
      int row = g * cpuCount + cpu;
      if (budgetNs[row] < periodNs[g] && runtimeNs[g] != 0) {
        next = Math.min(next, execStartNs + Math.max(0, budgetNs[row] - rtTimeNs[row]) + 1);
      }
    }
    return Math.min(next, forgiveness.nextTickNs(cpu, execStartNs, tickNs));
  }

  /** Whether this kernel keeps RT books at all. */
  public boolean isAccounting() {
    return accounted;
  }

  /** {@code rt_rq.rt_time} of a CPU as of its last tick, ns. */
  public long rtTimeNs(int cpu, int group) {
    scheduler.settleTicks(cpu);
    return rtTimeNs[group * cpuCount + cpu];
  }

  /** {@code rt_rq.rt_runtime} of a CPU, ns. */
  public long budgetNs(int cpu, int group) {
    return budgetNs[group * cpuCount + cpu];
  }

  @Override
  public boolean isThrottled(int cpu, int group) {
    return throttled[group * cpuCount + cpu];
  }

  @Override
  public int running(int cpu, int group) {
    return running[group * cpuCount + cpu];
  }

  @Override
  public long stoppedNs(int cpu, int group) {
    return stoppedNs[group * cpuCount + cpu];
  }

  @Override
  public long periodNs(int group) {
    return periodNs[group];
  }

  @Override
  public int branch(int cpu, int group) {
    if (lastRefillNs[group] >= cpuTime.lastStopNs(cpu)) {
      return 'A';
    }
    return expiryNs[group] <= clock.nowNs() ? 'B' : 'C';
  }

  @Override
  public void save(StateBuffer out) {
    out.put(active, groupCount);
    out.put(expiryNs, groupCount);
    out.put(lastRefillNs, groupCount);
    int rows = groupCount * cpuCount;
    out.put(rtTimeNs, rows);
    out.put(budgetNs, rows);
    out.put(stoppedNs, rows);
    out.put(throttled, rows);
    out.put(running, rows);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(active, groupCount);
    in.take(expiryNs, groupCount);
    in.take(lastRefillNs, groupCount);
    int rows = groupCount * cpuCount;
    in.take(rtTimeNs, rows);
    in.take(budgetNs, rows);
    in.take(stoppedNs, rows);
    in.take(throttled, rows);
    in.take(running, rows);
  }
}
