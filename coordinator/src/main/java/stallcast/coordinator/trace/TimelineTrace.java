package stallcast.coordinator.trace;

import java.io.Closeable;
import java.io.IOException;
import java.io.Writer;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.host.Machine;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.kernel.scenario.SoftirqVector;

/**
 * A timeline of one host for trace viewers: per CPU a track of tasks, one of softirqs and one of
 * reports; spans of stops, throttling, waiting and traps; counters of interrupts of the push
 * walker, softirq backlog and rt_time. Engine time. After {@link #EVENTS_MAX} events it ends, and
 * says so.
 */
public final class TimelineTrace implements KernelObserver, Closeable {
  /** Events after which viewers become unusable. */
  public static final long EVENTS_MAX = 2_000_000;

  private static final int TRACKS = 3; // of a CPU: tasks, softirqs, reports
  private static final long RATE_NS = 100_000_000; // interrupts are counted over this time
  private static final double NS_PER_SECOND = 1e9;
  private static final double NS_PER_MS = 1e6;

  private final Machine machine;
  private final IntPredicate shows;
  private final TraceEventWriter out;
  private final long[] taskSinceNs; // [cpu]
  private final int[] task; // [cpu] that runs
  private final long[] softirqSinceNs; // [cpu] or -1
  private final String[] softirq; // [cpu] vectors
  private final long[] countSinceNs; // [cpu] interrupts of the walker are counted
  private final long[] count; // [cpu]
  private final TreeMap<String, Long> open =
      new TreeMap<>(); // what keeps tasks waiting, since when
  private boolean full;

  /**
   * A timeline of a host that is about to run.
   *
   * @param machine the host
   * @param cpus its CPUs
   * @param shows which of them are shown
   * @param target gets the file, closed by {@link #close}
   */
  public TimelineTrace(Machine machine, int cpus, IntPredicate shows, Writer target) {
    this.machine = machine;
    this.shows = shows;
    out = new TraceEventWriter(target);
    taskSinceNs = new long[cpus];
    task = new int[cpus];
    softirqSinceNs = new long[cpus];
    softirq = new String[cpus];
    countSinceNs = new long[cpus];
    count = new long[cpus];
    out.nameProcess("host");
    for (int cpu = 0; cpu < cpus; cpu++) {
      task[cpu] = Scheduler.IDLE;
      softirqSinceNs[cpu] = -1;
      if (shows.test(cpu)) {
        String name = String.format(Locale.ROOT, "CPU %03d", cpu);
        out.nameTrack(track(cpu, 0), name);
        out.nameTrack(track(cpu, 1), name + " softirq");
        out.nameTrack(track(cpu, 2), name + " reports");
      }
    }
  }

  private static int track(int cpu, int which) {
    return TRACKS * cpu + which + 1;
  }

  /** Whether the host had more events than the file shows. */
  public boolean isCut() {
    return full;
  }

  @Override
  public boolean wantsSwitches() {
    return true;
  }

  @Override
  public void onSwitch(int cpu, int prev, int next) {
    if (showsNow(cpu)) {
      endTask(cpu);
      task[cpu] = next;
      taskSinceNs[cpu] = nowNs();
    }
  }

  private void endTask(int cpu) {
    if (task[cpu] != Scheduler.IDLE && taskSinceNs[cpu] < nowNs()) {
      out.slice(track(cpu, 0), name(task[cpu]), taskSinceNs[cpu], nowNs(), "");
    }
  }

  @Override
  public void onSoftirqEntry(int cpu, int pending) {
    if (showsNow(cpu)) {
      StringBuilder vectors = new StringBuilder();
      for (SoftirqVector vector : SoftirqVector.values()) {
        if ((pending & vector.bit()) != 0) {
          vectors.append(vectors.isEmpty() ? "" : ",").append(vector.name());
        }
      }
      softirq[cpu] = vectors.toString();
      softirqSinceNs[cpu] = nowNs();
      countBacklog(cpu);
    }
  }

  @Override
  public void onSoftirqExit(int cpu, long items) {
    if (showsNow(cpu)) {
      endSoftirq(cpu, "\"items\":" + items);
      countBacklog(cpu);
    }
  }

  private void endSoftirq(int cpu, String args) {
    if (softirqSinceNs[cpu] >= 0) {
      out.slice(track(cpu, 1), softirq[cpu], softirqSinceNs[cpu], nowNs(), args);
      softirqSinceNs[cpu] = -1;
    }
  }

  private void countBacklog(int cpu) {
    double backlog = machine.softirqs().backlog(cpu);
    out.counter(label(cpu, "softirq backlog"), nowNs(), "items", backlog);
  }

  @Override
  public void onWalkerIpi(int cpu, long visits) {
    if (showsNow(cpu)) {
      count[cpu] += visits;
      if (nowNs() - countSinceNs[cpu] >= RATE_NS) {
        endCount(cpu);
      }
    }
  }

  private void endCount(int cpu) {
    long lengthNs = nowNs() - countSinceNs[cpu];
    if (lengthNs > 0) {
      double perSecond = count[cpu] * NS_PER_SECOND / lengthNs;
      String name = label(cpu, "push walker interrupts");
      out.counter(name, countSinceNs[cpu], "per second", Math.rint(perSecond));
    }
    count[cpu] = 0;
    countSinceNs[cpu] = nowNs();
  }

  @Override
  public void onLongWait(int waiter, int cpu, long waitedNs) {
    if (showsNow(cpu)) {
      out.span("freeze", label(cpu, name(waiter) + " waits"), nowNs() - waitedNs, nowNs(), "");
    }
  }

  @Override
  public void onStallCharge(int cpu, int charged, long deltaNs, long rtTimeNs) {
    countRtTime(cpu, rtTimeNs);
  }

  @Override
  public void onRtThrottle(int cpu, int group, long rtTimeNs, long runtimeNs) {
    countRtTime(cpu, rtTimeNs);
    begin(cpu, label(cpu, "rt throttled, group " + group), nowNs());
  }

  @Override
  public void onRtRefill(int cpu, int group, long overrun, long beforeNs, long afterNs) {
    countRtTime(cpu, afterNs);
  }

  @Override
  public void onRtUnthrottle(int cpu, int group, long rtTimeNs) {
    countRtTime(cpu, rtTimeNs);
    end(cpu, label(cpu, "rt throttled, group " + group));
  }

  private void countRtTime(int cpu, long rtTimeNs) {
    if (showsNow(cpu)) {
      out.counter(label(cpu, "rt_time"), nowNs(), "ms", rtTimeNs / NS_PER_MS);
    }
  }

  @Override
  public void onCfsThrottle(int cpu, int group, long remainingNs) {
    countRemaining(cpu, group, remainingNs);
    begin(cpu, label(cpu, "cpu.max throttled, group " + group), nowNs());
  }

  @Override
  public void onCfsUnthrottle(int cpu, int group, long remainingNs) {
    countRemaining(cpu, group, remainingNs);
    end(cpu, label(cpu, "cpu.max throttled, group " + group));
  }

  private void countRemaining(int cpu, int group, long remainingNs) {
    if (showsNow(cpu)) {
      String name = label(cpu, "runtime_remaining, group " + group);
      out.counter(name, nowNs(), "ms", remainingNs / NS_PER_MS);
    }
  }

  private void begin(int cpu, String name, long sinceNs) {
    if (showsNow(cpu)) {
      open.put(name, sinceNs);
    }
  }

  private void end(int cpu, String name) {
    Long sinceNs = open.remove(name);
    if (sinceNs != null && showsNow(cpu)) {
      out.span("kept waiting", name, sinceNs, nowNs(), "");
    }
  }

  @Override
  public void onStop(int operation, int occurrence, long stopNs, long shownNs, boolean flag) {
    if (!full) {
      String args = "\"shown by the clock, ms\":" + shownNs / NS_PER_MS;
      out.span("stop", operationName(operation), nowNs(), nowNs() + stopNs, args);
    }
  }

  @Override
  public void onBurst(int operation, int occurrence, double factor, long lengthNs) {
    if (!full) {
      String args = "\"factor\":" + factor;
      out.span("load", operationName(operation), nowNs(), nowNs() + lengthNs, args);
    }
  }

  @Override
  public void onSoftLockup(int cpu, int current, long touchNs, int seconds) {
    String text = "BUG: soft lockup - CPU#" + cpu + " stuck for " + seconds + "s!";
    report(cpu, text + " [" + name(current) + "]");
  }

  @Override
  public void onReport(IncidentKind kind, int subject, long sinceNs, int seconds, boolean again) {
    boolean ofTask = kind == IncidentKind.HUNG_TASK;
    int cpu = ofTask ? machine.core().tasks().cpu(subject) : subject;
    report(cpu, kind.key() + (ofTask ? " " + name(subject) : "") + " " + seconds + " s");
  }

  private void report(int cpu, String text) {
    if (showsNow(cpu)) {
      out.instant(track(cpu, 2), text, nowNs(), "");
    }
  }

  @Override
  public void onReportEnd(IncidentKind kind, int cpu, long atNs) {
    end(cpu, label(cpu, kind.key()));
  }

  @Override
  public void onSoftirqTrap(int cpu, long sinceNs) {
    begin(cpu, label(cpu, IncidentKind.SOFTIRQ_TRAP.key()), toEngineNs(sinceNs));
  }

  private boolean showsNow(int cpu) {
    full |= out.events() >= EVENTS_MAX;
    return !full && shows.test(cpu);
  }

  private String operationName(int operation) {
    return machine.host().operations().get(operation).spec().kind().key();
  }

  private static String label(int cpu, String what) {
    return String.format(Locale.ROOT, "CPU %03d %s", cpu, what);
  }

  private String name(int ofTask) {
    return ofTask == Scheduler.IDLE ? "swapper" : machine.taskName(ofTask);
  }

  private long nowNs() {
    return toEngineNs(machine.core().clock().nowNs());
  }

  private long toEngineNs(long kernelNs) {
    return machine.core().clock().toEngineNs(kernelNs);
  }

  /** Ends what is still going on at the end of the run, and the file. */
  @Override
  public void close() throws IOException {
    for (int cpu = 0; cpu < task.length; cpu++) {
      if (showsNow(cpu)) {
        endTask(cpu);
        endSoftirq(cpu, "");
        endCount(cpu);
      }
    }
    open.forEach((name, sinceNs) -> out.span("open at the end", name, sinceNs, nowNs(), ""));
    out.close();
  }
}
