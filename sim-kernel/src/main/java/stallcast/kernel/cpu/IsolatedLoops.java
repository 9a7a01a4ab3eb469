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
 * stop or somebody who looks can tell where they stand, so they are not run by the scheduler.
 * Whoever looks has them caught up first, with the same draws.
 *
 * <p>What they ask of others when they go to sleep: with {@link
 * stallcast.kernel.scenario.Fidelity#EXACT} each round is timed and asks at its very end; with AUTO
 * rounds are not timed, and what they ask is a rate.
 *
 * <p>State: next wake-up [task] of those that are not run, and where in a timed round they are.
 * Leaves out: programs other than one {@code compute} and one {@code sleep}, or of more than 50 ms
 * a round; kernels that keep RT books; interrupts that cost time.
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
  private Requests requests = new Requests() {};
  private int count; // tasks that may be loops
  private int found; // tasks that are
  private long switchNs;
  private boolean[] isolated = new boolean[0]; // [task]
  private double[] perNs = new double[0]; // [task] rounds per ns
  private boolean[] dormant = new boolean[0]; // [task] asleep, without a timer
  private long[] wakeNs = new long[0]; // [task] next wake-up of a dormant one
  private boolean timed; // each round has its expiries
  private int partEnd; // first of [task] timers of timed rounds
  private boolean[] computes = new boolean[0]; // [task] in a timed round, not between two
  private long[] partAtNs = new long[0]; // [task] start of the compute step of a timed round
  private long[] partNs = new long[0]; // [task] its length
  private double roundsPerNs; // of all dormant ones that are not timed
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
    timed = false;
    roundsPerNs = 0;
    squaredPerNs = 0;
    if (isolated.length < count) {
      isolated = new boolean[count];
      perNs = new double[count];
      dormant = new boolean[count];
      wakeNs = new long[count];
      computes = new boolean[count];
      partAtNs = new long[count];
      partNs = new long[count];
    }
    Arrays.fill(isolated, 0, count, false);
    Arrays.fill(dormant, 0, count, false);
    Arrays.fill(wakeNs, 0, count, 0);
    Arrays.fill(computes, 0, count, false);
    Arrays.fill(partAtNs, 0, count, 0);
    Arrays.fill(partNs, 0, count, 0);
  }

  /** What the end of a round means to others. */
  public interface Requests {
    /** Whether it takes time to leave a CPU now: the scheduler has to run all loops. */
    default boolean costTime() {
      return false;
    }

    /** The only task of a CPU goes to sleep, at the end of a timed round. */
    default void make(int cpu) {}
  }

  /** Sets what the end of a round means; done once. */
  public void serveRequests(Requests server) {
    requests = server;
  }

  /**
   * Looks for isolated loops; without this call there are none.
   *
   * @param everyRound whether their rounds are timed
   */
  void find(HostConfig config, KernelThreads threads, boolean everyRound) {
    timed = everyRound;
    if (timed) {
      partEnd = clock.register(this::endPart, TimerPriority.COMPLETION, count);
    }
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

  /** Rounds per ns, and with them requests to pull, of the loops whose rounds are not timed. */
  public double roundsPerNs() {
    return roundsPerNs;
  }

  /** Sum of the squares of their rates. */
  public double squaredRoundsPerNs() {
    return squaredPerNs;
  }

  /** Whether the task that goes to sleep need not be woken. It is dormant then. */
  boolean takes(int task, long wakesNs) {
    if (task >= count || !isolated[task] || requests.costTime()) {
      return false;
    }
    dormant[task] = true;
    wakeNs[task] = wakesNs;
    if (timed) {
      runner.startAt(task, wakesNs);
    } else {
      roundsPerNs += perNs[task];
      squaredPerNs += perNs[task] * perNs[task];
    }
    return true;
  }

  /** A sleep has ended. @return whether it was of a timed round, so that nobody is to be woken */
  boolean beginRound(int task) {
    if (!timed || task >= count || !dormant[task]) {
      return false;
    }
    computes[task] = true;
    beginPart(task, clock.nowNs() + switchNs, programs.takeCompute(tasks, task));
    return true;
  }

  private void beginPart(int task, long atNs, long needsNs) {
    partAtNs[task] = atNs;
    partNs[task] = needsNs;
    clock.arm(partEnd + task, atNs + needsNs);
  }

  private void endPart(int task) {
    long now = clock.nowNs();
    tasks.addLoopWork(task, partNs[task]);
    if (programs.advance(tasks, task, now) != TaskPrograms.Action.SLEEP) {
      beginPart(task, now, programs.amountNs());
      return;
    }
    int cpu = tasks.cpu(task);
    computes[task] = false;
    endRound(task, cpu, now);
    runner.startAt(task, wakeNs[task]);
    requests.make(cpu);
  }

  /** The books of a round that sleeps until {@link TaskPrograms#amountNs}. */
  private void endRound(int task, int cpu, long atNs) {
    tasks.addLoop(task, atNs - wakeNs[task]);
    cpuTime.addLoop(cpu, atNs - wakeNs[task]);
    wakeNs[task] = atNs + programs.amountNs();
  }

  /** Brings one task to where it stands, and lets it be run from there until it sleeps. */
  public void wakeUp(int task) {
    if (task < count && dormant[task]) {
      roundsPerNs -= timed ? 0 : perNs[task];
      squaredPerNs -= timed ? 0 : perNs[task] * perNs[task];
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
    if (!timed) {
      catchUp(task);
    } else if (computes[task]) {
      computes[task] = false;
      clock.cancel(partEnd + task);
      goOn(task, wakeNs[task], partAtNs[task], partNs[task]);
    }
  }

  private void goOn(int task, long wokenNs, long atNs, long needsNs) {
    scheduler.wokeUp(task, wokenNs);
    cpuTime.goOn(tasks.cpu(task), task, atNs, needsNs);
  }

  private void catchUp(int task) {
    int cpu = tasks.cpu(task);
    // A probe or a stop comes after what the loop does at the same instant, the end before it.
    long endNs = clock.nowNs() + (clock.isPast(TimerPriority.HRTIMER) ? 1 : 0);
    while (wakeNs[task] < endNs) {
      long atNs = wakeNs[task] + switchNs;
      long needsNs = programs.takeCompute(tasks, task);
      while (true) {
        if (atNs + needsNs >= endNs) {
          goOn(task, wakeNs[task], atNs, needsNs);
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
      endRound(task, cpu, atNs);
    }
    runner.startAt(task, wakeNs[task]);
  }

  @Override
  public void save(StateBuffer out) {
    out.put(Double.doubleToRawLongBits(roundsPerNs));
    out.put(Double.doubleToRawLongBits(squaredPerNs));
    out.put(dormant, count);
    out.put(wakeNs, count);
    out.put(computes, count);
    out.put(partAtNs, count);
    out.put(partNs, count);
  }

  @Override
  public void restore(StateBuffer in) {
    roundsPerNs = Double.longBitsToDouble(in.take());
    squaredPerNs = Double.longBitsToDouble(in.take());
    in.take(dormant, count);
    in.take(wakeNs, count);
    in.take(computes, count);
    in.take(partAtNs, count);
    in.take(partNs, count);
  }
}
