package stallcast.kernel.fair;

import static stallcast.kernel.fair.FairQueues.DELAYED;
import static stallcast.kernel.fair.FairQueues.IDLE;
import static stallcast.kernel.fair.FairQueues.NEW;
import static stallcast.kernel.fair.FairQueues.NONE;

import java.util.Arrays;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.cpu.Topology;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerPriority;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * Where fair tasks run: wake-up placement, new-idle balance, periodic balance. A NUMA node is taken
 * as one last-level cache.
 *
 * <p>Models: {@code select_idle_sibling()}, {@code find_idlest_cpu()}, {@code sched_balance_rq()},
 * {@code detach_tasks()}, {@code task_hot()} (kernel/sched/fair.c, v6.12). State: failed attempts
 * [cpu], one timer for all CPUs that is armed while some CPU has two runnable tasks. Leaves out:
 * wake_affine (a sleeper's timer is on its own CPU), PELT loads, capacities, active balance,
 * SIS_UTIL, NUMA balancing.
 */
final class FairBalance implements Stateful {
  private static final long NS_PER_SECOND = 1_000_000_000;
  private static final long NS_PER_MS = 1_000_000;
  private static final long CACHE_HOT_NS = 500_000; // sysctl_sched_migration_cost
  private static final int CACHE_NICE_TRIES = 1; // sd->cache_nice_tries
  private static final int BUSY_FACTOR = 16; // sd->busy_factor
  private static final int IMBALANCE_PCT = 117; // sd->imbalance_pct within a cache
  private static final int IMBALANCE_PCT_NODES = 125; // beyond it
  private static final int SHIFT_MAX = 30;

  private final KernelClock clock;
  private final TaskTable tasks;
  private final Scheduler scheduler;
  private final FairQueues queues;
  private final FairHierarchy hierarchy;
  private final CfsBandwidth bandwidth;
  private Topology topology = new Topology(1, 1, 1);
  private int cpuCount;
  private long idleNs; // time between two attempts of an idle CPU
  private long busyNs; // of a busy one
  private boolean movable; // whether any task may run on two CPUs
  private boolean[] crowded = new boolean[0]; // [cpu] two or more runnable fair tasks
  private int crowdedCount;
  private int[] failed = new int[0]; // [cpu] nr_balance_failed
  private long[] nextNs = new long[0]; // [cpu] rq->next_balance
  private int timer;

  FairBalance(KernelCore core, FairQueues queues, FairHierarchy hierarchy, CfsBandwidth bandwidth) {
    clock = core.clock();
    tasks = core.tasks();
    scheduler = core.scheduler();
    this.queues = queues;
    this.hierarchy = hierarchy;
    this.bandwidth = bandwidth;
  }

  void reset(HostConfig config, Topology newTopology) {
    topology = newTopology;
    cpuCount = config.cpus();
    long tickNs = NS_PER_SECOND / config.knob(KernelKnob.HZ);
    // sd->min_interval: as many ms as the domain has CPUs.
    long intervalNs = Math.max(1, cpuCount / config.numaNodes()) * NS_PER_MS;
    idleNs = Math.max(tickNs, intervalNs);
    // One tick less, so that intervals are no multiples of each other.
    busyNs = Math.max(2 * tickNs, BUSY_FACTOR * intervalNs) - tickNs;
    if (crowded.length < cpuCount) {
      crowded = new boolean[cpuCount];
      failed = new int[cpuCount];
      nextNs = new long[cpuCount];
    }
    Arrays.fill(crowded, 0, cpuCount, false);
    Arrays.fill(failed, 0, cpuCount, 0);
    crowdedCount = 0;
    for (int cpu = 0; cpu < cpuCount; cpu++) {
      nextNs[cpu] = clock.nowNs() + busyNs * cpu / cpuCount;
    }
    movable = false;
    for (int task = 0; task < tasks.count(); task++) {
      movable |= tasks.rank(task) == KernelCore.RANK_FAIR && tasks.allowedCount(task) > 1;
    }
    timer = clock.register(unused -> onTimer(), TimerPriority.HRTIMER, 1);
  }

  /** Where a waking task goes. */
  int selectCpu(int task) {
    int home = tasks.cpu(task);
    if (queues.is(task, DELAYED) || tasks.allowedCount(task) == 1 || isFree(home)) {
      return home;
    }
    boolean isNew = queues.is(task, NEW);
    int free = topology.smt() > 1 ? findFree(task, home, true, isNew) : NONE;
    if (free == NONE) {
      free = findFree(task, home, false, isNew);
    }
    return free == NONE && isNew ? leastLoaded(task, home) : free == NONE ? home : free;
  }

  /** Nothing runs or waits there, or only a SCHED_IDLE task. */
  private boolean isFree(int cpu) {
    int current = scheduler.current(cpu);
    if (current == Scheduler.IDLE) {
      return queues.tasksBelow[cpu] == 0;
    }
    return queues.tasksBelow[cpu] == 1
        && tasks.rank(current) == KernelCore.RANK_FAIR
        && queues.is(current, IDLE);
  }

  private int findFree(int task, int home, boolean wholeCore, boolean anywhere) {
    int far = NONE;
    for (int i = 0; i < cpuCount; i++) {
      int cpu = home + i < cpuCount ? home + i : home + i - cpuCount;
      boolean near = topology.nodeOf(cpu) == topology.nodeOf(home);
      if ((near || (anywhere && far == NONE))
          && tasks.isAllowed(task, cpu)
          && (wholeCore ? isCoreFree(cpu) : isFree(cpu))) {
        if (near) {
          return cpu;
        }
        far = cpu;
      }
    }
    return far;
  }

  private boolean isCoreFree(int cpu) {
    int first = topology.coreOf(cpu) * topology.smt();
    for (int c = first; c < Math.min(first + topology.smt(), cpuCount); c++) {
      if (!isFree(c)) {
        return false;
      }
    }
    return true;
  }

  private int leastLoaded(int task, int home) {
    int best = home;
    long least = loadOf(home);
    for (int i = 1; i < cpuCount; i++) {
      int cpu = home + i < cpuCount ? home + i : home + i - cpuCount;
      if (tasks.isAllowed(task, cpu) && loadOf(cpu) < least) {
        best = cpu;
        least = loadOf(cpu);
      }
    }
    return best;
  }

  /** The number of runnable tasks of a CPU has changed. */
  void onChange(int cpu) {
    boolean now = queues.runnableBelow[cpu] >= 2;
    if (now != crowded[cpu]) {
      crowded[cpu] = now;
      crowdedCount += now ? 1 : -1;
      if (now && movable && cpuCount > 1 && !clock.isArmed(timer)) {
        clock.arm(timer, clock.nowNs() + idleNs);
      }
    }
  }

  /**
   * New-idle balance: a CPU that has nothing left takes one waiting task.
   *
   * @return whether it has got one
   */
  boolean pullForIdle(int cpu) {
    return crowdedCount > 0 && movable && (pullAny(cpu, true) || pullAny(cpu, false));
  }

  /** From the busiest CPU, or if nothing there can move from the next ones. */
  private boolean pullAny(int cpu, boolean near) {
    int busiest = busiest(cpu, near);
    if (busiest == NONE || pull(busiest, cpu, Long.MAX_VALUE)) {
      return busiest != NONE;
    }
    for (int i = 1; i < cpuCount; i++) {
      int source = cpu + i < cpuCount ? cpu + i : cpu + i - cpuCount;
      if (crowded[source]
          && near == (topology.nodeOf(source) == topology.nodeOf(cpu))
          && pull(source, cpu, Long.MAX_VALUE)) {
        return true;
      }
    }
    return false;
  }

  /** CPUs whose time has come look around; it goes on while there is something to even out. */
  private void onTimer() {
    long now = clock.nowNs();
    long next = now + busyNs;
    for (int cpu = 0; cpu < cpuCount && crowdedCount > 0; cpu++) {
      if (nextNs[cpu] <= now) {
        boolean idle = scheduler.current(cpu) == Scheduler.IDLE && queues.tasksBelow[cpu] == 0;
        nextNs[cpu] = now + (idle ? idleNs : busyNs);
        if (!clock.isStopped(cpu)) {
          balance(cpu, idle);
        }
      }
      next = Math.min(next, nextNs[cpu]);
    }
    if (crowdedCount > 0) {
      clock.arm(timer, next);
    }
  }

  private void balance(int cpu, boolean idle) {
    boolean moved =
        idle ? pullAny(cpu, true) || pullAny(cpu, false) : even(cpu, true) || even(cpu, false);
    if (moved) {
      scheduler.resched(cpu);
    }
  }

  /** Takes from the CPU with the most load if it has clearly more than this one. */
  private boolean even(int cpu, boolean near) {
    int busiest = busiest(cpu, near);
    int percent = near ? IMBALANCE_PCT : IMBALANCE_PCT_NODES;
    long mine = loadOf(cpu);
    if (busiest == NONE || 100 * loadOf(busiest) <= percent * mine) {
      return false;
    }
    long imbalance = (loadOf(busiest) - mine) / 2;
    // Every failed attempt lets a task twice as large pass; one that is as large as the imbalance
    // does not, because calculate_imbalance() rounds down.
    long most = imbalance << Math.min(failed[cpu], SHIFT_MAX);
    boolean moved = pull(busiest, cpu, most);
    failed[cpu] = moved ? 0 : failed[cpu] + 1;
    return moved;
  }

  private int busiest(int cpu, boolean near) {
    int busiest = NONE;
    long most = -1;
    for (int i = 1; i < cpuCount; i++) {
      int source = cpu + i < cpuCount ? cpu + i : cpu + i - cpuCount;
      if (crowded[source]
          && near == (topology.nodeOf(source) == topology.nodeOf(cpu))
          && loadOf(source) > most) {
        busiest = source;
        most = loadOf(source);
      }
    }
    return busiest;
  }

  /** Load of a CPU: the weights of what stands in its root queue, as they are now. */
  private long loadOf(int cpu) {
    if (queues.groupCount == 1) {
      return queues.load[cpu];
    }
    long load = 0;
    for (int e = queues.head[cpu]; e != NONE; e = queues.next[e]) {
      load += hierarchy.weightNow(e);
    }
    return load;
  }

  private boolean pull(int source, int cpu, long loadMax) {
    int task = findMovable(source, source, cpu, (double) loadMax, 1);
    if (task == NONE) {
      return false;
    }
    scheduler.migrate(task, cpu, cpu);
    return true;
  }

  /**
   * A task below a queue that waits, may go and is not cache-hot, unless attempts have failed.
   *
   * @param share part of its CPU's load that one unit of weight in this queue makes
   */
  private int findMovable(int q, int source, int to, double loadMax, double share) {
    for (int e = queues.head[q]; e != NONE; e = queues.next[e]) {
      if (e >= queues.taskCount) {
        int own = queues.ownedBy(e);
        if (queues.load[own] > 0) {
          double part = share * hierarchy.weightNow(e) / queues.load[own];
          int below = findMovable(own, source, to, loadMax, part);
          if (below != NONE) {
            return below;
          }
        }
      } else if (share * hierarchy.weightNow(e) < loadMax && mayMove(e, source, to)) {
        return e;
      }
    }
    return NONE;
  }

  /** {@code can_migrate_task()}. */
  private boolean mayMove(int task, int source, int to) {
    int group = tasks.group(task);
    return task != scheduler.current(source)
        && !queues.is(task, DELAYED)
        && tasks.isAllowed(task, to)
        && !bandwidth.isThrottledHierarchy(group, source)
        && !bandwidth.isThrottledHierarchy(group, to)
        && (failed[to] > CACHE_NICE_TRIES
            || clock.nowNs() - tasks.execStartNs(task) >= CACHE_HOT_NS);
  }

  @Override
  public void save(StateBuffer out) {
    out.put(crowded, cpuCount);
    out.put(failed, cpuCount);
    out.put(crowdedCount);
    out.put(nextNs, cpuCount);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(crowded, cpuCount);
    in.take(failed, cpuCount);
    crowdedCount = in.takeInt();
    in.take(nextNs, cpuCount);
  }
}
