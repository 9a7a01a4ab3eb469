package stallcast.kernel.cpu;

import java.util.Arrays;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerPriority;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.Step;

/**
 * Real-time tasks that compute and sleep in turn on a CPU that no other task may use: nothing but a
 * stop or somebody who looks can tell where they stand, so with {@link
 * stallcast.kernel.scenario.Fidelity#AUTO} they are not run. Whoever looks has them caught up
 * first, with the same draws; what they ask of others while they are not run is a rate.
 *
 * <p>State: next wake-up [task] of those that are not run. Leaves out: programs other than one
 * {@code compute} and one {@code sleep}, or of more than 50 ms a round; kernels that keep RT books;
 * interrupts that cost time.
 */
public final class IsolatedLoops implements Stateful, StopListener {
  /** Slower loops are run: a rate would hide from PSI triggers that pressure rests in between. */
  private static final double ROUND_MAX_NS = 50e6;

  private final KernelClock clock;
  private final TaskTable tasks;
  private final TaskPrograms programs;
  private final CpuTime cpuTime;
  private final Scheduler scheduler;
  private TaskRunner runner;
  private int count; // tasks that may be loops
  private int found; // tasks that are
  private long switchNs;
  private boolean[] isolated = new boolean[0]; // [task]
  private double[] perNs = new double[0]; // [task] rounds per ns
  private boolean[] dormant = new boolean[0]; // [task] asleep, without a timer
  private long[] wakeNs = new long[0]; // [task] next wake-up of a dormant one
  private double roundsPerNs; // of all dormant ones
  private double squaredPerNs; // sum of their squares

  IsolatedLoops(
      KernelClock clock,
      TaskTable tasks,
      TaskPrograms programs,
      CpuTime cpuTime,
      Scheduler scheduler) {
    this.clock = clock;
    this.tasks = tasks;
    this.programs = programs;
    this.cpuTime = cpuTime;
    this.scheduler = scheduler;
  }

  /** Starts with every task being run. */
  void reset(int taskCount, long contextSwitchNs, TaskRunner owner) {
    runner = owner;
    count = taskCount;
    found = 0;
    switchNs = contextSwitchNs;
    roundsPerNs = 0;
    squaredPerNs = 0;
    if (isolated.length < count) {
      isolated = new boolean[count];
      perNs = new double[count];
      dormant = new boolean[count];
      wakeNs = new long[count];
    }
    Arrays.fill(isolated, 0, count, false);
    Arrays.fill(dormant, 0, count, false);
    Arrays.fill(wakeNs, 0, count, 0);
  }

  /** Looks for isolated loops; without this call there are none. */
  void find(HostConfig config, KernelThreads threads) {
    int[] users = new int[config.cpus()]; // [cpu] tasks that may run there
    for (int task = 0; task < count; task++) {
      boolean pinned = tasks.allowedCount(task) == 1;
      for (int cpu = 0; cpu < users.length; cpu++) {
        boolean may = pinned ? cpu == tasks.cpu(task) : tasks.isAllowed(task, cpu);
        users[cpu] += may ? 1 : 0;
      }
    }
    int task = 0;
    for (HostConfig.Template template : config.tasks()) {
      double rate = roundsPerNs(template);
      boolean pinnable = !(template.spec().cpus() instanceof CpuSelection.MigrationDisabled);
      for (int i = 0; i < template.count(); i++, task++) {
        int cpu = tasks.cpu(task);
        boolean alone = tasks.allowedCount(task) == 1 && users[cpu] == 1 && !threads.has(cpu);
        isolated[task] = rate > 0 && alone && pinnable && tasks.rank(task) == KernelCore.RANK_RT;
        perNs[task] = rate;
        found += isolated[task] ? 1 : 0;
      }
    }
  }

  /** Rounds per ns of one task's program; 0 unless it is one compute and one sleep. */
  private double roundsPerNs(HostConfig.Template template) {
    var program = template.spec().program();
    if (program.size() != 2
        || !(program.get(0) instanceof Step.Compute compute)
        || !(program.get(1) instanceof Step.Sleep sleep)) {
      return 0;
    }
    Distribution needs = compute.ns();
    Distribution sleeps = sleep.ns();
    double roundNs = needs.mean() + sleeps.mean() + 2 * switchNs;
    return sleeps.mean() >= 1 && roundNs <= ROUND_MAX_NS ? 1 / roundNs : 0;
  }

  /** Number of tasks that need not be run. */
  public int found() {
    return found;
  }

  /** Rounds per ns, and with them requests to pull, of the loops that are not run. */
  public double roundsPerNs() {
    return roundsPerNs;
  }

  /** Sum of the squares of their rates. */
  public double squaredRoundsPerNs() {
    return squaredPerNs;
  }

  /** Whether the task that goes to sleep need not be woken. It is dormant then. */
  boolean takes(int task, long wakesNs) {
    if (task >= count || !isolated[task]) {
      return false;
    }
    dormant[task] = true;
    wakeNs[task] = wakesNs;
    roundsPerNs += perNs[task];
    squaredPerNs += perNs[task] * perNs[task];
    return true;
  }

  /** Brings one task to where it stands, and lets it be run from there until it sleeps. */
  public void wakeUp(int task) {
    if (task < count && dormant[task]) {
      roundsPerNs -= perNs[task];
      squaredPerNs -= perNs[task] * perNs[task];
      wake(task);
    }
  }

  /** Brings the loop of a CPU, if it has one, to where it stands. */
  public void wakeOn(int cpu) {
    for (int task = 0; found > 0 && task < count; task++) {
      if (dormant[task] && tasks.cpu(task) == cpu) {
        wakeUp(task);
      }
    }
  }

  /** Brings all loops to where they stand, and lets them be run from there until they sleep. */
  public void wakeAll() {
    if (found > 0) {
      for (int task = 0; task < count; task++) {
        if (dormant[task]) {
          wake(task);
        }
      }
      roundsPerNs = 0;
      squaredPerNs = 0;
    }
  }

  @Override
  public void beforeStop(int cpu, long shownNs) {
    wakeAll();
  }

  private void wake(int task) {
    dormant[task] = false;
    int cpu = tasks.cpu(task);
    // A probe or a stop comes after what the loop does at the same instant, the end before it.
    long endNs = clock.nowNs() + (clock.isPast(TimerPriority.HRTIMER) ? 1 : 0);
    while (wakeNs[task] < endNs) {
      long wokenNs = wakeNs[task];
      long atNs = wokenNs + switchNs;
      long needsNs = programs.takeCompute(tasks, task);
      while (true) {
        if (atNs + needsNs >= endNs) {
          scheduler.wokeUp(task, wokenNs);
          cpuTime.goOn(cpu, task, atNs, needsNs);
          return;
        }
        atNs += needsNs;
        tasks.addLoopWork(task, needsNs);
        TaskPrograms.Action next = programs.advance(tasks, task, atNs);
        if (next == TaskPrograms.Action.SLEEP) {
          break;
        }
        needsNs = programs.amountNs();
      }
      tasks.addLoop(task, atNs - wokenNs);
      cpuTime.addLoop(cpu, atNs - wokenNs);
      wakeNs[task] = atNs + programs.amountNs();
    }
    runner.startAt(task, wakeNs[task]);
  }

  @Override
  public void save(StateBuffer out) {
    out.put(Double.doubleToRawLongBits(roundsPerNs));
    out.put(Double.doubleToRawLongBits(squaredPerNs));
    out.put(dormant, count);
    out.put(wakeNs, count);
  }

  @Override
  public void restore(StateBuffer in) {
    roundsPerNs = Double.longBitsToDouble(in.take());
    squaredPerNs = Double.longBitsToDouble(in.take());
    in.take(dormant, count);
    in.take(wakeNs, count);
  }
}
