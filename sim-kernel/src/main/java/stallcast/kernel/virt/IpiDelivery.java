package stallcast.kernel.virt;

import java.util.Arrays;
import stallcast.kernel.cpu.CpuTime;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.cpu.TaskRunner;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.cpu.Vms;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * IPIs on their way into guests: a vCPU that executes handles one at once, another one when its
 * thread runs next; one that is halted is woken.
 *
 * <p>Models: interrupts that are injected at guest entry or posted to a running vCPU. State: work
 * that an interrupt has interrupted [task]. Drives: {@link GuestIpis}, {@link VcpuPhases}. Leaves
 * out: that a thread which runs host code takes the interrupt only when it enters the guest.
 */
final class IpiDelivery implements Stateful {
  private static final int NONE = -1;

  private final TaskTable tasks;
  private final Scheduler scheduler;
  private final CpuTime cpuTime;
  private final TaskRunner runner;
  private final Vms vms;
  private final GuestIpis ipis;
  private final VcpuPhases phases;
  private long handlerNs;
  private int taskCount;
  private long[] leftNs = new long[0]; // [task]

  IpiDelivery(KernelCore core, GuestIpis ipis, VcpuPhases phases) {
    tasks = core.tasks();
    scheduler = core.scheduler();
    cpuTime = core.cpuTime();
    runner = core.runner();
    vms = core.vms();
    this.ipis = ipis;
    this.phases = phases;
  }

  void reset(HostConfig config) {
    taskCount = tasks.count();
    handlerNs = config.knob(KernelKnob.COST_GUEST_IPI_NS);
    if (leftNs.length < taskCount) {
      leftNs = new long[taskCount];
    }
    Arrays.fill(leftNs, 0, taskCount, 0);
  }

  /**
   * An IPI reaches its receivers, neighbours among the other vCPUs of the machine.
   *
   * @param first number of the first receiver among the others, counted from the sender
   * @param fanOut how many, at most the others
   */
  void send(int byCpu, int sender, int first, int fanOut) {
    int vm = vms.of(sender);
    int others = vms.size(vm) - 1;
    for (int i = 0; i < fanOut; i++) {
      int skip = 1 + (first + i) % others;
      int to = vms.task(vm, (vms.index(sender) + skip) % (others + 1));
      if (tasks.state(to) != TaskTable.DEAD) {
        deliver(byCpu, sender, to);
        if (fanOut == 1) {
          ipis.record(sender, to);
        }
      }
    }
  }

  private void deliver(int byCpu, int sender, int to) {
    ipis.post(sender, to);
    if (phases.phase(to) == VcpuPhases.HALTED) {
      phases.wake(to, byCpu);
      return;
    }
    runner.interruptHalt(to, byCpu);
    int cpu = tasks.cpu(to);
    boolean spins = phases.phase(to) == VcpuPhases.SPIN;
    boolean inGuest = spins || phases.phase(to) == VcpuPhases.PROGRAM;
    if (inGuest && scheduler.current(cpu) == to && !phases.isInterrupted(to)) {
      leftNs[to] = cpuTime.replaceWork(cpu, to, handlerNs);
      if (spins) {
        phases.countSpin(to, leftNs[to]);
      }
      begin(to);
    }
  }

  /** A vCPU's thread is switched in, with work that it had begun. */
  void onSchedIn(int task) {
    if (ipis.isPending(task)) {
      leftNs[task] = tasks.remainingNs(task);
      tasks.setRemainingNs(task, handlerNs);
      begin(task);
    }
  }

  /** A vCPU enters its guest. @return whether it has an interrupt to handle first */
  boolean onEnter(int cpu, int task) {
    if (!ipis.isPending(task)) {
      return false;
    }
    leftNs[task] = 0;
    begin(task);
    runner.enterGuest(cpu, true, handlerNs);
    return true;
  }

  private void begin(int task) {
    phases.setInterrupted(task, true);
    ipis.beginService(task);
  }

  /** The guest of a vCPU has handled its interrupt. */
  void end(int cpu, int task) {
    phases.setInterrupted(task, false);
    acknowledge(task);
    if (ipis.isPending(task)) {
      begin(task);
      runner.compute(cpu, handlerNs);
    } else if (phases.phase(task) == VcpuPhases.SPIN) {
      phases.setPhase(task, VcpuPhases.ENTER);
      runner.compute(cpu, 0);
    } else {
      runner.compute(cpu, leftNs[task]);
    }
  }

  /** A vCPU ends: nobody waits for it any longer. */
  void onExit(int task) {
    ipis.beginService(task);
    acknowledge(task);
  }

  private void acknowledge(int task) {
    for (int sender = ipis.endOne(task); sender != NONE; sender = ipis.endOne(task)) {
      if (phases.wait(sender) == VcpuPhases.HANDLED && ipis.isDone(sender)) {
        phases.poke(sender);
      }
    }
  }

  /** The first receiver of a vCPU's IPIs that is preempted, or -1. */
  int preemptedReceiver(int sender) {
    int vm = vms.of(sender);
    for (int vcpu = 0; vcpu < vms.size(vm); vcpu++) {
      int to = vms.task(vm, vcpu);
      if (ipis.isOwed(to, sender) && tasks.isPreempted(to)) {
        return to;
      }
    }
    return NONE;
  }

  @Override
  public void save(StateBuffer out) {
    out.put(leftNs, taskCount);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(leftNs, taskCount);
  }
}
