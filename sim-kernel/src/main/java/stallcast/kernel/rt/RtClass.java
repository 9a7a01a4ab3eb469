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
 * State: one list per CPU in order of priority and arrival [task], counts [cpu]. Leaves out:
 * RT_PUSH_IPI (a pull takes the queue lock at no cost), capacity-aware placement.
 */
public final class RtClass implements SchedClass {
  private static final int NO_TASK = Scheduler.IDLE;
  private static final long MS_PER_SECOND = 1_000;
  private static final long RR_TIMESLICE_DEFAULT_MS = 100; // RR_TIMESLICE

  private final KernelClock clock;
  private final TaskTable tasks;
  private final Scheduler scheduler;
  private final RtBandwidth bandwidth;
  private Topology topology = new Topology(1, 1, 1);
  private int cpuCount;
  private long tickNs;
  private int sliceTicks;
  private int[] head = new int[0]; // [cpu] first task in order
  private int[] queued = new int[0]; // [cpu] rt_nr_running
  private int[] movable = new int[0]; // [cpu] queued tasks that may run elsewhere
  private int[] next = new int[0]; // [task]
  private int[] prev = new int[0]; // [task]
  private int[] slice = new int[0]; // [task] ticks left, RR only
  private int overloaded; // CPUs with a task to give away

  /** The class of one kernel. */
  public RtClass(KernelCore core, RtBandwidth bandwidth) {
    clock = core.clock();
    tasks = core.tasks();
    scheduler = core.scheduler();
    this.bandwidth = bandwidth;
  }

  /** Starts with empty queues. */
  public void reset(HostConfig config, Topology newTopology) {
    topology = newTopology;
    cpuCount = config.cpus();
    long hz = config.knob(KernelKnob.HZ);
    tickNs = 1_000_000_000L / hz;
    long ms = config.knob(KernelKnob.SCHED_RR_TIMESLICE_MS);
    sliceTicks = (int) Math.max(1, (ms <= 0 ? RR_TIMESLICE_DEFAULT_MS : ms) * hz / MS_PER_SECOND);
    if (head.length < cpuCount) {
      head = new int[cpuCount];
      queued = new int[cpuCount];
      movable = new int[cpuCount];
    }
    if (next.length < tasks.count()) {
      next = new int[tasks.count()];
      prev = new int[tasks.count()];
      slice = new int[tasks.count()];
    }
    Arrays.fill(head, 0, cpuCount, NO_TASK);
    Arrays.fill(queued, 0, cpuCount, 0);
    Arrays.fill(movable, 0, cpuCount, 0);
    Arrays.fill(next, 0, tasks.count(), NO_TASK);
    Arrays.fill(prev, 0, tasks.count(), NO_TASK);
    Arrays.fill(slice, 0, tasks.count(), sliceTicks);
    overloaded = 0;
  }

  /** {@code rt_nr_running} of a CPU over all groups. */
  public int queued(int cpu) {
    return queued[cpu];
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
    boolean was = isOverloaded(cpu);
    insert(cpu, task);
    queued[cpu]++;
    movable[cpu] += tasks.allowedCount(task) > 1 ? 1 : 0;
    bandwidth.onEnqueue(tasks.group(task), cpu, wakerCpu);
    countOverload(cpu, was);
  }

  @Override
  public void dequeue(int cpu, int task) {
    if (scheduler.current(cpu) == task) {
      updateCurr(cpu);
    }
    boolean was = isOverloaded(cpu);
    remove(cpu, task);
    queued[cpu]--;
    movable[cpu] -= tasks.allowedCount(task) > 1 ? 1 : 0;
    bandwidth.onDequeue(tasks.group(task), cpu);
    countOverload(cpu, was);
  }

  private boolean isOverloaded(int cpu) {
    return queued[cpu] > 1 && movable[cpu] > 0;
  }

  private void countOverload(int cpu, boolean was) {
    boolean is = isOverloaded(cpu);
    if (is != was) {
      overloaded += is ? 1 : -1;
    }
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
    remove(cpu, woken);
    insertFirst(cpu, woken);
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
    if (left && overloaded > 0 && highest(cpu) < tasks.priority(prev)) {
      pullTasks(cpu);
    }
  }

  @Override
  public int pick(int cpu) {
    for (int task = head[cpu]; task != NO_TASK; task = next[task]) {
      if (!bandwidth.isBlocked(tasks.group(task), cpu)) {
        return task;
      }
    }
    return Scheduler.IDLE;
  }

  @Override
  public void setNext(int cpu, int task) {
    tasks.setExecStartNs(task, clock.nowNs());
    if (isOverloaded(cpu)) {
      pushTasks(cpu);
    }
  }

  @Override
  public void putPrev(int cpu, int task) {
    // A preempted task keeps its place in the list, and with it its turn.
  }

  @Override
  public void tick(int cpu) {
    updateCurr(cpu);
    int task = scheduler.current(cpu);
    if (tasks.isRoundRobin(task) && --slice[task] <= 0) {
      slice[task] = sliceTicks;
      if (hasPeer(task)) {
        remove(cpu, task);
        insert(cpu, task);
        scheduler.resched(cpu);
      }
    }
  }

  @Override
  public long nextTickNs(int cpu, long firstTickNs) {
    int task = scheduler.current(cpu);
    long next = bandwidth.nextTickNs(cpu, tasks.group(task), tasks.execStartNs(task), tickNs);
    if (tasks.isRoundRobin(task) && hasPeer(task)) {
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
  public void yield(int cpu) {
    updateCurr(cpu);
    int task = scheduler.current(cpu);
    remove(cpu, task);
    insert(cpu, task);
  }

  private boolean hasPeer(int task) {
    int mine = tasks.priority(task);
    return (next[task] != NO_TASK && tasks.priority(next[task]) == mine)
        || (prev[task] != NO_TASK && tasks.priority(prev[task]) == mine);
  }

  /** Priority that others must beat to run on a CPU: its best queued RT task, 0 if none. */
  private int highest(int cpu) {
    return head[cpu] == NO_TASK ? 0 : tasks.priority(head[cpu]);
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
      int level = highest(cpu);
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
    while (pushed && isOverloaded(cpu)) {
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
    for (int task = head[cpu]; task != NO_TASK; task = next[task]) {
      if (task != scheduler.current(cpu) && tasks.allowedCount(task) > 1) {
        return task;
      }
    }
    return NO_TASK;
  }

  private void pullTasks(int cpu) {
    for (int i = 1; i < cpuCount; i++) {
      int source = cpu + i < cpuCount ? cpu + i : cpu + i - cpuCount;
      if (!isOverloaded(source)) {
        continue;
      }
      int task = firstPullable(source, cpu);
      if (task != NO_TASK && tasks.priority(task) > highest(cpu)) {
        int current = scheduler.current(source);
        int its = scheduler.runsRank(source, KernelCore.RANK_RT) ? tasks.priority(current) : 0;
        if (tasks.priority(task) <= its) {
          scheduler.migrate(task, cpu, cpu);
        }
      }
    }
  }

  private int firstPullable(int source, int toCpu) {
    for (int task = head[source]; task != NO_TASK; task = next[task]) {
      if (task != scheduler.current(source) && tasks.isAllowed(task, toCpu)) {
        return task;
      }
    }
    return NO_TASK;
  }

  private void insert(int cpu, int task) {
    link(cpu, task, tasks.priority(task) - 1);
  }

  private void insertFirst(int cpu, int task) {
    link(cpu, task, tasks.priority(task));
  }

  /** Links a task in front of the first one whose priority is at most {@code beforePriority}. */
  private void link(int cpu, int task, int beforePriority) {
    int after = NO_TASK;
    int at = head[cpu];
    while (at != NO_TASK && tasks.priority(at) > beforePriority) {
      after = at;
      at = next[at];
    }
    prev[task] = after;
    next[task] = at;
    if (after == NO_TASK) {
      head[cpu] = task;
    } else {
      next[after] = task;
    }
    if (at != NO_TASK) {
      prev[at] = task;
    }
  }

  private void remove(int cpu, int task) {
    if (prev[task] == NO_TASK) {
      head[cpu] = next[task];
    } else {
      next[prev[task]] = next[task];
    }
    if (next[task] != NO_TASK) {
      prev[next[task]] = prev[task];
    }
  }

  @Override
  public void save(StateBuffer out) {
    out.put(overloaded);
    out.put(head, cpuCount);
    out.put(queued, cpuCount);
    out.put(movable, cpuCount);
    out.put(next, tasks.count());
    out.put(prev, tasks.count());
    out.put(slice, tasks.count());
  }

  @Override
  public void restore(StateBuffer in) {
    overloaded = in.takeInt();
    in.take(head, cpuCount);
    in.take(queued, cpuCount);
    in.take(movable, cpuCount);
    in.take(next, tasks.count());
    in.take(prev, tasks.count());
    in.take(slice, tasks.count());
  }
}
