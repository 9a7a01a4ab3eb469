package stallcast.kernel.rt;

import stallcast.kernel.cpu.Interrupts;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerPriority;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * The RT_PUSH_IPI walker: one hard interrupt that goes round the overloaded CPUs of the machine and
 * asks each to push, as long as requests come.
 *
 * <p>Models: {@code tell_cpu_to_push()}, {@code rto_next_cpu()}, {@code rto_push_irq_work_func()}
 * (kernel/sched/rt.c, v6.1 and v6.12). A request is atomic here, so the start lock is never found
 * taken: whoever would find it taken finds a walk in flight instead, and does the same. State: the
 * walker's CPU and loop counters. Drives: {@link Interrupts}, {@link RtClass#pushFromWalker}.
 */
final class PushIpi implements Stateful {
  private static final int NO_WALK = -1;

  private final KernelClock clock;
  private final Interrupts interrupts;
  private final RtQueues queues;
  private final RtClass rt;
  private KernelObserver observer = new KernelObserver() {};
  private boolean observed;
  private boolean skipsSelf;
  private long deliveryNs;
  private long entryNs;
  private long handlerNs;
  private long exitNs;
  private int rtoCpu; // rd.rto_cpu
  private long loop; // rd.rto_loop
  private long loopNext; // rd.rto_loop_next
  private int target; // CPU that the interrupt is at, or on its way to
  private boolean toSelf; // sent by the CPU that it is for
  private long visits;
  private int arrival; // timer: the interrupt reaches its target
  private int handled; // timer: the handler is about to pass it on

  PushIpi(KernelCore core, RtQueues queues, RtClass rt) {
    clock = core.clock();
    interrupts = core.interrupts();
    this.queues = queues;
    this.rt = rt;
  }

  void reset(HostConfig config, KernelObserver newObserver) {
    observer = newObserver;
    observed = newObserver.wantsSwitches();
    skipsSelf = config.isOn(KernelKnob.FIX_RTO_SKIP_SELF);
    deliveryNs = config.knob(KernelKnob.COST_IPI_DELIVERY_NS);
    entryNs = config.knob(KernelKnob.COST_IPI_ENTRY_NS);
    handlerNs = config.knob(KernelKnob.COST_PUSH_HANDLER_NS);
    exitNs = config.knob(KernelKnob.COST_IPI_EXIT_NS);
    rtoCpu = NO_WALK;
    loop = 0;
    loopNext = 0;
    target = NO_WALK;
    toSelf = false;
    visits = 0;
    arrival = clock.register(index -> onArrival(), TimerPriority.HRTIMER, 1);
    handled = clock.register(index -> onHandled(), TimerPriority.HRTIMER, 1);
  }

  /** A CPU has switched from a real-time task to something lower. */
  void request(int cpu) {
    loopNext++;
    if (rtoCpu == NO_WALK) {
      send(next(cpu), cpu);
    }
  }

  /** The next overloaded CPU; after the last one, from the first again if requests have come. */
  private int next(int executingCpu) {
    while (true) {
      rtoCpu = queues.overloadedAfter(rtoCpu);
      if (rtoCpu >= 0) {
        if (skipsSelf && rtoCpu == executingCpu) {
          continue;
        }
        return rtoCpu;
      }
      rtoCpu = NO_WALK;
      if (loop == loopNext) {
        return NO_WALK;
      }
      loop = loopNext;
    }
  }

  private void send(int cpu, int fromCpu) {
    if (cpu == NO_WALK) {
      return;
    }
    target = cpu;
    toSelf = cpu == fromCpu;
    int lane = toSelf ? KernelClock.ANY_CPU : cpu;
    clock.pin(arrival, lane);
    clock.pin(handled, lane);
    clock.arm(arrival, clock.nowNs() + (toSelf ? 0 : deliveryNs));
  }

  private void onArrival() {
    visits++;
    rt.pushFromWalker(target);
    if (observed) {
      observer.onWalkerIpi(target);
    }
    long beginNs = interrupts.raise(target, entryNs + handlerNs + exitNs);
    if (toSelf) {
      // Sent before the last handler ended, of a higher vector than the timer's: it comes first.
      interrupts.starve(target, beginNs + entryNs + handlerNs + exitNs);
    }
    clock.arm(handled, beginNs + entryNs + handlerNs);
  }

  private void onHandled() {
    int cpu = target;
    send(next(cpu), cpu);
  }

  /** Interrupts that have reached a CPU. */
  long visits() {
    return visits;
  }

  @Override
  public void save(StateBuffer out) {
    out.put(rtoCpu);
    out.put(loop);
    out.put(loopNext);
    out.put(target);
    out.put(toSelf);
    out.put(visits);
  }

  @Override
  public void restore(StateBuffer in) {
    rtoCpu = in.takeInt();
    loop = in.take();
    loopNext = in.take();
    target = in.takeInt();
    toSelf = in.takeFlag();
    visits = in.take();
  }
}
