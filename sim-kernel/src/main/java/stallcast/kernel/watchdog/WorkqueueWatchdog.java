package stallcast.kernel.watchdog;

import stallcast.kernel.cpu.GuestStoppedFlag;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.KernelObserver;
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
 * with pending work and no progress for that long.
 *
 * <p>Models: {@code wq_watchdog_timer_fn()} (kernel/workqueue.c, v6.1 and v6.12). It reads the
 * guest-stopped flag only when a pool has pending work, and goes on to compare: the flag's reader
 * touches the soft-lockup detector with {@code touch_softlockup_watchdog_sync()}, which does not
 * touch this one (kernel/watchdog.c), so the flag does not prevent its report. Worker pools make
 * progress while the machine runs, so only a pass that a stop has delayed can find anything, and
 * only that one is run; it comes after all interrupts of the resume, for it is a softirq. State:
 * stream of pending pools. Drives: {@link GuestStoppedFlag}. Leaves out: pools whose workers
 * real-time tasks starve, the age of pending work at the stop, a pass of an idle CPU (the timer is
 * deferrable: once the CPU is busy again its pools have made progress), granularity of the timer
 * wheel.
 */
public final class WorkqueueWatchdog implements Stateful, StopListener {
  /**
   * Probability that some pool has work that no worker has taken yet when the machine stops.
   * Certainty C: a guess, workers are usually woken within microseconds.
   */
  static final double PENDING_PROBABILITY = 0.05;

  /** The CPU of the timer: it was started there at boot and re-arms itself. */
  private static final int TIMER_CPU = 0;

  /** Entity of the stream; 0 is the watchdog's phase, 1 RCU. */
  private static final int STREAM_ENTITY = 2;

  private static final long NS_PER_SECOND = 1_000_000_000L;

  private final KernelClock clock;
  private final Scheduler scheduler;
  private final GuestStoppedFlag flag;
  private final RandomStream stream = new RandomStream();
  private KernelObserver observer = new KernelObserver() {};
  private boolean enabled;
  private long threshNs;
  private long phaseNs;
  private long stoppedAtNs; // kernel time of the stop that delays the armed pass
  private int timer;

  /** The watchdog of one kernel. */
  public WorkqueueWatchdog(KernelCore core) {
    clock = core.clock();
    scheduler = core.scheduler();
    flag = core.guestStoppedFlag();
    core.stops().addListener(this);
  }

  /** Starts with a random phase of the passes. */
  public void reset(HostConfig config, long masterSeed, int replicate, KernelObserver newObserver) {
    observer = newObserver;
    threshNs = config.knob(KernelKnob.WORKQUEUE_WATCHDOG_THRESH) * NS_PER_SECOND;
    enabled = threshNs > 0;
    stream.derive(
        masterSeed, StreamPurpose.GUEST_STATE, 0, config.hostIndex(), replicate, STREAM_ENTITY);
    phaseNs = clock.nowNs() + (long) (stream.nextDouble() * threshNs);
    stoppedAtNs = clock.nowNs();
    timer = clock.register(index -> onLatePass(), TimerPriority.WATCHDOG, 1);
    clock.pin(timer, TIMER_CPU);
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
      clock.arm(timer, now + shownNs);
    }
  }

  private void onLatePass() {
    flag.checkAndClear(TIMER_CPU, "workqueue");
    long ageNs = clock.nowNs() - stoppedAtNs;
    if (ageNs > threshNs) {
      int seconds = (int) (ageNs / NS_PER_SECOND);
      observer.onReport(IncidentKind.WORKQUEUE_LOCKUP, TIMER_CPU, stoppedAtNs, seconds, false);
      observer.onReportEnd(IncidentKind.WORKQUEUE_LOCKUP, TIMER_CPU, clock.nowNs());
    }
  }

  @Override
  public void save(StateBuffer out) {
    stream.save(out.room(RandomStream.STATE_LONGS), out.writeAt());
    out.wrote(out.writeAt() + RandomStream.STATE_LONGS);
    out.put(stoppedAtNs);
  }

  @Override
  public void restore(StateBuffer in) {
    in.tookTo(stream.restore(in.source(), in.readAt()));
    stoppedAtNs = in.take();
  }
}
