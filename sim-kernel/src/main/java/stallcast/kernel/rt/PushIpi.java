package stallcast.kernel.rt;

import stallcast.kernel.cpu.Interrupts;
import stallcast.kernel.cpu.IsolatedLoops;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.cpu.StopListener;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerPriority;
import stallcast.kernel.random.RandomStream;
import stallcast.kernel.random.StreamPurpose;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * The RT_PUSH_IPI walker: one hard interrupt that goes round the overloaded CPUs of the machine and
 * asks each to push, as long as requests come.
 *
 * <p>Models: {@code tell_cpu_to_push()}, {@code rto_next_cpu()}, {@code rto_push_irq_work_func()}
 * (kernel/sched/rt.c, v6.1 and v6.12). A request is atomic here, so the start lock is never found
 * taken: whoever would find it taken finds a walk in flight instead, and does the same. State: the
 * walker's CPU and loop counters. Drives: {@link Interrupts}, {@link RtBalance#pushFromWalker}.
 *
 * <p>Requests of loops that are not run ({@link IsolatedLoops}) are a Poisson process. While all
 * overloaded CPUs are deep in softirq and visits change nothing, such a walk is not run hop by hop
 * but stretches their work at the rate of {@link WalkerRate}; the last millisecond of every list is
 * run hop by hop again, so that what decides who runs next is never averaged.
 */
final class PushIpi implements Stateful, StopListener {
  private static final int NO_WALK = -1;
  private static final int NOBODY = -2; // a request of a loop that is not run

  /** Softirq work before the end of a list that is run hop by hop, ns. */
  private static final long TAIL_NS = 1_000_000;

  /** Shortest softirq work that is worth a rate, ns. */
  private static final long WORTH_NS = 1_000_000;

  /** Part of the work before the tail that one rate covers: the time it takes is random. */
  private static final double COVERED = 0.98;

  /** Share of a CPU above which the walk leaves it no time to predict. */
  private static final double SHARE_MAX = 0.95;

  /** No request for longer than this is as good as none, ns: a century. */
  private static final double GAP_MAX_NS = 3e18;

  /** Entity of the stream; 0 is the noise of stretched work. */
  private static final int STREAM_ENTITY = 1;

  private final KernelClock clock;
  private final Interrupts interrupts;
  private final RtQueues queues;
  private final RtBalance balance;
  private final IsolatedLoops loops;
  private final WalkerRate rate = new WalkerRate();
  private final RandomStream stream = new RandomStream();
  private int cpuCount;
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
  private boolean rated; // the walk is a rate now
  private long ratedNs; // since when
  private double ratedPerNs; // visits of each CPU
  private int ratedCpus;
  private long countedNs; // requests of loops that are not run are counted up to here
  private int unseen; // timer: one of them starts a walk
  private int rateEnd; // timer
  private int arrival; // timer: the interrupt reaches its target
  private int handled; // timer: the handler is about to pass it on

  PushIpi(KernelCore core, RtQueues queues, RtBalance balance) {
    clock = core.clock();
    interrupts = core.interrupts();
    loops = core.loops();
    this.queues = queues;
    this.balance = balance;
  }

  void reset(HostConfig config, long masterSeed, int replicate, KernelObserver newObserver) {
    long host = config.hostIndex();
    stream.derive(masterSeed, StreamPurpose.INTERRUPTS, 0, host, replicate, STREAM_ENTITY);
    cpuCount = config.cpus();
    rated = false;
    ratedNs = 0;
    countedNs = clock.nowNs();
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
    unseen = clock.register(index -> onUnseenRequest(), TimerPriority.HRTIMER, 1);
    rateEnd = clock.register(index -> endRate(), TimerPriority.HRTIMER, 1);
  }

  /** A CPU has switched from a real-time task to something lower. */
  void request(int cpu) {
    loopNext++;
    if (rtoCpu == NO_WALK) {
      countedNs = clock.nowNs();
      send(next(cpu), cpu);
    }
  }

  /** The set of overloaded CPUs has changed. */
  void onOverload() {
    if (rated) {
      endRate();
    }
    expectUnseenRequest();
  }

  /** If nothing walks, the next request of a loop that is not run will start it. */
  private void expectUnseenRequest() {
    double perNs = loops.roundsPerNs();
    boolean waits = rtoCpu == NO_WALK && queues.overloadedCount() > 0;
    if (perNs > 0 && waits && !clock.isArmed(unseen)) {
      long gapNs = (long) Math.min(GAP_MAX_NS, stream.nextExponential() / perNs);
      clock.arm(unseen, clock.nowNs() + gapNs);
    }
  }

  private void onUnseenRequest() {
    if (queues.overloadedCount() > 0) {
      request(NOBODY);
    }
  }

  /** Counts requests of loops that are not run since the walk looked last; one is like many. */
  private void countUnseenRequests() {
    double perNs = loops.roundsPerNs();
    long now = clock.nowNs();
    if (perNs > 0) {
      double none =
          WalkerRate.noneWithin((double) (now - countedNs), perNs, loops.squaredRoundsPerNs());
      loopNext += stream.nextDouble() < none ? 0 : 1;
    }
    countedNs = now;
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
      countUnseenRequests();
      if (loop == loopNext) {
        expectUnseenRequest();
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
    balance.pushFromWalker(target);
    if (observed) {
      observer.onWalkerIpi(target, 1);
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
    if (!startRate()) {
      send(next(cpu), cpu);
    }
  }

  /** Goes over to a rate if nothing can happen for a while. @return whether it did */
  private boolean startRate() {
    double requestsPerNs = loops.roundsPerNs();
    int overloaded = queues.overloadedCount();
    if (requestsPerNs == 0 || overloaded == 0 || (overloaded == 1 && !skipsSelf)) {
      return false;
    }
    long costNs = entryNs + handlerNs + exitNs;
    rate.compute(
        overloaded,
        deliveryNs + entryNs + handlerNs,
        Math.max(0, exitNs - deliveryNs),
        costNs,
        requestsPerNs,
        loops.squaredRoundsPerNs(),
        overloaded == 1);
    long workNs = Long.MAX_VALUE;
    for (int cpu = queues.overloadedAfter(-1); cpu >= 0; cpu = queues.overloadedAfter(cpu)) {
      workNs = balance.isInert(cpu) ? Math.min(workNs, interrupts.remainingNs(cpu)) : 0;
    }
    if (rate.share() > SHARE_MAX || workNs < TAIL_NS + WORTH_NS) {
      return false;
    }
    rated = true;
    ratedNs = clock.nowNs();
    ratedPerNs = rate.visitsPerNs();
    ratedCpus = overloaded;
    for (int cpu = queues.overloadedAfter(-1); cpu >= 0; cpu = queues.overloadedAfter(cpu)) {
      interrupts.stretch(cpu, rate.stretch(), rate.spread());
    }
    double coveredNs = (workNs - TAIL_NS) * COVERED * rate.stretch();
    clock.arm(rateEnd, ratedNs + Math.round(coveredNs));
    return true;
  }

  /** Goes on hop by hop, with the walk somewhere on its round. */
  private void endRate() {
    long perCpu = Math.round((clock.nowNs() - ratedNs) * ratedPerNs);
    visits = visits();
    rated = false;
    clock.cancel(rateEnd);
    for (int cpu = 0; cpu < cpuCount; cpu++) {
      if (interrupts.isStretched(cpu)) {
        interrupts.stretch(cpu, 1, 0);
        if (observed) {
          observer.onWalkerIpi(cpu, perCpu);
        }
      }
    }
    loopNext++;
    countedNs = clock.nowNs();
    int skipped = (int) stream.nextBelow(Math.max(1, queues.overloadedCount()));
    rtoCpu = NO_WALK;
    for (int i = 0; i < skipped; i++) {
      rtoCpu = queues.overloadedAfter(rtoCpu);
    }
    send(next(NOBODY), NOBODY);
  }

  @Override
  public void beforeStop(int cpu, long shownNs) {
    if (rated) {
      endRate();
    }
  }

  /** Gives later requests a new future, for splitting. */
  void reseed(int level, long branch) {
    stream.reseed(level, branch);
  }

  /** Interrupts that have reached a CPU. */
  long visits() {
    if (!rated) {
      return visits;
    }
    return visits + ratedCpus * Math.round((clock.nowNs() - ratedNs) * ratedPerNs);
  }

  @Override
  public void save(StateBuffer out) {
    out.put(rtoCpu);
    out.put(loop);
    out.put(loopNext);
    out.put(target);
    out.put(toSelf);
    out.put(visits);
    out.put(rated);
    out.put(ratedNs);
    out.put(Double.doubleToRawLongBits(ratedPerNs));
    out.put(ratedCpus);
    out.put(countedNs);
    stream.save(out.room(RandomStream.STATE_LONGS), out.writeAt());
    out.wrote(out.writeAt() + RandomStream.STATE_LONGS);
  }

  @Override
  public void restore(StateBuffer in) {
    rtoCpu = in.takeInt();
    loop = in.take();
    loopNext = in.take();
    target = in.takeInt();
    toSelf = in.takeFlag();
    visits = in.take();
    rated = in.takeFlag();
    ratedNs = in.take();
    ratedPerNs = Double.longBitsToDouble(in.take());
    ratedCpus = in.takeInt();
    countedNs = in.take();
    in.tookTo(stream.restore(in.source(), in.readAt()));
  }
}
