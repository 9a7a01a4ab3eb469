package stallcast.kernel.watchdog;

import java.util.Arrays;
import stallcast.kernel.cpu.InterruptListener;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.cpu.StopListener;
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
 * The hard-lockup detector: reports a CPU whose watchdog sample did not run between two checks.
 *
 * <p>Models: {@code watchdog_hardlockup_check()} (kernel/watchdog.c), {@code
 * watchdog_overflow_callback()} (kernel/watchdog_perf.c), {@code watchdog_buddy_check_hardlockup()}
 * (kernel/watchdog_buddy.c), v6.12. Perf flavour: each CPU checks itself by an NMI every {@code
 * watchdog_thresh} s at a phase of its own, which no starved interrupt delays; the minimum distance
 * of two samples never matters at that rate. Buddy flavour: each CPU checks the next one at every
 * third of its samples; of samples of one instant those of lower CPUs come first. A CPU is reported
 * once until it samples again. Nothing is run while nothing is starved: the check that will see two
 * equal counts is computed from the last sample. When CPUs stop, their NMIs and samples stop with
 * them: a stop alone is no hard lockup, it only delays one. State: last sample that the armed check
 * has seen, reported CPUs [cpu]. Drives: {@link Console}. Leaves out: cycle counters that turbo or
 * idle make faster or slower, that KVM guests boot with the detector off (set {@code
 * kernel.nmi_watchdog} for that), a running buddy of a CPU that is stopped alone, other CPUs'
 * backtraces.
 */
public final class HardLockupDetector implements Stateful, StopListener, InterruptListener {
  private static final int BUDDY_SAMPLES = 3; // samples from check to check

  /** Entity of the stream of NMI phases; 4 is the console. */
  private static final int STREAM_ENTITY = 5;

  private static final long NS_PER_SECOND = 1_000_000_000L;

  private final TimerQueue timers;
  private final KernelClock clock;
  private final SoftLockupDetector watchdog;
  private final Console console;
  private final RandomStream phases = new RandomStream();
  private KernelObserver observer = new KernelObserver() {};
  private int cpuCount;
  private boolean enabled;
  private boolean buddy;
  private boolean panics;
  private long checkNs; // from check to check
  private long buddyPhaseNs;
  private long[] nmiPhaseNs = new long[0]; // [cpu]
  private long[] seenNs = new long[0]; // [cpu] sample after which the armed check found none
  private boolean[] reported = new boolean[0]; // [cpu]
  private boolean panicked;
  private int check; // first of [cpu] timers

  /** The detector of one kernel. */
  public HardLockupDetector(
      TimerQueue timers, KernelCore core, SoftLockupDetector watchdog, Console console) {
    this.timers = timers;
    this.watchdog = watchdog;
    this.console = console;
    clock = core.clock();
    watchdog.connect(this);
    core.stops().addListener(this);
    core.interrupts().addListener(this);
  }

  /** Starts checking; the soft-lockup detector, whose samples it counts, must have been reset. */
  public void reset(HostConfig config, long masterSeed, int replicate, KernelObserver newObserver) {
    observer = newObserver;
    cpuCount = config.cpus();
    long thresh = config.knob(KernelKnob.WATCHDOG_THRESH);
    boolean on = config.isOn(KernelKnob.WATCHDOG) && config.isOn(KernelKnob.NMI_WATCHDOG);
    buddy = config.isOn(KernelKnob.HARDLOCKUP_DETECTOR_BUDDY);
    enabled = on && thresh > 0 && (!buddy || cpuCount > 1);
    panics = config.isOn(KernelKnob.HARDLOCKUP_PANIC);
    panicked = false;
    long sampleNs = SoftLockupDetector.samplePeriodNs(thresh);
    checkNs = buddy ? BUDDY_SAMPLES * sampleNs : thresh * NS_PER_SECOND;
    buddyPhaseNs = watchdog.nextSampleNs(clock.nowNs()) + (BUDDY_SAMPLES - 1) * sampleNs;
    if (reported.length < cpuCount) {
      nmiPhaseNs = new long[cpuCount];
      seenNs = new long[cpuCount];
      reported = new boolean[cpuCount];
    }
    phases.derive(
        masterSeed, StreamPurpose.GUEST_STATE, 0, config.hostIndex(), replicate, STREAM_ENTITY);
    for (int cpu = 0; cpu < cpuCount; cpu++) {
      nmiPhaseNs[cpu] = clock.nowNs() + (long) (phases.nextDouble() * checkNs);
    }
    Arrays.fill(seenNs, 0, cpuCount, clock.nowNs());
    Arrays.fill(reported, 0, cpuCount, false);
    check = clock.register(this::onCheck, TimerPriority.WATCHDOG, cpuCount);
  }

  /** Whether hardlockup_panic has ended the machine. */
  public boolean isPanicked() {
    return panicked;
  }

  @Override
  public void onStarve(int cpu) {
    long sampledNs = watchdog.lastSampleNs(cpu);
    boolean foreseen = clock.isArmed(check + cpu) && sampledNs == seenNs[cpu];
    if (enabled && !reported[cpu] && !foreseen) {
      seenNs[cpu] = sampledNs;
      clock.arm(check + cpu, checkFrom(cpu, sampledNs) + checkNs);
    }
  }

  /** First check of a CPU that sees a sample of it. */
  private long checkFrom(int cpu, long sampledNs) {
    boolean seesOwnInstant = !buddy || cpu == 0; // CPU 0 is checked by the last one
    long phaseNs = buddy ? buddyPhaseNs : nmiPhaseNs[cpu];
    long afterNs = seesOwnInstant ? sampledNs - 1 : sampledNs;
    return phaseNs + (Math.floorDiv(afterNs - phaseNs, checkNs) + 1) * checkNs;
  }

  @Override
  public void beforeStop(int cpu, long shownNs) {
    if (enabled && clock.isArmed(check + cpu)) {
      clock.arm(check + cpu, clock.expiryNs(check + cpu) + shownNs);
    }
  }

  private void onCheck(int cpu) {
    if (watchdog.lastSampleNs(cpu) > seenNs[cpu]) {
      return; // the starvation that armed this is over
    }
    reported[cpu] = true;
    int seconds = (int) ((clock.nowNs() - seenNs[cpu]) / NS_PER_SECOND);
    observer.onReport(IncidentKind.HARD_LOCKUP, cpu, seenNs[cpu], seconds, false);
    console.print(buddy ? (cpu + cpuCount - 1) % cpuCount : cpu);
    if (panics) {
      panicked = true;
      timers.stop();
    }
  }

  /** A CPU has sampled: its counter moves. */
  void onSample(int cpu) {
    if (reported[cpu]) {
      reported[cpu] = false;
      observer.onReportEnd(IncidentKind.HARD_LOCKUP, cpu, clock.nowNs());
    }
  }

  @Override
  public void save(StateBuffer out) {
    out.put(seenNs, cpuCount);
    out.put(reported, cpuCount);
    out.put(panicked);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(seenNs, cpuCount);
    in.take(reported, cpuCount);
    panicked = in.takeFlag();
  }
}
