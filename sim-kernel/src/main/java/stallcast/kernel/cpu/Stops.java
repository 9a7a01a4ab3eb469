package stallcast.kernel.cpu;

import java.util.Arrays;
import stallcast.kernel.engine.TimerPriority;
import stallcast.kernel.engine.TimerQueue;

/**
 * Stops and resumes CPUs from outside. While a CPU stands still nothing of its kernel runs there:
 * its timers expire when it goes on, in the order in which they were due; the current task makes no
 * progress, and its next charge covers the stop.
 *
 * <p>Models: vCPU threads that do not run. State: none of its own. Drives: {@link KernelClock},
 * {@link CpuTime}, {@link CpuTicks}, {@link GuestStoppedFlag}.
 */
public final class Stops {
  private final KernelClock clock;
  private final CpuTime cpuTime;
  private final CpuTicks ticks;
  private final Scheduler scheduler;
  private final Interrupts interrupts;
  private final GuestStoppedFlag flag;
  private final TimerQueue timers;
  private StopListener[] listeners = {}; // an array: a list would allocate its iterators
  private KernelObserver observer = new KernelObserver() {};
  private int resume; // first of [cpu] timers, in lane 0

  Stops(
      TimerQueue timers,
      KernelClock clock,
      CpuTime cpuTime,
      CpuTicks ticks,
      Scheduler scheduler,
      Interrupts interrupts,
      GuestStoppedFlag flag) {
    this.timers = timers;
    this.clock = clock;
    this.cpuTime = cpuTime;
    this.ticks = ticks;
    this.scheduler = scheduler;
    this.interrupts = interrupts;
    this.flag = flag;
  }

  void reset(int cpuCount, KernelObserver newObserver) {
    observer = newObserver;
    resume = clock.register(this::onResume, TimerPriority.RESUME, cpuCount);
  }

  /** Adds somebody who prepares for a stop; done once when the host is built. */
  public void addListener(StopListener listener) {
    listeners = Arrays.copyOf(listeners, listeners.length + 1);
    listeners[listeners.length - 1] = listener;
  }

  /**
   * Stops CPUs now.
   *
   * @param cpus CPUs, none of them stopped
   * @param count how many
   * @param shownNs how much of the stop the clock shows, ns
   * @param hiddenNs how much it does not show, ns; more than 0 only if every CPU stops
   * @param skewNs [count] extra delay of each CPU, ns
   * @param setFlag whether the VMM sets the guest-stopped flag
   */
  public void stop(
      int[] cpus, int count, long shownNs, long hiddenNs, long[] skewNs, boolean setFlag) {
    for (int i = 0; i < count; i++) {
      ticks.materialise(cpus[i]);
      for (StopListener listener : listeners) {
        listener.beforeStop(cpus[i], shownNs + skewNs[i]);
      }
    }
    long now = clock.nowNs();
    for (int i = 0; i < count; i++) {
      int cpu = cpus[i];
      cpuTime.stretch(cpu, scheduler.current(cpu), now, now + shownNs + skewNs[i]);
    }
    clock.hide(hiddenNs);
    long engineNow = timers.nowNs();
    for (int i = 0; i < count; i++) {
      int cpu = cpus[i];
      long untilNs = engineNow + hiddenNs + shownNs + skewNs[i];
      cpuTime.goOnAt(cpu, scheduler.current(cpu), now + shownNs + skewNs[i]);
      interrupts.delay(cpu, shownNs + skewNs[i]);
      clock.stop(cpu, untilNs);
      timers.arm(resume + cpu, untilNs);
      if (setFlag) {
        flag.set(cpu);
      }
    }
  }

  private void onResume(int cpu) {
    observer.onResume(cpu);
    scheduler.onResume(cpu);
  }
}
