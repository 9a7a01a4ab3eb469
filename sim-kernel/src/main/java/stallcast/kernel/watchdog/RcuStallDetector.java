package stallcast.kernel.watchdog;

import stallcast.kernel.cpu.CpuTicks;
import stallcast.kernel.cpu.GuestStoppedFlag;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.KernelObserver;
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
 * The RCU stall check: a grace period that a stop has made older than the timeout is reported at
 * the resume, by the overdue tick of the first CPU that goes on and was busy when it stopped.
 *
 * <p>Models: {@code check_cpu_stall()}, {@code rcu_cpu_stall_reset()} (kernel/rcu/tree_stall.h,
 * v6.12), called by the tick before it charges the current task. Grace periods follow each other
 * while a CPU is busy; every busy CPU blocks the one in flight, an idle one does not. The
 * guest-stopped flag is read only where a report is due. Whoever finds it set postpones the
 * deadline by three rounds of the grace-period kthread, in which the grace period ends. State:
 * begin of the grace period that the last stop met; armed checks [cpu] by the queue. Drives:
 * nothing. Leaves out: callbacks that delay a grace period without a stop, reports by other CPUs
 * two jiffies later, repeated reports, expedited grace periods, the jiffies that count whole ticks.
 */
public final class RcuStallDetector implements Stateful, StopListener, GuestStoppedFlag.Listener {
  /**
   * Longest age of a grace period at a stop, ns: three jiffies until quiescent states are forced,
   * and as much until they are seen, at 300 Hz. Certainty C: from the code, never measured.
   */
  static final long GRACE_PERIOD_NS = 20_000_000;

  /** Entity of the stream of ages; 0 is the watchdog's phase. */
  private static final int STREAM_ENTITY = 1;

  private static final long NS_PER_SECOND = 1_000_000_000L;

  private final TimerQueue timers;
  private final KernelClock clock;
  private final CpuTicks ticks;
  private final GuestStoppedFlag flag;
  private final RandomStream ages = new RandomStream();
  private KernelObserver observer = new KernelObserver() {};
  private int cpuCount;
  private long timeoutNs;
  private long stopAtNs; // engine time of the last stop
  private long beganNs; // kernel time at which the grace period in flight at it began
  private boolean pending; // a check is armed somewhere
  private int timer; // first of [cpu]

  /** The check of one kernel. */
  public RcuStallDetector(TimerQueue timers, KernelCore core) {
    this.timers = timers;
    clock = core.clock();
    ticks = core.ticks();
    flag = core.guestStoppedFlag();
    flag.addListener(this);
    core.stops().addListener(this);
  }

  /** Starts without a grace period that any CPU blocks. */
  public void reset(HostConfig config, long masterSeed, int replicate, KernelObserver newObserver) {
    observer = newObserver;
    cpuCount = config.cpus();
    timeoutNs = config.knob(KernelKnob.RCU_CPU_STALL_TIMEOUT) * NS_PER_SECOND;
    ages.derive(
        masterSeed, StreamPurpose.GUEST_STATE, 0, config.hostIndex(), replicate, STREAM_ENTITY);
    stopAtNs = Long.MIN_VALUE;
    beganNs = TaskTable.NONE;
    pending = false;
    timer = clock.registerPerCpu(this::onOverdueTick, TimerPriority.HRTIMER, cpuCount);
  }

  /** Gives later stops a new future. */
  public void reseed(int level, long branch) {
    ages.reseed(level, branch);
  }

  @Override
  public void beforeStop(int cpu, long shownNs) {
    if (timers.nowNs() != stopAtNs) {
      stopAtNs = timers.nowNs();
      beganNs = clock.nowNs() - (long) (ages.nextDouble() * GRACE_PERIOD_NS);
    }
    long tickNs = ticks.expiryNs(cpu);
    boolean blocks = tickNs != TimerQueue.NEVER;
    if (blocks && clock.nowNs() + shownNs - beganNs >= timeoutNs) {
      pending = true;
      clock.arm(timer + cpu, tickNs);
    }
  }

  @Override
  public void onGuestStopped(int cpu) {
    forget();
  }

  /** Runs with the tick of a stopped CPU, just before it. */
  private void onOverdueTick(int cpu) {
    long ageNs = clock.nowNs() - beganNs;
    if (!flag.checkAndClear(cpu, "rcu-stall")) {
      observer.onReport(IncidentKind.RCU_STALL, cpu, beganNs, (int) (ageNs / NS_PER_SECOND), false);
      observer.onReportEnd(IncidentKind.RCU_STALL, cpu, clock.nowNs());
      forget();
    }
  }

  /** The grace period was reported, or will end before its new deadline. */
  private void forget() {
    if (pending) {
      pending = false;
      for (int cpu = 0; cpu < cpuCount; cpu++) {
        clock.cancel(timer + cpu);
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
  }

  @Override
  public void restore(StateBuffer in) {
    in.tookTo(ages.restore(in.source(), in.readAt()));
    stopAtNs = in.take();
    beganNs = in.take();
    pending = in.takeFlag();
  }
}
