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
import stallcast.kernel.engine.TimerQueue;
import stallcast.kernel.scenario.Fidelity;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.kernel.scenario.KernelKnob;

/**
 * The soft-lockup detector: a sample timer per CPU looks at the time since the last report stamp,
 * in units of 2^30 ns, and wakes the stopper, whose work touches both stamps.
 *
 * <p>Models: {@code watchdog_timer_fn()}, {@code is_softlockup()}, {@code softlockup_fn()}
 * (kernel/watchdog.c, v6.1 and v6.12). All CPUs sample on one grid. On a CPU with threads every
 * sample is a hard interrupt in both fidelities, and the stopper has to get the CPU. On other CPUs
 * nothing keeps it from running at once; with {@link Fidelity#AUTO} their samples are settled
 * lazily, and only one that a stop or starved interrupts delay is run. An interrupt that hits idle
 * and the exit from idle touch the report stamp ({@code touch_softlockup_watchdog_sched()}). State:
 * touch and report stamp, reported lockup, stopper's work [cpu]. Drives: {@link Interrupts}, {@link
 * KernelThreads}, {@link Console}. Leaves out: how long {@code softlockup_all_cpu_backtrace} dumps
 * (it drops reports of the same instant only), {@code watchdog_cpumask}.
 */
public final class SoftLockupDetector
    implements Stateful, StopListener, GuestStoppedFlag.Listener, InterruptListener {
  private static final int UNIT_SHIFT = 30; // running_clock() >> 30
  private static final long NS_PER_SECOND = 1_000_000_000L;
  private static final long DELAYED = Long.MIN_VALUE; // SOFTLOCKUP_DELAY_REPORT

  private final KernelClock clock;
  private final TimerQueue timers;
  private final Scheduler scheduler;
  private final CpuTime cpuTime;
  private final Interrupts interrupts;
  private final KernelThreads threads;
  private final GuestStoppedFlag flag;
  private Console console;
  private HardLockupDetector hard;
  private KernelObserver observer = new KernelObserver() {};
  private int cpuCount;
  private boolean samples;
  private boolean checks;
  private boolean panics;
  private boolean dumpsAll;
  private boolean exact;
  private long costNs;
  private long sampleNs;
  private long phaseNs;
  private long limitUnits;
  private long[] touchNs = new long[0]; // [cpu] last run of the stopper
  private long[] reportNs = new long[0]; // [cpu] or DELAYED
  private long[] sampledNs = new long[0]; // [cpu] last sample
  private boolean[] queued = new boolean[0]; // [cpu] the stopper has not run since it was woken
  private boolean[] reported = new boolean[0]; // [cpu] and not touched since
  private long dumpedNs; // last report that dumped all CPUs
  private boolean panicked;
  private int sampling; // CPU whose sample runs; timers of other detectors come after all samples
  private int timer; // first of [cpu]

  /** The detector of one kernel. */
  public SoftLockupDetector(TimerQueue timers, KernelCore core) {
    this.timers = timers;
    clock = core.clock();
    scheduler = core.scheduler();
    cpuTime = core.cpuTime();
    interrupts = core.interrupts();
    threads = core.threads();
    flag = core.guestStoppedFlag();
    flag.addListener(this);
    core.stops().addListener(this);
    interrupts.addListener(this);
  }

  void connect(Console to) {
    console = to;
  }

  void connect(HardLockupDetector counter) {
    hard = counter;
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
    boolean on = config.isOn(KernelKnob.WATCHDOG) && thresh > 0;
    checks = on && config.isOn(KernelKnob.SOFT_WATCHDOG);
    samples = checks || (on && config.isOn(KernelKnob.NMI_WATCHDOG));
    panics = config.isOn(KernelKnob.SOFTLOCKUP_PANIC);
    dumpsAll = config.isOn(KernelKnob.SOFTLOCKUP_ALL_CPU_BACKTRACE);
    panicked = false;
    dumpedNs = DELAYED;
    sampling = cpuCount; // between samples, all of this instant have had their turn
    exact = fidelity == Fidelity.EXACT;
    costNs = config.knob(KernelKnob.COST_HRTIMER_NS);
    sampleNs = samplePeriodNs(thresh);
    limitUnits = 2 * thresh;
    phaseNs = phase;
    if (touchNs.length < cpuCount) {
      touchNs = new long[cpuCount];
      reportNs = new long[cpuCount];
      sampledNs = new long[cpuCount];
      queued = new boolean[cpuCount];
      reported = new boolean[cpuCount];
    }
    Arrays.fill(touchNs, 0, cpuCount, clock.nowNs());
    Arrays.fill(reportNs, 0, cpuCount, clock.nowNs());
    Arrays.fill(sampledNs, 0, cpuCount, clock.nowNs());
    Arrays.fill(queued, 0, cpuCount, false);
    Arrays.fill(reported, 0, cpuCount, false);
    timer = clock.registerPerCpu(this::onSample, TimerPriority.WATCHDOG, cpuCount);
    threads.onStopper(this::onStopper);
    for (int cpu = 0; samples && cpu < cpuCount; cpu++) {
      if (exact || threads.has(cpu)) {
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

  /** First sample after an instant, ns. */
  long nextSampleNs(long ns) {
    return gridAfter(ns);
  }

  /** Last sample of a CPU whose samples are real ones now. */
  long lastSampleNs(int cpu) {
    return sampledNs[cpu];
  }

  /** Whether softlockup_panic has ended the machine. */
  public boolean isPanicked() {
    return panicked;
  }

  @Override
  public void beforeStop(int cpu, long shownNs) {
    if (!samples) {
      return;
    }
    materialise(cpu);
    if (scheduler.current(cpu) == Scheduler.IDLE && !threads.has(cpu)) {
      reportNs[cpu] = DELAYED; // the first interrupt after the stop leaves idle and touches
    }
  }

  @Override
  public void onStarve(int cpu) {
    if (samples) {
      materialise(cpu);
    }
  }

  /** Settles the samples of a CPU, and makes its next one a real one. */
  private void materialise(int cpu) {
    if (clock.isArmed(timer + cpu)) {
      return;
    }
    long now = clock.nowNs();
    boolean hadItsTurn = timers.isAt(TimerPriority.WATCHDOG) && cpu <= sampling;
    boolean past = hadItsTurn || timers.isPast(TimerPriority.WATCHDOG);
    long last = gridAfter(past ? now : now - 1) - sampleNs;
    if (last > touchNs[cpu]) {
      sampledNs[cpu] = last;
      touchNs[cpu] = last;
      reportNs[cpu] = last;
    }
    clock.arm(timer + cpu, last + sampleNs);
  }

  @Override
  public void onGuestStopped(int cpu) {
    reportNs[cpu] = DELAYED;
  }

  /** Restarts the interval of a CPU at its next sample ({@code touch_softlockup_watchdog()}). */
  void touch(int cpu) {
    if (samples) {
      if (!threads.has(cpu)) {
        materialise(cpu);
      }
      reportNs[cpu] = DELAYED;
    }
  }

  private void onSample(int cpu) {
    long now = clock.nowNs();
    sampling = cpu;
    boolean threaded = threads.has(cpu);
    sampledNs[cpu] = now;
    hard.onSample(cpu);
    touchByIdle(cpu, threaded);
    if (threaded && !queued[cpu]) {
      queued[cpu] = true;
      threads.wake(threads.stopperOf(cpu));
    }
    flag.checkAndClear(cpu, "softlockup");
    if (reportNs[cpu] == DELAYED) {
      reportNs[cpu] = now;
    } else if (checks && units(now) - units(reportNs[cpu]) > limitUnits) {
      report(cpu, now);
    }
    if (exact || threaded) {
      clock.arm(timer + cpu, gridAfter(now));
    }
    if (threaded) {
      interrupts.raise(cpu, costNs);
    } else {
      onStopper(cpu, now); // it runs as soon as the interrupt is over
    }
    sampling = cpuCount;
  }

  private void touchByIdle(int cpu, boolean threaded) {
    boolean idle = scheduler.current(cpu) == Scheduler.IDLE;
    boolean held = threaded && scheduler.isHeld(cpu);
    boolean hit = idle && (!held || interrupts.heldNs(cpu) > reportNs[cpu]);
    boolean left = threaded && cpuTime.idleExitNs(cpu) > reportNs[cpu];
    if (reportNs[cpu] != DELAYED && (hit || left)) {
      reportNs[cpu] = DELAYED;
    }
  }

  private void report(int cpu, long now) {
    if (dumpsAll) {
      if (dumpedNs == now) {
        return; // another CPU is dumping: this one looks again at its next sample
      }
      dumpedNs = now;
    }
    reportNs[cpu] = now;
    reported[cpu] = true;
    int printed = (int) (units(now) - units(touchNs[cpu]));
    observer.onSoftLockup(cpu, scheduler.current(cpu), touchNs[cpu], printed);
    console.print(cpu);
    if (panics) {
      panicked = true;
      timers.stop();
    }
  }

  private void onStopper(int cpu) {
    queued[cpu] = false;
    onStopper(cpu, clock.nowNs());
    threads.sleep(cpu);
  }

  private void onStopper(int cpu, long now) {
    touchNs[cpu] = now;
    reportNs[cpu] = now;
    if (reported[cpu]) {
      reported[cpu] = false;
      observer.onReportEnd(IncidentKind.SOFT_LOCKUP, cpu, now);
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
    out.put(sampledNs, cpuCount);
    out.put(queued, cpuCount);
    out.put(reported, cpuCount);
    out.put(dumpedNs);
    out.put(panicked);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(touchNs, cpuCount);
    in.take(reportNs, cpuCount);
    in.take(sampledNs, cpuCount);
    in.take(queued, cpuCount);
    in.take(reported, cpuCount);
    dumpedNs = in.take();
    panicked = in.takeFlag();
  }
}
