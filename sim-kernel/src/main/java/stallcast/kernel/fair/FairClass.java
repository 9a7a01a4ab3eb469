package stallcast.kernel.fair;

import java.util.Arrays;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.SchedClass;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.cpu.Topology;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.scenario.HostConfig;

/**
 * A plain fair class: weighted virtual runtime, a slice checked at the tick, idle CPUs take waiting
 * tasks. Good enough for fair tasks to use what real-time tasks leave and to be starved by them.
 *
 * <p>Models: the weights of {@code sched_prio_to_weight} and the order by virtual runtime of
 * kernel/sched/fair.c. State: one list per CPU [task], virtual runtimes [task], minimum [cpu].
 * Drives: {@link FairServer} with the time that fair tasks get, {@link GroupQueues}. Leaves out:
 * EEVDF's lag and deadlines, weights of groups, periodic load balancing.
 */
public final class FairClass implements SchedClass {
  private static final int NO_TASK = Scheduler.IDLE;
  private static final long NICE_0_WEIGHT = 1024; // NICE_0_LOAD
  private static final double WEIGHT_STEP = 1.25; // one nice level: 10 % of CPU either way
  private static final long BASE_SLICE_NS = 700_000; // sysctl_sched_base_slice before scaling
  private static final long WAKEUP_GRANULARITY_NS = 1_000_000; // CFS default before scaling

  private final KernelClock clock;
  private final TaskTable tasks;
  private final Scheduler scheduler;
  private final FairServer server;
  private final CfsBandwidth bandwidth;
  private final GroupQueues groups;
  private Topology topology = new Topology(1, 1, 1);
  private int cpuCount;
  private long sliceNs;
  private int[] head = new int[0]; // [cpu] first waiting or running task, unordered
  private int[] queued = new int[0]; // [cpu]
  private long[] minVruntimeNs = new long[0]; // [cpu]
  private int[] next = new int[0]; // [task]
  private int[] prev = new int[0]; // [task]
  private long[] vruntimeNs = new long[0]; // [task]
  private long[] weightedRest = new long[0]; // [task] of the last division by the weight
  private long[] pickedAtNs = new long[0]; // [task] sum_exec when picked
  private long[] weight = new long[0]; // [task]
  private int crowded; // CPUs with more than one fair task

  /** The class of one kernel. */
  public FairClass(KernelCore core, FairServer server, CfsBandwidth bandwidth) {
    clock = core.clock();
    tasks = core.tasks();
    scheduler = core.scheduler();
    this.server = server;
    this.bandwidth = bandwidth;
    groups = new GroupQueues(core, bandwidth, this);
  }

  /** Starts with empty queues. */
  public void reset(HostConfig config, Topology newTopology) {
    topology = newTopology;
    cpuCount = config.cpus();
    // SCHED_TUNABLESCALING_LOG: 1 + log2 of at most 8 CPUs.
    sliceNs = BASE_SLICE_NS * (32 - Integer.numberOfLeadingZeros(Math.min(cpuCount, 8)));
    if (head.length < cpuCount) {
      head = new int[cpuCount];
      queued = new int[cpuCount];
      minVruntimeNs = new long[cpuCount];
    }
    if (next.length < tasks.count()) {
      next = new int[tasks.count()];
      prev = new int[tasks.count()];
      vruntimeNs = new long[tasks.count()];
      weightedRest = new long[tasks.count()];
      pickedAtNs = new long[tasks.count()];
      weight = new long[tasks.count()];
    }
    groups.reset(config);
    Arrays.fill(head, 0, cpuCount, NO_TASK);
    Arrays.fill(queued, 0, cpuCount, 0);
    Arrays.fill(minVruntimeNs, 0, cpuCount, 0);
    Arrays.fill(next, 0, tasks.count(), NO_TASK);
    Arrays.fill(prev, 0, tasks.count(), NO_TASK);
    Arrays.fill(vruntimeNs, 0, tasks.count(), 0);
    Arrays.fill(weightedRest, 0, tasks.count(), 0);
    Arrays.fill(pickedAtNs, 0, tasks.count(), 0);
    for (int task = 0; task < tasks.count(); task++) {
      weight[task] = weightOf(tasks.nice(task));
    }
    crowded = 0;
  }

  private static long weightOf(int nice) {
    return Math.max(1, Math.round(NICE_0_WEIGHT / StrictMath.pow(WEIGHT_STEP, nice)));
  }

  /** Runnable fair tasks of a CPU. */
  public int queued(int cpu) {
    return queued[cpu];
  }

  @Override
  public int selectCpu(int task, int wakerCpu) {
    int home = tasks.cpu(task);
    if (isFree(home) && tasks.isAllowed(task, home)) {
      return home;
    }
    int best = tasks.isAllowed(task, home) ? home : -1;
    int bestLoad = best < 0 ? Integer.MAX_VALUE : queued[home] + 1;
    boolean bestIsNear = true;
    for (int i = 1; i < cpuCount; i++) {
      int cpu = home + i < cpuCount ? home + i : home + i - cpuCount;
      boolean near = topology.nodeOf(cpu) == topology.nodeOf(home);
      int load = isFree(cpu) ? 0 : queued[cpu] + 1;
      boolean better = load < bestLoad || (load == bestLoad && load == 0 && near && !bestIsNear);
      if (better && (load == 0 || best < 0) && tasks.isAllowed(task, cpu)) {
        best = cpu;
        bestLoad = load;
        bestIsNear = near;
        if (load == 0 && near) {
          break;
        }
      }
    }
    return best;
  }

  private boolean isFree(int cpu) {
    return scheduler.current(cpu) == Scheduler.IDLE && queued[cpu] == 0;
  }

  @Override
  public void enqueue(int cpu, int task, int wakerCpu) {
    if (scheduler.runsRank(cpu, KernelCore.RANK_FAIR)) {
      updateCurr(cpu);
    }
    groups.join(cpu, task);
  }

  /** What asks for a queue to be throttled or unthrottled. */
  CfsQueues queues() {
    return groups;
  }

  int firstLinked(int cpu) {
    return head[cpu];
  }

  int nextLinked(int task) {
    return next[task];
  }

  /** Puts a task into the CPU's list. */
  void link(int cpu, int task) {
    // Relative while not queued; a long sleeper may be at most half a slice ahead.
    vruntimeNs[task] = minVruntimeNs[cpu] + Math.max(vruntimeNs[task], -sliceNs / 2);
    next[task] = head[cpu];
    prev[task] = NO_TASK;
    if (head[cpu] != NO_TASK) {
      prev[head[cpu]] = task;
    }
    head[cpu] = task;
    if (++queued[cpu] == 2) {
      crowded++;
    }
    if (queued[cpu] == 1) {
      server.onFirstTask(cpu);
    }
  }

  @Override
  public void dequeue(int cpu, int task) {
    if (scheduler.runsRank(cpu, KernelCore.RANK_FAIR)) {
      updateCurr(cpu);
    }
    groups.leave(cpu, task);
  }

  /** Takes a task out of the CPU's list. */
  void unlink(int cpu, int task) {
    if (prev[task] == NO_TASK) {
      head[cpu] = next[task];
    } else {
      next[prev[task]] = next[task];
    }
    if (next[task] != NO_TASK) {
      prev[next[task]] = prev[task];
    }
    if (--queued[cpu] == 1) {
      crowded--;
    }
    vruntimeNs[task] -= minVruntimeNs[cpu];
    if (queued[cpu] == 0) {
      server.onNoTask(cpu);
    }
  }

  @Override
  public boolean preempts(int cpu, int woken, int current) {
    updateCurr(cpu);
    return vruntimeNs[current] - vruntimeNs[woken]
        > WAKEUP_GRANULARITY_NS * NICE_0_WEIGHT / weight[woken];
  }

  @Override
  public void woken(int cpu, int task) {
    // Fair tasks are not pushed; idle CPUs come for them.
  }

  @Override
  public void updateCurr(int cpu) {
    chargeTo(cpu, clock.nowNs());
  }

  private void chargeTo(int cpu, long atNs) {
    int task = scheduler.current(cpu);
    long deltaNs = atNs - tasks.execStartNs(task);
    if (deltaNs <= 0) {
      return;
    }
    tasks.addExecNs(task, deltaNs);
    tasks.setExecStartNs(task, atNs);
    long weighted = weightedRest[task] + deltaNs * NICE_0_WEIGHT;
    vruntimeNs[task] += weighted / weight[task];
    weightedRest[task] = weighted % weight[task]; // so that charging in parts changes nothing
    long least = vruntimeNs[task];
    for (int other = head[cpu]; other != NO_TASK; other = next[other]) {
      least = Math.min(least, vruntimeNs[other]);
    }
    minVruntimeNs[cpu] = Math.max(minVruntimeNs[cpu], least);
    server.onFairTime(cpu, deltaNs);
    groups.charge(cpu, task, deltaNs);
  }

  @Override
  public void balance(int cpu, int prevTask) {
    // Tasks are taken when nothing else is left to pick: new-idle balance.
  }

  /** New-idle balance: takes one waiting task from the nearest crowded CPU. */
  private void takeWaiting(int cpu) {
    for (int i = 1; i < cpuCount; i++) {
      int source = cpu + i < cpuCount ? cpu + i : cpu + i - cpuCount;
      if (queued[source] < 2) {
        continue;
      }
      for (int task = head[source]; task != NO_TASK; task = next[task]) {
        boolean free = task != scheduler.current(source) && !groups.isBound(task, source, cpu);
        if (free && tasks.isAllowed(task, cpu)) {
          scheduler.migrate(task, cpu, cpu);
          return;
        }
      }
    }
  }

  @Override
  public int pick(int cpu) {
    if (queued[cpu] == 0 && crowded > 0) {
      takeWaiting(cpu);
    }
    int best = first(cpu);
    while (best != NO_TASK && !groups.mayRun(cpu, best)) {
      best = first(cpu);
    }
    return best;
  }

  private int first(int cpu) {
    int best = head[cpu];
    for (int task = head[cpu]; task != NO_TASK; task = next[task]) {
      boolean earlier = vruntimeNs[task] < vruntimeNs[best];
      if (earlier || (vruntimeNs[task] == vruntimeNs[best] && task < best)) {
        best = task;
      }
    }
    return best;
  }

  @Override
  public void setNext(int cpu, int task) {
    tasks.setExecStartNs(task, clock.nowNs());
    pickedAtNs[task] = tasks.sumExecNs(task);
    groups.charge(cpu, task, 0);
    groups.onTaskWork(cpu);
  }

  @Override
  public void putPrev(int cpu, int task) {
    groups.putPrev(cpu, task); // it stays in the list with its virtual runtime, unless held back
  }

  @Override
  public void onTaskWork(int cpu) {
    groups.onTaskWork(cpu);
  }

  @Override
  public void tick(int cpu) {
    updateCurr(cpu);
    int task = scheduler.current(cpu);
    if (queued[cpu] > 1 && tasks.sumExecNs(task) - pickedAtNs[task] >= sliceNs) {
      pickedAtNs[task] = tasks.sumExecNs(task);
      scheduler.resched(cpu);
    }
  }

  @Override
  public long nextTickNs(int cpu, long firstTickNs) {
    int task = scheduler.current(cpu);
    long startNs = tasks.execStartNs(task);
    long next = server.shareEndNs(cpu, startNs);
    next = Math.min(next, bandwidth.nextTickNs(tasks.group(task), cpu, startNs));
    if (queued[cpu] > 1) {
      long usedNs = tasks.sumExecNs(task) - pickedAtNs[task];
      next = Math.min(next, tasks.execStartNs(task) + Math.max(0, sliceNs - usedNs));
    }
    return next;
  }

  @Override
  public void settleTicks(int cpu, long atNs, long count) {
    chargeTo(cpu, atNs);
  }

  @Override
  public void yieldCurrent(int cpu) {
    updateCurr(cpu);
    int task = scheduler.current(cpu);
    long last = vruntimeNs[task];
    for (int other = head[cpu]; other != NO_TASK; other = next[other]) {
      last = Math.max(last, vruntimeNs[other] + 1);
    }
    vruntimeNs[task] = last;
  }

  @Override
  public void save(StateBuffer out) {
    groups.save(out);
    out.put(crowded);
    out.put(head, cpuCount);
    out.put(queued, cpuCount);
    out.put(minVruntimeNs, cpuCount);
    out.put(next, tasks.count());
    out.put(prev, tasks.count());
    out.put(vruntimeNs, tasks.count());
    out.put(weightedRest, tasks.count());
    out.put(pickedAtNs, tasks.count());
  }

  @Override
  public void restore(StateBuffer in) {
    groups.restore(in);
    crowded = in.takeInt();
    in.take(head, cpuCount);
    in.take(queued, cpuCount);
    in.take(minVruntimeNs, cpuCount);
    in.take(next, tasks.count());
    in.take(prev, tasks.count());
    in.take(vruntimeNs, tasks.count());
    in.take(weightedRest, tasks.count());
    in.take(pickedAtNs, tasks.count());
  }
}
