package stallcast.kernel.virt;

import static stallcast.kernel.virt.VcpuPhases.ENTER;
import static stallcast.kernel.virt.VcpuPhases.HALTED;
import static stallcast.kernel.virt.VcpuPhases.HANDLED;
import static stallcast.kernel.virt.VcpuPhases.KICK_EXIT;
import static stallcast.kernel.virt.VcpuPhases.LOCK;
import static stallcast.kernel.virt.VcpuPhases.NOTHING;
import static stallcast.kernel.virt.VcpuPhases.PROGRAM;
import static stallcast.kernel.virt.VcpuPhases.SEND_EXIT;
import static stallcast.kernel.virt.VcpuPhases.SPIN;
import static stallcast.kernel.virt.VcpuPhases.SPIN_EXIT;
import static stallcast.kernel.virt.VcpuPhases.YIELD_EXIT;

import java.util.Arrays;
import stallcast.kernel.cpu.GuestSteps;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.TaskRunner;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.cpu.Vms;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.random.RandomStream;
import stallcast.kernel.random.StreamPurpose;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * vCPUs whose guests take locks and send IPIs: what they wait for, and how waiting makes them leave
 * the guest. That the holder of a lock loses its CPU is the scheduler's doing; nothing here decides
 * it.
 *
 * <p>Models: {@code vcpu_run()} with pause-loop exits and {@code kvm_sched_in()} (v6.12); a guest
 * that spins on locks and function-call IPIs, {@code pv_wait()}, {@code pv_kick()} and {@code
 * kvm_smp_send_call_func_ipi()}. State: [task] receivers of the IPI being sent, whom to kick;
 * phases in {@link VcpuPhases}. Drives: {@link GuestLocks}, {@link IpiDelivery}, {@link
 * PauseLoops}, {@link SpinYield}. Leaves out: halt polling of paravirtual waits, timer interrupts
 * of guests; an interrupt of the host does not end a pause loop.
 */
public final class VcpuRunLoop implements GuestSteps, Stateful {
  private static final long FOREVER_NS = 1L << 60; // longer than any run
  private static final long SPIN_THRESHOLD = 1 << 15; // rounds of a PV wait (asm/qspinlock.h)
  private static final int STREAM_ENTITY = 0;

  private final TaskTable tasks;
  private final TaskRunner runner;
  private final Vms vms;
  private final GuestLocks locks;
  private final GuestIpis ipis;
  private final VcpuPhases phases;
  private final IpiDelivery delivery;
  private final YieldCounters counters;
  private final PauseLoops loops = new PauseLoops();
  private final SpinYield spins;
  private final RandomStream stream = new RandomStream();
  private long exitNs;
  private long haltAfterNs;
  private boolean sendExits;
  private boolean pvSchedYield;
  private int taskCount;
  private int[] other = new int[0]; // [task] first receiver of an IPI, or whom to kick
  private int[] fanOut = new int[0]; // [task] receivers of the IPI it sends

  /** A model of KVM for a kernel. */
  public VcpuRunLoop(KernelCore core) {
    tasks = core.tasks();
    runner = core.runner();
    vms = core.vms();
    locks = new GuestLocks(vms);
    ipis = new GuestIpis(vms, core.clock());
    phases = new VcpuPhases(core);
    delivery = new IpiDelivery(core, ipis, phases);
    counters = new YieldCounters(vms);
    spins = new SpinYield(core, locks, ipis, phases, counters);
    core.serveGuests(this);
  }

  /**
   * Starts with every guest running its program.
   *
   * @param masterSeed master seed of the stream that decides who wins a lock
   */
  public void reset(HostConfig config, long masterSeed, int replicate) {
    taskCount = tasks.count();
    exitNs = config.knob(KernelKnob.COST_VM_EXIT_NS);
    haltAfterNs = SPIN_THRESHOLD * config.knob(KernelKnob.COST_PAUSE_NS);
    sendExits = !config.isOn(KernelKnob.APICV);
    pvSchedYield = config.isOn(KernelKnob.PV_SCHED_YIELD);
    if (other.length < taskCount) {
      other = new int[taskCount];
      fanOut = new int[taskCount];
    }
    Arrays.fill(other, 0, taskCount, 0);
    Arrays.fill(fanOut, 0, taskCount, 0);
    locks.reset(config, tasks);
    ipis.reset(config, tasks);
    phases.reset();
    delivery.reset(config);
    counters.reset();
    loops.reset(config, tasks);
    spins.reset(config);
    stream.derive(
        masterSeed, StreamPurpose.GUEST_LOCKS, 0, config.hostIndex(), replicate, STREAM_ENTITY);
  }

  /** Gives the stream a new future, for splitting. */
  public void reseed(int level, long branch) {
    stream.reseed(level, branch);
  }

  /** What machines have done about spinning. */
  public YieldCounters counters() {
    return counters;
  }

  @Override
  public boolean isBusy(int task) {
    return phases.phase(task) != PROGRAM || phases.isInterrupted(task);
  }

  @Override
  public void onSchedIn(int cpu, int task) {
    if (vms.of(task) == Vms.NONE) {
      return;
    }
    loops.onLoad(task);
    if (phases.isInterrupted(task)) {
      return;
    }
    if (phases.phase(task) == SPIN) {
      phases.countSpin(task, tasks.remainingNs(task));
      phases.setPhase(task, ENTER);
      tasks.setRemainingNs(task, 0);
    } else if (phases.phase(task) == PROGRAM) {
      delivery.onSchedIn(task);
    }
  }

  @Override
  public boolean begin(int cpu, int task, Kind kind, int target, long amount, double u) {
    return switch (kind) {
      case LOCK -> !locks.acquire(task, target, u) && spinFor(cpu, task, LOCK);
      case UNLOCK -> unlock(cpu, task);
      case IPI -> beginSend(cpu, task, amount, u);
      case WAIT_IPI -> !ipis.isDone(task) && spinFor(cpu, task, HANDLED);
      case YIELD_TO -> yieldToNext(cpu, task, target);
    };
  }

  @Override
  public boolean onCompletion(int cpu, int task) {
    if (phases.isInterrupted(task)) {
      delivery.end(cpu, task);
      return true;
    }
    return switch (phases.phase(task)) {
      case PROGRAM -> false;
      case ENTER -> enter(cpu, task);
      case SPIN -> endSpin(cpu, task);
      case SPIN_EXIT -> {
        loops.onExit(task);
        counters.onExit(vms.of(task));
        spins.onSpin(cpu, task, isInKernel(task), loops.isNamed(task));
        yield goOn(cpu, task);
      }
      case SEND_EXIT -> send(cpu, task) || goOn(cpu, task);
      case KICK_EXIT -> kick(cpu, task);
      case YIELD_EXIT -> yieldToReceiver(cpu, task);
      default -> throw new IllegalStateException("phase " + phases.phase(task));
    };
  }

  /** The guest goes on when its thread runs: a reschedule may be due first. */
  private boolean goOn(int cpu, int task) {
    phases.setPhase(task, ENTER);
    runner.enterGuest(cpu, isInKernel(task), 0);
    return true;
  }

  private boolean exit(int cpu, int task, int towards) {
    phases.setPhase(task, towards);
    runner.exitGuest(cpu, exitNs);
    return true;
  }

  private boolean enter(int cpu, int task) {
    spins.onReturn(task);
    if (delivery.onEnter(cpu, task)) {
      return true;
    }
    boolean waits =
        switch (phases.wait(task)) {
          case LOCK -> !locks.tryTake(task);
          case HANDLED -> !ipis.isDone(task);
          default -> false;
        };
    if (waits) {
      return spinFor(cpu, task, phases.wait(task));
    }
    phases.setPhase(task, PROGRAM);
    phases.setWait(task, NOTHING);
    return false;
  }

  /** Whether the guest of a vCPU that waits, or has just acted, is in kernel mode. */
  private boolean isInKernel(int task) {
    return phases.wait(task) != LOCK || locks.isInKernel(task);
  }

  private boolean mayHalt(int task) {
    return phases.wait(task) == LOCK && locks.isParavirtual(task);
  }

  private boolean spinFor(int cpu, int task, int what) {
    phases.setWait(task, what);
    long ns = Math.min(FOREVER_NS, loops.spinNs(task, isInKernel(task)));
    if (mayHalt(task)) {
      ns = Math.min(ns, Math.max(1, haltAfterNs - phases.spunNs(task)));
    }
    phases.spin(task, ns);
    runner.enterGuest(cpu, isInKernel(task), ns);
    return true;
  }

  private boolean endSpin(int cpu, int task) {
    phases.countSpin(task, 0);
    if (mayHalt(task) && phases.spunNs(task) >= haltAfterNs) {
      phases.setPhase(task, HALTED);
      runner.haltGuest(cpu);
      return true;
    }
    return exit(cpu, task, SPIN_EXIT);
  }

  private boolean unlock(int cpu, int task) {
    int lock = locks.heldBy(task);
    int heir = locks.release(task);
    if (heir == GuestLocks.NONE) {
      offer(lock);
    } else if (phases.phase(heir) == HALTED) {
      other[task] = heir;
      return exit(cpu, task, KICK_EXIT);
    } else {
      phases.poke(heir);
    }
    return false;
  }

  private boolean kick(int cpu, int task) {
    int kicked = other[task];
    if (phases.phase(kicked) == HALTED) {
      phases.wake(kicked, cpu);
      spins.yieldTo(cpu, task, kicked, true);
    }
    return goOn(cpu, task);
  }

  /** A free lock goes to one of those who spin for it right now; others try when they execute. */
  private void offer(int lock) {
    int spinners = 0;
    for (int t = locks.firstWaiter(lock); t != GuestLocks.NONE; t = locks.nextWaiter(t)) {
      spinners += phases.isSpinning(t) ? 1 : 0;
    }
    if (spinners > 0) {
      int before = spinners == 1 ? 0 : (int) (stream.nextDouble() * spinners);
      int winner = locks.firstWaiter(lock);
      while (!phases.isSpinning(winner) || before-- > 0) {
        winner = locks.nextWaiter(winner);
      }
      locks.handOver(lock, winner);
      phases.poke(winner);
      return;
    }
    for (int t = locks.firstWaiter(lock); t != GuestLocks.NONE; t = locks.nextWaiter(t)) {
      phases.poke(t);
    }
  }

  private boolean beginSend(int cpu, int task, long receivers, double u) {
    int others = vms.size(vms.of(task)) - 1;
    fanOut[task] = (int) Math.min(receivers, others);
    other[task] = (int) (u * others);
    if (fanOut[task] == 0) {
      return false;
    }
    return sendExits ? exit(cpu, task, SEND_EXIT) : send(cpu, task);
  }

  /** The IPI of a vCPU reaches its receivers. @return whether the vCPU now yields to one */
  private boolean send(int cpu, int task) {
    delivery.send(cpu, task, other[task], fanOut[task]);
    boolean yields = pvSchedYield && fanOut[task] > 1 && delivery.preemptedReceiver(task) >= 0;
    return yields && exit(cpu, task, YIELD_EXIT);
  }

  private boolean yieldToReceiver(int cpu, int task) {
    int target = delivery.preemptedReceiver(task);
    if (target >= 0) {
      spins.yieldTo(cpu, task, target, true);
    }
    return goOn(cpu, task);
  }

  private boolean yieldToNext(int cpu, int task, int template) {
    int target = task;
    do {
      target = target + 1 < taskCount ? target + 1 : 0;
    } while (target != task && tasks.template(target) != template);
    if (target == task) {
      return false;
    }
    spins.yieldTo(cpu, task, target, true);
    return goOn(cpu, task);
  }

  @Override
  public void onExit(int cpu, int task) {
    if (vms.of(task) != Vms.NONE) {
      delivery.onExit(task);
    }
  }

  @Override
  public void save(StateBuffer out) {
    out.put(other, taskCount);
    out.put(fanOut, taskCount);
    stream.save(out.room(RandomStream.STATE_LONGS), out.writeAt());
    out.wrote(out.writeAt() + RandomStream.STATE_LONGS);
    locks.save(out);
    ipis.save(out);
    phases.save(out);
    delivery.save(out);
    counters.save(out);
    loops.save(out);
    spins.save(out);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(other, taskCount);
    in.take(fanOut, taskCount);
    in.tookTo(stream.restore(in.source(), in.readAt()));
    locks.restore(in);
    ipis.restore(in);
    phases.restore(in);
    delivery.restore(in);
    counters.restore(in);
    loops.restore(in);
    spins.restore(in);
  }
}
