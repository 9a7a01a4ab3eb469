package stallcast.kernel.cpu;

import java.util.Arrays;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerQueue;

/**
 * The core scheduler: current tasks, wake-ups, reschedules. It knows the order of the classes and
 * nothing of their insides.
 *
 * <p>A reschedule is asked for and happens when the expiry that asked for it is over, or when the
 * CPU goes on if it stands still.
 *
 * <p>Models: {@code __schedule()}, {@code try_to_wake_up()}, {@code put_prev_task_balance()}
 * (kernel/sched/core.c, v6.1 and v6.12). State: current task and pending work [cpu]. Leaves out:
 * wake-up IPI latency, core scheduling.
 */
public final class Scheduler implements Stateful {
  /** The idle task. */
  public static final int IDLE = -1;

  private static final int RESCHED = 1;
  private static final int LOOK_AT_TICK = 2;
  private static final int LISTED = 4; // the CPU is in the list of those with something pending

  private final KernelClock clock;
  private final TaskTable tasks;
  private final CpuTime cpuTime;
  private final CpuTicks ticks;
  private Picker[] pickers = new Picker[0]; // in order of precedence
  private SchedClass[] owners = new SchedClass[0]; // [rank of tasks]
  private int[] precedence = new int[0]; // [rank] index among the pickers
  private long switchNs; // cost of a context switch
  private long delayNs; // added to the one that is being made
  private SoftirqPort softirq = SoftirqPort.NONE;
  private GuestSteps guests = GuestSteps.UNSERVED;
  private KernelObserver observer = new KernelObserver() {};
  private boolean observeSwitches;
  private long longWaitNs;

  private int[] current = new int[0]; // [cpu]
  private int[] pickedBy = new int[0]; // [cpu] index in pickers, pickers.length when idle
  private int[] pendingFlags = new int[0]; // [cpu]
  private long[] busyNs = new long[0]; // [cpu] a switch that was delayed is over
  private boolean[] held = new boolean[0]; // [cpu] in interrupt context: no rescheduling
  private int[] pendingList = new int[0]; // [pendingCount] CPUs
  private int pendingCount;
  private int cpuCount;

  Scheduler(KernelClock clock, TaskTable tasks, CpuTime cpuTime, CpuTicks ticks) {
    this.clock = clock;
    this.tasks = tasks;
    this.cpuTime = cpuTime;
    this.ticks = ticks;
  }

  /**
   * Starts with every CPU idle.
   *
   * @param inOrder who is asked for the next task, in order of precedence
   * @param byRank the classes that own tasks, in the order of {@link TaskTable#rank}
   */
  void reset(
      int cpus,
      Picker[] inOrder,
      SchedClass[] byRank,
      long switchCostNs,
      KernelObserver newObserver,
      long longWait) {
    cpuCount = cpus;
    switchNs = switchCostNs;
    if (precedence.length < byRank.length) {
      precedence = new int[byRank.length];
    }
    for (int p = 0; p < inOrder.length; p++) {
      for (int rank = 0; rank < byRank.length; rank++) {
        precedence[rank] = inOrder[p] == byRank[rank] ? p : precedence[rank];
      }
    }
    pickers = inOrder;
    owners = byRank;
    observer = newObserver;
    observeSwitches = newObserver.wantsSwitches();
    longWaitNs = longWait;
    if (current.length < cpus) {
      current = new int[cpus];
      pickedBy = new int[cpus];
      pendingFlags = new int[cpus];
      busyNs = new long[cpus];
      held = new boolean[cpus];
      pendingList = new int[cpus];
    }
    Arrays.fill(current, 0, cpus, IDLE);
    Arrays.fill(pickedBy, 0, cpus, inOrder.length);
    Arrays.fill(pendingFlags, 0, cpus, 0);
    Arrays.fill(busyNs, 0, cpus, Long.MIN_VALUE);
    Arrays.fill(held, 0, cpus, false);
    pendingCount = 0;
  }

  /** The task on a CPU, or {@link #IDLE}. */
  public int current(int cpu) {
    return current[cpu];
  }

  /** Whether the CPU's current task is of a rank (index of its class among those with tasks). */
  public boolean runsRank(int cpu, int rank) {
    return current[cpu] != IDLE && tasks.rank(current[cpu]) == rank;
  }

  /** Asks for a reschedule ({@code resched_curr}). */
  public void resched(int cpu) {
    pend(cpu, RESCHED);
  }

  /** Whether a reschedule is pending ({@code test_tsk_need_resched}). */
  public boolean needsResched(int cpu) {
    return (pendingFlags[cpu] & RESCHED) != 0;
  }

  /** Tells that something changed on which the CPU's next useful tick depends. */
  public void lookAtTick(int cpu) {
    pend(cpu, LOOK_AT_TICK);
  }

  /** Settles ticks of a CPU before its books are read. */
  public void settleTicks(int cpu) {
    ticks.settle(cpu);
  }

  /** Charges the current task of a CPU up to now. */
  public void updateCurr(int cpu) {
    if (current[cpu] != IDLE) {
      classOf(current[cpu]).updateCurr(cpu);
    }
  }

  /**
   * Wakes a sleeping task.
   *
   * @param wakerCpu CPU that executes the wake-up
   */
  void wakeUp(int task, int wakerCpu) {
    tasks.setState(task, TaskTable.RUNNABLE, clock.nowNs());
    tasks.onWoken(task, clock.nowNs());
    SchedClass owner = classOf(task);
    int cpu = owner.selectCpu(task, wakerCpu);
    tasks.moveTo(task, cpu);
    owner.enqueue(cpu, task, wakerCpu);
    if (observeSwitches) {
      observer.onWakeup(task, cpu);
    }
    preemptIfDue(cpu, task);
    owner.woken(cpu, task);
    lookAtTick(cpu);
  }

  /** A task was woken on its idle CPU at an instant that has passed, and has run since. */
  void wokeUp(int task, long wokenNs) {
    int cpu = tasks.cpu(task);
    tasks.setState(task, TaskTable.RUNNABLE, wokenNs);
    tasks.onWoken(task, wokenNs);
    SchedClass owner = classOf(task);
    owner.enqueue(cpu, task, cpu);
    owner.pick(cpu);
    pickedBy[cpu] = precedence[tasks.rank(task)];
    current[cpu] = task;
    ticks.start(cpu, wokenNs);
    cpuTime.account(cpu, tasks.rank(task), wokenNs);
    tasks.onSwitchedIn(task, wokenNs);
    owner.setNext(cpu, task);
    tasks.setExecStartNs(task, wokenNs);
    lookAtTick(cpu);
  }

  /** Moves a queued task that does not run ({@code push_rt_task}, {@code pull_rt_task}). */
  public void migrate(int task, int toCpu, int byCpu) {
    SchedClass owner = classOf(task);
    int from = tasks.cpu(task);
    owner.dequeue(from, task, false);
    tasks.moveTo(task, toCpu);
    owner.enqueue(toCpu, task, byCpu);
    lookAtTick(from);
    lookAtTick(toCpu);
  }

  /** Asks for a reschedule if a queued task should run before the current one. */
  public void preemptIfDue(int cpu, int task) {
    int mine = precedence[tasks.rank(task)];
    if (mine < pickedBy[cpu]) {
      resched(cpu);
    } else if (runsRank(cpu, tasks.rank(task)) && classOf(task).preempts(cpu, task, current[cpu])) {
      resched(cpu);
    }
  }

  /** The current task of a CPU leaves it: it sleeps or ends. */
  void leave(int cpu, int newState) {
    int task = current[cpu];
    ticks.settle(cpu);
    classOf(task).dequeue(cpu, task, newState != TaskTable.DEAD);
    tasks.setState(task, newState, clock.nowNs());
    resched(cpu);
  }

  /** The current task of a CPU calls sched_yield. */
  void yieldCurrent(int cpu) {
    ticks.settle(cpu);
    classOf(current[cpu]).yieldCurrent(cpu);
    resched(cpu);
  }

  /** The current task of a CPU runs pending task work. */
  void runTaskWork(int cpu) {
    ticks.settle(cpu);
    classOf(current[cpu]).onTaskWork(cpu);
  }

  /** A real tick of a busy CPU. */
  void tick(int cpu) {
    if (current[cpu] != IDLE) {
      classOf(current[cpu]).tick(cpu);
      lookAtTick(cpu);
    }
  }

  /** From when on a tick of a CPU matters: one that finds a softirq pending starts it. */
  long nextTickNs(int cpu, long firstTickNs) {
    if (softirq.isPending(cpu) && !held[cpu] && current[cpu] != IDLE) {
      return firstTickNs;
    }
    return current[cpu] == IDLE
        ? TimerQueue.NEVER
        : classOf(current[cpu]).nextTickNs(cpu, firstTickNs);
  }

  void settleTicks(int cpu, long atNs, long count) {
    if (current[cpu] != IDLE) {
      classOf(current[cpu]).settleTicks(cpu, atNs, count);
    }
  }

  /** Does what expiries asked for; CPUs that stand still keep it for later. */
  void runPending() {
    while (pendingCount > 0) {
      int cpu = pendingList[--pendingCount];
      if (clock.isStopped(cpu)) {
        pendingFlags[cpu] &= ~LISTED; // kept for when it goes on
        continue;
      }
      int flags = pendingFlags[cpu];
      if (held[cpu]) {
        pendingFlags[cpu] = flags & RESCHED; // kept for the release
      } else {
        pendingFlags[cpu] = 0;
        if ((flags & RESCHED) != 0) {
          schedule(cpu);
        }
      }
      ticks.reevaluate(cpu);
    }
  }

  /** Sets who serves softirqs until the next reset. */
  void connect(SoftirqPort port) {
    softirq = port;
  }

  /** Sets who is told that a vCPU is switched in; done once when the host is built. */
  public void serveGuests(GuestSteps steps) {
    guests = steps;
  }

  /** The CPU enters interrupt context: reschedules wait. */
  void hold(int cpu) {
    held[cpu] = true;
  }

  /** Whether the CPU is in interrupt context. */
  public boolean isHeld(int cpu) {
    return held[cpu];
  }

  /** The CPU leaves interrupt context: what was asked of it meanwhile is due. */
  void release(int cpu) {
    held[cpu] = false;
    pend(cpu, LOOK_AT_TICK);
  }

  /** A CPU goes on after a stop: what was asked of it meanwhile is due. */
  void onResume(int cpu) {
    if (pendingFlags[cpu] != 0) {
      pend(cpu, LOOK_AT_TICK);
    }
  }

  private void pend(int cpu, int flag) {
    if ((pendingFlags[cpu] & LISTED) == 0) {
      pendingList[pendingCount++] = cpu;
    }
    pendingFlags[cpu] |= flag | LISTED;
  }

  private void schedule(int cpu) {
    int prev = current[cpu];
    delayNs = 0;
    ticks.settle(cpu);
    if (prev != IDLE && tasks.isRunnable(prev) && tasks.cpu(prev) == cpu) {
      SchedClass owner = classOf(prev);
      owner.updateCurr(cpu);
      owner.putPrev(cpu, prev);
    }
    for (Picker candidate : pickers) {
      candidate.balance(cpu, prev);
    }
    int next = IDLE;
    int by = 0;
    while (by < pickers.length) {
      next = pickers[by].pick(cpu);
      if (next != IDLE) {
        break;
      }
      by++;
    }
    pickedBy[cpu] = by;
    if (next != prev) {
      if (prev != IDLE) {
        classOf(prev).switchedOut(cpu, next);
      }
      switchTo(cpu, prev, next);
      if (next != IDLE) {
        classOf(next).setNext(cpu, next);
      }
    }
  }

  /** The switch that is being made takes longer by this, ns. */
  public void delaySwitch(long ns) {
    delayNs += ns;
  }

  private void switchTo(int cpu, int prev, int next) {
    long now = clock.nowNs();
    long readyNs = Math.max(now, busyNs[cpu]) + delayNs;
    busyNs[cpu] = readyNs;
    delayNs = 0;
    if (prev != IDLE) {
      cpuTime.stop(cpu, prev);
      tasks.onSwitchedOut(prev, now, tasks.isRunnable(prev));
    }
    current[cpu] = next;
    if (next == IDLE) {
      ticks.stop(cpu);
      cpuTime.account(cpu, CpuTime.IDLE_TIME, now);
    } else {
      if (prev == IDLE) {
        ticks.start(cpu, now);
      }
      cpuTime.account(cpu, tasks.rank(next), now);
      long waited = tasks.onSwitchedIn(next, now);
      if (waited >= longWaitNs) {
        observer.onLongWait(next, cpu, waited);
      }
      guests.onSchedIn(cpu, next);
      cpuTime.switchTo(cpu, next, readyNs + switchNs - now);
    }
    if (observeSwitches) {
      observer.onSwitch(cpu, prev, next);
    }
  }

  private SchedClass classOf(int task) {
    return owners[tasks.rank(task)];
  }

  @Override
  public void save(StateBuffer out) {
    out.put(current, cpuCount);
    out.put(pickedBy, cpuCount);
    out.put(pendingFlags, cpuCount);
    out.put(busyNs, cpuCount);
    out.put(held, cpuCount);
    out.put(pendingCount);
    out.put(pendingList, pendingCount);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(current, cpuCount);
    in.take(pickedBy, cpuCount);
    in.take(pendingFlags, cpuCount);
    in.take(busyNs, cpuCount);
    in.take(held, cpuCount);
    pendingCount = in.takeInt();
    in.take(pendingList, pendingCount);
  }
}
