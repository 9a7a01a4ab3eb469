package stallcast.kernel.watchdog;

import stallcast.kernel.cpu.CpuTicks;
import stallcast.kernel.cpu.CpuTime;
import stallcast.kernel.cpu.GuestStoppedFlag;
import stallcast.kernel.cpu.InterruptListener;
import stallcast.kernel.cpu.Interrupts;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.cpu.KernelThreads;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.cpu.StopListener;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerPriority;
import stallcast.kernel.engine.TimerQueue;
import stallcast.kernel.random.RandomStream;
import stallcast.kernel.random.StreamPurpose;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.kernel.scenario.KernelKnob;

/**
 * The RCU stall check: a grace period that is older than the timeout is reported by the tick of the
 * CPU that blocks it.
 *
 * <p>Models: {@code check_cpu_stall()}, {@code print_cpu_stall()}, {@code rcu_cpu_stall_reset()}
 * (kernel/rcu/tree_stall.h, v6.12), called by the tick before it charges the current task. Grace
 * periods follow each other; one is in flight. What makes it old is
 *
 * <ul>
 *   <li>a stop of the machine: every busy CPU blocks the grace period in flight, an idle one does
 *       not; the overdue tick of the first CPU that goes on reports it, once;
 *   <li>a CPU without a quiescent state, because softirqs or starved interrupts have it. Its own
 *       tick reports at the deadline and every three timeouts and three jiffies; the next CPU does
 *       so two jiffies later if that tick cannot run. When the CPU is seen in a quiescent state the
 *       next grace period begins, and whoever lacks one then blocks that.
 * </ul>
 *
 * <p>The guest-stopped flag is read only where a report is due. Whoever finds it set postpones the
 * deadline by three rounds of the grace-period kthread, in which the grace period ends, or by a
 * timeout if a CPU blocks it. State: begin of the grace period that the last stop met; the blocked
 * one, who blocks it and when it is reported next; armed checks [cpu] by the queue. Drives: {@link
 * Console}. Leaves out: callbacks that delay a grace period, expedited grace periods, the jiffies
 * that count whole ticks, {@code panic_on_rcu_stall}.
 */
public final class RcuStallDetector
    implements Stateful, StopListener, GuestStoppedFlag.Listener, InterruptListener {
  /**
   * Longest age of a grace period at a stop, and longest time from a quiescent state to the begin
   * of the next grace period, ns: three jiffies until quiescent states are forced, and as much
   * until they are seen, at 300 Hz. Certainty C: from the code, never measured.
   */
  static final long GRACE_PERIOD_NS = 20_000_000;

  /** A CPU without a quiescent state for so long blocks the grace period, ns. */
  private static final long BLOCKING_NS = 1_000_000_000L;

  private static final int AGAIN_TIMEOUTS = 3; // 3 * rcu_jiffies_till_stall_check() + 3
  private static final int AGAIN_JIFFIES = 3;
  private static final int OTHERS_JIFFIES = 2; // RCU_STALL_RAT_DELAY
  private static final int NOBODY = -1;

  /** Entity of the stream of ages; 0 is the watchdog's phase. */
  private static final int STREAM_ENTITY = 1;

  private static final long NS_PER_SECOND = 1_000_000_000L;

  private final TimerQueue timers;
  private final KernelClock clock;
  private final CpuTicks ticks;
  private final CpuTime cpuTime;
  private final Scheduler scheduler;
  private final Interrupts interrupts;
  private final KernelThreads threads;
  private final GuestStoppedFlag flag;
  private final Console console;
  private final RandomStream ages = new RandomStream();
  private KernelObserver observer = new KernelObserver() {};
  private int cpuCount;
  private long timeoutNs;
  private long hz;
  private long stopAtNs; // engine time of the last stop
  private long beganNs; // kernel time at which the grace period in flight at it began
  private boolean pending; // a check is armed somewhere
  private int blocker; // CPU that blocks the grace period in flight, or NOBODY
  private long blockedNs; // begin of that grace period, or end of the last blocked one
  private long nextNs; // tick at which it is reported next
  private boolean reported; // it was
  private int overdue; // first of [cpu] timers: the tick that a stop delays
  private int own; // first of [cpu] timers: the tick of the blocking CPU
  private int look; // first of [cpu] timers
  private int others; // timer: another CPU looks

  /** The check of one kernel. */
  public RcuStallDetector(TimerQueue timers, KernelCore core, Console console) {
    this.timers = timers;
    this.console = console;
    clock = core.clock();
    ticks = core.ticks();
    cpuTime = core.cpuTime();
    scheduler = core.scheduler();
    interrupts = core.interrupts();
    threads = core.threads();
    flag = core.guestStoppedFlag();
    flag.addListener(this);
    core.stops().addListener(this);
    interrupts.addListener(this);
  }

  /** Starts without a grace period that any CPU blocks. */
  public void reset(HostConfig config, long masterSeed, int replicate, KernelObserver newObserver) {
    observer = newObserver;
    cpuCount = config.cpus();
    timeoutNs = config.knob(KernelKnob.RCU_CPU_STALL_TIMEOUT) * NS_PER_SECOND;
    hz = config.knob(KernelKnob.HZ);
    ages.derive(
        masterSeed, StreamPurpose.GUEST_STATE, 0, config.hostIndex(), replicate, STREAM_ENTITY);
    stopAtNs = Long.MIN_VALUE;
    beganNs = TaskTable.NONE;
    pending = false;
    blocker = NOBODY;
    blockedNs = clock.nowNs();
    nextNs = clock.nowNs();
    reported = false;
    overdue = clock.registerPerCpu(this::onOverdueTick, TimerPriority.HRTIMER, cpuCount);
    own = clock.registerPerCpu(this::onOwn, TimerPriority.WATCHDOG, cpuCount);
    look = clock.register(this::onLook, TimerPriority.WATCHDOG, cpuCount);
    others = clock.register(index -> onOthers(), TimerPriority.WATCHDOG, 1);
  }

  /** Gives later stops a new future. */
  public void reseed(int level, long branch) {
    ages.reseed(level, branch);
  }

  private long drawAge() {
    return (long) (ages.nextDouble() * GRACE_PERIOD_NS);
  }

  @Override
  public void beforeStop(int cpu, long shownNs) {
    if (blocker != NOBODY) {
      return; // the grace period in flight is that one
    }
    if (timers.nowNs() != stopAtNs) {
      stopAtNs = timers.nowNs();
      beganNs = clock.nowNs() - drawAge();
    }
    long tickNs = ticks.expiryNs(cpu);
    boolean blocks = tickNs != TimerQueue.NEVER;
    if (blocks && clock.nowNs() + shownNs - beganNs >= timeoutNs) {
      pending = true;
      clock.arm(overdue + cpu, tickNs);
    }
  }

  @Override
  public void onGuestStopped(int cpu) {
    forget();
    if (blocker != NOBODY) {
      reportAt(clock.nowNs() + timeoutTicksNs());
    }
  }

  /** The timeout in jiffies: a tick of 300 Hz is a little short, and so are 900 of them. */
  private long timeoutTicksNs() {
    return timeoutNs / NS_PER_SECOND * hz * ticks.periodNs();
  }

  /** Runs with the tick of a stopped CPU, just before it. */
  private void onOverdueTick(int cpu) {
    if (!flag.checkAndClear(cpu, "rcu-stall")) {
      report(cpu, beganNs, false);
      observer.onReportEnd(IncidentKind.RCU_STALL, cpu, clock.nowNs());
      console.print(cpu);
      forget();
    }
  }

  private void report(int cpu, long sinceNs, boolean again) {
    int seconds = (int) ((ticks.jiffies(clock.nowNs()) - ticks.jiffies(sinceNs)) / hz);
    observer.onReport(IncidentKind.RCU_STALL, cpu, sinceNs, seconds, again);
  }

  /** The grace period was reported, or will end before its new deadline. */
  private void forget() {
    if (pending) {
      pending = false;
      for (int cpu = 0; cpu < cpuCount; cpu++) {
        clock.cancel(overdue + cpu);
      }
    }
  }

  @Override
  public void onHold(int cpu) {
    if (threads.has(cpu)) {
      expect(cpu);
    }
  }

  @Override
  public void onStarve(int cpu) {
    expect(cpu);
  }

  private void expect(int cpu) {
    if (cpu != blocker && !clock.isArmed(look + cpu)) {
      clock.arm(look + cpu, clock.nowNs() + BLOCKING_NS);
    }
  }

  @Override
  public void onRelease(int cpu) {
    if (cpu == blocker) {
      clock.arm(own + cpu, clock.nowNs()); // once the scheduler has done its work
    }
  }

  /** Looks whether a CPU has become one that blocks; time of a stop does not count. */
  private void onLook(int cpu) {
    long now = clock.nowNs();
    long seenNs = interrupts.quiescentNs(cpu);
    long quiescentNs = seenNs + cpuTime.stoppedSinceNs(cpu, seenNs);
    if (now - quiescentNs < BLOCKING_NS) {
      if (scheduler.isHeld(cpu)) {
        clock.arm(look + cpu, quiescentNs + BLOCKING_NS);
      }
    } else if (blocker == NOBODY) {
      block(cpu);
      blockedNs = Math.max(quiescentNs, blockedNs) + drawAge();
      reportAt(
          Math.max(now, ticks.gridFromNs(blockedNs + 1) - ticks.periodNs() + timeoutTicksNs()));
    } // or it waits for the end of the grace period that another CPU blocks
  }

  private void block(int cpu) {
    blocker = cpu;
    clock.pin(others, (cpu + 1) % cpuCount);
  }

  /** The blocking CPU's own tick, or its release. */
  private void onOwn(int cpu) {
    long now = clock.nowNs();
    long quiescentNs = interrupts.quiescentNs(cpu);
    boolean held = scheduler.isHeld(cpu);
    if (cpu != blocker) {
      return; // another CPU blocks by now
    }
    if (quiescentNs > blockedNs) {
      endAt(quiescentNs);
    } else if (now >= nextNs && isTicking(cpu)) {
      reportBlocked(cpu);
    } else if (!held || isTicking(cpu)) {
      long tickNs = ticks.gridFromNs(now + 1);
      clock.arm(own + cpu, held ? Math.max(nextNs, tickNs) : tickNs);
    }
  }

  /** The tick of an idle CPU is stopped, even if an interrupt keeps it busy. */
  private boolean isTicking(int cpu) {
    return scheduler.current(cpu) != Scheduler.IDLE;
  }

  private void onOthers() {
    if (cpuCount > 1 && blocker != NOBODY) {
      reportBlocked((blocker + 1) % cpuCount);
    }
  }

  private void reportBlocked(int byCpu) {
    if (!flag.checkAndClear(byCpu, "rcu-stall")) {
      report(blocker, blockedNs, reported);
      reported = true;
      console.print(byCpu);
      long againNs = AGAIN_TIMEOUTS * timeoutTicksNs() + AGAIN_JIFFIES * ticks.periodNs();
      reportAt(clock.nowNs() + againNs);
    } // or onGuestStopped has postponed it
  }

  /** Sets when the blocked grace period is reported next. */
  private void reportAt(long atNs) {
    nextNs = ticks.gridFromNs(atNs);
    if (isTicking(blocker)) {
      clock.arm(own + blocker, nextNs);
    }
    clock.arm(others, nextNs + OTHERS_JIFFIES * ticks.periodNs());
  }

  private void endAt(long atNs) {
    if (reported) {
      observer.onReportEnd(IncidentKind.RCU_STALL, blocker, atNs);
    }
    reported = false;
    blocker = NOBODY;
    for (int cpu = 0; cpu < cpuCount && blocker == NOBODY; cpu++) {
      if (interrupts.quiescentNs(cpu) <= blockedNs) {
        block(cpu); // the same grace period
        reportAt(nextNs);
      }
    }
    if (blocker == NOBODY) {
      blockedNs = atNs;
      clock.cancel(others);
      lookAtAll();
    }
  }

  private void lookAtAll() {
    for (int cpu = 0; cpu < cpuCount; cpu++) {
      if (scheduler.isHeld(cpu)) {
        clock.arm(look + cpu, clock.nowNs());
      }
    }
  }

  @Override
  public void save(StateBuffer out) {
    ages.save(out.room(RandomStream.STATE_LONGS), out.writeAt());
    out.wrote(out.writeAt() + RandomStream.STATE_LONGS);
    out.put(stopAtNs);
    out.put(beganNs);
    out.put(pending);
    out.put(blocker);
    out.put(blockedNs);
    out.put(nextNs);
    out.put(reported);
  }

  @Override
  public void restore(StateBuffer in) {
    in.tookTo(ages.restore(in.source(), in.readAt()));
    stopAtNs = in.take();
    beganNs = in.take();
    pending = in.takeFlag();
    blocker = in.takeInt();
    blockedNs = in.take();
    nextNs = in.take();
    reported = in.takeFlag();
  }
}
