package stallcast.kernel.virt;

import java.util.Arrays;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.TaskModes;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.cpu.Vms;
import stallcast.kernel.cpu.YieldTo;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.YieldTargeting;

/**
 * A vCPU that spins gives way to another one of its machine, which may be what it waits for.
 *
 * <p>Models: {@code kvm_vcpu_on_spin()}, {@code kvm_vcpu_eligible_for_directed_yield()}, {@code
 * kvm_sched_in()} and {@code kvm_sched_out()} (virt/kvm/kvm_main.c, v6.12, v7.2); the candidates of
 * the series of seed 003. A thread that has yielded is in the handler until it runs again; only
 * then is its target the last boosted one. State: [task] in the handler, eligibility, its target;
 * [vm] last boosted; counters [vm].
 */
final class SpinYield implements Stateful {
  private static final int NONE = -1;
  private static final int TRIES = 3; // refusals because both queues have one task

  // Passes of the third posting.
  private static final int PENDING_PASS = 0;
  private static final int PREEMPTED_PASS = 1;
  private static final int RELAXED_PASS = 2;

  private final TaskTable tasks;
  private final TaskModes modes;
  private final Vms vms;
  private final YieldTo yieldTo;
  private final GuestLocks locks;
  private final GuestIpis ipis;
  private final VcpuPhases phases;
  private final YieldCounters counters;
  private YieldTargeting targeting = YieldTargeting.KVM;
  private boolean tracks;
  private boolean apicv;
  private boolean inKernelOnly;
  private boolean wokenToo;
  private boolean relaxed;
  private int taskCount;
  private boolean[] inSpinLoop = new boolean[0]; // [task]
  private boolean[] dyEligible = new boolean[0]; // [task]
  private int[] boosted = new int[0]; // [task] number of the vCPU it yielded to, or NONE
  private int[] lastBoosted = new int[0]; // [vm]
  private int triesLeft;

  SpinYield(
      KernelCore core,
      GuestLocks locks,
      GuestIpis ipis,
      VcpuPhases phases,
      YieldCounters counters) {
    tasks = core.tasks();
    modes = core.modes();
    vms = core.vms();
    yieldTo = core.yieldTo();
    this.locks = locks;
    this.ipis = ipis;
    this.phases = phases;
    this.counters = counters;
  }

  void reset(HostConfig config) {
    taskCount = tasks.count();
    targeting = YieldTargeting.values()[(int) config.knob(KernelKnob.YIELD_TARGETING)];
    apicv = config.isOn(KernelKnob.APICV);
    tracks = config.isOn(KernelKnob.IPI_TRACKING_ENABLED);
    inKernelOnly = config.isOn(KernelKnob.YIELD_IN_KERNEL);
    wokenToo = config.isOn(KernelKnob.YIELD_READY);
    relaxed = config.isOn(KernelKnob.ENABLE_RELAXED_BOOST);
    if (boosted.length < taskCount) {
      inSpinLoop = new boolean[taskCount];
      dyEligible = new boolean[taskCount];
      boosted = new int[taskCount];
    }
    if (lastBoosted.length < vms.count()) {
      lastBoosted = new int[vms.count()];
    }
    Arrays.fill(inSpinLoop, 0, taskCount, false);
    Arrays.fill(dyEligible, 0, taskCount, false);
    Arrays.fill(boosted, 0, taskCount, NONE);
    Arrays.fill(lastBoosted, 0, vms.count(), 0);
  }

  /**
   * The current task of a CPU has exited because it spins.
   *
   * @param kernelMode whether its guest was in kernel mode
   * @param named whether its guest names whom it waits for
   */
  void onSpin(int cpu, int me, boolean kernelMode, boolean named) {
    inSpinLoop[me] = true;
    triesLeft = TRIES;
    boolean yielded;
    if (named || targeting == YieldTargeting.HOLDER) {
      int target = awaitedBy(me);
      yielded = target != NONE && isReady(target) && nominate(cpu, me, target);
    } else if (targeting == YieldTargeting.IPI_PRIORITY && tracks) {
      yielded = inOrderOfPriority(cpu, me, kernelMode);
    } else {
      yielded = inTurn(cpu, me, kernelMode);
    }
    if (!yielded) {
      leaveHandler(me);
    }
  }

  /** A thread runs again, or goes on: it leaves the handler. */
  void onReturn(int me) {
    if (inSpinLoop[me]) {
      if (boosted[me] != NONE) {
        lastBoosted[vms.of(me)] = boosted[me];
        boosted[me] = NONE;
      }
      leaveHandler(me);
    }
  }

  private void leaveHandler(int me) {
    inSpinLoop[me] = false;
    dyEligible[me] = false;
  }

  private boolean inTurn(int cpu, int me, boolean kernelMode) {
    int vm = vms.of(me);
    boolean filters = targeting == YieldTargeting.IPI_FILTER && tracks;
    int receiver = filters ? ipis.trackedReceiver(me) : NONE;
    int size = vms.size(vm);
    for (int i = 1; i <= size && triesLeft > 0; i++) {
      int vcpu = (lastBoosted[vm] + i) % size;
      int target = vms.task(vm, vcpu);
      boolean passes =
          target != me
              && isReady(target)
              && (target == receiver || isAcceptable(target, kernelMode))
              && isEligible(target);
      if (passes && boost(cpu, me, target)) {
        return true;
      }
    }
    return false;
  }

  /** Receiver of the last IPI, pending interrupts, preempted ones, then any preempted one. */
  private boolean inOrderOfPriority(int cpu, int me, boolean kernelMode) {
    int receiver = ipis.trackedReceiver(me);
    if (receiver != NONE && isReady(receiver) && isEligible(receiver) && boost(cpu, me, receiver)) {
      return true;
    }
    int vm = vms.of(me);
    int size = vms.size(vm);
    for (int pass = PENDING_PASS; pass <= (relaxed ? RELAXED_PASS : PREEMPTED_PASS); pass++) {
      for (int i = 1; i <= size && triesLeft > 0; i++) {
        int target = vms.task(vm, (lastBoosted[vm] + i) % size);
        boolean passes =
            target != me
                && isReady(target)
                && isInPass(pass, target, kernelMode)
                && isEligible(target);
        if (passes && boost(cpu, me, target)) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean isInPass(int pass, int target, boolean kernelMode) {
    return switch (pass) {
      case PENDING_PASS -> hasPendingInterrupt(target);
      case PREEMPTED_PASS -> isAcceptable(target, kernelMode);
      default -> tasks.isPreempted(target);
    };
  }

  /**
   * Whether a spinner may be served by a vCPU: it runs its kernel, or has an interrupt to handle.
   */
  private boolean isAcceptable(int target, boolean kernelMode) {
    return !(inKernelOnly && kernelMode && tasks.isPreempted(target))
        || hasPendingInterrupt(target)
        || isInKernel(target);
  }

  /** {@code kvm_arch_dy_has_pending_interrupt()}: known only where hardware delivers interrupts. */
  private boolean hasPendingInterrupt(int target) {
    return wokenToo && apicv && ipis.isPending(target);
  }

  private boolean isInKernel(int target) {
    return modes.isGuestKernel(target) || phases.isInterrupted(target) || locks.isInKernel(target);
  }

  private boolean isReady(int target) {
    return wokenToo ? tasks.offSinceNs(target) != TaskTable.NONE : tasks.isPreempted(target);
  }

  /** A vCPU that is in the handler itself is passed over every other time. */
  private boolean isEligible(int target) {
    boolean eligible = !inSpinLoop[target] || dyEligible[target];
    if (inSpinLoop[target]) {
      dyEligible[target] = !dyEligible[target];
    }
    return eligible;
  }

  private boolean boost(int cpu, int me, int target) {
    if (nominate(cpu, me, target)) {
      boosted[me] = vms.index(target);
      return true;
    }
    return false;
  }

  private boolean nominate(int cpu, int me, int target) {
    return yieldTo(cpu, me, target, isAwaited(me, target));
  }

  /**
   * The current task of a CPU yields to a vCPU.
   *
   * @param awaited whether that is the one to run, in the books
   * @return whether it was nominated
   */
  boolean yieldTo(int cpu, int me, int target, boolean awaited) {
    int answer = yieldTo.yieldTo(cpu, target);
    triesLeft -= answer == YieldTo.ALONE ? 1 : 0;
    boolean tracked = ipis.trackedReceiver(me) == target;
    counters.onYield(vms.of(me), answer == YieldTo.NOMINATED, awaited, tracked);
    return answer == YieldTo.NOMINATED;
  }

  private boolean isAwaited(int me, int target) {
    return locks.isWaiting(me) ? locks.holderFor(me) == target : ipis.isOwed(target, me);
  }

  /** Whom a vCPU waits for: the holder of a lock, or the next receiver that can run. */
  private int awaitedBy(int me) {
    if (locks.isWaiting(me)) {
      return locks.holderFor(me);
    }
    int vm = vms.of(me);
    int size = vms.size(vm);
    for (int i = 1; i < size; i++) {
      int target = vms.task(vm, (vms.index(me) + i) % size);
      if (ipis.isOwed(target, me) && isReady(target)) {
        return target;
      }
    }
    return NONE;
  }

  @Override
  public void save(StateBuffer out) {
    out.put(inSpinLoop, taskCount);
    out.put(dyEligible, taskCount);
    out.put(boosted, taskCount);
    out.put(lastBoosted, vms.count());
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(inSpinLoop, taskCount);
    in.take(dyEligible, taskCount);
    in.take(boosted, taskCount);
    in.take(lastBoosted, vms.count());
  }
}
