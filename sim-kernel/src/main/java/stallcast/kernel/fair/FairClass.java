package stallcast.kernel.fair;

import static stallcast.kernel.fair.FairQueues.IDLE;
import static stallcast.kernel.fair.FairQueues.NONE;

import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.SchedClass;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.cpu.Topology;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.TimerQueue;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.TaskSpec;

/**
 * SCHED_OTHER, SCHED_BATCH and SCHED_IDLE: charges, ticks, wake-up preemption and yield along the
 * hierarchy of groups. Who runs in one queue is {@link Eevdf}'s or {@link Cfs}'s decision, by
 * version.
 *
 * <p>Models: {@code update_curr()}, {@code task_tick_fair()}, {@code check_preempt_wakeup_fair()},
 * {@code yield_task_fair()} (kernel/sched/fair.c, v6.1, v6.6, v6.12, v6.18). State: {@link
 * FairQueues}, {@link FairHierarchy}. Drives: {@link FairServer} with the time that fair tasks get,
 * {@link CfsBandwidth} with the time of groups. Leaves out: the lazy preemption model (a fair task
 * is in user mode wherever a reschedule is asked for), uclamp, core scheduling.
 */
public final class FairClass implements SchedClass, CfsQueues {
  private final KernelClock clock;
  private final TaskTable tasks;
  private final Scheduler scheduler;
  private final FairServer server;
  private final FairQueues queues = new FairQueues();
  private final CfsBandwidth bandwidth;
  private final HeldTasks held;
  private final Eevdf eevdf = new Eevdf(queues);
  private final Cfs cfs = new Cfs(queues);
  private final FairHierarchy hierarchy;
  private final WakeupPreemption preemption;
  private final FairBalance balance;
  private final HrTick hrTick;
  private final DirectedYield directedYield;
  private QueueOrder order = eevdf;
  private int cpuCount;
  private long tickNs;

  /** The class of one kernel. */
  public FairClass(KernelCore core, FairServer server, CfsBandwidth bandwidth) {
    clock = core.clock();
    tasks = core.tasks();
    scheduler = core.scheduler();
    this.server = server;
    this.bandwidth = bandwidth;
    held = new HeldTasks(core, bandwidth);
    hierarchy = new FairHierarchy(queues, core, bandwidth, held);
    preemption = new WakeupPreemption(queues, tasks);
    balance = new FairBalance(core, queues, hierarchy, bandwidth);
    hrTick = new HrTick(core, this);
    directedYield = new DirectedYield(this, queues, eevdf, bandwidth, core);
  }

  /** Starts with empty queues. */
  public void reset(HostConfig config, Topology topology) {
    cpuCount = config.cpus();
    tickNs = 1_000_000_000L / config.knob(KernelKnob.HZ);
    queues.reset(cpuCount, tasks.count(), parents(config));
    boolean anyCustom = defineTasks(config);
    eevdf.reset(config, tickNs, anyCustom);
    cfs.reset(config);
    order = config.isOn(KernelKnob.EEVDF) ? eevdf : cfs;
    held.reset(config);
    hierarchy.reset(config, order);
    preemption.reset(config, order);
    balance.reset(config, topology);
    hrTick.reset(config);
    directedYield.reset(config);
  }

  private static int[] parents(HostConfig config) {
    int[] parents = new int[config.cgroups().size() + 1];
    parents[0] = NONE;
    for (int g = 1; g < parents.length; g++) {
      parents[g] = config.cgroups().get(g - 1).parent() + 1;
    }
    return parents;
  }

  private boolean defineTasks(HostConfig config) {
    boolean anyCustom = false;
    for (int task = 0; task < tasks.count(); task++) {
      queues.weight[task] = FairWeights.ofNice(tasks.nice(task));
      if (tasks.template(task) < 0) {
        continue; // a kernel thread
      }
      HostConfig.Template template = config.tasks().get(tasks.template(task));
      if (template.spec().policy() == TaskSpec.Policy.IDLE) {
        queues.weight[task] = FairWeights.IDLE;
        queues.set(task, IDLE);
      } else if (template.sliceNs() > 0 && config.isOn(KernelKnob.CUSTOM_SLICES)) {
        queues.slice[task] = template.sliceNs();
        queues.set(task, FairQueues.CUSTOM_SLICE);
        anyCustom = true;
      }
    }
    return anyCustom;
  }

  /** With those that are blocked and wait for their dequeue. */
  @Override
  public int queued(int cpu) {
    return queues.tasksBelow[cpu];
  }

  /** What stands in the queues; for tests. */
  FairQueues queues() {
    return queues;
  }

  /** The rules of EEVDF; for tests. */
  Eevdf eevdf() {
    return eevdf;
  }

  @Override
  public int selectCpu(int task, int wakerCpu) {
    return balance.selectCpu(task);
  }

  @Override
  public void enqueue(int cpu, int task, int wakerCpu) {
    chargeIfFair(cpu);
    int old = queues.queue[task];
    if (old != NONE && old % cpuCount != cpu) {
      scheduler.settleTicks(old % cpuCount); // CFS looks at the virtual time it comes from
    }
    int before = queues.tasksBelow[cpu];
    hierarchy.enqueue(task);
    afterChange(cpu, before);
  }

  @Override
  public void dequeue(int cpu, int task, boolean sleeps) {
    chargeIfFair(cpu);
    int before = queues.tasksBelow[cpu];
    hierarchy.dequeue(task, sleeps);
    afterChange(cpu, before);
  }

  /** Tells who depends on how many tasks a CPU has. */
  private void afterChange(int cpu, int before) {
    int now = queues.tasksBelow[cpu];
    if (before == 0 && now > 0) {
      server.onFirstTask(cpu);
    } else if (before > 0 && now == 0) {
      server.onNoTask(cpu);
    }
    balance.onChange(cpu);
    hrTick.update(cpu);
  }

  @Override
  public boolean preempts(int cpu, int woken, int current) {
    updateCurr(cpu);
    if (!bandwidth.isByTaskWork() && bandwidth.isThrottledHierarchy(tasks.group(woken), cpu)) {
      return false; // it is not queued up to the root
    }
    preemption.prefer(woken);
    return !scheduler.needsResched(cpu) && preemption.decide(woken, current);
  }

  @Override
  public void woken(int cpu, int task) {
    // Fair tasks are not pushed; idle CPUs come for them.
  }

  void chargeIfFair(int cpu) {
    if (scheduler.runsRank(cpu, KernelCore.RANK_FAIR)) {
      updateCurr(cpu);
    }
  }

  @Override
  public void updateCurr(int cpu) {
    scheduler.settleTicks(cpu);
    long deltaNs = clock.nowNs() - tasks.execStartNs(scheduler.current(cpu));
    if (deltaNs > 0) {
      charge(cpu, deltaNs, 1);
    }
  }

  /**
   * Charges the current task and its groups.
   *
   * @param firstNs time up to the first charge, above 0
   * @param count charges, one tick apart
   */
  private void charge(int cpu, long firstNs, long count) {
    int task = scheduler.current(cpu);
    long deltaNs = firstNs + (count - 1) * tickNs;
    tasks.addExecNs(task, deltaNs);
    tasks.setExecStartNs(task, tasks.execStartNs(task) + deltaNs);
    boolean resched = false;
    for (int e = task; e != NONE; e = queues.parentOf(e)) {
      int q = queues.queue[e];
      if (queues.current[q] == e && order.charge(q, e, firstNs, count, tickNs)) {
        resched = true;
        hierarchy.forgetPreference(q, e);
      }
    }
    for (int g = tasks.group(task); g > 0; g = queues.parent[g]) {
      resched |= bandwidth.charge(g, cpu, deltaNs);
    }
    if (resched) {
      scheduler.resched(cpu);
    }
    server.onFairTime(cpu, deltaNs);
  }

  @Override
  public void balance(int cpu, int prevTask) {
    // Tasks are taken when nothing else is left to pick: new-idle balance.
  }

  @Override
  public int pick(int cpu) {
    int task = pickQueued(cpu);
    if (task == NONE && balance.pullForIdle(cpu)) {
      task = pickQueued(cpu);
    }
    if (task == NONE) {
      return Scheduler.IDLE;
    }
    hrTick.start(cpu, task);
    directedYield.onPicked(cpu, task);
    return task;
  }

  private int pickQueued(int cpu) {
    int before = queues.tasksBelow[cpu];
    int leaving = held.takeLeaving(cpu);
    if (leaving != NONE) {
      hierarchy.hold(leaving);
    }
    int task = hierarchy.pick(cpu);
    if (queues.tasksBelow[cpu] != before) {
      afterChange(cpu, before);
    }
    return task;
  }

  @Override
  public void setNext(int cpu, int task) {
    tasks.setExecStartNs(task, clock.nowNs());
    for (int g = tasks.group(task); g > 0; g = queues.parent[g]) {
      if (bandwidth.charge(g, cpu, 0)) {
        scheduler.resched(cpu);
      }
    }
    held.onTaskWork(cpu);
  }

  @Override
  public void onTaskWork(int cpu) {
    held.onTaskWork(cpu);
  }

  @Override
  public void putPrev(int cpu, int task) {
    // It may go on: what is put is known after the pick.
  }

  @Override
  public void switchedOut(int cpu, int next) {
    if (next == Scheduler.IDLE || tasks.rank(next) != KernelCore.RANK_FAIR) {
      held.forget(cpu);
      hierarchy.putAll(cpu);
      hrTick.stop(cpu);
    }
  }

  @Override
  public void tick(int cpu) {
    updateCurr(cpu);
    for (int e = scheduler.current(cpu); e != NONE; e = queues.parentOf(e)) {
      int q = queues.queue[e];
      if (queues.current[q] == e && order.tick(q, e)) {
        hierarchy.forgetPreference(q, e);
        scheduler.resched(cpu);
      }
    }
    hierarchy.onTick(cpu, scheduler.current(cpu));
  }

  @Override
  public long nextTickNs(int cpu, long firstTickNs) {
    int task = scheduler.current(cpu);
    long sinceNs = tasks.execStartNs(task);
    long next = hierarchy.mayReweigh(cpu, task) ? firstTickNs : server.shareEndNs(cpu, sinceNs);
    next = Math.min(next, bandwidth.nextTickNs(tasks.group(task), cpu, sinceNs));
    for (int e = task; e != NONE; e = queues.parentOf(e)) {
      int q = queues.queue[e];
      boolean queued = queues.current[q] == e; // a throttled one waits for its reschedule
      long quietNs = queued ? order.quietNs(q, e) : TimerQueue.NEVER;
      if (quietNs != TimerQueue.NEVER) {
        next = Math.min(next, sinceNs + quietNs);
      }
    }
    return next;
  }

  @Override
  public void settleTicks(int cpu, long atNs, long count) {
    long sinceNs = tasks.execStartNs(scheduler.current(cpu));
    if (atNs > sinceNs) {
      // Ticks of before the task was charged last have charged nothing.
      long charges = Math.min(count, (atNs - sinceNs + tickNs - 1) / tickNs);
      charge(cpu, atNs - sinceNs - (charges - 1) * tickNs, charges);
    }
  }

  @Override
  public void yieldCurrent(int cpu) {
    int task = scheduler.current(cpu);
    if (queues.tasksBelow[cpu] == 1) {
      return;
    }
    int q = queues.queue[task];
    hierarchy.forgetPreference(q, task);
    updateCurr(cpu);
    order.yieldCurrent(q, task);
  }

  @Override
  public boolean yieldTo(int cpu, int target) {
    return directedYield.yieldTo(cpu, target);
  }

  /** What directed yields have done. */
  public DirectedYield directedYield() {
    return directedYield;
  }

  /** How long the current task of a CPU may run until its slice ends, ns. */
  long sliceLeftNs(int task) {
    return order.sliceLeftNs(queues.queue[task], task);
  }

  @Override
  public void throttleQueue(int group, int cpu) {
    if (bandwidth.isByTaskWork()) {
      return; // each task leaves when its task work runs
    }
    chargeIfFair(cpu);
    int before = queues.tasksBelow[cpu];
    hierarchy.throttle(group * cpuCount + cpu);
    afterChange(cpu, before);
    scheduler.lookAtTick(cpu);
  }

  @Override
  public void unthrottleQueue(int group, int cpu) {
    chargeIfFair(cpu);
    int before = queues.tasksBelow[cpu];
    hierarchy.unthrottle(group * cpuCount + cpu);
    hierarchy.release(group, cpu);
    afterChange(cpu, before);
    if (scheduler.current(cpu) == Scheduler.IDLE && queues.tasksBelow[cpu] > 0) {
      scheduler.resched(cpu);
    }
    scheduler.lookAtTick(cpu);
  }

  @Override
  public boolean isOccupied(int group, int cpu) {
    return queues.count[group * cpuCount + cpu] > 0;
  }

  @Override
  public boolean isCurrent(int group, int cpu) {
    return scheduler.runsRank(cpu, KernelCore.RANK_FAIR)
        && bandwidth.isWithin(tasks.group(scheduler.current(cpu)), group);
  }

  @Override
  public void save(StateBuffer out) {
    hierarchy.save(out);
    balance.save(out);
    directedYield.save(out);
  }

  @Override
  public void restore(StateBuffer in) {
    hierarchy.restore(in);
    balance.restore(in);
    directedYield.restore(in);
  }
}
