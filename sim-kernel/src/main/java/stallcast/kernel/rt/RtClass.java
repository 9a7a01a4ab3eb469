package stallcast.kernel.rt;

import java.util.Arrays;
import stallcast.kernel.cpu.IsolatedLoops;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.cpu.SchedClass;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.cpu.Topology;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * SCHED_FIFO and SCHED_RR: priorities, wake-up placement, turns; {@link RtBalance} moves tasks.
 *
 * <p>Models: {@code select_task_rq_rt()}, {@code check_preempt_equal_prio()}, {@code
 * task_tick_rt()} (kernel/sched/rt.c, v6.1). State: {@link RtQueues}, ticks left of a turn [task].
 */
public final class RtClass implements SchedClass {
  private static final int NO_TASK = Scheduler.IDLE;
  private static final long MS_PER_SECOND = 1_000;
  private static final long RR_TIMESLICE_DEFAULT_MS = 100; // RR_TIMESLICE

  private final KernelClock clock;
  private final TaskTable tasks;
  private final Scheduler scheduler;
  private final RtBandwidth bandwidth;
  private final RtQueues queues;
  private final RtBalance balance;
  private long tickNs;
  private int sliceTicks;
  private int[] slice = new int[0]; // [task] ticks left, RR only

  /** The class of one kernel. */
  public RtClass(KernelCore core, RtBandwidth bandwidth) {
    clock = core.clock();
    tasks = core.tasks();
    scheduler = core.scheduler();
    this.bandwidth = bandwidth;
    queues = new RtQueues(tasks);
    balance = new RtBalance(core, queues);
    core.loops().serveRequests(new LoopRequests());
  }

  /** Starts with empty queues. */
  public void reset(
      HostConfig config,
      Topology topology,
      long masterSeed,
      int replicate,
      KernelObserver observer) {
    long hz = config.knob(KernelKnob.HZ);
    tickNs = 1_000_000_000L / hz;
    long ms = config.knob(KernelKnob.SCHED_RR_TIMESLICE_MS);
    long sliceMs = ms <= 0 ? RR_TIMESLICE_DEFAULT_MS : ms;
    sliceTicks = (int) ((sliceMs * hz + MS_PER_SECOND - 1) / MS_PER_SECOND); // msecs_to_jiffies()
    if (slice.length < tasks.count()) {
      slice = new int[tasks.count()];
    }
    Arrays.fill(slice, 0, tasks.count(), sliceTicks);
    queues.reset(config.cpus(), config.isOn(KernelKnob.RT_OVERLOAD_BY_PUSHABLE));
    balance.reset(config, topology, masterSeed, replicate, observer);
  }

  /** Gives the walker a new future, for splitting. */
  public void reseed(int level, long branch) {
    balance.reseed(level, branch);
  }

  /** Interrupts of the push walker that have reached a CPU. */
  public long walkerVisits() {
    return balance.walkerVisits();
  }

  /** {@code rt_nr_running} of a CPU over all groups. */
  @Override
  public int queued(int cpu) {
    return queues.count(cpu);
  }

  @Override
  public int selectCpu(int task, int wakerCpu) {
    int cpu = tasks.cpu(task);
    if (balance.currentPriority(cpu) > 0 && balance.mustWait(cpu, task)) {
      int lowest = balance.findLowest(task);
      if (lowest >= 0) {
        return lowest;
      }
    }
    return cpu;
  }

  @Override
  public void enqueue(int cpu, int task, int wakerCpu) {
    queues.add(cpu, task);
    bandwidth.onEnqueue(tasks.group(task), cpu, wakerCpu);
  }

  @Override
  public void dequeue(int cpu, int task, boolean sleeps) {
    if (scheduler.current(cpu) == task) {
      updateCurr(cpu);
    }
    queues.remove(cpu, task);
    bandwidth.onDequeue(tasks.group(task), cpu);
  }

  @Override
  public boolean preempts(int cpu, int woken, int current) {
    int mine = tasks.priority(woken);
    int its = tasks.priority(current);
    if (mine != its || scheduler.needsResched(cpu)) {
      return mine > its;
    }
    // check_preempt_equal_prio(): a task that cannot go elsewhere displaces one that can.
    if (tasks.allowedCount(current) == 1 || balance.findLowest(current) < 0) {
      return false;
    }
    if (tasks.allowedCount(woken) != 1 && balance.findLowest(woken) >= 0) {
      return false;
    }
    queues.moveBeforeEquals(cpu, woken);
    return true;
  }

  @Override
  public void woken(int cpu, int task) {
    if (scheduler.current(cpu) != task
        && !scheduler.needsResched(cpu)
        && tasks.allowedCount(task) > 1
        && balance.currentPriority(cpu) > 0
        && balance.mustWait(cpu, task)) {
      balance.pushTasks(cpu);
    }
  }

  @Override
  public void updateCurr(int cpu) {
    chargeTo(cpu, clock.nowNs());
  }

  private void chargeTo(int cpu, long atNs) {
    int task = scheduler.current(cpu);
    long sinceNs = tasks.execStartNs(task);
    long deltaNs = atNs - sinceNs;
    if (deltaNs <= 0) {
      return;
    }
    tasks.addExecNs(task, deltaNs);
    tasks.setExecStartNs(task, atNs);
    if (bandwidth.charge(cpu, task, tasks.group(task), sinceNs, deltaNs)) {
      scheduler.resched(cpu);
    }
  }

  @Override
  public void balance(int cpu, int prev) {
    boolean left =
        prev != Scheduler.IDLE
            && tasks.rank(prev) == KernelCore.RANK_RT
            && !(tasks.isRunnable(prev) && tasks.cpu(prev) == cpu);
    int overloaded = queues.overloadedCount();
    boolean others = overloaded > (queues.isOverloaded(cpu) ? 1 : 0);
    if (left && others && queues.highest(cpu) < tasks.priority(prev)) {
      balance.pull(cpu);
    }
  }

  @Override
  public int pick(int cpu) {
    for (int task = queues.first(cpu); task != NO_TASK; task = queues.after(task)) {
      if (!bandwidth.isBlocked(tasks.group(task), cpu)) {
        queues.setRunning(cpu, task);
        return task;
      }
    }
    return Scheduler.IDLE;
  }

  @Override
  public void setNext(int cpu, int task) {
    tasks.setExecStartNs(task, clock.nowNs());
    if (queues.hasPushable(cpu)) {
      balance.pushTasks(cpu);
    }
  }

  @Override
  public void putPrev(int cpu, int task) {
    queues.setRunning(cpu, NO_TASK); // it keeps its place in the list, and with it its turn
  }

  @Override
  public void tick(int cpu) {
    updateCurr(cpu);
    int task = scheduler.current(cpu);
    if (tasks.isRoundRobin(task) && --slice[task] <= 0) {
      slice[task] = sliceTicks;
      if (queues.hasPeer(task)) {
        queues.moveBehindEquals(cpu, task);
        scheduler.resched(cpu);
      }
    }
  }

  @Override
  public long nextTickNs(int cpu, long firstTickNs) {
    int task = scheduler.current(cpu);
    long next = bandwidth.nextTickNs(cpu, tasks.group(task), tasks.execStartNs(task), tickNs);
    if (tasks.isRoundRobin(task) && queues.hasPeer(task)) {
      next = Math.min(next, firstTickNs + (slice[task] - 1) * tickNs);
    }
    return next;
  }

  @Override
  public void settleTicks(int cpu, long atNs, long count) {
    chargeTo(cpu, atNs);
    int task = scheduler.current(cpu);
    if (tasks.isRoundRobin(task)) {
      long used = (sliceTicks - slice[task] + count) % sliceTicks;
      slice[task] = (int) (sliceTicks - used);
    }
  }

  @Override
  public void yieldCurrent(int cpu) {
    updateCurr(cpu);
    int task = scheduler.current(cpu);
    queues.moveBehindEquals(cpu, task);
  }

  @Override
  public void save(StateBuffer out) {
    queues.save(out);
    balance.save(out);
    out.put(slice, tasks.count());
  }

  @Override
  public void restore(StateBuffer in) {
    queues.restore(in);
    balance.restore(in);
    in.take(slice, tasks.count());
  }

  /** What loops that the scheduler does not run ask when they go to sleep: {@link #balance}. */
  private final class LoopRequests implements IsolatedLoops.Requests {
    @Override
    public boolean costTime() {
      return balance.costsTime();
    }

    @Override
    public void make(int cpu) {
      if (queues.overloadedCount() > 0) {
        balance.pull(cpu);
      }
    }
  }
}
