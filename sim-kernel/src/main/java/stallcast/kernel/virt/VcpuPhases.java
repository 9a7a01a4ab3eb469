package stallcast.kernel.virt;

import java.util.Arrays;
import stallcast.kernel.cpu.CpuTime;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.cpu.TaskRunner;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;

/**
 * Where each vCPU stands between its program, its guest's waiting and the hypervisor. What comes
 * next is done when the work of the phase is done.
 *
 * <p>State: per task phase, what it waits for, length of the spin it is in, time spun since it
 * began to wait or was last halted, whether its guest handles an interrupt.
 */
final class VcpuPhases implements Stateful {
  /** Runs its program. */
  static final int PROGRAM = 0;

  /** Goes on in its guest, which looks whether it must wait. */
  static final int ENTER = 1;

  /** Spins in its guest. */
  static final int SPIN = 2;

  /** Has exited because it spins. */
  static final int SPIN_EXIT = 3;

  /** Has exited to send an IPI. */
  static final int SEND_EXIT = 4;

  /** Has exited to kick the new holder of a lock. */
  static final int KICK_EXIT = 5;

  /** Has exited to yield to a receiver of its IPI. */
  static final int YIELD_EXIT = 6;

  /** Sleeps until the lock that it waits for is handed over. */
  static final int HALTED = 7;

  /** Waits for nothing. */
  static final int NOTHING = 0;

  /** Waits for a lock. */
  static final int LOCK = 1;

  /** Waits until its IPIs are handled. */
  static final int HANDLED = 2;

  private final TaskTable tasks;
  private final Scheduler scheduler;
  private final CpuTime cpuTime;
  private final TaskRunner runner;
  private int count;
  private int[] phase = new int[0]; // [task]
  private int[] wait = new int[0]; // [task]
  private long[] plannedNs = new long[0]; // [task]
  private long[] spunNs = new long[0]; // [task]
  private boolean[] interrupted = new boolean[0]; // [task]

  VcpuPhases(KernelCore core) {
    tasks = core.tasks();
    scheduler = core.scheduler();
    cpuTime = core.cpuTime();
    runner = core.runner();
  }

  void reset() {
    count = tasks.count();
    if (phase.length < count) {
      phase = new int[count];
      wait = new int[count];
      plannedNs = new long[count];
      spunNs = new long[count];
      interrupted = new boolean[count];
    }
    Arrays.fill(phase, 0, count, PROGRAM);
    Arrays.fill(wait, 0, count, NOTHING);
    Arrays.fill(plannedNs, 0, count, 0);
    Arrays.fill(spunNs, 0, count, 0);
    Arrays.fill(interrupted, 0, count, false);
  }

  int phase(int task) {
    return phase[task];
  }

  void setPhase(int task, int newPhase) {
    phase[task] = newPhase;
  }

  /** What a vCPU waits for. */
  int wait(int task) {
    return wait[task];
  }

  /** A vCPU begins to wait, or ends. */
  void setWait(int task, int what) {
    wait[task] = what;
    spunNs[task] = what == NOTHING ? 0 : spunNs[task];
  }

  /** Time that a vCPU has spun since it began to wait or was last halted, ns. */
  long spunNs(int task) {
    return spunNs[task];
  }

  /** A vCPU begins to spin. */
  void spin(int task, long ns) {
    phase[task] = SPIN;
    plannedNs[task] = ns;
  }

  /** A spin is over, or is cut short with some of it left. */
  void countSpin(int task, long leftNs) {
    spunNs[task] += plannedNs[task] - leftNs;
  }

  /** Whether the guest of a vCPU handles an interrupt. */
  boolean isInterrupted(int task) {
    return interrupted[task];
  }

  void setInterrupted(int task, boolean is) {
    interrupted[task] = is;
  }

  /** Whether a vCPU spins at this instant. */
  boolean isSpinning(int task) {
    return isCurrentSpinner(task) && cpuTime.executes(tasks.cpu(task));
  }

  private boolean isCurrentSpinner(int task) {
    return phase[task] == SPIN && !interrupted[task] && scheduler.current(tasks.cpu(task)) == task;
  }

  /** What a vCPU waits for may be there: if it spins it looks at its next instruction. */
  void poke(int task) {
    if (isCurrentSpinner(task)) {
      countSpin(task, cpuTime.replaceWork(tasks.cpu(task), task, 0));
      phase[task] = ENTER;
    }
  }

  /** Wakes a halted vCPU. */
  void wake(int task, int byCpu) {
    phase[task] = ENTER;
    spunNs[task] = 0;
    runner.kick(task, byCpu);
  }

  @Override
  public void save(StateBuffer out) {
    out.put(phase, count);
    out.put(wait, count);
    out.put(plannedNs, count);
    out.put(spunNs, count);
    out.put(interrupted, count);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(phase, count);
    in.take(wait, count);
    in.take(plannedNs, count);
    in.take(spunNs, count);
    in.take(interrupted, count);
  }
}
