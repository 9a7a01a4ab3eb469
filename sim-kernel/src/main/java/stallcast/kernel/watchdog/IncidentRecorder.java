package stallcast.kernel.watchdog;

import java.util.Arrays;
import stallcast.kernel.cpu.CpuTime;
import stallcast.kernel.cpu.IncidentLog;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.cpu.KernelThreads;
import stallcast.kernel.cpu.RtBooks;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.IncidentKind;

/**
 * Turns what is observed into incident records with their causes.
 *
 * <p>Models: the definitions of incidents-and-sysctls.md section 1. An RT throttle episode is an
 * incident if time of a stop is on the books of its queue; without, it is the ordinary throttling
 * of a hog ({@code steady}). A freeze counts time in which the machine runs and a runnable task
 * does not; the stop itself is the {@code vm-blackout}; so one interval counts once. All tasks that
 * one episode holds are one freeze; so are all tasks that one debt of a cpu.max queue holds. State:
 * open episode [group][cpu], last one [cpu], the same of debts.
 */
public final class IncidentRecorder implements KernelObserver, Stateful {
  private static final int NONE = -1;
  private static final int KINDS = IncidentKind.values().length;
  private static final int STEADY = -2; // an open episode that is no incident

  private final KernelClock clock;
  private final CpuTime cpuTime;
  private final TaskTable tasks;
  private final Scheduler scheduler;
  private final KernelThreads threads;
  private final RtBooks books;
  private final IncidentLog log;
  private final OperationCauses operations;
  private int cpuCount;
  private int rows; // groups x CPUs
  private long freezeNs;
  private int[] episode = new int[0]; // [group][cpu] open record
  private int[] refills = new int[0]; // [group][cpu] of the open episode
  private long[] beganNs = new long[0]; // [group][cpu] begin of the open episode, kernel time
  private int[] lastEpisode = new int[0]; // [cpu] record of the last episode
  private int[] frozenBy = new int[0]; // [cpu] episode that a freeze was recorded for
  private int[] reported = new int[0]; // [kind][cpu] open record of a detector
  private int[] trap = new int[0]; // [cpu] last softirq trap
  private int[] trapFreeze = new int[0]; // [cpu] open freeze of the task that the trap hit
  private int leftOpen; // records that earlier runs of the host left open
  private long[] heldNs = new long[0]; // [group][cpu] cpu.max holds tasks since, or TaskTable.NONE
  private long[] releasedNs = new long[0]; // [group][cpu] when cpu.max released it last
  private int[] lastDebt = new int[0]; // [cpu] record of the last debt

  /**
   * A recorder.
   *
   * @param books where the RT time stands
   */
  public IncidentRecorder(KernelCore core, RtBooks books, IncidentLog log) {
    clock = core.clock();
    cpuTime = core.cpuTime();
    tasks = core.tasks();
    scheduler = core.scheduler();
    threads = core.threads();
    this.books = books;
    this.log = log;
    operations = new OperationCauses(log);
  }

  /** Starts a run; records of earlier runs of the host stay in the log. */
  public void reset(HostConfig config, long freezeThresholdNs) {
    cpuCount = config.cpus();
    rows = cpuCount * (config.cgroups().size() + 1);
    freezeNs = freezeThresholdNs;
    if (episode.length < rows) {
      episode = new int[rows];
      refills = new int[rows];
      beganNs = new long[rows];
      heldNs = new long[rows];
      releasedNs = new long[rows];
    }
    if (lastEpisode.length < cpuCount) {
      lastEpisode = new int[cpuCount];
      lastDebt = new int[cpuCount];
      frozenBy = new int[cpuCount];
      reported = new int[KINDS * cpuCount];
      trap = new int[cpuCount];
      trapFreeze = new int[cpuCount];
    }
    Arrays.fill(episode, 0, rows, NONE);
    Arrays.fill(refills, 0, rows, 0);
    Arrays.fill(beganNs, 0, rows, 0);
    Arrays.fill(heldNs, 0, rows, TaskTable.NONE);
    Arrays.fill(releasedNs, 0, rows, 0);
    Arrays.fill(lastEpisode, 0, cpuCount, NONE);
    Arrays.fill(lastDebt, 0, cpuCount, NONE);
    Arrays.fill(frozenBy, 0, cpuCount, NONE);
    Arrays.fill(reported, 0, KINDS * cpuCount, NONE);
    Arrays.fill(trap, 0, cpuCount, NONE);
    Arrays.fill(trapFreeze, 0, cpuCount, NONE);
    leftOpen = log.openCount();
    operations.reset();
  }

  @Override
  public void onStop(int operation, int occurrence, long stopNs, long shownNs, boolean flag) {
    int blackout = NONE;
    if (stopNs >= freezeNs) {
      long now = clock.toEngineNs(clock.nowNs());
      blackout = log.open(IncidentKind.VM_BLACKOUT, now, NONE, NONE, NONE);
      log.attribute(blackout, operation, occurrence);
      log.close(blackout, now + stopNs);
    }
    operations.onStop(operation, occurrence, blackout);
  }

  @Override
  public void onBurst(int operation, int occurrence, double factor, long lengthNs) {
    operations.onBurst(operation, occurrence, clock.toEngineNs(clock.nowNs()) + lengthNs);
  }

  @Override
  public void onRtThrottle(int cpu, int group, long rtTimeNs, long runtimeNs) {
    int row = group * cpuCount + cpu;
    beganNs[row] = clock.nowNs();
    refills[row] = 0;
    if (books.stoppedNs(cpu, group) == 0) {
      episode[row] = STEADY;
      return;
    }
    long startNs = clock.toEngineNs(beganNs[row]);
    int task = scheduler.current(cpu);
    int record = log.open(IncidentKind.RT_THROTTLE_LONG, startNs, cpu, task, operations.blackout());
    operations.attributeToStop(record);
    log.describeThrottle(record, books.branch(cpu, group), rtTimeNs, books.running(cpu, group));
    episode[row] = record;
    lastEpisode[cpu] = record;
  }

  @Override
  public void onRtRefill(int cpu, int group, long overrun, long beforeNs, long afterNs) {
    refills[group * cpuCount + cpu] += (int) overrun;
  }

  @Override
  public void onRtUnthrottle(int cpu, int group, long rtTimeNs) {
    int row = group * cpuCount + cpu;
    int record = episode[row];
    episode[row] = NONE;
    long lengthNs = clock.nowNs() - beganNs[row];
    if (record == STEADY) {
      log.countSteady(clock.toEngineNs(beganNs[row]), lengthNs);
      return;
    }
    log.close(record, clock.toEngineNs(clock.nowNs()));
    log.settleThrottle(record, rtTimeNs, refills[row]);
    if (lengthNs == 0) {
      log.reclassify(record, IncidentKind.RT_THROTTLE_MICRO);
    } else if (lengthNs <= books.periodNs(group)) {
      log.reclassify(record, IncidentKind.RT_THROTTLE_SHORT);
    }
  }

  @Override
  public void onCfsHold(int cpu, int group, long remainingNs) {
    heldNs[group * cpuCount + cpu] = clock.nowNs();
  }

  @Override
  public void onCfsUnthrottle(int cpu, int group, long remainingNs) {
    int row = group * cpuCount + cpu;
    if (heldNs[row] != TaskTable.NONE) {
      int record = isLongDebt(row) ? openDebt(row) : NONE;
      log.close(record, clock.toEngineNs(clock.nowNs()));
      heldNs[row] = TaskTable.NONE;
    }
    releasedNs[row] = clock.nowNs();
  }

  private boolean isLongDebt(int row) {
    return heldNs[row] != TaskTable.NONE && clock.nowNs() - heldNs[row] >= freezeNs;
  }

  /** Records a debt; a stop since the queue was last released is what made it. */
  private int openDebt(int row) {
    int cpu = row % cpuCount;
    boolean stopped = cpuTime.lastStopNs(cpu) >= releasedNs[row];
    long startNs = clock.toEngineNs(heldNs[row]);
    int parent = stopped ? operations.blackout() : NONE;
    int record = log.open(IncidentKind.CFS_DEBT, startNs, cpu, NONE, parent);
    if (stopped) {
      operations.attributeToStop(record);
    }
    lastDebt[cpu] = record;
    return record;
  }

  @Override
  public void onLongWait(int task, int cpu, long waitedNs) {
    freeze(task, cpu, waitedNs, true);
  }

  /** Records what still waits at the end of the run, and judges open episodes by their age. */
  public void finish() {
    for (int row = 0; row < rows; row++) {
      long ageNs = clock.nowNs() - beganNs[row];
      if (episode[row] >= 0 && ageNs <= books.periodNs(row / cpuCount)) {
        log.reclassify(episode[row], IncidentKind.RT_THROTTLE_SHORT);
      }
    }
    for (int row = 0; row < rows; row++) {
      if (isLongDebt(row)) {
        openDebt(row);
      }
    }
    for (int task = 0; task < tasks.count(); task++) {
      if (tasks.offSinceNs(task) != TaskTable.NONE) {
        freeze(task, tasks.cpu(task), clock.nowNs() - tasks.offSinceNs(task), false);
      }
    }
  }

  private void freeze(int task, int cpu, long waitedNs, boolean over) {
    long now = clock.nowNs();
    if (threads.isThread(task)) {
      return;
    }
    long frozenNs = waitedNs - cpuTime.stoppedSinceNs(cpu, now - waitedNs);
    if (frozenNs < freezeNs) {
      return;
    }
    long startNs = clock.toEngineNs(now) - frozenNs;
    int cause = causeOf(cpu, startNs);
    boolean caused = cause != NONE;
    if (caused && frozenBy[cpu] == cause) {
      return;
    }
    frozenBy[cpu] = caused ? cause : NONE;
    int record = log.open(IncidentKind.FREEZE, startNs, cpu, task, caused ? cause : NONE);
    if (caused) {
      log.attribute(record, log.operation(cause), log.occurrence(cause));
    }
    if (over) {
      log.close(record, clock.toEngineNs(now));
    }
  }

  /**
   * The episode, trap or debt of a CPU that overlaps a freeze; of several the one that began first.
   */
  private int causeOf(int cpu, long startNs) {
    int cause = overlapping(lastEpisode[cpu], startNs);
    cause = earlier(cause, overlapping(trap[cpu], startNs));
    return earlier(cause, overlapping(lastDebt[cpu], startNs));
  }

  private int earlier(int record, int other) {
    if (record == NONE || other == NONE) {
      return Math.max(record, other);
    }
    return log.startNs(record) <= log.startNs(other) ? record : other;
  }

  private int overlapping(int record, long startNs) {
    boolean overlaps = record != NONE && (log.isOpen(record) || log.endNs(record) > startNs);
    return overlaps ? record : NONE;
  }

  @Override
  public void onSoftirqTrap(int cpu, long sinceNs) {
    long startNs = clock.toEngineNs(sinceNs);
    int task = scheduler.current(cpu);
    int record = log.open(IncidentKind.SOFTIRQ_TRAP, startNs, cpu, task, NONE);
    trap[cpu] = record;
    reported[slot(IncidentKind.SOFTIRQ_TRAP, cpu)] = record;
    operations.attributeToBurst(record, startNs);
    if (task != Scheduler.IDLE && !threads.isThread(task) && record != NONE) {
      frozenBy[cpu] = record;
      trapFreeze[cpu] = log.open(IncidentKind.FREEZE, startNs, cpu, task, record);
      operations.attributeToBurst(trapFreeze[cpu], startNs);
    }
  }

  private int slot(IncidentKind kind, int cpu) {
    return kind.ordinal() * cpuCount + cpu;
  }

  @Override
  public void onSoftLockup(int cpu, int task, long touchNs, int seconds) {
    report(IncidentKind.SOFT_LOCKUP, cpu, task, touchNs, seconds);
  }

  @Override
  public void onReport(IncidentKind kind, int subject, long sinceNs, int seconds, boolean again) {
    if (kind != IncidentKind.HUNG_TASK) {
      report(kind, subject, scheduler.current(subject), sinceNs, seconds);
    } else if (again) {
      int record = log.latest(kind, subject);
      long now = clock.toEngineNs(clock.nowNs());
      log.report(record, now, seconds);
      log.extend(record, now);
    } else {
      report(kind, tasks.cpu(subject), subject, sinceNs, seconds);
    }
  }

  /** Records what a detector prints; the same again only counts. */
  private void report(IncidentKind kind, int cpu, int task, long sinceNs, int seconds) {
    long now = clock.toEngineNs(clock.nowNs());
    boolean ofTask = kind == IncidentKind.HUNG_TASK;
    int slot = slot(kind, cpu);
    int record = ofTask ? NONE : reported[slot];
    if (record == NONE) {
      boolean stopped = cpuTime.lastStopNs(cpu) >= sinceNs;
      int trapped = ofTask ? NONE : overlapping(trap[cpu], clock.toEngineNs(sinceNs));
      int cause = stopped && operations.blackout() != NONE ? operations.blackout() : trapped;
      record = log.open(kind, clock.toEngineNs(sinceNs), cpu, task, cause);
      if (stopped) {
        operations.attributeToStop(record);
      } else if (threads.has(cpu) && !ofTask) {
        operations.attributeToBurst(record, clock.toEngineNs(sinceNs));
      }
    }
    log.report(record, now, seconds);
    if (ofTask) {
      log.close(record, now);
    } else {
      reported[slot] = record;
    }
  }

  @Override
  public void onReportEnd(IncidentKind kind, int cpu, long atNs) {
    int slot = slot(kind, cpu);
    log.close(reported[slot], clock.toEngineNs(atNs));
    reported[slot] = NONE;
    if (kind == IncidentKind.SOFTIRQ_TRAP) {
      log.close(trapFreeze[cpu], clock.toEngineNs(atNs));
      trapFreeze[cpu] = NONE;
    }
  }

  /** Whether an incident that has to end is still open. */
  public boolean isAnyOpen() {
    boolean open = log.openCount() > leftOpen;
    for (int row = 0; row < rows && !open; row++) {
      open = isLongDebt(row);
    }
    return open;
  }

  @Override
  public void save(StateBuffer out) {
    out.put(episode, rows);
    out.put(refills, rows);
    out.put(beganNs, rows);
    out.put(heldNs, rows);
    out.put(releasedNs, rows);
    out.put(lastEpisode, cpuCount);
    out.put(lastDebt, cpuCount);
    out.put(frozenBy, cpuCount);
    out.put(reported, KINDS * cpuCount);
    out.put(trap, cpuCount);
    out.put(trapFreeze, cpuCount);
    out.put(leftOpen);
    operations.save(out);
    log.save(out);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(episode, rows);
    in.take(refills, rows);
    in.take(beganNs, rows);
    in.take(heldNs, rows);
    in.take(releasedNs, rows);
    in.take(lastEpisode, cpuCount);
    in.take(lastDebt, cpuCount);
    in.take(frozenBy, cpuCount);
    in.take(reported, KINDS * cpuCount);
    in.take(trap, cpuCount);
    in.take(trapFreeze, cpuCount);
    leftOpen = in.takeInt();
    operations.restore(in);
    log.restore(in);
  }
}
