package stallcast.kernel.watchdog;

import java.util.Arrays;
import stallcast.kernel.cpu.GuestStoppedFlag;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.cpu.StopListener;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerPriority;
import stallcast.kernel.engine.TimerQueue;
import stallcast.kernel.scenario.Fidelity;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * The soft-lockup detector: a sample timer per CPU looks at the time since the last report stamp,
 * in units of 2^30 ns, and wakes the stopper, whose work touches both stamps.
 *
 * <p>Models: {@code watchdog_timer_fn()}, {@code is_softlockup()}, {@code softlockup_fn()}
 * (kernel/watchdog.c, v6.1 and v6.12). The stopper runs at once, because nothing of this version
 * keeps a running CPU from scheduling; so only stops can be reported. Leaving idle touches the
 * stamp: a CPU that was idle at a stop reports nothing. State: touch and report stamp [cpu]. With
 * {@link Fidelity#AUTO} samples are settled lazily and only the one that a stop delays is run.
 * Leaves out: console touches, {@code softlockup_all_cpu_backtrace}, {@code watchdog_cpumask}.
 */
public final class SoftLockupDetector implements Stateful, StopListener, GuestStoppedFlag.Listener {
  private static final int UNIT_SHIFT = 30; // running_clock() >> 30
  private static final long NS_PER_SECOND = 1_000_000_000L;
  private static final long DELAYED = Long.MIN_VALUE; // SOFTLOCKUP_DELAY_REPORT

  private final KernelClock clock;
  private final TimerQueue timers;
  private final Scheduler scheduler;
  private final GuestStoppedFlag flag;
  private KernelObserver observer = new KernelObserver() {};
  private int cpuCount;
  private boolean enabled;
  private boolean panics;
  private boolean exact;
  private long sampleNs;
  private long phaseNs;
  private long limitUnits;
  private long[] touchNs = new long[0]; // [cpu] last run of the stopper
  private long[] reportNs = new long[0]; // [cpu] or DELAYED
  private boolean panicked;
  private int timer; // first of [cpu]

  /** The detector of one kernel. */
  public SoftLockupDetector(TimerQueue timers, KernelCore core) {
    this.timers = timers;
    clock = core.clock();
    scheduler = core.scheduler();
    flag = core.guestStoppedFlag();
    flag.addListener(this);
    core.stops().addListener(this);
  }

  /**
   * Starts sampling.
   *
   * @param phase offset of the sample grid, ns; negative values are not legal here
   */
  public void reset(HostConfig config, Fidelity fidelity, long phase, KernelObserver newObserver) {
    observer = newObserver;
    cpuCount = config.cpus();
    long thresh = config.knob(KernelKnob.WATCHDOG_THRESH);
    enabled =
        config.isOn(KernelKnob.WATCHDOG) && config.isOn(KernelKnob.SOFT_WATCHDOG) && thresh > 0;
    panics = config.isOn(KernelKnob.SOFTLOCKUP_PANIC);
    panicked = false;
    exact = fidelity == Fidelity.EXACT;
    sampleNs = samplePeriodNs(thresh);
    limitUnits = 2 * thresh;
    phaseNs = phase;
    if (touchNs.length < cpuCount) {
      touchNs = new long[cpuCount];
      reportNs = new long[cpuCount];
    }
    Arrays.fill(touchNs, 0, cpuCount, clock.nowNs());
    Arrays.fill(reportNs, 0, cpuCount, clock.nowNs());
    timer = clock.registerPerCpu(this::onSample, TimerPriority.WATCHDOG, cpuCount);
    if (enabled && exact) {
      for (int cpu = 0; cpu < cpuCount; cpu++) {
        clock.arm(timer + cpu, gridAfter(clock.nowNs()));
      }
    }
  }

  /**
   * Sample period, ns: a fifth of the soft threshold.
   *
   * @param thresh watchdog_thresh, s
   */
  public static long samplePeriodNs(long thresh) {
    return Math.max(1, 2 * thresh * (NS_PER_SECOND / 5));
  }

  /** Whether softlockup_panic has ended the machine. */
  public boolean isPanicked() {
    return panicked;
  }

  @Override
  public void beforeStop(int cpu, long shownNs) {
    if (!enabled) {
      return;
    }
    if (!exact && !clock.isArmed(timer + cpu)) {
      settleSamples(cpu);
    }
    if (scheduler.current(cpu) == Scheduler.IDLE) {
      reportNs[cpu] = DELAYED; // the first interrupt after the stop leaves idle and touches
    }
  }

  private void settleSamples(int cpu) {
    long now = clock.nowNs();
    long last = gridAfter(timers.isPast(TimerPriority.WATCHDOG) ? now : now - 1) - sampleNs;
    if (last > touchNs[cpu]) {
      touchNs[cpu] = last;
      reportNs[cpu] = last;
    }
    clock.arm(timer + cpu, last + sampleNs);
  }

  @Override
  public void onGuestStopped(int cpu) {
    reportNs[cpu] = DELAYED;
  }

  private void onSample(int cpu) {
    long now = clock.nowNs();
    flag.checkAndClear(cpu, "softlockup");
    boolean idle = scheduler.current(cpu) == Scheduler.IDLE;
    boolean looks = !idle && reportNs[cpu] != DELAYED;
    if (looks && units(now) - units(reportNs[cpu]) > limitUnits) {
      int printed = (int) (units(now) - units(touchNs[cpu]));
      observer.onSoftLockup(cpu, scheduler.current(cpu), touchNs[cpu], printed);
      if (panics) {
        panicked = true;
        timers.stop();
      }
    }
    touchNs[cpu] = now; // the stopper runs as soon as the interrupt is over
    reportNs[cpu] = now;
    if (exact) {
      clock.arm(timer + cpu, gridAfter(now));
    }
  }

  private static long units(long ns) {
    return ns >> UNIT_SHIFT;
  }

  private long gridAfter(long ns) {
    return phaseNs + (Math.floorDiv(ns - phaseNs, sampleNs) + 1) * sampleNs;
  }

  @Override
  public void save(StateBuffer out) {
    out.put(touchNs, cpuCount);
    out.put(reportNs, cpuCount);
    out.put(panicked);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(touchNs, cpuCount);
    in.take(reportNs, cpuCount);
    panicked = in.takeFlag();
  }
}
