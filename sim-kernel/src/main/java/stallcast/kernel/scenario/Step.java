package stallcast.kernel.scenario;

import java.util.List;
import stallcast.kernel.random.Distribution;

/** One step of a task's program. All times are drawn anew at each execution. */
public sealed interface Step {

  /**
   * Needs CPU time.
   *
   * @param ns CPU time, ns
   */
  record Compute(Distribution ns) implements Step {}

  /**
   * Sleeps interruptibly from now on.
   *
   * @param ns sleeping time, ns
   */
  record Sleep(Distribution ns) implements Step {}

  /**
   * Sleeps until an absolute instant; goes on at once when it has passed.
   *
   * @param atNs ns after the start of the run
   */
  record Until(Distribution atNs) implements Step {}

  /**
   * Sleeps uninterruptibly (state D).
   *
   * @param ns time the device takes, ns
   */
  record BlockIo(Distribution ns) implements Step {}

  /**
   * Sleeps as the thread of a PSI trigger does: a tenth of the window while CPU pressure goes on,
   * until it returns otherwise.
   *
   * @param windowNs window of the trigger, ns
   */
  record PsiPoll(Distribution windowNs) implements Step {}

  /**
   * A vCPU runs its guest inside {@code ioctl(KVM_RUN)}; a signal ends the step.
   *
   * @param ns CPU time in guest mode, ns
   */
  record Guest(Distribution ns) implements Step {}

  /**
   * The guest of a vCPU has nothing to do: halt polling, then sleep inside {@code ioctl(KVM_RUN)};
   * a signal ends the step.
   *
   * @param ns time until the guest's next interrupt, ns
   */
  record Halt(Distribution ns) implements Step {}

  /**
   * Runs inside the kernel and stays there: handling of a guest exit, or a kernel-side worker.
   *
   * @param ns CPU time, ns
   */
  record Kernel(Distribution ns) implements Step {}

  /**
   * One system call: runs inside the kernel, then returns to user mode.
   *
   * @param ns CPU time, ns
   */
  record Syscall(Distribution ns) implements Step {}

  /**
   * Sends a signal to every task of a template.
   *
   * @param task name of the template
   */
  record Signal(String task) implements Step {}

  /**
   * Writes {@code cpu.max} of a control group.
   *
   * @param cgroup its path
   * @param quotaUs us, or {@link CgroupSpec.CpuMax#MAX}
   * @param periodUs us
   */
  record WriteCpuMax(String cgroup, Distribution quotaUs, Distribution periodUs) implements Step {}

  /**
   * A vCPU runs its guest in kernel mode; otherwise as {@link Guest}.
   *
   * @param ns CPU time in guest mode, ns
   */
  record GuestKernel(Distribution ns) implements Step {}

  /**
   * The guest of a vCPU takes a lock, spinning until it has it.
   *
   * @param name of a {@link LockSpec}; one of its locks is drawn
   */
  record Lock(String name) implements Step {}

  /** The guest of a vCPU releases the lock that it holds. */
  record Unlock() implements Step {}

  /**
   * The guest of a vCPU sends one IPI to other vCPUs of its virtual machine, chosen at random.
   *
   * @param fanOut number of receivers; one is a unicast
   */
  record Ipi(Distribution fanOut) implements Step {}

  /** The guest of a vCPU spins until all receivers have handled its IPIs. */
  record WaitIpi() implements Step {}

  /**
   * The thread of a vCPU yields to another one of its virtual machine.
   *
   * @param task name of a template: the next task of it in turn
   */
  record YieldTo(String task) implements Step {}

  /** Calls {@code sched_yield}. */
  record Yield() implements Step {}

  /**
   * Runs a body several times.
   *
   * @param times repetitions, rounded, &gt;= 0
   * @param body steps
   */
  record Repeat(Distribution times, List<Step> body) implements Step {

    /** Copies the list. */
    public Repeat {
      body = List.copyOf(body);
    }
  }

  /**
   * Runs one of several bodies, drawn by weight.
   *
   * @param weights positive, same length as {@code bodies}, sum one
   * @param bodies alternatives
   */
  record Choose(List<Double> weights, List<List<Step>> bodies) implements Step {

    /** Copies the lists. */
    public Choose {
      weights = List.copyOf(weights);
      bodies = bodies.stream().map(List::copyOf).toList();
    }
  }

  /** Ends the task. */
  record Exit() implements Step {}
}
