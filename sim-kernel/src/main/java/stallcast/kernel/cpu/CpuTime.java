package stallcast.kernel.cpu;

import java.util.Arrays;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerHandler;
import stallcast.kernel.engine.TimerPriority;

/**
 * What each CPU executes: how far the current task's work is, and when it will be done. A stop
 * stretches the work; the kernel's own accounting does not see that, it charges the whole time.
 *
 * <p>State: per CPU begin of execution, class times, last stop. Drives: the completion handler.
 */
public final class CpuTime implements Stateful {
  /** Index of idle time in {@link #classNs}. */
  public static final int IDLE_TIME = 3;

  private static final int BUCKETS = 4; // RT, fair, stop, idle

  private final KernelClock clock;
  private final TaskTable tasks;
  private long[] runStartNs = new long[0]; // [cpu] work counts from here
  private long[] leftNs = new long[0]; // [cpu] overhead still to come when the CPU was held
  private boolean[] held = new boolean[0]; // [cpu] in interrupt context: no work is done
  private boolean[] progressed = new boolean[0]; // [cpu] work was done since the last switch
  private long[] bucketSinceNs = new long[0]; // [cpu]
  private long[] bucketNs = new long[0]; // [cpu][BUCKETS]
  private int[] bucket = new int[0]; // [cpu]
  private long[] stopStartNs = new long[0]; // [cpu] begin of the last stop, or NONE
  private long[] stopLengthNs = new long[0]; // [cpu] its length in kernel time
  private long[] switches = new long[0]; // [cpu]
  private long[] idleExitNs = new long[0]; // [cpu] when it last left idle
  private long[] fairNs = new long[0]; // [cpu] last known instant of fair work or idle
  private int cpuCount;
  private int completion; // first of [cpu] timers

  CpuTime(KernelClock clock, TaskTable tasks) {
    this.clock = clock;
    this.tasks = tasks;
  }

  void reset(int cpus, TimerHandler onCompletion) {
    cpuCount = cpus;
    if (runStartNs.length < cpus) {
      runStartNs = new long[cpus];
      leftNs = new long[cpus];
      held = new boolean[cpus];
      progressed = new boolean[cpus];
      bucketSinceNs = new long[cpus];
      bucketNs = new long[cpus * BUCKETS];
      bucket = new int[cpus];
      stopStartNs = new long[cpus];
      stopLengthNs = new long[cpus];
      switches = new long[cpus];
      idleExitNs = new long[cpus];
      fairNs = new long[cpus];
    }
    Arrays.fill(runStartNs, 0, cpus, 0);
    Arrays.fill(leftNs, 0, cpus, 0);
    Arrays.fill(held, 0, cpus, false);
    Arrays.fill(progressed, 0, cpus, false);
    Arrays.fill(bucketSinceNs, 0, cpus, clock.nowNs());
    Arrays.fill(bucketNs, 0, cpus * BUCKETS, 0);
    Arrays.fill(bucket, 0, cpus, IDLE_TIME);
    Arrays.fill(stopStartNs, 0, cpus, TaskTable.NONE);
    Arrays.fill(stopLengthNs, 0, cpus, 0);
    Arrays.fill(switches, 0, cpus, 0);
    Arrays.fill(idleExitNs, 0, cpus, clock.nowNs());
    Arrays.fill(fairNs, 0, cpus, clock.nowNs());
    completion = clock.registerPerCpu(onCompletion, TimerPriority.COMPLETION, cpus);
  }

  /** A task that was switched in starts to execute once the switch is over. */
  void switchTo(int cpu, int task, long overheadNs) {
    progressed[cpu] = false;
    startAt(cpu, task, clock.nowNs() + overheadNs);
  }

  /** The current task goes on with a new step. */
  void start(int cpu, int task) {
    startAt(cpu, task, clock.nowNs());
  }

  private void startAt(int cpu, int task, long atNs) {
    runStartNs[cpu] = atNs;
    clock.arm(completion + cpu, atNs + tasks.remainingNs(task));
  }

  /** Counts one round of a loop that was not run: idle time was time of a real-time task. */
  void addLoop(int cpu, long ns) {
    bucketNs[cpu * BUCKETS + KernelCore.RANK_RT] += ns;
    bucketNs[cpu * BUCKETS + IDLE_TIME] -= ns;
    switches[cpu] += 2;
  }

  /** A loop that was not run is in the middle of a compute step, which it began at an instant. */
  void goOn(int cpu, int task, long beganNs, long needsNs) {
    tasks.setRemainingNs(task, needsNs);
    startAt(cpu, task, beganNs);
  }

  /** Ends the current task's step now, or as soon as the CPU goes on. */
  void cutShort(int cpu, int task) {
    replaceWork(cpu, task, 0);
  }

  /**
   * Gives the current task other work, from now on or as soon as it executes.
   *
   * @return what was left of its work, ns
   */
  public long replaceWork(int cpu, int task, long ns) {
    settleWork(cpu, task);
    long leftNs = tasks.remainingNs(task);
    tasks.setRemainingNs(task, ns);
    if (!held[cpu]) {
      clock.arm(completion + cpu, Math.max(clock.nowNs(), runStartNs[cpu]) + ns);
    }
    return leftNs;
  }

  /** Whether the current task of a CPU executes: nothing holds the CPU, and no switch is made. */
  public boolean executes(int cpu) {
    return !held[cpu] && runStartNs[cpu] <= clock.nowNs();
  }

  /** The current task stops executing. */
  void stop(int cpu, int task) {
    settleWork(cpu, task);
    clock.cancel(completion + cpu);
  }

  /** The CPU enters interrupt context. */
  void suspend(int cpu, int task) {
    if (task == Scheduler.IDLE) {
      fairNs[cpu] = clock.nowNs();
    } else {
      leftNs[cpu] = Math.max(0, runStartNs[cpu] - clock.nowNs());
      stop(cpu, task);
    }
    held[cpu] = true;
  }

  /** The CPU is back in task context. */
  void resume(int cpu, int task) {
    held[cpu] = false;
    if (task != Scheduler.IDLE) {
      startAt(cpu, task, clock.nowNs() + leftNs[cpu]);
    }
  }

  /** Whether the current task has executed since it was switched in. */
  boolean hasProgressed(int cpu) {
    return progressed[cpu] || (!held[cpu] && clock.nowNs() > runStartNs[cpu]);
  }

  /** Counts the work done up to now. */
  void settleWork(int cpu, int task) {
    long now = clock.nowNs();
    if (now > runStartNs[cpu] && !held[cpu]) {
      progressed[cpu] = true;
      tasks.addWorkNs(task, now - runStartNs[cpu]);
      runStartNs[cpu] = now;
      if (bucket[cpu] == KernelCore.RANK_FAIR) {
        fairNs[cpu] = now;
      }
    }
  }

  /**
   * The CPU stands still: work goes on later.
   *
   * @param untilNs kernel time at which it does
   */
  void stretch(int cpu, int task, long nowNs, long untilNs) {
    stopStartNs[cpu] = nowNs;
    stopLengthNs[cpu] = untilNs - nowNs;
    if (task != Scheduler.IDLE && !held[cpu]) {
      leftNs[cpu] = Math.max(0, runStartNs[cpu] - nowNs);
      settleWork(cpu, task);
    }
  }

  /** Re-arms the completion behind a stop, after the clock was adjusted. */
  void goOnAt(int cpu, int task, long untilNs) {
    if (task != Scheduler.IDLE && !held[cpu]) {
      startAt(cpu, task, untilNs + leftNs[cpu]);
    }
  }

  /** Notes which kind of work the CPU does from now on. */
  void account(int cpu, int newBucket, long now) {
    bucketNs[cpu * BUCKETS + bucket[cpu]] += now - bucketSinceNs[cpu];
    bucketSinceNs[cpu] = now;
    if (bucket[cpu] == IDLE_TIME) {
      idleExitNs[cpu] = now;
      fairNs[cpu] = now;
    }
    bucket[cpu] = newBucket;
    switches[cpu]++;
  }

  /**
   * How much of the time since an instant the CPU stood still, ns of kernel time; only the last
   * stop counts.
   */
  public long stoppedSinceNs(int cpu, long sinceNs) {
    return stopStartNs[cpu] >= sinceNs ? stopLengthNs[cpu] : 0;
  }

  /** Begin of the last stop of a CPU, kernel time, or {@link TaskTable#NONE}. */
  public long lastStopNs(int cpu) {
    return stopStartNs[cpu];
  }

  /** Time given to one class (its rank, or {@link #IDLE_TIME}) up to now, ns. */
  public long classNs(int cpu, int which) {
    long open = bucket[cpu] == which ? clock.nowNs() - bucketSinceNs[cpu] : 0;
    return bucketNs[cpu * BUCKETS + which] + open;
  }

  /**
   * Work a task has done up to now, ns.
   *
   * @param runs whether it is current on the CPU
   */
  public long workNs(int cpu, int task, boolean runs) {
    long open = runs && !held[cpu] ? Math.max(0, clock.nowNs() - runStartNs[cpu]) : 0;
    return tasks.workNs(task) + open;
  }

  /** When the CPU last changed its task, kernel time, ns. */
  public long lastSwitchNs(int cpu) {
    return bucketSinceNs[cpu];
  }

  /** When the CPU last left idle, kernel time, ns. */
  public long idleExitNs(int cpu) {
    return idleExitNs[cpu];
  }

  /** Last instant at which a fair task executed or could have, kernel time, ns. */
  public long lastFairNs(int cpu) {
    boolean idle = bucket[cpu] == IDLE_TIME;
    boolean runs = bucket[cpu] == KernelCore.RANK_FAIR && clock.nowNs() > runStartNs[cpu];
    return !held[cpu] && (idle || runs) ? clock.nowNs() : fairNs[cpu];
  }

  /** From when on the current task executes unless an interrupt comes, kernel time, ns. */
  public long executesFromNs(int cpu) {
    return runStartNs[cpu];
  }

  /** Context switches. */
  public long switches(int cpu) {
    return switches[cpu];
  }

  @Override
  public void save(StateBuffer out) {
    out.put(runStartNs, cpuCount);
    out.put(leftNs, cpuCount);
    out.put(held, cpuCount);
    out.put(progressed, cpuCount);
    out.put(bucketSinceNs, cpuCount);
    out.put(bucketNs, cpuCount * BUCKETS);
    out.put(bucket, cpuCount);
    out.put(stopStartNs, cpuCount);
    out.put(stopLengthNs, cpuCount);
    out.put(switches, cpuCount);
    out.put(idleExitNs, cpuCount);
    out.put(fairNs, cpuCount);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(runStartNs, cpuCount);
    in.take(leftNs, cpuCount);
    in.take(held, cpuCount);
    in.take(progressed, cpuCount);
    in.take(bucketSinceNs, cpuCount);
    in.take(bucketNs, cpuCount * BUCKETS);
    in.take(bucket, cpuCount);
    in.take(stopStartNs, cpuCount);
    in.take(stopLengthNs, cpuCount);
    in.take(switches, cpuCount);
    in.take(idleExitNs, cpuCount);
    in.take(fairNs, cpuCount);
  }
}
