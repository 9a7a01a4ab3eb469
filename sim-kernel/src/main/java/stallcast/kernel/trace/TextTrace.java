package stallcast.kernel.trace;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.cpu.RtBooks;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.kernel.scenario.SoftirqVector;

/**
 * One line per observation, in the words of a kernel log: engine time, CPU, what happened.
 *
 * <p>Shows the CPUs that a filter lets through, and stops of the machine always. Switches,
 * wake-ups, softirqs and cpu.max are shown all, or only those that frame a throttle episode or a
 * deep debt. Interrupts of the push walker are counted from line to line of their CPU.
 */
public final class TextTrace implements KernelObserver {
  private static final double NS_PER_SECOND = 1e9;
  private static final long DEBT_SHOWN_NS = 1_000_000_000; // cpu.max debts that make a story

  private final KernelCore core;
  private final RtBooks books;
  private final IntFunction<String> taskName;
  private final IntFunction<String> operationName;
  private final IntFunction<String> groupName;
  private final IntPredicate shows;
  private final boolean everySwitch;
  private final Consumer<String> sink;
  private final BitSet framed = new BitSet(); // CPUs whose next switch belongs to an episode
  private final BitSet indebted = new BitSet(); // [group][cpu] queues held with such a debt
  private long[] walkerHits = new long[0]; // [cpu] since its last line

  /**
   * A trace.
   *
   * @param core the kernel that is watched
   * @param books its real-time books
   * @param names how tasks and operations are called
   * @param shows which CPUs are shown
   * @param everySwitch whether all switches and wake-ups are shown
   * @param sink gets the lines, in order
   */
  public TextTrace(
      KernelCore core,
      RtBooks books,
      Names names,
      IntPredicate shows,
      boolean everySwitch,
      Consumer<String> sink) {
    this.core = core;
    this.books = books;
    this.taskName = names.task();
    this.operationName = names.operation();
    this.groupName = names.group();
    this.shows = shows;
    this.everySwitch = everySwitch;
    this.sink = sink;
  }

  /**
   * How things are called.
   *
   * @param task name of a task id
   * @param operation name of an operation index
   * @param group path of a control group, 0 for the root
   */
  public record Names(
      IntFunction<String> task, IntFunction<String> operation, IntFunction<String> group) {}

  @Override
  public boolean wantsSwitches() {
    return true;
  }

  @Override
  public void onSwitch(int cpu, int prev, int next) {
    if (everySwitch || framed.get(cpu)) {
      framed.clear(cpu);
      line(cpu, "sched_switch", name(prev) + " ==> " + name(next));
    }
  }

  @Override
  public void onWakeup(int task, int cpu) {
    boolean isHeld = books.isThrottled(cpu, 0) && core.tasks().rank(task) == KernelCore.RANK_RT;
    if (everySwitch || isHeld) {
      String held = isHeld ? "  (its queue is throttled: it has to wait)" : "";
      line(cpu, "sched_wakeup", name(task) + held);
    }
  }

  @Override
  public void onLongWait(int task, int cpu, long waitedNs) {
    line(cpu, "freeze", name(task) + " was runnable without CPU for " + seconds(waitedNs));
  }

  @Override
  public void onStallCharge(int cpu, int task, long deltaNs, long rtTimeNs) {
    String charge = name(task) + " is charged " + seconds(deltaNs) + ", stop included; rt_time ";
    line(cpu, "update_curr_rt", charge + seconds(rtTimeNs));
  }

  @Override
  public void onForgiven(int cpu, int task, long deltaNs, boolean byFlag) {
    String why = byFlag ? "the guest-stopped flag is set" : "longer than sched_rt_period";
    line(cpu, "rfc", name(task) + ": charge of " + seconds(deltaNs) + " forgiven: " + why);
  }

  @Override
  public void onRtThrottle(int cpu, int group, long rtTimeNs, long runtimeNs) {
    framed.set(cpu);
    int held = books.running(cpu, group);
    line(
        cpu,
        "rt_throttled",
        "rt_time "
            + seconds(rtTimeNs)
            + " > rt_runtime "
            + seconds(runtimeNs)
            + branch(cpu, group)
            + "; "
            + held
            + (held == 1 ? " RT task is held" : " RT tasks are held"));
  }

  private String branch(int cpu, int group) {
    if (books.stoppedNs(cpu, group) == 0) {
      return "";
    }
    return switch (books.branch(cpu, group)) {
      case 'A' -> " (branch A: the period timer ran before this charge)";
      case 'B' -> " (branch B: the late period timer is still to run)";
      default -> " (branch C: no period ended during the stop)";
    };
  }

  @Override
  public void onRtRefill(int cpu, int group, long overrun, long beforeNs, long afterNs) {
    String periods = overrun == 1 ? "" : " for " + overrun + " periods";
    line(cpu, "rt_refill", "rt_time " + seconds(beforeNs) + " -> " + seconds(afterNs) + periods);
  }

  @Override
  public void onRtUnthrottle(int cpu, int group, long rtTimeNs) {
    framed.set(cpu);
    line(cpu, "rt_unthrottled", "rt_time " + seconds(rtTimeNs) + " is left on the books");
  }

  @Override
  public void onRtBorrow(int cpu, int group, long runtimeNs) {
    line(cpu, "rt_borrow", "rt_runtime is " + seconds(runtimeNs) + " now");
  }

  @Override
  public void onCfsThrottle(int cpu, int group, long remainingNs) {
    showCfs(cpu, group, "cfs_throttled", remainingNs, everySwitch);
  }

  @Override
  public void onCfsHold(int cpu, int group, long remainingNs) {
    boolean deep = remainingNs <= -DEBT_SHOWN_NS;
    if (deep) {
      indebted.set(group * core.cpuCount() + cpu);
    }
    showCfs(cpu, group, "cfs_held", remainingNs, everySwitch || deep);
  }

  @Override
  public void onCfsUnthrottle(int cpu, int group, long remainingNs) {
    int queue = group * core.cpuCount() + cpu;
    showCfs(cpu, group, "cfs_unthrottled", remainingNs, everySwitch || indebted.get(queue));
    indebted.clear(queue);
  }

  private void showCfs(int cpu, int group, String event, long remainingNs, boolean shown) {
    if (shown) {
      String name = groupName.apply(group);
      String remaining = String.format(Locale.ROOT, "%.9f s", remainingNs / NS_PER_SECOND);
      line(cpu, event, name + ": runtime_remaining " + remaining);
    }
  }

  @Override
  public void onFairServer(int cpu, boolean running) {
    if (everySwitch) {
      line(cpu, "fair_server", running ? "fair tasks go first" : "has had its share");
    }
  }

  @Override
  public void onStop(int operation, int occurrence, long stopNs, long shownNs, boolean flag) {
    String shown = shownNs == stopNs ? "all of it shown by the clock" : seconds(shownNs) + " shown";
    String text =
        "for "
            + seconds(stopNs)
            + ", "
            + shown
            + (flag ? ", guest-stopped flag set" : ", no guest-stopped flag");
    sink.accept(
        String.format(
            Locale.ROOT,
            "[%16.9f] ------ %-15s %s",
            engineNs() / NS_PER_SECOND,
            operationName.apply(operation),
            text));
  }

  @Override
  public void onResume(int cpu) {
    line(cpu, "resume", "vCPU goes on with " + name(core.scheduler().current(cpu)));
  }

  @Override
  public void onFlagConsumed(int cpu, String consumer) {
    line(cpu, "flag", consumer + " found the guest-stopped flag and cleared it");
  }

  @Override
  public void onSoftLockup(int cpu, int task, long touchNs, int seconds) {
    line(
        cpu,
        "watchdog",
        "BUG: soft lockup - CPU#" + cpu + " stuck for " + seconds + "s! [" + name(task) + "]");
  }

  @Override
  public void onReport(IncidentKind kind, int subject, long sinceNs, int seconds, boolean again) {
    boolean ofTask = kind == IncidentKind.HUNG_TASK;
    if (kind == IncidentKind.HARD_LOCKUP) {
      line(subject, "watchdog", "Watchdog detected hard LOCKUP on cpu " + subject);
      return;
    }
    int cpu = ofTask ? core.tasks().cpu(subject) : subject;
    String who = ofTask ? name(subject) + " blocked" : "stuck";
    line(cpu, kind.key(), who + " for " + seconds + " s" + (again ? ", again" : ""));
  }

  @Override
  public void onReportEnd(IncidentKind kind, int cpu, long atNs) {
    boolean trap = kind == IncidentKind.SOFTIRQ_TRAP;
    if (trap || core.clock().nowNs() > atNs || core.threads().has(cpu)) {
      line(cpu, kind.key(), trap ? "a task makes progress again" : "is over");
    }
  }

  @Override
  public void onSoftirqTrap(int cpu, long sinceNs) {
    String since = seconds(core.clock().nowNs() - sinceNs);
    line(cpu, IncidentKind.SOFTIRQ_TRAP.key(), "no task has made progress for " + since);
  }

  @Override
  public void onSoftirqEntry(int cpu, int pending) {
    if (everySwitch) {
      StringBuilder vectors = new StringBuilder();
      for (SoftirqVector vector : SoftirqVector.values()) {
        if ((pending & vector.bit()) != 0) {
          vectors.append(vectors.isEmpty() ? "" : ",").append(vector.name());
        }
      }
      line(cpu, "softirq_entry", "vec=" + vectors + " in " + current(cpu));
    }
  }

  @Override
  public void onSoftirqExit(int cpu, long items) {
    if (everySwitch) {
      line(cpu, "softirq_exit", items + (items == 1 ? " item" : " items") + " served");
    }
  }

  private String current(int cpu) {
    return name(core.scheduler().current(cpu));
  }

  @Override
  public void onWalkerIpi(int cpu, long visits) {
    if (walkerHits.length <= cpu) {
      walkerHits = Arrays.copyOf(walkerHits, core.cpuCount());
    }
    walkerHits[cpu] += visits;
  }

  private void line(int cpu, String event, String text) {
    if (shows.test(cpu)) {
      if (cpu < walkerHits.length && walkerHits[cpu] > 0) {
        long hits = walkerHits[cpu];
        walkerHits[cpu] = 0;
        print(cpu, "irq_work", "push walker came by " + (hits == 1 ? "once" : hits + " times"));
      }
      print(cpu, event, text);
    }
  }

  private void print(int cpu, String event, String text) {
    double at = engineNs() / NS_PER_SECOND;
    sink.accept(String.format(Locale.ROOT, "[%16.9f] cpu%03d %-15s %s", at, cpu, event, text));
  }

  private long engineNs() {
    return core.clock().toEngineNs(core.clock().nowNs());
  }

  private String name(int task) {
    return task == Scheduler.IDLE ? "swapper" : taskName.apply(task);
  }

  private static String seconds(long ns) {
    return String.format(Locale.ROOT, "%.6f s", ns / NS_PER_SECOND);
  }
}
