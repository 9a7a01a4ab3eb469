package stallcast.kernel.cpu;

import java.util.Arrays;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerPriority;
import stallcast.kernel.random.RandomStream;
import stallcast.kernel.random.StreamPurpose;

/**
 * Interrupt context of each CPU: hard interrupts stretch whatever they hit, softirq keeps the CPU
 * from scheduling until it is left.
 *
 * <p>Models: {@code irq_enter()}, {@code irq_exit_rcu()}, {@code in_interrupt()} (kernel/softirq.c,
 * v6.12). A handler acts when its interrupt hits; interrupts of one CPU that overlap follow each
 * other. Time of interrupts is charged to the interrupted task, as without IRQ_TIME_ACCOUNTING.
 * State: per CPU end of the hard interrupt, whether softirq is served, time that interrupts took
 * from the softirq work under way. Drives: {@link CpuTime}, {@link Scheduler}, {@link SoftirqPort}.
 * Leaves out: other timers of the CPU waiting for the end of a hard interrupt, except where {@link
 * #starve} says so.
 */
public final class Interrupts implements Stateful {
  /** Entity of the stream; 1 is the walker. */
  private static final int STREAM_ENTITY = 0;

  private final KernelClock clock;
  private final CpuTime cpuTime;
  private final CpuTicks ticks;
  private final Scheduler scheduler;
  private SoftirqPort softirq = SoftirqPort.NONE;
  private InterruptListener[] listeners = {}; // an array: a list would allocate its iterators
  private int cpuCount;
  private long[] hardUntilNs = new long[0]; // [cpu] end of the last hard interrupt
  private boolean[] serving = new boolean[0]; // [cpu] in softirq
  private long[] owedNs = new long[0]; // [cpu] taken from the softirq work since it was armed
  private long[] heldNs = new long[0]; // [cpu] when task context was last left
  private long[] releasedNs = new long[0]; // [cpu] when it was last entered
  private long[] starvedNs = new long[0]; // [cpu] since when no task has made progress
  private long[] tickedNs = new long[0]; // [cpu] last tick that hit task context
  private long[] hardNs = new long[0]; // [cpu] total time of hard interrupts
  private long[] softirqNs = new long[0]; // [cpu] total time between enter and leave
  private long[] enteredNs = new long[0]; // [cpu]
  private double[] stretch = new double[0]; // [cpu] time that one ns of softirq work takes
  private double[] spread = new double[0]; // [cpu] its standard deviation, per root of ns
  private long[] armedNs = new long[0]; // [cpu] when the work under way was armed
  private long[] pureNs = new long[0]; // [cpu] and how much it was then
  private final RandomStream noise = new RandomStream();
  private long[] starvedUntilNs = new long[0]; // [cpu] timers of the CPU wait until
  private int hardExit; // first of [cpu] timers
  private int work; // first of [cpu] timers

  Interrupts(KernelClock clock, CpuTime cpuTime, CpuTicks ticks, Scheduler scheduler) {
    this.clock = clock;
    this.cpuTime = cpuTime;
    this.ticks = ticks;
    this.scheduler = scheduler;
  }

  /**
   * Starts with no interrupt anywhere.
   *
   * @param seed master seed of the streams
   */
  void reset(int cpus, long seed, long hostIndex, int replicate) {
    cpuCount = cpus;
    noise.derive(seed, StreamPurpose.INTERRUPTS, 0, hostIndex, replicate, STREAM_ENTITY);
    if (hardUntilNs.length < cpus) {
      hardUntilNs = new long[cpus];
      serving = new boolean[cpus];
      owedNs = new long[cpus];
      heldNs = new long[cpus];
      releasedNs = new long[cpus];
      starvedNs = new long[cpus];
      tickedNs = new long[cpus];
      hardNs = new long[cpus];
      softirqNs = new long[cpus];
      enteredNs = new long[cpus];
      stretch = new double[cpus];
      spread = new double[cpus];
      armedNs = new long[cpus];
      pureNs = new long[cpus];
      starvedUntilNs = new long[cpus];
    }
    long now = clock.nowNs();
    for (long[] instants :
        new long[][] {
          hardUntilNs, heldNs, releasedNs, starvedNs, tickedNs, enteredNs, starvedUntilNs
        }) {
      Arrays.fill(instants, 0, cpus, now);
    }
    Arrays.fill(serving, 0, cpus, false);
    Arrays.fill(owedNs, 0, cpus, 0);
    Arrays.fill(hardNs, 0, cpus, 0);
    Arrays.fill(softirqNs, 0, cpus, 0);
    Arrays.fill(stretch, 0, cpus, 1);
    Arrays.fill(spread, 0, cpus, 0);
    Arrays.fill(armedNs, 0, cpus, now);
    Arrays.fill(pureNs, 0, cpus, 0);
    softirq = SoftirqPort.NONE;
    hardExit = clock.registerPerCpu(this::onHardExit, TimerPriority.COMPLETION, cpus);
    work = clock.registerPerCpu(this::onWork, TimerPriority.COMPLETION, cpus);
  }

  /** Sets who serves softirqs until the next reset. */
  public void connect(SoftirqPort port) {
    softirq = port;
  }

  /** Adds somebody who is told of changes; done once when the host is built. */
  public void addListener(InterruptListener listener) {
    listeners = Arrays.copyOf(listeners, listeners.length + 1);
    listeners[listeners.length - 1] = listener;
  }

  /**
   * A hard interrupt hits a CPU. Called when its handler has acted: what it raised is served at the
   * end of the interrupt.
   *
   * @param costNs time it takes from whatever runs, ns, &gt;= 0
   * @return when its handler begins, later than now if the CPU is still busy with another one
   */
  public long raise(int cpu, long costNs) {
    long now = clock.nowNs();
    long beginNs = Math.max(now, hardUntilNs[cpu]);
    if (serving[cpu]) {
      hardUntilNs[cpu] = beginNs + costNs;
      owedNs[cpu] += costNs; // counted when the work is armed again
    } else if (costNs > 0) {
      if (beginNs == now) {
        hold(cpu);
      }
      hardUntilNs[cpu] = beginNs + costNs;
      hardNs[cpu] += costNs;
      clock.arm(hardExit + cpu, hardUntilNs[cpu]);
    } else if (beginNs == now && softirq.isPending(cpu)) {
      softirq.onIrqExit(cpu);
    }
    return beginNs;
  }

  private void onHardExit(int cpu) {
    if (softirq.isPending(cpu)) {
      softirq.onIrqExit(cpu);
    }
    if (!serving[cpu]) {
      release(cpu);
    }
  }

  /** Begins to serve softirqs: nothing is scheduled on the CPU until {@link #leave}. */
  public void enter(int cpu) {
    if (!scheduler.isHeld(cpu)) {
      hold(cpu);
    }
    serving[cpu] = true;
    owedNs[cpu] = 0;
    enteredNs[cpu] = clock.nowNs();
  }

  /**
   * Gives the CPU a piece of softirq work.
   *
   * @param ns CPU time it needs; interrupts stretch it
   */
  public void execute(int cpu, long ns) {
    long now = clock.nowNs();
    armedNs[cpu] = now;
    pureNs[cpu] = ns;
    long takesNs = ns;
    if (stretch[cpu] > 1) {
      double exact =
          ns * stretch[cpu] + spread[cpu] * Math.sqrt((double) ns) * noise.nextGaussian();
      takesNs = Math.max(ns, Math.round(exact));
    }
    clock.arm(work + cpu, now + takesNs);
  }

  /** The armed end is early by what interrupts took meanwhile: one re-arm pays for many hits. */
  private void onWork(int cpu) {
    hardNs[cpu] += clock.nowNs() - armedNs[cpu] - pureNs[cpu]; // of a rate
    if (owedNs[cpu] > 0) {
      long owed = owedNs[cpu];
      owedNs[cpu] = 0;
      hardNs[cpu] += owed;
      execute(cpu, owed);
    } else {
      softirq.onWorkDone(cpu);
    }
  }

  /**
   * Lets hard interrupts that are not run one by one stretch softirq work from now on, as a rate.
   *
   * @param factor time that one ns of work takes, &gt;= 1; 1 ends it
   * @param sd standard deviation of that time, per root of ns of work
   */
  public void stretch(int cpu, double factor, double sd) {
    if (serving[cpu] && clock.isArmed(work + cpu)) {
      long passedNs = clock.nowNs() - armedNs[cpu];
      long takesNs = clock.expiryNs(work + cpu) - armedNs[cpu];
      long doneNs = takesNs == 0 ? 0 : Math.round((double) pureNs[cpu] * passedNs / takesNs);
      hardNs[cpu] += passedNs - doneNs;
      stretch[cpu] = factor;
      spread[cpu] = sd;
      execute(cpu, pureNs[cpu] - doneNs);
    } else {
      stretch[cpu] = factor;
      spread[cpu] = sd;
    }
  }

  /** Whether a rate stretches the CPU's softirq work. */
  public boolean isStretched(int cpu) {
    return stretch[cpu] > 1;
  }

  /** Softirq work that must be done before the CPU can schedule, without interrupts, ns. */
  public long remainingNs(int cpu) {
    if (!serving[cpu] || !clock.isArmed(work + cpu)) {
      return 0;
    }
    long leftNs = Math.min(pureNs[cpu], clock.expiryNs(work + cpu) - clock.nowNs());
    return leftNs + owedNs[cpu] + softirq.remainingNs(cpu);
  }

  /** Ends serving softirqs: what was asked of the scheduler meanwhile is due. */
  public void leave(int cpu) {
    serving[cpu] = false;
    softirqNs[cpu] += clock.nowNs() - enteredNs[cpu];
    release(cpu);
  }

  private void hold(int cpu) {
    long now = clock.nowNs();
    int task = scheduler.current(cpu);
    if (task == Scheduler.IDLE || cpuTime.hasProgressed(cpu)) {
      starvedNs[cpu] = now;
    }
    long tickNs = task == Scheduler.IDLE ? now : ticks.lastGridNs(now);
    if (tickNs > releasedNs[cpu]) {
      tickedNs[cpu] = tickNs;
    }
    heldNs[cpu] = now;
    scheduler.hold(cpu);
    cpuTime.suspend(cpu, task);
    for (InterruptListener listener : listeners) {
      listener.onHold(cpu);
    }
  }

  private void release(int cpu) {
    releasedNs[cpu] = clock.nowNs();
    scheduler.release(cpu);
    cpuTime.resume(cpu, scheduler.current(cpu));
    for (InterruptListener listener : listeners) {
      listener.onRelease(cpu);
    }
  }

  /** Whether the CPU serves softirqs. */
  public boolean isServing(int cpu) {
    return serving[cpu];
  }

  /**
   * Since when no task has made progress on the CPU, kernel time, ns; now if one may make it. Time
   * between two softirqs that is too short for the next task's first instruction does not count.
   */
  public long starvedSinceNs(int cpu) {
    boolean free =
        !scheduler.isHeld(cpu)
            && (scheduler.current(cpu) == Scheduler.IDLE || cpuTime.hasProgressed(cpu));
    return free ? clock.nowNs() : starvedNs[cpu];
  }

  /**
   * Last instant at which the CPU was seen outside read-side critical sections: a context switch,
   * or a tick that hit task context or idle. Kernel time, ns.
   */
  public long quiescentNs(int cpu) {
    long seenNs = Math.max(cpuTime.lastSwitchNs(cpu), tickedNs[cpu]);
    if (!scheduler.isHeld(cpu)) {
      boolean idle = scheduler.current(cpu) == Scheduler.IDLE;
      long tickNs = idle ? clock.nowNs() : ticks.lastGridNs(clock.nowNs());
      return tickNs > releasedNs[cpu] ? Math.max(seenNs, tickNs) : seenNs;
    }
    return seenNs;
  }

  /** When task context, idle included, was last left, kernel time, ns. */
  public long heldNs(int cpu) {
    return heldNs[cpu];
  }

  /** Total time of hard interrupts, ns. */
  public long hardNs(int cpu) {
    return hardNs[cpu] + owedNs[cpu];
  }

  /** Total time in softirq, hard interrupts in it included, up to now, ns. */
  public long softirqNs(int cpu) {
    return softirqNs[cpu] + (serving[cpu] ? clock.nowNs() - enteredNs[cpu] : 0);
  }

  /**
   * Keeps the timers of a CPU from expiring: a higher interrupt is pending whenever one ends.
   *
   * @param untilNs kernel time, ns
   */
  public void starve(int cpu, long untilNs) {
    boolean begins = clock.nowNs() >= starvedUntilNs[cpu];
    ticks.materialise(cpu);
    starvedUntilNs[cpu] = untilNs;
    clock.block(cpu, untilNs);
    for (int i = 0; begins && i < listeners.length; i++) {
      listeners[i].onStarve(cpu);
    }
  }

  /** Work under way goes on after a stop of the CPU. */
  void delay(int cpu, long ns) {
    if (clock.isArmed(hardExit + cpu)) {
      hardUntilNs[cpu] += ns;
      clock.arm(hardExit + cpu, clock.expiryNs(hardExit + cpu) + ns);
    }
    if (clock.isArmed(work + cpu)) {
      armedNs[cpu] += ns;
      clock.arm(work + cpu, clock.expiryNs(work + cpu) + ns);
    }
  }

  /** Gives the noise a new future, for splitting. */
  void reseed(int level, long branch) {
    noise.reseed(level, branch);
  }

  @Override
  public void save(StateBuffer out) {
    for (long[] column : longs()) {
      out.put(column, cpuCount);
    }
    out.put(serving, cpuCount);
    for (int cpu = 0; cpu < cpuCount; cpu++) {
      out.put(Double.doubleToRawLongBits(stretch[cpu]));
      out.put(Double.doubleToRawLongBits(spread[cpu]));
    }
    noise.save(out.room(RandomStream.STATE_LONGS), out.writeAt());
    out.wrote(out.writeAt() + RandomStream.STATE_LONGS);
  }

  @Override
  public void restore(StateBuffer in) {
    for (long[] column : longs()) {
      in.take(column, cpuCount);
    }
    in.take(serving, cpuCount);
    for (int cpu = 0; cpu < cpuCount; cpu++) {
      stretch[cpu] = Double.longBitsToDouble(in.take());
      spread[cpu] = Double.longBitsToDouble(in.take());
    }
    in.tookTo(noise.restore(in.source(), in.readAt()));
  }

  private long[][] longs() {
    return new long[][] {
      hardUntilNs,
      owedNs,
      heldNs,
      releasedNs,
      starvedNs,
      tickedNs,
      hardNs,
      softirqNs,
      enteredNs,
      armedNs,
      pureNs,
      starvedUntilNs
    };
  }
}
