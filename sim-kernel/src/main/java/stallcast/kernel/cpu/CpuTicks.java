package stallcast.kernel.cpu;

import java.util.Arrays;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerPriority;
import stallcast.kernel.engine.TimerQueue;
import stallcast.kernel.scenario.Fidelity;

/**
 * The periodic tick of every busy CPU; all CPUs tick on one grid. An idle CPU's tick is stopped.
 *
 * <p>With {@link Fidelity#AUTO} only ticks that can change more than sums are run: a class tells
 * from when on its tick matters, and what earlier ticks would have charged is settled before
 * anybody looks. A tick that runs although it was not needed does what the real one does, so an
 * armed tick is moved only to become earlier. Before a CPU stops, its next tick is armed for real:
 * the tick that was missed is what charges the stop.
 *
 * <p>Models: {@code tick_sched_timer()} with NO_HZ_IDLE (kernel/time/tick-sched.c, v6.1 and v6.12).
 * State: last tick [cpu], armed tick by the queue. Leaves out: nohz_full, skew_tick.
 */
public final class CpuTicks implements Stateful {
  private final KernelClock clock;
  private final TimerQueue timers;
  private Scheduler scheduler;
  private Interrupts interrupts;
  private boolean exact;
  private long costNs;
  private long tickNs;
  private long phaseNs;
  private long[] lastNs = new long[0]; // [cpu] last tick that was run or settled, or idle exit
  private boolean[] busy = new boolean[0]; // [cpu] tick not stopped
  private boolean[] real = new boolean[0]; // [cpu] the armed tick is the very next one
  private int cpuCount;
  private int timer; // first of [cpu]
  private int ticking; // CPU of the last tick that was run in its order
  private long tickedNs; // and its instant

  CpuTicks(KernelClock clock, TimerQueue timers) {
    this.clock = clock;
    this.timers = timers;
  }

  /**
   * Starts with all ticks stopped.
   *
   * @param cost time of one tick's interrupt, ns; ticks that cost time are all run
   */
  void reset(
      Scheduler owner,
      Interrupts hit,
      int cpus,
      long periodNs,
      long phase,
      long cost,
      boolean everyTick) {
    scheduler = owner;
    interrupts = hit;
    costNs = cost;
    cpuCount = cpus;
    tickNs = periodNs;
    phaseNs = phase;
    exact = everyTick || cost > 0;
    if (lastNs.length < cpus) {
      lastNs = new long[cpus];
      busy = new boolean[cpus];
      real = new boolean[cpus];
    }
    Arrays.fill(lastNs, 0, cpus, clock.nowNs());
    Arrays.fill(busy, 0, cpus, false);
    Arrays.fill(real, 0, cpus, false);
    ticking = 0;
    tickedNs = Long.MIN_VALUE;
    timer = clock.registerPerCpu(this::onTick, TimerPriority.TICK, cpus);
  }

  /** Tick period, ns. */
  public long periodNs() {
    return tickNs;
  }

  /** The armed tick of a CPU, kernel time, ns; {@link TimerQueue#NEVER} if none is. */
  public long expiryNs(int cpu) {
    return clock.expiryNs(timer + cpu);
  }

  /** The CPU leaves idle. */
  void start(int cpu, long nowNs) {
    busy[cpu] = true;
    lastNs[cpu] = nowNs;
    if (exact) {
      clock.arm(timer + cpu, gridAfter(clock.nowNs()));
    }
  }

  /** The CPU goes idle. */
  void stop(int cpu) {
    busy[cpu] = false;
    real[cpu] = false;
    if (exact) {
      clock.cancel(timer + cpu);
    }
  }

  /** Arms the next tick that matters, if it is earlier than the armed one. */
  void reevaluate(int cpu) {
    if (exact || real[cpu] || !busy[cpu]) {
      return;
    }
    settle(cpu);
    long pastNs = Math.max(lastNs[cpu], hadItsTurn(cpu) ? clock.nowNs() : clock.nowNs() - 1);
    long firstNs = gridAfter(pastNs);
    long needNs = scheduler.nextTickNs(cpu, firstNs);
    if (needNs == TimerQueue.NEVER) {
      return;
    }
    long atNs = needNs <= firstNs ? firstNs : gridAfter(needNs - 1);
    if (atNs < clock.expiryNs(timer + cpu)) {
      clock.arm(timer + cpu, atNs);
    }
  }

  /** Charges what the ticks since the last one would have charged. */
  public void settle(int cpu) {
    if (exact || real[cpu] || !busy[cpu]) {
      return;
    }
    long last = gridAfter(hadItsTurn(cpu) ? clock.nowNs() : clock.nowNs() - 1) - tickNs;
    if (last > lastNs[cpu]) {
      long missed = (last - lastNs[cpu] + tickNs - 1) / tickNs;
      lastNs[cpu] = last;
      scheduler.settleTicks(cpu, last, missed);
    }
  }

  /** Whether a tick of a CPU at this very instant would already be past: ticks go in CPU order. */
  private boolean hadItsTurn(int cpu) {
    return timers.hasPassed(TimerPriority.TICK) || (tickedNs == clock.nowNs() && cpu <= ticking);
  }

  /** Makes the next tick a real one: the CPU is about to stop. An idle CPU has none. */
  void materialise(int cpu) {
    settle(cpu);
    if (exact || real[cpu]) {
      return;
    }
    if (busy[cpu]) {
      real[cpu] = true;
      clock.arm(timer + cpu, gridAfter(clock.nowNs()));
    } else {
      clock.cancel(timer + cpu);
    }
  }

  private void onTick(int cpu) {
    if (!busy[cpu]) {
      return;
    }
    if (lastNs[cpu] == clock.nowNs()) {
      scheduler.lookAtTick(cpu); // armed before the CPU went idle; it left idle at this instant
      return;
    }
    if (timers.isAt(TimerPriority.TICK)) { // not one that a stop has delayed
      tickedNs = clock.nowNs();
      ticking = cpu - 1; // its own turn is now
    }
    settle(cpu);
    if (timers.isAt(TimerPriority.TICK)) {
      ticking = cpu;
    }
    lastNs[cpu] = clock.nowNs();
    real[cpu] = false;
    scheduler.tick(cpu);
    interrupts.raise(cpu, costNs);
    if (exact) {
      clock.arm(timer + cpu, gridAfter(clock.nowNs()));
    }
  }

  /** Last instant of the tick grid at or before an instant, whether a tick ran there or not. */
  long lastGridNs(long ns) {
    return gridAfter(ns) - tickNs;
  }

  /** First instant of the tick grid at or after an instant. */
  public long gridFromNs(long ns) {
    return gridAfter(ns - 1);
  }

  /** Jiffies at an instant. */
  public long jiffies(long ns) {
    return Math.floorDiv(ns - phaseNs, tickNs);
  }

  /** First grid instant after an instant. */
  private long gridAfter(long ns) {
    return phaseNs + (Math.floorDiv(ns - phaseNs, tickNs) + 1) * tickNs;
  }

  @Override
  public void save(StateBuffer out) {
    out.put(ticking);
    out.put(tickedNs);
    out.put(lastNs, cpuCount);
    out.put(busy, cpuCount);
    out.put(real, cpuCount);
  }

  @Override
  public void restore(StateBuffer in) {
    ticking = in.takeInt();
    tickedNs = in.take();
    in.take(lastNs, cpuCount);
    in.take(busy, cpuCount);
    in.take(real, cpuCount);
  }
}
