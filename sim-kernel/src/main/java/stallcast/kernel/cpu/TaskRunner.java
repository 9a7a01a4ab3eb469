package stallcast.kernel.cpu;

import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerPriority;

/**
 * Runs the programs of tasks: completes their work, puts them to sleep, wakes them.
 *
 * <p>Models: a task in user mode and the nanosleep hrtimer, which expires on the CPU where the task
 * went to sleep. Leaves out: timer slack, cost of system calls.
 */
public final class TaskRunner implements Stateful {
  private final KernelClock clock;
  private final TaskTable tasks;
  private final CpuTime cpuTime;
  private final Scheduler scheduler;
  private final TaskPrograms programs;
  private final Interrupts interrupts;
  private final KernelThreads threads;
  private final IsolatedLoops loops;
  private final PsiPolls psi;
  private int sleeper; // first of [task] timers
  private long hrtimerCostNs;
  private long tickNs;
  private int spinning; // task whose program takes no time, or Scheduler.IDLE

  TaskRunner(
      KernelClock clock,
      TaskTable tasks,
      CpuTime cpuTime,
      Scheduler scheduler,
      TaskPrograms programs,
      Interrupts interrupts,
      KernelThreads threads,
      IsolatedLoops loops,
      PsiPolls psi) {
    this.clock = clock;
    this.tasks = tasks;
    this.cpuTime = cpuTime;
    this.scheduler = scheduler;
    this.programs = programs;
    this.interrupts = interrupts;
    this.threads = threads;
    this.loops = loops;
    this.psi = psi;
  }

  void reset(long hrtimerNs, long jiffyNs) {
    tickNs = jiffyNs;
    hrtimerCostNs = hrtimerNs;
    sleeper = clock.register(this::onWake, TimerPriority.HRTIMER, tasks.count());
    spinning = Scheduler.IDLE;
  }

  /**
   * Creates a task later.
   *
   * @param atNs kernel time, ns
   */
  void startAt(int task, long atNs) {
    clock.pin(sleeper + task, tasks.cpu(task));
    clock.arm(sleeper + task, atNs);
  }

  /** The task whose program spins without taking time, or {@link Scheduler#IDLE}. */
  public int spinningTask() {
    return spinning;
  }

  /** The running thread of a CPU needs CPU time next, and is asked again after it. */
  public void compute(int cpu, long ns) {
    int task = scheduler.current(cpu);
    tasks.setRemainingNs(task, ns);
    cpuTime.start(cpu, task);
  }

  private void onWake(int task) {
    int cpu = tasks.cpu(task);
    tasks.setRemainingNs(task, programs.takeCompute(tasks, task));
    scheduler.wakeUp(task, cpu);
    if (psi.onWakeup(task)) {
      wakePsiPolls();
    }
    interrupts.raise(cpu, hrtimerCostNs);
  }

  /** The current task of a CPU has done its compute step. */
  void onCompletion(int cpu) {
    int task = scheduler.current(cpu);
    cpuTime.settleWork(cpu, task);
    if (threads.isThread(task)) {
      threads.run(cpu, task);
      return;
    }
    switch (programs.advance(tasks, task, clock.nowNs())) {
      case COMPUTE -> {
        tasks.setRemainingNs(task, programs.amountNs());
        cpuTime.start(cpu, task);
      }
      case SLEEP -> sleep(cpu, task, TaskTable.SLEEPING);
      case BLOCK_IO -> sleep(cpu, task, TaskTable.BLOCKED_IO);
      case PSI_POLL -> pollPsi(cpu, task);
      case YIELD -> {
        scheduler.yieldCurrent(cpu);
        cpuTime.start(cpu, task);
      }
      case EXIT -> scheduler.leave(cpu, TaskTable.DEAD);
      case SPIN -> {
        spinning = task;
        scheduler.leave(cpu, TaskTable.DEAD);
      }
    }
  }

  private void pollPsi(int cpu, int task) {
    long now = clock.nowNs();
    long sleepsNs = psi.sleepNs(task, now, programs.amountNs());
    clock.pin(sleeper + task, cpu);
    if (sleepsNs != PsiPolls.IDLE) {
      clock.arm(sleeper + task, now + sleepsNs);
    }
    scheduler.leave(cpu, TaskTable.SLEEPING);
  }

  /** Pressure has changed: {@code psi_schedule_rtpoll_work()} with a delay of one jiffy. */
  private void wakePsiPolls() {
    for (int task = 0; task < psi.count(); task++) {
      if (psi.takeIdle(task)) {
        clock.arm(sleeper + task, clock.nowNs() + tickNs);
      }
    }
  }

  private void sleep(int cpu, int task, int state) {
    long wakeNs = clock.nowNs() + programs.amountNs();
    clock.pin(sleeper + task, cpu);
    if (!loops.takes(task, wakeNs)) {
      clock.arm(sleeper + task, wakeNs);
    }
    scheduler.leave(cpu, state);
  }

  @Override
  public void save(StateBuffer out) {
    out.put(spinning);
  }

  @Override
  public void restore(StateBuffer in) {
    spinning = in.takeInt();
  }
}
