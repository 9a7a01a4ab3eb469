package stallcast.kernel.cpu;

import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerHandler;
import stallcast.kernel.engine.TimerPriority;
import stallcast.kernel.engine.TimerQueue;

/**
 * The monotonic clock of one kernel instance. It runs with the engine's time except for stops that
 * it does not show: those only move it behind. Every instant that a mechanism keeps or arms is on
 * this clock, so a stop that the machine cannot see moves all its timers at once.
 *
 * <p>Models: CLOCK_MONOTONIC of a guest; QEMU keeps the part of a stop after the clock was saved
 * from it (hw/i386/kvm/clock.c). Lane {@code cpu + 1} of the queue holds the timers of a CPU.
 */
public final class KernelClock implements Stateful {
  /** Pins a timer to no CPU: nothing delays it. */
  public static final int ANY_CPU = -1;

  private final TimerQueue timers;
  private int firstTimer;
  private int endTimer;
  private long hiddenNs; // engine time minus kernel time
  private long floorNs; // kernel time when it last stood still

  /** A clock on an engine. */
  public KernelClock(TimerQueue timers) {
    this.timers = timers;
  }

  /** Starts with the engine; timers registered from now on are this kernel's. */
  public void reset() {
    firstTimer = timers.timerCount();
    endTimer = firstTimer;
    hiddenNs = 0;
    floorNs = Long.MIN_VALUE;
  }

  /** Registers timers of the kernel, see {@link TimerQueue#register}. */
  public int register(TimerHandler handler, TimerPriority priority, int count) {
    int first = timers.register(handler, priority, count);
    if (first != endTimer) {
      throw new IllegalStateException("timers of a kernel must be registered in one go");
    }
    endTimer = first + count;
    return first;
  }

  /** Registers one timer per CPU and puts each on its CPU. */
  public int registerPerCpu(TimerHandler handler, TimerPriority priority, int cpuCount) {
    int first = register(handler, priority, cpuCount);
    for (int cpu = 0; cpu < cpuCount; cpu++) {
      pin(first + cpu, cpu);
    }
    return first;
  }

  /** Current kernel time, ns. */
  public long nowNs() {
    return Math.max(timers.nowNs() - hiddenNs, floorNs);
  }

  /** Engine time of a kernel instant, ns, as far as stops until now tell. */
  public long toEngineNs(long kernelNs) {
    return kernelNs + hiddenNs;
  }

  /** Puts a timer onto a CPU, or {@link #ANY_CPU}: it cannot expire while that CPU stands still. */
  public void pin(int timer, int cpu) {
    timers.assign(timer, cpu + 1);
  }

  /**
   * Arms or moves a timer.
   *
   * @param atNs kernel time, ns
   */
  public void arm(int timer, long atNs) {
    timers.arm(timer, atNs + hiddenNs);
  }

  /** Arms a timer for now. */
  public void armNow(int timer) {
    timers.arm(timer, timers.nowNs());
  }

  /** Cancels a timer. */
  public void cancel(int timer) {
    timers.cancel(timer);
  }

  /** Expiry of a timer in kernel time, ns, or {@link TimerQueue#NEVER}. */
  public long expiryNs(int timer) {
    long at = timers.expiryNs(timer);
    return at == TimerQueue.NEVER ? at : at - hiddenNs;
  }

  /** Whether a timer is armed. */
  public boolean isArmed(int timer) {
    return timers.isArmed(timer);
  }

  /** Whether expiries of a priority at this very instant are already past. */
  boolean isPast(TimerPriority priority) {
    return timers.isPast(priority);
  }

  /** Whether a CPU stands still. */
  public boolean isStopped(int cpu) {
    return timers.isBlocked(cpu + 1);
  }

  /**
   * Keeps the timers of a CPU from expiring, without stopping it.
   *
   * @param untilNs kernel time, ns
   */
  void block(int cpu, long untilNs) {
    timers.block(cpu + 1, untilNs + hiddenNs);
  }

  /**
   * Stops a CPU.
   *
   * @param engineUntilNs engine time at which it goes on, ns
   */
  void stop(int cpu, long engineUntilNs) {
    timers.block(cpu + 1, engineUntilNs);
  }

  /** Lets the clock stand still for a while that no instruction of the kernel sees. */
  void hide(long ns) {
    if (ns > 0) {
      floorNs = nowNs();
      hiddenNs += ns;
      timers.delay(firstTimer, endTimer, ns);
    }
  }

  @Override
  public void save(StateBuffer out) {
    out.put(hiddenNs);
    out.put(floorNs);
  }

  @Override
  public void restore(StateBuffer in) {
    hiddenNs = in.take();
    floorNs = in.take();
  }
}
