package stallcast.kernel.cpu;

import java.util.Arrays;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;

/**
 * Tasks of one kernel as arrays. A task's id is its row; tasks of a template are neighbours.
 *
 * <p>State: [taskCount] unless a comment says otherwise.
 */
public final class TaskTable implements Stateful {
  /** No instant. */
  public static final long NONE = Long.MIN_VALUE;

  /** Not created yet, or asleep. */
  public static final int SLEEPING = 0;

  /** Asleep in state D. */
  public static final int BLOCKED_IO = 1;

  /** Queued or running. */
  public static final int RUNNABLE = 2;

  /** Ended. */
  public static final int DEAD = 3;

  private static final int LONGS = 9; // mutable long columns
  private static final int INTS = 6; // mutable int columns

  private final Affinities affinities = new Affinities();
  private final WakeupLatencies latencies = new WakeupLatencies();
  private int count;
  private int[] template = new int[0];
  private int[] rank = new int[0]; // index of the scheduling class
  private boolean[] roundRobin = new boolean[0];
  private int[] priority = new int[0]; // rt_priority 1..99, 0 for fair
  private int[] nice = new int[0];
  private int[] group = new int[0]; // cgroup index + 1, 0 for the root
  private boolean[] migrationDisabled = new boolean[0];

  private int[] cpu = new int[0];
  private int[] state = new int[0];
  private int[] wakeups = new int[0];
  private int[] preemptions = new int[0];
  private int[] migrations = new int[0];
  private int[] rounds = new int[0];
  private long[] execStartNs = new long[0];
  private long[] sumExecNs = new long[0];
  private long[] workNs = new long[0];
  private long[] remainingNs = new long[0]; // of the current compute step
  private long[] offSinceNs = new long[0]; // runnable but off CPU since, or NONE
  private long[] wokenNs = new long[0]; // woken and not run since, or NONE
  private long[] maxOffNs = new long[0];
  private long[] blockedSinceNs = new long[0]; // in state D since, or NONE
  private long[] switchCount = new long[0];

  /** Makes room for tasks without any. */
  public void reset(int taskCount, int cpuCount) {
    count = taskCount;
    affinities.reset(taskCount, cpuCount);
    latencies.reset(taskCount);
    if (template.length < taskCount) {
      allocate(Math.max(taskCount, 2 * template.length));
    }
    Arrays.fill(migrationDisabled, 0, taskCount, false);
  }

  private void allocate(int capacity) {
    template = new int[capacity];
    rank = new int[capacity];
    roundRobin = new boolean[capacity];
    priority = new int[capacity];
    nice = new int[capacity];
    group = new int[capacity];
    migrationDisabled = new boolean[capacity];
    cpu = new int[capacity];
    state = new int[capacity];
    wakeups = new int[capacity];
    preemptions = new int[capacity];
    migrations = new int[capacity];
    rounds = new int[capacity];
    execStartNs = new long[capacity];
    sumExecNs = new long[capacity];
    workNs = new long[capacity];
    remainingNs = new long[capacity];
    offSinceNs = new long[capacity];
    wokenNs = new long[capacity];
    maxOffNs = new long[capacity];
    blockedSinceNs = new long[capacity];
    switchCount = new long[capacity];
  }

  /** Fills a row: asleep, on CPU 0, nothing allowed yet. */
  public void define(int task, int ofTemplate, int classRank, boolean rr, int rtPriority) {
    template[task] = ofTemplate;
    rank[task] = classRank;
    roundRobin[task] = rr;
    priority[task] = rtPriority;
    nice[task] = 0;
    group[task] = 0;
    cpu[task] = 0;
    state[task] = SLEEPING;
    wakeups[task] = 0;
    preemptions[task] = 0;
    migrations[task] = 0;
    rounds[task] = 0;
    execStartNs[task] = 0;
    sumExecNs[task] = 0;
    workNs[task] = 0;
    remainingNs[task] = 0;
    offSinceNs[task] = NONE;
    wokenNs[task] = NONE;
    maxOffNs[task] = 0;
    blockedSinceNs[task] = NONE;
    switchCount[task] = 0;
  }

  /** Sets nice value and control group. */
  public void place(int task, int niceValue, int groupIndex) {
    nice[task] = niceValue;
    group[task] = groupIndex;
  }

  /** Allows a CPU; the first one allowed is the task's first CPU. */
  public void allow(int task, int onCpu) {
    if (affinities.allow(task, onCpu)) {
      cpu[task] = onCpu;
    }
  }

  /**
   * Allows every CPU.
   *
   * @param firstCpu where it starts
   */
  public void allowAll(int task, int cpuCount, int firstCpu) {
    affinities.allowAll(task, cpuCount);
    cpu[task] = firstCpu;
  }

  /** Keeps a task on its first CPU in spite of its affinity ({@code migrate_disable}). */
  public void disableMigration(int task) {
    migrationDisabled[task] = true;
  }

  /** Whether a task stays on its CPU in spite of its affinity. */
  public boolean isMigrationDisabled(int task) {
    return migrationDisabled[task];
  }

  /** Number of tasks. */
  public int count() {
    return count;
  }

  /** Template of a task. */
  public int template(int task) {
    return template[task];
  }

  /** Index of its scheduling class. */
  public int rank(int task) {
    return rank[task];
  }

  /** Whether it is SCHED_RR. */
  public boolean isRoundRobin(int task) {
    return roundRobin[task];
  }

  /** rt_priority, 1..99; higher runs first. */
  public int priority(int task) {
    return priority[task];
  }

  /** Nice value. */
  public int nice(int task) {
    return nice[task];
  }

  /** Control group, 0 for the root. */
  public int group(int task) {
    return group[task];
  }

  /** Whether a CPU is allowed ({@code cpus_ptr}); only its own while it does not move. */
  public boolean isAllowed(int task, int onCpu) {
    return migrationDisabled[task] ? onCpu == cpu[task] : affinities.isAllowed(task, onCpu);
  }

  /** Number of CPUs of its affinity ({@code nr_cpus_allowed}). */
  public int allowedCount(int task) {
    return affinities.count(task);
  }

  /** The CPU it runs, waits or slept on. */
  public int cpu(int task) {
    return cpu[task];
  }

  /** Moves a task that is not queued. */
  public void moveTo(int task, int toCpu) {
    if (cpu[task] != toCpu) {
      cpu[task] = toCpu;
      migrations[task]++;
    }
  }

  /** State. */
  public int state(int task) {
    return state[task];
  }

  /** Whether it is queued or running. */
  public boolean isRunnable(int task) {
    return state[task] == RUNNABLE;
  }

  void setState(int task, int newState, long nowNs) {
    state[task] = newState;
    blockedSinceNs[task] = newState == BLOCKED_IO ? nowNs : NONE;
  }

  /** In state D since this kernel time, or {@link #NONE}. */
  public long blockedSinceNs(int task) {
    return blockedSinceNs[task];
  }

  /** Voluntary and involuntary switches away from the task: what khungtaskd compares. */
  public long switchCount(int task) {
    return switchCount[task];
  }

  /** {@code se.exec_start}, kernel time, ns. */
  public long execStartNs(int task) {
    return execStartNs[task];
  }

  /** Sets {@code se.exec_start}. */
  public void setExecStartNs(int task, long atNs) {
    execStartNs[task] = atNs;
  }

  /** Adds to {@code se.sum_exec_runtime}. */
  public void addExecNs(int task, long ns) {
    sumExecNs[task] += ns;
  }

  /** {@code se.sum_exec_runtime}, ns. */
  public long sumExecNs(int task) {
    return sumExecNs[task];
  }

  void addWorkNs(int task, long ns) {
    workNs[task] += ns;
    remainingNs[task] -= ns;
  }

  /** CPU time that did work, ns. */
  public long workNs(int task) {
    return workNs[task];
  }

  /** Counts one compute step of a loop that was not run. */
  void addLoopWork(int task, long ns) {
    workNs[task] += ns;
  }

  /** Counts one round of a loop that was not run. */
  void addLoop(int task, long execNs) {
    wakeups[task]++;
    latencies.add(task, template[task], 0);
    switchCount[task]++;
    sumExecNs[task] += execNs;
  }

  /** CPU time that its work still needs, as of its last settling, ns. */
  public long remainingNs(int task) {
    return remainingNs[task];
  }

  /** Replaces the work of a task that is not running. */
  public void setRemainingNs(int task, long ns) {
    remainingNs[task] = ns;
  }

  void onWoken(int task, long nowNs) {
    wakeups[task]++;
    wokenNs[task] = nowNs;
    offSinceNs[task] = nowNs;
  }

  void onSwitchedOut(int task, long nowNs, boolean stillRunnable) {
    switchCount[task]++;
    if (stillRunnable) {
      offSinceNs[task] = nowNs;
      preemptions[task]++;
    } else {
      offSinceNs[task] = NONE;
    }
  }

  /** Notes that a task runs. @return how long it was runnable without running, ns */
  long onSwitchedIn(int task, long nowNs) {
    long off = offSinceNs[task] == NONE ? 0 : nowNs - offSinceNs[task];
    maxOffNs[task] = Math.max(maxOffNs[task], off);
    if (wokenNs[task] != NONE) {
      latencies.add(task, template[task], nowNs - wokenNs[task]);
      wokenNs[task] = NONE;
    }
    offSinceNs[task] = NONE;
    return off;
  }

  /** Runnable without running since, kernel time, or {@link #NONE}. */
  public long offSinceNs(int task) {
    return offSinceNs[task];
  }

  /** Whether it was switched out while runnable and has not run since. */
  public boolean isPreempted(int task) {
    return offSinceNs[task] != NONE && wokenNs[task] == NONE;
  }

  /** Longest time runnable without running that has ended, ns. */
  public long maxOffNs(int task) {
    return maxOffNs[task];
  }

  /** Times from wake-ups to running. */
  public WakeupLatencies latencies() {
    return latencies;
  }

  /** Wake-ups. */
  public int wakeups(int task) {
    return wakeups[task];
  }

  /** Preemptions. */
  public int preemptions(int task) {
    return preemptions[task];
  }

  /** CPU changes. */
  public int migrations(int task) {
    return migrations[task];
  }

  /** Passes through the program. */
  public int rounds(int task) {
    return rounds[task];
  }

  void addRound(int task) {
    rounds[task]++;
  }

  @Override
  public void save(StateBuffer out) {
    int[][] ints = {cpu, state, wakeups, preemptions, migrations, rounds};
    for (int c = 0; c < INTS; c++) {
      out.put(ints[c], count);
    }
    long[][] longs = longColumns();
    for (int c = 0; c < LONGS; c++) {
      out.put(longs[c], count);
    }
    latencies.save(out);
  }

  @Override
  public void restore(StateBuffer in) {
    int[][] ints = {cpu, state, wakeups, preemptions, migrations, rounds};
    for (int c = 0; c < INTS; c++) {
      in.take(ints[c], count);
    }
    long[][] longs = longColumns();
    for (int c = 0; c < LONGS; c++) {
      in.take(longs[c], count);
    }
    latencies.restore(in);
  }

  private long[][] longColumns() {
    return new long[][] {
      execStartNs,
      sumExecNs,
      workNs,
      remainingNs,
      offSinceNs,
      wokenNs,
      maxOffNs,
      blockedSinceNs,
      switchCount
    };
  }
}
