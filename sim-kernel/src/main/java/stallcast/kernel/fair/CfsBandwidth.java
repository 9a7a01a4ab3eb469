package stallcast.kernel.fair;

import stallcast.kernel.cpu.CpuMaxWriter;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerQueue;
import stallcast.kernel.scenario.CgroupSpec.CpuMax;
import stallcast.kernel.scenario.Fidelity;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * CFS bandwidth ({@code cpu.max}): queues of a group take runtime from its pool; one that finds the
 * pool empty is throttled until the period timer has paid its debt.
 *
 * <p>Models: {@code account_cfs_rq_runtime()}, {@code throttle_cfs_rq()}, {@code
 * unthrottle_cfs_rq()}, {@code return_cfs_rq_runtime()}, {@code tg_set_cfs_bandwidth()}
 * (kernel/sched/fair.c and core.c): direct dequeue as in v6.12; from 6.18 the throttle by task work
 * as in v7.2, where the queue is only marked and each task leaves it when it would return to user
 * mode. State: {@link CfsPools}, {@link CfsTimers}. Drives: {@link CfsQueues}.
 *
 * <p>The owner of the queues calls {@link #charge} for every group of the current task's path,
 * bottom up, in update_curr, and with 0 when a task becomes current; {@link #onEnqueueFirst} and
 * {@link #onQueueEmpty} when a queue gets its first entity and loses its last one; {@link
 * #onPutPrev} when a queue is looked at for a pick and when its current entity is put; {@link
 * #onHold} when task work has taken a task off.
 */
public final class CfsBandwidth implements CpuMaxWriter, Stateful {
  private static final long KEPT_NS = 1_000_000; // min_cfs_rq_runtime
  private static final long NS_PER_US = 1_000;

  private final KernelClock clock;
  private final Scheduler scheduler;
  private final CfsPools pools = new CfsPools();
  private final CfsTimers timers;
  private KernelObserver observer = new KernelObserver() {};
  private CfsQueues queues;
  private boolean taskWork;
  private long sliceNs;

  /** Bandwidth of one kernel. */
  public CfsBandwidth(KernelCore core, TimerQueue queue) {
    clock = core.clock();
    scheduler = core.scheduler();
    timers = new CfsTimers(core, queue, pools, this);
    core.runner().serveCpuMax(this);
  }

  /** Starts with full pools. */
  public void reset(
      HostConfig config,
      FairClass served,
      Fidelity fidelity,
      long masterSeed,
      int replicate,
      KernelObserver newObserver) {
    queues = served;
    observer = newObserver;
    taskWork = config.isOn(KernelKnob.THROTTLE_TASK_WORK);
    sliceNs = config.knob(KernelKnob.SCHED_CFS_BANDWIDTH_SLICE_US) * NS_PER_US;
    pools.reset(config);
    timers.reset(config, queues, fidelity, masterSeed, replicate);
  }

  /** Whether tasks leave a throttled queue by task work, and not at once. */
  boolean isByTaskWork() {
    return taskWork;
  }

  /** Whether a group is another one, or below it. */
  public boolean isWithin(int group, int ancestor) {
    return pools.isWithin(group, ancestor);
  }

  /** Whether tasks of a group are held back on a CPU. */
  boolean isThrottledHierarchy(int group, int cpu) {
    return pools.isThrottledHierarchy(group, cpu);
  }

  /**
   * Charges a group's queue.
   *
   * @param deltaNs run time, ns; 0 only asks for runtime
   * @return whether the CPU must reschedule
   */
  boolean charge(int group, int cpu, long deltaNs) {
    if (!pools.limited[group]) {
      return false;
    }
    int row = group * pools.cpuCount + cpu;
    if (pools.head[group] == row) {
      timers.stopSkipping(group); // it runs
    }
    pools.remainingNs[row] -= deltaNs;
    pools.lowestNs[group] = Math.min(pools.lowestNs[group], pools.remainingNs[row]);
    if (pools.remainingNs[row] > 0 || pools.throttled[row]) {
      return false;
    }
    boolean current = queues.isCurrent(group, cpu);
    if (!taskWork) {
      return !request(group, cpu, sliceNs) && current;
    }
    if (request(group, cpu, current ? sliceNs : 1)) {
      return false;
    }
    throttle(group, cpu);
    return true;
  }

  /**
   * {@code __assign_cfs_rq_runtime()}.
   *
   * @param targetNs balance to reach, ns
   * @return whether the queue has runtime now
   */
  private boolean request(int group, int cpu, long targetNs) {
    int row = group * pools.cpuCount + cpu;
    timers.start(group, cpu);
    if (pools.runtimeNs[group] > 0) {
      long amountNs = Math.min(pools.runtimeNs[group], targetNs - pools.remainingNs[row]);
      pools.runtimeNs[group] -= amountNs;
      pools.remainingNs[row] += amountNs;
      pools.idle[group] = false;
    }
    return pools.remainingNs[row] > 0;
  }

  private void throttle(int group, int cpu) {
    int row = group * pools.cpuCount + cpu;
    pools.throttled[row] = true;
    pools.append(group, row);
    observer.onCfsThrottle(cpu, group, pools.remainingNs[row]);
    if (!taskWork && queues.isOccupied(group, cpu)) {
      hold(group, cpu);
    }
    queues.throttleQueue(group, cpu);
  }

  /** {@code check_cfs_rq_runtime()} of direct dequeue. @return whether the queue is throttled */
  boolean onPutPrev(int group, int cpu) {
    int row = group * pools.cpuCount + cpu;
    if (taskWork || !pools.limited[group] || pools.remainingNs[row] > 0) {
      return false;
    }
    if (!pools.throttled[row] && request(group, cpu, 1)) {
      return false;
    }
    if (!pools.throttled[row]) {
      throttle(group, cpu);
    }
    return true;
  }

  /** {@code check_enqueue_throttle()}: a queue has got its first entity. */
  void onEnqueueFirst(int group, int cpu) {
    if (!pools.limited[group]) {
      return;
    }
    if (pools.throttled[group * pools.cpuCount + cpu]) {
      if (!taskWork) {
        hold(group, cpu);
      }
      return;
    }
    if (queues.isCurrent(group, cpu)) {
      return;
    }
    charge(group, cpu, 0);
    onPutPrev(group, cpu);
  }

  /** {@code return_cfs_rq_runtime()}: the last entity has left a queue. */
  void onQueueEmpty(int group, int cpu) {
    int row = group * pools.cpuCount + cpu;
    long slackNs = pools.remainingNs[row] - KEPT_NS;
    if (!pools.limited[group] || slackNs <= 0) {
      return;
    }
    timers.stopSkipping(group);
    pools.remainingNs[row] -= slackNs;
    pools.runtimeNs[group] += slackNs;
    if (pools.runtimeNs[group] > sliceNs && pools.head[group] != CfsPools.NO_ROW) {
      timers.startSlack(group, cpu);
    }
  }

  /** A task of a group is held back: throttled queues of its path count the time from now on. */
  void onHold(int group, int cpu) {
    for (int g = group; g > 0; g = pools.parent[g]) {
      if (pools.throttled[g * pools.cpuCount + cpu]) {
        hold(g, cpu);
      }
    }
  }

  private void hold(int group, int cpu) {
    int row = group * pools.cpuCount + cpu;
    if (pools.heldSinceNs[row] == TaskTable.NONE) {
      timers.settle(group);
      pools.heldSinceNs[row] = clock.nowNs();
      observer.onCfsHold(cpu, group, pools.remainingNs[row]);
    }
  }

  /** Charges the current task of a CPU if it belongs to a group. */
  void chargeCurrent(int group, int cpu) {
    if (taskWork && queues.isCurrent(group, cpu)) {
      scheduler.settleTicks(cpu);
      scheduler.updateCurr(cpu);
    }
  }

  /**
   * {@code unthrottle_cfs_rq()}. A queue whose task runs on has 1 ns at most and has used it up
   * before this is executed, so it stays throttled.
   */
  void unthrottle(int group, int cpu) {
    int row = group * pools.cpuCount + cpu;
    if (!pools.throttled[row]) {
      return;
    }
    if (taskWork && pools.limited[group]) {
      boolean runs = queues.isCurrent(group, cpu);
      chargeCurrent(group, cpu);
      if (runs || pools.remainingNs[row] <= 0) {
        return;
      }
    }
    pools.throttled[row] = false;
    pools.remove(group, row);
    if (pools.heldSinceNs[row] != TaskTable.NONE) {
      pools.throttledNs[group] += clock.nowNs() - pools.heldSinceNs[row];
      pools.heldSinceNs[row] = TaskTable.NONE;
    }
    observer.onCfsUnthrottle(cpu, group, pools.remainingNs[row]);
    queues.unthrottleQueue(group, cpu);
  }

  /** {@code tg_set_cfs_bandwidth()}: debts are forgiven, every queue is unthrottled. */
  @Override
  public void writeCpuMax(int group, long quotaUs, long periodUs, int byCpu) {
    if (quotaUs != CpuMax.MAX && pools.burstNs[group] > quotaUs * NS_PER_US) {
      return; // EINVAL
    }
    for (int cpu = 0; cpu < pools.cpuCount; cpu++) {
      scheduler.settleTicks(cpu); // charged under the old limit
    }
    timers.stopSkipping(group);
    pools.limit(group, quotaUs, periodUs);
    pools.refill(group);
    if (pools.limited[group]) {
      timers.start(group, byCpu);
    }
    for (int cpu = 0; cpu < pools.cpuCount; cpu++) {
      pools.remainingNs[group * pools.cpuCount + cpu] = taskWork ? 1 : 0;
      unthrottle(group, cpu);
      scheduler.lookAtTick(cpu);
    }
  }

  /**
   * From when on a tick may change more than sums.
   *
   * @param execStartNs begin of the current task's uncharged time, kernel time
   */
  long nextTickNs(int group, int cpu, long execStartNs) {
    long next = TimerQueue.NEVER;
    if (pools.anyLimit) {
      for (int g = group; g > 0; g = pools.parent[g]) {
        int row = g * pools.cpuCount + cpu;
        if (pools.limited[g] && !pools.throttled[row]) {
          next = Math.min(next, execStartNs + Math.max(0, pools.remainingNs[row]));
        }
      }
    }
    return next;
  }

  /** {@code nr_periods}. */
  public long periods(int group) {
    timers.settle(group);
    return pools.nrPeriods[group];
  }

  /** {@code nr_throttled}. */
  public long throttledPeriods(int group) {
    timers.settle(group);
    return pools.nrThrottled[group];
  }

  /** {@code throttled_usec} in ns, summed over CPUs. */
  public long throttledNs(int group) {
    return pools.throttledNs[group];
  }

  /** {@code nr_bursts}. */
  public long bursts(int group) {
    return pools.nrBursts[group];
  }

  /** {@code burst_usec} in ns. */
  public long burstNs(int group) {
    return pools.burstTimeNs[group];
  }

  /** What is left in the pool, ns. */
  public long runtimeNs(int group) {
    return pools.runtimeNs[group];
  }

  /** Period in force, ns. */
  public long periodNs(int group) {
    return pools.periodNs[group];
  }

  /** Smallest balance of the group's queues now, ns, as of the last charge of each. */
  public long remainingNs(int group) {
    settleAll(group);
    long least = Long.MAX_VALUE;
    for (int cpu = 0; cpu < pools.cpuCount; cpu++) {
      least = Math.min(least, pools.remainingNs[group * pools.cpuCount + cpu]);
    }
    return least;
  }

  /** Smallest balance that a queue of the group has had, ns. */
  public long lowestNs(int group) {
    settleAll(group);
    return pools.lowestNs[group];
  }

  private void settleAll(int group) {
    for (int cpu = 0; cpu < pools.cpuCount; cpu++) {
      scheduler.settleTicks(cpu);
    }
    timers.settle(group);
  }

  /** CPUs on which the group's queue is throttled. */
  public int throttledQueues(int group) {
    int count = 0;
    for (int row = pools.head[group]; row != CfsPools.NO_ROW; row = pools.next[row]) {
      count++;
    }
    return count;
  }

  @Override
  public void save(StateBuffer out) {
    pools.save(out);
    timers.save(out);
  }

  @Override
  public void restore(StateBuffer in) {
    pools.restore(in);
    timers.restore(in);
  }
}
