package stallcast.kernel.rt;

import java.util.Arrays;
import stallcast.kernel.cpu.CpuTime;
import stallcast.kernel.cpu.IsolatedLoops;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.cpu.Topology;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerPriority;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.PushIpiFix;

/**
 * How real-time tasks that wait behind others get to other CPUs: pushed by their own CPU, or pulled
 * by one that has run out of better work, by interrupt or by lock.
 *
 * <p>Models: {@code find_lowest_rq()}, {@code push_rt_task()}, {@code pull_rt_task()}
 * (kernel/sched/rt.c, v6.1 and v6.12), and the variants of softirq-lockup.md section 8. A throttled
 * CPU keeps its tasks: pull skips a task that outranks the source's current one, push only asks for
 * a reschedule. Without RT_PUSH_IPI a pull takes the queue locks one after another in order of
 * arrival. State: lock queues and visits without effect [cpu], {@link PushIpi}. Leaves out:
 * capacity-aware placement; a running task that the stopper moves for a migration-disabled one.
 */
final class RtBalance implements Stateful {
  private static final int NO_TASK = Scheduler.IDLE;
  private static final int STOPPER_PRIORITY = 100; // a stopper counts as an RT task above all
  private static final int STORM_EXITS_MAX = 16; // of the sketch of 7 May 2026

  private final KernelClock clock;
  private final TaskTable tasks;
  private final Scheduler scheduler;
  private final CpuTime cpuTime;
  private final RtQueues queues;
  private final PushIpi pushIpi;
  private final IsolatedLoops loops;
  private Topology topology = new Topology(1, 1, 1);
  private int cpuCount;
  private PushIpiFix fix = PushIpiFix.NONE;
  private boolean asksByIpi; // RT_PUSH_IPI works
  private long pullLockNs;
  private int lockWait; // timer: a CPU has become overloaded, and is so at the end of the instant
  private long[] lockFreeNs = new long[0]; // [cpu] when those who wait for the queue lock had it
  private int[] stormExits = new int[0]; // [cpu] visits without effect since a context switch
  private long[] stormSwitches = new long[0]; // [cpu] switches at the last of them

  RtBalance(KernelCore core, RtQueues queues) {
    clock = core.clock();
    tasks = core.tasks();
    scheduler = core.scheduler();
    cpuTime = core.cpuTime();
    this.queues = queues;
    loops = core.loops();
    pushIpi = new PushIpi(core, queues, this);
    queues.onOverload(this::onOverload);
    core.stops().addListener(pushIpi);
  }

  void reset(
      HostConfig config,
      Topology newTopology,
      long masterSeed,
      int replicate,
      KernelObserver observer) {
    topology = newTopology;
    cpuCount = config.cpus();
    fix = PushIpiFix.values()[(int) config.knob(KernelKnob.FIX_RT_PUSH_IPI)];
    asksByIpi = config.isOn(KernelKnob.RT_PUSH_IPI) && isAllowed(config);
    pullLockNs = config.knob(KernelKnob.COST_PULL_LOCK_NS);
    if (lockFreeNs.length < cpuCount) {
      lockFreeNs = new long[cpuCount];
      stormExits = new int[cpuCount];
      stormSwitches = new long[cpuCount];
    }
    Arrays.fill(lockFreeNs, 0, cpuCount, clock.nowNs());
    Arrays.fill(stormExits, 0, cpuCount, 0);
    Arrays.fill(stormSwitches, 0, cpuCount, 0);
    pushIpi.reset(config, masterSeed, replicate, observer);
    lockWait = clock.register(index -> runLoops(), TimerPriority.HRTIMER, 1);
  }

  private void onOverload() {
    if (asksByIpi) {
      pushIpi.onOverload();
    } else if (costsTime()) {
      clock.armNow(lockWait);
    }
  }

  /** Whoever leaves a real-time task from now on waits for locks. */
  private void runLoops() {
    if (costsTime()) {
      loops.wakeAll();
    }
  }

  /** Whether it costs a CPU time to leave a real-time task now. */
  boolean costsTime() {
    return !asksByIpi && pullLockNs > 0 && queues.overloadedCount() > 0;
  }

  /** Whether the fix of seed 004 leaves the feature usable on this kernel. */
  private boolean isAllowed(HostConfig config) {
    boolean preemptRt = config.isOn(KernelKnob.PREEMPT_RT);
    return switch (fix) {
      case NONE, NOT_PULL, LIMIT_16 -> true;
      case THREADED_ONLY -> preemptRt || config.isOn(KernelKnob.THREADIRQS);
      case DEFAULT_OFF -> preemptRt;
    };
  }

  /** Whether the RT task that runs on a CPU would keep this one waiting, or could not move away. */
  boolean mustWait(int cpu, int task) {
    int current = scheduler.current(cpu);
    return tasks.allowedCount(current) < 2 || currentPriority(cpu) >= tasks.priority(task);
  }

  /** Priority of what a CPU runs: above all for a stopper, 0 for what no RT task waits for. */
  int currentPriority(int cpu) {
    int current = scheduler.current(cpu);
    if (current == NO_TASK || tasks.rank(current) == KernelCore.RANK_FAIR) {
      return 0;
    }
    return tasks.rank(current) == KernelCore.RANK_STOP ? STOPPER_PRIORITY : tasks.priority(current);
  }

  /** A CPU has switched from a real-time task to something lower while others are overloaded. */
  void pull(int cpu) {
    if (asksByIpi) {
      pushIpi.request(cpu);
    } else {
      pullTasks(cpu);
    }
  }

  long walkerVisits() {
    return pushIpi.visits();
  }

  void reseed(int level, long branch) {
    pushIpi.reseed(level, branch);
  }

  /**
   * {@code find_lowest_rq()}: the CPU with the lowest priority, the task's own or near it first.
   */
  int findLowest(int task) {
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

  /** {@code push_rt_tasks()}. */
  void pushTasks(int cpu) {
    boolean pushed = true;
    while (pushed && queues.hasPushable(cpu)) {
      pushed = pushOne(cpu, false);
    }
  }

  /** {@code rto_push_irq_work_func()}: pushes until nothing moves. */
  void pushFromWalker(int cpu) {
    boolean pushed = true;
    while (pushed && queues.hasPushable(cpu)) {
      pushed = pushOne(cpu, true);
    }
  }

  /** Whether a visit of the walker cannot change anything while the CPU serves softirqs. */
  boolean isInert(int cpu) {
    int task = firstPushable(cpu);
    if (task == NO_TASK || fix == PushIpiFix.NOT_PULL || fix == PushIpiFix.LIMIT_16) {
      return task == NO_TASK || tasks.isMigrationDisabled(task);
    }
    return tasks.isMigrationDisabled(task) || tasks.priority(task) > currentPriority(cpu);
  }

  private boolean pushOne(int cpu, boolean byWalker) {
    int task = firstPushable(cpu);
    if (task == NO_TASK) {
      return false;
    }
    if (tasks.priority(task) > currentPriority(cpu) && !(byWalker && movesAnyway(cpu))) {
      scheduler.resched(cpu);
      return false;
    }
    if (tasks.isMigrationDisabled(task)) {
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

  /** Whether a fix moves a task that the CPU itself is about to switch to. */
  private boolean movesAnyway(int cpu) {
    if (fix == PushIpiFix.LIMIT_16) {
      long switches = cpuTime.switches(cpu);
      stormExits[cpu] = stormSwitches[cpu] == switches ? stormExits[cpu] + 1 : 1;
      stormSwitches[cpu] = switches;
      return stormExits[cpu] > STORM_EXITS_MAX;
    }
    return fix == PushIpiFix.NOT_PULL;
  }

  private int firstPushable(int cpu) {
    for (int task = queues.first(cpu); task != NO_TASK; task = queues.after(task)) {
      if (task != scheduler.current(cpu) && tasks.allowedCount(task) > 1) {
        return task;
      }
    }
    return NO_TASK;
  }

  /** {@code pull_rt_task()} without the feature: takes the queue lock of every overloaded CPU. */
  private void pullTasks(int cpu) {
    long doneNs = clock.nowNs();
    for (int i = 1; i < cpuCount; i++) {
      int source = cpu + i < cpuCount ? cpu + i : cpu + i - cpuCount;
      if (!queues.isOverloaded(source)) {
        continue;
      }
      doneNs = Math.max(doneNs, lockFreeNs[source]) + pullLockNs;
      lockFreeNs[source] = doneNs;
      int task = firstPullable(source, cpu);
      if (task != NO_TASK && tasks.priority(task) > queues.highest(cpu)) {
        if (tasks.priority(task) <= currentPriority(source)) {
          scheduler.migrate(task, cpu, cpu);
        }
      }
    }
    scheduler.delaySwitch(doneNs - clock.nowNs());
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
    pushIpi.save(out);
    out.put(lockFreeNs, cpuCount);
    out.put(stormExits, cpuCount);
    out.put(stormSwitches, cpuCount);
  }

  @Override
  public void restore(StateBuffer in) {
    pushIpi.restore(in);
    in.take(lockFreeNs, cpuCount);
    in.take(stormExits, cpuCount);
    in.take(stormSwitches, cpuCount);
  }
}
