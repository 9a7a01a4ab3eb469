package stallcast.kernel.watchdog;

import java.util.Arrays;
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
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerPriority;
import stallcast.kernel.random.RandomStream;
import stallcast.kernel.random.StreamPurpose;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.kernel.scenario.KernelKnob;

/**
 * The workqueue watchdog: every {@code thresh} seconds a timer on one CPU looks for worker pools
 * with pending work and no progress for longer than that.
 *
 * <p>Models: {@code wq_watchdog_timer_fn()} (kernel/workqueue.c, v6.1 and v6.12). On a CPU with
 * threads workers are fair tasks, and the pool gets work every second ({@code vmstat_shepherd()},
 * mm/vmstat.c): its age counts from the first work that comes when no fair task can run. On other
 * CPUs pools make progress while the machine runs, so only a pass that a stop has delayed can find
 * anything there; it comes after all interrupts of the resume, for it is a softirq. That one reads
 * the guest-stopped flag when a pool has pending work, and goes on to compare: the flag's reader
 * touches the soft-lockup detector with {@code touch_softlockup_watchdog_sync()}, which does not
 * touch this one (kernel/watchdog.c). Printing on the CPU does ({@link Console}). State: stream of
 * pending pools, reported pools [cpu]. Drives: {@link GuestStoppedFlag}, {@link Console}. Leaves
 * out: pools of CPUs without threads that real-time tasks starve, unbound pools, the age of pending
 * work at the stop, passes that are late because the timer is deferrable and its CPU idle,
 * granularity of the timer wheel.
 */
public final class WorkqueueWatchdog implements Stateful, StopListener, InterruptListener {
  /**
   * Probability that some pool has work that no worker has taken yet when the machine stops.
   * Certainty C: a guess, workers are usually woken within microseconds.
   */
  static final double PENDING_PROBABILITY = 0.05;

  /** From work to work of a per-CPU pool, ns: vm.stat_interval. Certainty C: taken to be there. */
  static final long WORK_NS = 1_000_000_000L;

  /** How often a reported pool is looked at for its end, ns. */
  private static final long END_NS = 100_000_000L;

  /** The CPU of the timer: it was started there at boot and re-arms itself. */
  private static final int TIMER_CPU = 0;

  /** Entity of the stream; 0 is the watchdog's phase, 1 RCU. */
  private static final int STREAM_ENTITY = 2;

  private static final long NONE = Long.MIN_VALUE;
  private static final long NS_PER_SECOND = 1_000_000_000L;

  private final KernelClock clock;
  private final CpuTime cpuTime;
  private final Scheduler scheduler;
  private final Interrupts interrupts;
  private final KernelThreads threads;
  private final GuestStoppedFlag flag;
  private final Console console;
  private final RandomStream stream = new RandomStream();
  private KernelObserver observer = new KernelObserver() {};
  private int cpuCount;
  private boolean enabled;
  private long threshNs;
  private long phaseNs;
  private long stoppedAtNs; // kernel time of the stop that delays the armed pass
  private long[] reportedNs = new long[0]; // [cpu] begin of what was reported, or NONE
  private boolean waits; // a pass is due once its CPU leaves softirq
  private int latePass; // timer
  private int pass; // timer
  private int end; // first of [cpu] timers

  /** The watchdog of one kernel. */
  public WorkqueueWatchdog(KernelCore core, Console console) {
    this.console = console;
    clock = core.clock();
    cpuTime = core.cpuTime();
    scheduler = core.scheduler();
    interrupts = core.interrupts();
    threads = core.threads();
    flag = core.guestStoppedFlag();
    core.stops().addListener(this);
    interrupts.addListener(this);
  }

  /** Starts with a random phase of the passes. */
  public void reset(HostConfig config, long masterSeed, int replicate, KernelObserver newObserver) {
    observer = newObserver;
    cpuCount = config.cpus();
    threshNs = config.knob(KernelKnob.WORKQUEUE_WATCHDOG_THRESH) * NS_PER_SECOND;
    enabled = threshNs > 0;
    stream.derive(
        masterSeed, StreamPurpose.GUEST_STATE, 0, config.hostIndex(), replicate, STREAM_ENTITY);
    phaseNs = clock.nowNs() + (long) (stream.nextDouble() * threshNs);
    stoppedAtNs = clock.nowNs();
    waits = false;
    if (reportedNs.length < cpuCount) {
      reportedNs = new long[cpuCount];
    }
    Arrays.fill(reportedNs, 0, cpuCount, NONE);
    latePass = clock.register(index -> onLatePass(), TimerPriority.WATCHDOG, 1);
    clock.pin(latePass, TIMER_CPU);
    pass = clock.register(index -> onPass(), TimerPriority.WATCHDOG, 1);
    clock.pin(pass, TIMER_CPU);
    end = clock.registerPerCpu(this::onLookForEnd, TimerPriority.WATCHDOG, cpuCount);
    if (enabled && threads.cpus().length > 0) {
      clock.arm(pass, phaseNs);
    }
  }

  /** Gives later stops a new future. */
  public void reseed(int level, long branch) {
    stream.reseed(level, branch);
  }

  @Override
  public void beforeStop(int cpu, long shownNs) {
    if (!enabled || cpu != TIMER_CPU) {
      return;
    }
    boolean pending = stream.nextDouble() < PENDING_PROBABILITY;
    long now = clock.nowNs();
    long toPassNs = threshNs - Math.floorMod(now - phaseNs, threshNs);
    boolean late = toPassNs <= shownNs;
    if (pending && late && scheduler.current(TIMER_CPU) != Scheduler.IDLE) {
      stoppedAtNs = now;
      clock.arm(latePass, now + shownNs);
    }
  }

  private void onLatePass() {
    flag.checkAndClear(TIMER_CPU, "workqueue");
    long ageNs = clock.nowNs() - stoppedAtNs;
    if (ageNs > threshNs && reportedNs[TIMER_CPU] == NONE) {
      report(TIMER_CPU, stoppedAtNs, false);
      observer.onReportEnd(IncidentKind.WORKQUEUE_LOCKUP, TIMER_CPU, clock.nowNs());
    }
  }

  private void report(int cpu, long sinceNs, boolean again) {
    int seconds = (int) ((clock.nowNs() - sinceNs) / NS_PER_SECOND);
    observer.onReport(IncidentKind.WORKQUEUE_LOCKUP, cpu, sinceNs, seconds, again);
    console.print(TIMER_CPU);
  }

  private void onPass() {
    if (interrupts.isServing(TIMER_CPU)) {
      waits = true;
      return;
    }
    long now = clock.nowNs();
    for (int cpu : threads.cpus()) {
      long sinceNs = Math.max(pendingSinceNs(cpu), console.touchedNs(cpu));
      if (now - sinceNs - cpuTime.stoppedSinceNs(cpu, sinceNs) > threshNs) {
        report(cpu, sinceNs, reportedNs[cpu] != NONE);
        reportedNs[cpu] = pendingSinceNs(cpu);
        clock.arm(end + cpu, now + END_NS);
      }
    }
    clock.arm(pass, now + threshNs);
  }

  /** When work came to a CPU's pool that no worker has taken, or now. */
  private long pendingSinceNs(int cpu) {
    long fairNs = cpuTime.lastFairNs(cpu);
    long workNs = fairNs + WORK_NS - Math.floorMod(fairNs - phaseNs, WORK_NS);
    return Math.min(clock.nowNs(), workNs);
  }

  @Override
  public void onRelease(int cpu) {
    if (waits && cpu == TIMER_CPU) {
      waits = false;
      clock.arm(pass, clock.nowNs());
    }
  }

  private void onLookForEnd(int cpu) {
    if (pendingSinceNs(cpu) == reportedNs[cpu]) {
      clock.arm(end + cpu, clock.nowNs() + END_NS);
    } else {
      reportedNs[cpu] = NONE;
      observer.onReportEnd(IncidentKind.WORKQUEUE_LOCKUP, cpu, clock.nowNs());
    }
  }

  @Override
  public void save(StateBuffer out) {
    stream.save(out.room(RandomStream.STATE_LONGS), out.writeAt());
    out.wrote(out.writeAt() + RandomStream.STATE_LONGS);
    out.put(stoppedAtNs);
    out.put(reportedNs, cpuCount);
    out.put(waits);
  }

  @Override
  public void restore(StateBuffer in) {
    in.tookTo(stream.restore(in.source(), in.readAt()));
    stoppedAtNs = in.take();
    in.take(reportedNs, cpuCount);
    waits = in.takeFlag();
  }
}
