package stallcast.kernel.rt;

import java.util.Arrays;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.SchedClass;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.cpu.Topology;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * SCHED_FIFO and SCHED_RR: priorities, wake-up placement, push and pull of tasks that wait behind
 * others.
 *
 * <p>Models: {@code select_task_rq_rt()}, {@code find_lowest_rq()}, {@code push_rt_task()}, {@code
 * pull_rt_task()}, {@code task_tick_rt()} (kernel/sched/rt.c, v6.1); a throttled CPU keeps its
 * tasks: pull skips a task that outranks the source's current one, push only asks for a reschedule.
 * State: {@link RtQueues}, ticks left of a turn [task]. Leaves out: RT_PUSH_IPI (a pull takes the
 * queue lock at no cost), capacity-aware placement.
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
  private Topology topology = new Topology(1, 1, 1);
  private int cpuCount;
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
  }

  /** Starts with empty queues. */
  public void reset(HostConfig config, Topology newTopology) {
    topology = newTopology;
    cpuCount = config.cpus();
    long hz = config.knob(KernelKnob.HZ);
    tickNs = 1_000_000_000L / hz;
    long ms = config.knob(KernelKnob.SCHED_RR_TIMESLICE_MS);
    long sliceMs = ms <= 0 ? RR_TIMESLICE_DEFAULT_MS : ms;
    sliceTicks = (int) ((sliceMs * hz + MS_PER_SECOND - 1) / MS_PER_SECOND); // msecs_to_jiffies()
    if (slice.length < tasks.count()) {
      slice = new int[tasks.count()];
    }
    Arrays.fill(slice, 0, tasks.count(), sliceTicks);
    queues.reset(cpuCount);
  }

  /** {@code rt_nr_running} of a CPU over all groups. */
  public int queued(int cpu) {
    return queues.count(cpu);
  }

  @Override
  public int selectCpu(int task, int wakerCpu) {
    int cpu = tasks.cpu(task);
    if (scheduler.runsRank(cpu, KernelCore.RANK_RT) && mustWait(cpu, task)) {
      int lowest = findLowest(task);
      if (lowest >= 0) {
        return lowest;
      }
    }
    return cpu;
  }

  /** Whether the RT task that runs on a CPU would keep this one waiting, or could not move away. */
  private boolean mustWait(int cpu, int task) {
    int current = scheduler.current(cpu);
    return tasks.allowedCount(current) < 2 || tasks.priority(current) >= tasks.priority(task);
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
    if (tasks.allowedCount(current) == 1 || findLowest(current) < 0) {
      return false;
    }
    if (tasks.allowedCount(woken) != 1 && findLowest(woken) >= 0) {
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
        && scheduler.runsRank(cpu, KernelCore.RANK_RT)
        && mustWait(cpu, task)) {
      pushTasks(cpu);
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
    if (left && queues.isAnyOverloaded() && queues.highest(cpu) < tasks.priority(prev)) {
      pullTasks(cpu);
    }
  }

  @Override
  public int pick(int cpu) {
    for (int task = queues.first(cpu); task != NO_TASK; task = queues.after(task)) {
      if (!bandwidth.isBlocked(tasks.group(task), cpu)) {
        return task;
      }
    }
    return Scheduler.IDLE;
  }

  @Override
  public void setNext(int cpu, int task) {
    tasks.setExecStartNs(task, clock.nowNs());
    if (queues.isOverloaded(cpu)) {
      pushTasks(cpu);
    }
  }

  @Override
  public void putPrev(int cpu, int next) {
    // A preempted task keeps its place in the list, and with it its turn.
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

  /**
   * {@code find_lowest_rq()}: the CPU with the lowest priority, the task's own or near it first.
   */
  private int findLowest(int task) {
    int home = tasks.cpu(task);
    int best = -1;
    int bestLevel = tasks.priority(task);
    boolean bestIsNear = false;
    for (int i = 0; i < cpuCount; i++) {
      int cpu = home + i < cpuCount ? home + i : home + i - cpuCount;
      int level = queues.highest(cpu);
      boolean near = topology.nodeOf(cpu) == topology.nodeOf(home);
      boolean better = level < bestLevel || (level == bestLevel && near && !bestIsNear);
      if (better && level < tasks.priority(task) && tasks.isAllowed(task, cpu)) {
        best = cpu;
        bestLevel = level;
        bestIsNear = near;
        if (level == 0 && near) {
          break;
        }
      }
    }
    return best;
  }

  private void pushTasks(int cpu) {
    boolean pushed = true;
    while (pushed && queues.isOverloaded(cpu)) {
      pushed = pushOne(cpu);
    }
  }

  private boolean pushOne(int cpu) {
    int task = firstPushable(cpu);
    if (task == NO_TASK) {
      return false;
    }
    int current = scheduler.current(cpu);
    int its = scheduler.runsRank(cpu, KernelCore.RANK_RT) ? tasks.priority(current) : 0;
    if (tasks.priority(task) > its) {
      scheduler.resched(cpu);
      return false;
    }
    int target = findLowest(task);
    if (target < 0 || target == cpu) {
      return false;
    }
    scheduler.migrate(task, target, cpu);
    scheduler.preemptIfDue(target, task);
    return true;
  }

  private int firstPushable(int cpu) {
    for (int task = queues.first(cpu); task != NO_TASK; task = queues.after(task)) {
      if (task != scheduler.current(cpu) && tasks.allowedCount(task) > 1) {
        return task;
      }
    }
    return NO_TASK;
  }

  private void pullTasks(int cpu) {
    for (int i = 1; i < cpuCount; i++) {
      int source = cpu + i < cpuCount ? cpu + i : cpu + i - cpuCount;
      if (!queues.isOverloaded(source)) {
        continue;
      }
      int task = firstPullable(source, cpu);
      if (task != NO_TASK && tasks.priority(task) > queues.highest(cpu)) {
        int current = scheduler.current(source);
        int its = scheduler.runsRank(source, KernelCore.RANK_RT) ? tasks.priority(current) : 0;
        if (tasks.priority(task) <= its) {
          scheduler.migrate(task, cpu, cpu);
        }
      }
    }
  }

  private int firstPullable(int source, int toCpu) {
    for (int task = queues.first(source); task != NO_TASK; task = queues.after(task)) {
      if (task != scheduler.current(source) && tasks.isAllowed(task, toCpu)) {
        return task;
      }
    }
    return NO_TASK;
  }

  @Override
  public void save(StateBuffer out) {
    queues.save(out);
    out.put(slice, tasks.count());
  }

  @Override
  public void restore(StateBuffer in) {
    queues.restore(in);
    in.take(slice, tasks.count());
  }
}
