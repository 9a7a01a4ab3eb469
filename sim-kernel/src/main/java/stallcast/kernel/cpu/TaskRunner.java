package stallcast.kernel.cpu;

import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerPriority;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * Runs the programs of tasks: completes their work, puts them to sleep, wakes them, and moves them
 * between user mode, kernel and guest.
 *
 * <p>Models: the nanosleep hrtimer, which expires on the CPU where the task went to sleep; the run
 * loop of a vCPU thread, {@code vcpu_run()} and {@code kvmhv_run_single_vcpu()}, v6.12. Leaves out:
 * timer slack, cost of system calls.
 */
public final class TaskRunner implements Stateful {
  private final KernelClock clock;
  private final TaskTable tasks;
  private final CpuTime cpuTime;
  private final Scheduler scheduler;
  private final TaskPrograms programs;
  private final TaskModes modes;
  private final Interrupts interrupts;
  private final KernelThreads threads;
  private final IsolatedLoops loops;
  private final PsiPolls psi;
  private final VcpuHalts halts = new VcpuHalts();
  private GuestSteps guests = GuestSteps.UNSERVED;
  private CpuMaxWriter cpuMax = (group, quotaUs, periodUs, byCpu) -> {};
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
      TaskModes modes,
      Interrupts interrupts,
      KernelThreads threads,
      IsolatedLoops loops,
      PsiPolls psi) {
    this.clock = clock;
    this.tasks = tasks;
    this.cpuTime = cpuTime;
    this.scheduler = scheduler;
    this.programs = programs;
    this.modes = modes;
    this.interrupts = interrupts;
    this.threads = threads;
    this.loops = loops;
    this.psi = psi;
  }

  /** Sets who carries out writes to cpu.max; done once when the host is built. */
  public void serveCpuMax(CpuMaxWriter writer) {
    cpuMax = writer;
  }

  /** Sets who answers for guests; done once when the host is built. */
  public void serveGuests(GuestSteps steps) {
    guests = steps;
  }

  void reset(HostConfig config, long jiffyNs) {
    tickNs = jiffyNs;
    hrtimerCostNs = config.knob(KernelKnob.COST_HRTIMER_NS);
    halts.reset(config, tasks);
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
    if (loops.beginRound(task)) {
      tellPsi(task);
      return;
    }
    int cpu = tasks.cpu(task);
    wake(task, cpu);
    interrupts.raise(cpu, hrtimerCostNs);
  }

  private void wake(int task, int byCpu) {
    if (halts.isBlocked(task)) {
      halts.end(task, clock.nowNs());
    }
    tasks.setRemainingNs(task, programs.takeCompute(tasks, task));
    scheduler.wakeUp(task, byCpu);
    tellPsi(task);
  }

  private void tellPsi(int task) {
    if (psi.onWakeup(task)) {
      wakePsiPolls();
    }
  }

  /** The current task of a CPU has done its compute step. */
  void onCompletion(int cpu) {
    int task = scheduler.current(cpu);
    cpuTime.settleWork(cpu, task);
    if (threads.isThread(task)) {
      threads.run(cpu, task);
      return;
    }
    if (guests.onCompletion(cpu, task)) {
      return;
    }
    if (halts.isPolling(task)) {
      if (!halts.isDue(task, clock.nowNs())) {
        sleep(cpu, task, TaskTable.SLEEPING, halts.block(task));
        return;
      }
      halts.end(task, clock.nowNs());
    }
    step(cpu, task);
  }

  /** Goes on with the program of the current task. */
  private void step(int cpu, int task) {
    boolean drained = modes.runsTaskWork(task);
    long now = clock.nowNs();
    switch (programs.advance(tasks, task, now)) {
      case COMPUTE -> compute(cpu, task, programs.amountNs(), drained);
      case SLEEP -> sleep(cpu, task, TaskTable.SLEEPING, now + programs.amountNs());
      case BLOCK_IO -> sleep(cpu, task, TaskTable.BLOCKED_IO, now + programs.amountNs());
      case PSI_POLL -> pollPsi(cpu, task);
      case HALT -> compute(cpu, task, halts.begin(task, now, programs.amountNs()), drained);
      case SIGNAL -> {
        signal(programs.target(), cpu);
        compute(cpu, task, 0, true);
      }
      case WRITE_CPU_MAX -> {
        cpuMax.writeCpuMax(programs.target(), programs.amountNs(), programs.secondAmount(), cpu);
        compute(cpu, task, 0, true);
      }
      case GUEST_STEP -> {
        if (!guests.begin(
            cpu,
            task,
            programs.guestStep(),
            programs.target(),
            programs.amountNs(),
            programs.uniform())) {
          compute(cpu, task, 0, true);
        }
      }
      case YIELD -> {
        scheduler.yieldCurrent(cpu);
        cpuTime.start(cpu, task);
      }
      case EXIT -> {
        guests.onExit(cpu, task);
        scheduler.leave(cpu, TaskTable.DEAD);
      }
      case SPIN -> {
        spinning = task;
        scheduler.leave(cpu, TaskTable.DEAD);
      }
    }
  }

  /**
   * The current task takes CPU time.
   *
   * @param drained whether task work that became pending since has run already
   */
  private void compute(int cpu, int task, long ns, boolean drained) {
    compute(cpu, ns);
    if (!drained && modes.runsTaskWork(task)) {
      scheduler.runTaskWork(cpu);
    }
  }

  /**
   * The current task goes on in its guest, after an exit.
   *
   * @param kernel whether the guest executes its kernel
   */
  public void enterGuest(int cpu, boolean kernel, long ns) {
    int task = scheduler.current(cpu);
    boolean drained = modes.runsTaskWork(task);
    modes.setMode(task, kernel ? TaskModes.GUEST_KERNEL : TaskModes.GUEST);
    compute(cpu, task, ns, drained);
  }

  /** The current task's guest exits to the host kernel, which takes this long. */
  public void exitGuest(int cpu, long ns) {
    modes.setMode(scheduler.current(cpu), TaskModes.KERNEL);
    compute(cpu, ns);
  }

  /** The guest of the current task halts until it is kicked. */
  public void haltGuest(int cpu) {
    modes.setMode(scheduler.current(cpu), TaskModes.KERNEL);
    scheduler.leave(cpu, TaskTable.SLEEPING);
  }

  /** Wakes a task whose guest was halted until now. */
  public void kick(int task, int byCpu) {
    tasks.setRemainingNs(task, 0);
    scheduler.wakeUp(task, byCpu);
  }

  /**
   * An interrupt for the guest of a task in a {@code halt} step, which ends.
   *
   * @return whether it was in one
   */
  public boolean interruptHalt(int task, int byCpu) {
    if (halts.isBlocked(task)) {
      clock.cancel(sleeper + task);
      wake(task, byCpu);
      return true;
    }
    if (halts.isPolling(task)) {
      halts.cutShort(task, clock.nowNs());
      cutShort(task);
      return true;
    }
    return false;
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

  private void sleep(int cpu, int task, int state, long wakeNs) {
    if (modes.isGuest(task)) {
      modes.setMode(task, TaskModes.KERNEL); // inside KVM_RUN
    }
    clock.pin(sleeper + task, cpu);
    if (!loops.takes(task, wakeNs)) {
      clock.arm(sleeper + task, wakeNs);
    }
    scheduler.leave(cpu, state);
  }

  /**
   * Signals all tasks of a template: a guest or halt step ends, at once or when it is reached. The
   * signal kicks a vCPU out of the guest, which then returns to user mode.
   */
  private void signal(int template, int byCpu) {
    for (int task = 0; task < tasks.count(); task++) {
      if (tasks.template(task) != template || tasks.state(task) == TaskTable.DEAD) {
        continue;
      }
      boolean busy = guests.isBusy(task);
      if (!busy && interruptHalt(task, byCpu)) {
        continue;
      }
      if (!busy && modes.isGuest(task)) {
        cutShort(task);
      } else {
        programs.signal(task);
      }
    }
  }

  private void cutShort(int task) {
    int cpu = tasks.cpu(task);
    if (scheduler.current(cpu) == task) {
      cpuTime.cutShort(cpu, task);
    } else {
      tasks.setRemainingNs(task, 0);
    }
  }

  @Override
  public void save(StateBuffer out) {
    out.put(spinning);
    halts.save(out);
  }

  @Override
  public void restore(StateBuffer in) {
    spinning = in.takeInt();
    halts.restore(in);
  }
}
