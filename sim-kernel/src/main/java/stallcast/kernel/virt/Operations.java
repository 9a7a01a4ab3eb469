package stallcast.kernel.virt;

import java.util.Arrays;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.cpu.LoadPort;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerPriority;
import stallcast.kernel.engine.TimerQueue;
import stallcast.kernel.random.RandomStream;
import stallcast.kernel.random.StreamPurpose;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.OperationSpec;
import stallcast.kernel.scenario.OperationSpec.Blackout;
import stallcast.kernel.scenario.OperationSpec.ClockVisibility;
import stallcast.kernel.scenario.OperationSpec.Effect;
import stallcast.kernel.scenario.OperationSpec.ResumeOrder;

/**
 * Live migrations, other stops of a machine, and bursts of its load: carries out what {@link
 * OperationPlan} has drawn. An operation that is due while CPUs still stand is put off until they
 * go on. Bursts of one operation that overlap are one, of the later one's strength; those of
 * several operations on one source multiply.
 *
 * <p>Models: stop-and-copy and the resume of the vCPU threads; what the machine's clock shows of it
 * (QEMU hw/i386/kvm/clock.c: only the part before the clock is saved), KVM_KVMCLOCK_CTRL. State:
 * next occurrence, end of the last stop. Drives: {@link stallcast.kernel.cpu.Stops}. Leaves out:
 * brownout before the stop.
 */
public final class Operations implements Stateful {
  private final TimerQueue timers;
  private final KernelCore core;
  private final OperationPlan plan;
  private final LoadPort load;
  private final PreCopy preCopy = new PreCopy();
  private final RandomStream stream = new RandomStream();
  private KernelObserver observer = new KernelObserver() {};
  private HostConfig config;
  private long masterSeed;
  private int branchLevel;
  private long branchIndex;
  private int[] cpus = new int[0]; // scratch: CPUs that stop
  private long[] skewNs = new long[0]; // scratch: their resume delays
  private int timer;
  private int nextOccurrence;
  private long endOfStopNs; // engine time
  private long endOfEffectNs; // engine time, of stops and bursts
  private double[] factor = new double[0]; // [operation] of a burst under way, else 1
  private int burstEnd; // first of [operation] timers
  private long totalStopNs;
  private int carriedOut;

  /**
   * Operations on a kernel.
   *
   * @param plan when they happen
   * @param load whom bursts make busier
   */
  public Operations(TimerQueue timers, KernelCore core, OperationPlan plan, LoadPort load) {
    this.load = load;
    this.timers = timers;
    this.core = core;
    this.plan = plan;
  }

  /** Starts with the first occurrence at or after now. */
  public void reset(HostConfig host, long seed, int first, KernelObserver newObserver) {
    config = host;
    masterSeed = seed;
    observer = newObserver;
    branchLevel = 0;
    branchIndex = 0;
    if (cpus.length < host.cpus()) {
      cpus = new int[host.cpus()];
      skewNs = new long[host.cpus()];
    }
    timer = timers.register(this::onDue, TimerPriority.OPERATION, 1);
    nextOccurrence = first;
    endOfStopNs = Long.MIN_VALUE;
    endOfEffectNs = Long.MIN_VALUE;
    int operations = host.operations().size();
    if (factor.length < operations) {
      factor = new double[operations];
    }
    Arrays.fill(factor, 0, operations, 1);
    burstEnd = timers.register(this::onBurstEnd, TimerPriority.OPERATION, operations);
    totalStopNs = 0;
    carriedOut = 0;
    armNext();
  }

  private void armNext() {
    if (nextOccurrence < plan.size()) {
      timers.arm(timer, Math.max(plan.atNs(nextOccurrence), timers.nowNs()));
    }
  }

  private void onDue(int index) {
    if (timers.nowNs() < endOfStopNs) {
      timers.arm(timer, endOfStopNs);
      return;
    }
    int occurrence = nextOccurrence++;
    carryOut(plan.operation(occurrence), occurrence);
    armNext();
  }

  private void carryOut(int operation, int occurrence) {
    OperationSpec.Effect effect = config.operations().get(operation).spec().effect();
    derive(StreamPurpose.MIGRATION, operation, occurrence);
    if (effect instanceof Effect.Stop stop) {
      stop(stop, operation, occurrence);
    } else if (effect instanceof Effect.Burst burst) {
      burst(burst, operation, occurrence);
    }
    carriedOut++;
  }

  private void burst(Effect.Burst spec, int operation, int occurrence) {
    factor[operation] = spec.factor().sample(stream);
    long lengthNs = Math.max(1, Math.round(spec.lengthNs().sample(stream)));
    long endNs = timers.nowNs() + lengthNs;
    observer.onBurst(operation, occurrence, factor[operation], lengthNs);
    timers.arm(burstEnd + operation, Math.max(endNs, burstEndNs(operation)));
    endOfEffectNs = Math.max(endOfEffectNs, timers.expiryNs(burstEnd + operation));
    apply(spec.source());
  }

  private long burstEndNs(int operation) {
    return timers.isArmed(burstEnd + operation) ? timers.expiryNs(burstEnd + operation) : 0;
  }

  private void onBurstEnd(int operation) {
    factor[operation] = 1;
    apply(((Effect.Burst) config.operations().get(operation).spec().effect()).source());
  }

  private void apply(String source) {
    double times = 1;
    for (int op = 0; op < config.operations().size(); op++) {
      if (config.operations().get(op).spec().effect() instanceof Effect.Burst burst
          && burst.source().equals(source)) {
        times *= factor[op];
      }
    }
    load.speedUp(source, times);
  }

  private void stop(Effect.Stop spec, int operation, int occurrence) {
    long stopNs = drawStop(spec.blackout());
    long shownNs = drawShown(spec, stopNs);
    boolean flag = stream.nextDouble() < spec.guestStoppedFlag().sample(stream);
    int count = selectCpus(spec.cpus());
    drawSkew(spec, operation, occurrence, count);
    observer.onStop(operation, occurrence, stopNs, shownNs, flag);
    core.stops().stop(cpus, count, shownNs, stopNs - shownNs, skewNs, flag);
    long last = 0;
    for (int i = 0; i < count; i++) {
      last = Math.max(last, skewNs[i]);
    }
    endOfStopNs = timers.nowNs() + stopNs + last;
    endOfEffectNs = Math.max(endOfEffectNs, endOfStopNs);
    totalStopNs += stopNs;
  }

  private void derive(StreamPurpose purpose, int operation, int occurrence) {
    stream.derive(masterSeed, purpose, 0, config.hostIndex(), occurrence + 1, operation);
    if (branchLevel > 0) {
      stream.reseed(branchLevel, branchIndex);
    }
  }

  private long drawStop(Blackout blackout) {
    if (blackout instanceof Blackout.Drawn drawn) {
      return Math.max(1, Math.round(drawn.ns().sample(stream)));
    }
    Blackout.PreCopy law = (Blackout.PreCopy) blackout;
    preCopy.run(
        law.ramBytes().sample(stream),
        law.workingSetBytes().sample(stream),
        law.dirtyBytesPerSec().sample(stream),
        law.bandwidthBytesPerSec().sample(stream),
        Math.round(law.downtimeLimitNs().sample(stream)),
        (int) Math.round(law.maxRounds().sample(stream)),
        law.autoConverge());
    long switchNs = Math.round(law.switchNs().sample(stream));
    return Math.max(1, preCopy.finalTransferNs() + switchNs);
  }

  private long drawShown(Effect.Stop spec, long stopNs) {
    if (spec.clock() instanceof ClockVisibility.Share share) {
      return Math.round(share.share().sample(stream) * stopNs);
    }
    return Math.min(stopNs, preCopy.finalTransferNs());
  }

  private int selectCpus(CpuSelection selection) {
    if (selection instanceof CpuSelection.Listed listed) {
      for (int i = 0; i < listed.cpus().size(); i++) {
        cpus[i] = listed.cpus().get(i);
      }
      return listed.cpus().size();
    }
    for (int cpu = 0; cpu < config.cpus(); cpu++) {
      cpus[cpu] = cpu;
    }
    return config.cpus();
  }

  private void drawSkew(Effect.Stop spec, int operation, int occurrence, int count) {
    derive(StreamPurpose.RESUME_SKEW, operation, occurrence);
    long sum = 0;
    for (int i = 0; i < count; i++) {
      long own = Math.max(0, Math.round(spec.resumeSkewNs().sample(stream)));
      sum += own;
      skewNs[i] = spec.resumeOrder() == ResumeOrder.INDEX ? sum : own;
    }
  }

  /** Number of the next occurrence of the plan. */
  public int nextOccurrence() {
    return nextOccurrence;
  }

  /**
   * End of all stops and bursts so far, engine time, ns; {@code Long.MIN_VALUE} before the first.
   */
  public long endOfEffectNs() {
    return endOfEffectNs;
  }

  /** Operations carried out since the reset. */
  public int carriedOut() {
    return carriedOut;
  }

  /** Total length of the stops, ns. */
  public long totalStopNs() {
    return totalStopNs;
  }

  /** Gives operations that are still to come a new future, for splitting. */
  public void reseed(int level, long branch) {
    branchLevel = level;
    branchIndex = branch;
  }

  @Override
  public void save(StateBuffer out) {
    out.put(nextOccurrence);
    out.put(endOfStopNs);
    out.put(endOfEffectNs);
    for (int op = 0; op < config.operations().size(); op++) {
      out.put(Double.doubleToRawLongBits(factor[op]));
    }
    out.put(totalStopNs);
    out.put(carriedOut);
    out.put(branchLevel);
    out.put(branchIndex);
  }

  @Override
  public void restore(StateBuffer in) {
    nextOccurrence = in.takeInt();
    endOfStopNs = in.take();
    endOfEffectNs = in.take();
    for (int op = 0; op < config.operations().size(); op++) {
      factor[op] = Double.longBitsToDouble(in.take());
    }
    totalStopNs = in.take();
    carriedOut = in.takeInt();
    branchLevel = in.takeInt();
    branchIndex = in.take();
  }
}
