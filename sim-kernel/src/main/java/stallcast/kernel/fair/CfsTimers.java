package stallcast.kernel.fair;

import java.util.Arrays;
import stallcast.kernel.cpu.InterruptListener;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.StopListener;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerPriority;
import stallcast.kernel.engine.TimerQueue;
import stallcast.kernel.random.RandomStream;
import stallcast.kernel.random.StreamPurpose;
import stallcast.kernel.scenario.CgroupSpec.CpuMax;
import stallcast.kernel.scenario.Fidelity;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * The timers of CFS bandwidth: refill once per period, slack given back early, and the cross-calls
 * that release queues of other CPUs.
 *
 * <p>Models: {@code sched_cfs_period_timer()} with its overrun and scaling, {@code
 * do_sched_cfs_slack_timer()}, {@code distribute_cfs_runtime()}, {@code __cfsb_csd_unthrottle()}
 * (kernel/sched/fair.c, v6.12 and v7.2). State: [group] next expiry, owner CPU, flags.
 *
 * <p>Skipping: while the head of the list stands still and owes at least one quota, every refill
 * goes to it whole, nobody is released and the pool is empty before and after. With {@link
 * Fidelity#AUTO} such expiries are not run; whoever looks at the group settles them first.
 */
final class CfsTimers implements StopListener, InterruptListener, Stateful {
  private static final long SLACK_NS = 5_000_000; // cfs_bandwidth_slack_period
  private static final long MARGIN_NS = 2_000_000; // min_bandwidth_expiration
  private static final long SCALED_PERIOD_MAX_NS = 1_000_000_000; // max_cfs_quota_period
  private static final int PASSES_MAX = 3; // more in one callback, and the period is doubled
  private static final int STREAM_ENTITY = 1 << 16; // + group, in StreamPurpose.GUEST_STATE

  private final KernelClock clock;
  private final TimerQueue timers;
  private final CfsPools pools;
  private final CfsBandwidth bandwidth;
  private final RandomStream stream = new RandomStream();
  private CfsQueues queues;
  private boolean exact;
  private boolean async;
  private long crossCallNs;
  private long visitNs;
  private long sliceNs;
  private boolean[] active = new boolean[0]; // [group] period_active
  private boolean[] slackStarted = new boolean[0]; // [group]
  private boolean[] skipping = new boolean[0]; // [group] the armed expiry is not the next one
  private long[] nextNs = new long[0]; // [group] next expiry, kernel time
  private int[] owner = new int[0]; // [group] CPU of the period timer
  private int[] slackOwner = new int[0]; // [group] CPU of the slack timer
  private int lastGroup; // group of the last expiry that was run
  private long lastNs; // and its instant
  private int visited; // queues that the last pass looked at
  private int period; // first of [group] timers
  private int slack; // first of [group] timers
  private int crossCall; // first of [cpu] timers

  CfsTimers(KernelCore core, TimerQueue timers, CfsPools pools, CfsBandwidth bandwidth) {
    clock = core.clock();
    this.timers = timers;
    this.pools = pools;
    this.bandwidth = bandwidth;
    core.stops().addListener(this);
    core.interrupts().addListener(this);
  }

  void reset(
      HostConfig config, CfsQueues served, Fidelity fidelity, long masterSeed, int replicate) {
    queues = served;
    exact = fidelity == Fidelity.EXACT;
    async = config.isOn(KernelKnob.CFS_ASYNC_UNTHROTTLE);
    crossCallNs = config.knob(KernelKnob.COST_IPI_DELIVERY_NS);
    visitNs = config.knob(KernelKnob.COST_CFS_DISTRIBUTE_NS);
    sliceNs = config.knob(KernelKnob.SCHED_CFS_BANDWIDTH_SLICE_US) * 1_000;
    int groups = pools.groupCount;
    if (active.length < groups) {
      active = new boolean[groups];
      slackStarted = new boolean[groups];
      skipping = new boolean[groups];
      nextNs = new long[groups];
      owner = new int[groups];
      slackOwner = new int[groups];
    }
    Arrays.fill(active, 0, groups, false);
    Arrays.fill(slackStarted, 0, groups, false);
    Arrays.fill(skipping, 0, groups, false);
    Arrays.fill(owner, 0, groups, 0);
    Arrays.fill(slackOwner, 0, groups, 0);
    nextNs[0] = 0;
    boolean random = config.preset().atLeast(6, 4); // 41abdba93747
    for (int g = 1; g < groups; g++) {
      nextNs[g] = config.cgroups().get(g - 1).timerPhaseNs();
      if (nextNs[g] == CpuMax.BY_KERNEL) {
        stream.derive(
            masterSeed,
            StreamPurpose.GUEST_STATE,
            0,
            config.hostIndex(),
            replicate,
            STREAM_ENTITY + g);
        nextNs[g] = random ? (long) (stream.nextDouble() * pools.periodNs[g]) : 0;
      }
    }
    lastGroup = 0;
    lastNs = Long.MIN_VALUE;
    period = clock.register(this::onPeriod, TimerPriority.PERIOD, groups);
    slack = clock.register(this::onSlack, TimerPriority.HRTIMER, groups);
    crossCall = clock.registerPerCpu(this::onCrossCall, TimerPriority.HRTIMER, config.cpus());
  }

  /** {@code start_cfs_bandwidth()}: the timer goes on with its grid, on the CPU that starts it. */
  void start(int group, int byCpu) {
    if (active[group]) {
      return;
    }
    active[group] = true;
    owner[group] = byCpu;
    long now = clock.nowNs();
    if (nextNs[group] <= now) {
      nextNs[group] += ((now - nextNs[group]) / pools.periodNs[group] + 1) * pools.periodNs[group];
    }
    clock.pin(period + group, byCpu);
    clock.arm(period + group, nextNs[group]);
  }

  private void onPeriod(int group) {
    settle(group);
    skipping[group] = false;
    long atNs = clock.nowNs();
    if (timers.isAt(TimerPriority.PERIOD)) { // not one that a stop has delayed
      lastGroup = group;
      lastNs = atNs;
    }
    boolean stops = false;
    int passes = 0;
    while (nextNs[group] <= atNs) {
      long overrun = (atNs - nextNs[group]) / pools.periodNs[group] + 1;
      nextNs[group] += overrun * pools.periodNs[group];
      stops = endPeriod(group, overrun);
      atNs += visited * visitNs; // the callback itself takes this long
      if (++passes > PASSES_MAX) {
        scaleUp(group);
        passes = 0;
      }
    }
    active[group] = !stops;
    if (!stops) {
      long dull = dullPeriods(group);
      skipping[group] = dull > 0;
      clock.arm(period + group, nextNs[group] + dull * pools.periodNs[group]);
    }
  }

  /** {@code do_sched_cfs_period_timer()}. @return whether the timer is not needed any more */
  private boolean endPeriod(int group, long overrun) {
    visited = 0;
    if (!pools.limited[group]) {
      return true;
    }
    boolean anyThrottled = pools.head[group] != CfsPools.NO_ROW;
    pools.nrPeriods[group] += overrun;
    pools.refill(group);
    if (!anyThrottled) {
      boolean wasIdle = pools.idle[group];
      pools.idle[group] = true;
      return wasIdle;
    }
    pools.nrThrottled[group] += overrun;
    while (anyThrottled && pools.runtimeNs[group] > 0) {
      anyThrottled = distribute(group, owner[group]);
    }
    pools.idle[group] = false;
    return false;
  }

  private void scaleUp(int group) {
    if (2 * pools.periodNs[group] < SCALED_PERIOD_MAX_NS) {
      pools.periodNs[group] *= 2;
      pools.quotaNs[group] *= 2;
      pools.burstNs[group] *= 2;
    }
  }

  /**
   * {@code distribute_cfs_runtime()}: pays debts in order of throttling.
   *
   * @return whether somebody is left unpaid
   */
  private boolean distribute(int group, int thisCpu) {
    boolean unpaid = false;
    int local = CfsPools.NO_ROW;
    int row = pools.head[group];
    boolean empty = false;
    while (row != CfsPools.NO_ROW) {
      if (empty) {
        unpaid = true;
        break;
      }
      int following = pools.next[row];
      int cpu = row - group * pools.cpuCount;
      visited++;
      if (!pools.pending[row]) {
        bandwidth.chargeCurrent(group, cpu);
        long grantNs = Math.min(1 - pools.remainingNs[row], pools.runtimeNs[group]);
        grantNs = Math.max(0, grantNs);
        pools.runtimeNs[group] -= grantNs;
        pools.remainingNs[row] += grantNs;
        empty = pools.runtimeNs[group] == 0;
        if (pools.remainingNs[row] <= 0) {
          unpaid = true;
        } else if (cpu == thisCpu) {
          local = row;
        } else {
          release(group, cpu);
        }
      }
      row = following;
    }
    if (local != CfsPools.NO_ROW) {
      bandwidth.unthrottle(group, thisCpu);
    }
    return unpaid;
  }

  private void release(int group, int cpu) {
    if (!async) {
      bandwidth.unthrottle(group, cpu);
      return;
    }
    pools.pending[group * pools.cpuCount + cpu] = true;
    if (!clock.isArmed(crossCall + cpu)) {
      clock.arm(crossCall + cpu, clock.nowNs() + crossCallNs);
    }
  }

  private void onCrossCall(int cpu) {
    for (int g = 1; g < pools.groupCount; g++) {
      int row = g * pools.cpuCount + cpu;
      if (pools.pending[row]) {
        pools.pending[row] = false;
        bandwidth.unthrottle(g, cpu);
      }
    }
  }

  /** {@code start_cfs_slack_bandwidth()}. */
  void startSlack(int group, int byCpu) {
    if (!slackStarted[group] && !refillsWithin(group, SLACK_NS + MARGIN_NS)) {
      slackStarted[group] = true;
      clock.pin(slack + group, byCpu);
      clock.arm(slack + group, clock.nowNs() + SLACK_NS);
      slackOwner[group] = byCpu;
    }
  }

  private boolean refillsWithin(int group, long ns) {
    return nextNs[group] - clock.nowNs() < ns;
  }

  private void onSlack(int group) {
    slackStarted[group] = false;
    if (pools.limited[group]
        && pools.runtimeNs[group] > sliceNs
        && !refillsWithin(group, MARGIN_NS)) {
      distribute(group, slackOwner[group]);
    }
  }

  /** How many refills to come change nothing but sums. */
  private long dullPeriods(int group) {
    int row = pools.head[group];
    if (exact || row == CfsPools.NO_ROW || pools.runtimeNs[group] > 0 || pools.pending[row]) {
      return 0;
    }
    boolean stands = !queues.isCurrent(group, row - group * pools.cpuCount);
    boolean plain = pools.snapNs[group] == pools.quotaNs[group]; // no burst to be counted
    return stands && plain ? -pools.remainingNs[row] / pools.quotaNs[group] : 0;
  }

  /** Brings a group's books up to date: does what skipped expiries would have done. */
  void settle(int group) {
    if (!skipping[group]) {
      return;
    }
    long now = clock.nowNs();
    long lastPastNs = hadItsTurn(group) ? now : now - 1;
    if (nextNs[group] > lastPastNs) {
      return;
    }
    long count = (lastPastNs - nextNs[group]) / pools.periodNs[group] + 1;
    pools.nrPeriods[group] += count;
    pools.nrThrottled[group] += count;
    pools.remainingNs[pools.head[group]] += count * pools.quotaNs[group];
    nextNs[group] += count * pools.periodNs[group];
  }

  /** Whether an expiry of a group at this very instant would already be past. */
  private boolean hadItsTurn(int group) {
    return timers.hasPassed(TimerPriority.PERIOD)
        || (lastNs == clock.nowNs() && group <= lastGroup);
  }

  /** Something happens to a group that skipped expiries do not allow for. */
  void stopSkipping(int group) {
    if (skipping[group]) {
      settle(group);
      skipping[group] = false;
      clock.arm(period + group, nextNs[group]);
    }
  }

  /** The expiries that a stopped CPU will miss must be real. */
  @Override
  public void beforeStop(int cpu, long shownNs) {
    onStarve(cpu);
  }

  @Override
  public void onStarve(int cpu) {
    for (int g = 1; g < pools.groupCount; g++) {
      if (owner[g] == cpu) {
        stopSkipping(g);
      }
    }
  }

  @Override
  public void save(StateBuffer out) {
    int groups = pools.groupCount;
    out.put(active, groups);
    out.put(slackStarted, groups);
    out.put(skipping, groups);
    out.put(nextNs, groups);
    out.put(owner, groups);
    out.put(slackOwner, groups);
    out.put(lastGroup);
    out.put(lastNs);
  }

  @Override
  public void restore(StateBuffer in) {
    int groups = pools.groupCount;
    in.take(active, groups);
    in.take(slackStarted, groups);
    in.take(skipping, groups);
    in.take(nextNs, groups);
    in.take(owner, groups);
    in.take(slackOwner, groups);
    lastGroup = in.takeInt();
    lastNs = in.take();
  }
}
