package stallcast.kernel.host;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.scenario.IncidentKind;

/** A run of a test fleet's first host, and what was seen of it: kernel times, in order. */
final class Watched implements KernelObserver {
  /** One observation. */
  record Event(long atNs, String what, int cpu, long value, long other) {}

  private final List<Event> events = new ArrayList<>();
  private final Machine machine;
  private HostOutcome outcome;

  private Watched(Machine machine) {
    this.machine = machine;
  }

  static Watched run(TestFleet fleet) {
    HostSimulation simulation = new HostSimulation(fleet.spec());
    Watched[] watched = new Watched[1];
    simulation.watch(machine -> watched[0] = new Watched(machine));
    watched[0].outcome = simulation.run(0);
    return watched[0];
  }

  HostOutcome outcome() {
    return outcome;
  }

  Machine machine() {
    return machine;
  }

  List<Event> all(String what) {
    return events.stream().filter(e -> e.what().equals(what)).toList();
  }

  /** Instants of one kind of event on a CPU, in units of {@code unitNs}; the first {@code max}. */
  List<Long> times(String what, int cpu, long unitNs, int max) {
    return all(what).stream()
        .filter(e -> e.cpu() == cpu)
        .limit(max)
        .map(e -> exact(e.atNs(), unitNs))
        .toList();
  }

  private static long exact(long ns, long unitNs) {
    if (ns % unitNs != 0) {
      throw new AssertionError(ns + " ns is not a multiple of " + unitNs);
    }
    return ns / unitNs;
  }

  /** Switches of a CPU as {@code "<time> <task>"}, {@code -} for idle; the first {@code max}. */
  List<String> switches(int cpu, long unitNs, int max, String... names) {
    LongFunction<String> name = task -> task < 0 ? "-" : names[(int) task];
    return all("switch").stream()
        .filter(e -> e.cpu() == cpu)
        .limit(max)
        .map(e -> exact(e.atNs(), unitNs) + " " + name.apply(e.other()))
        .toList();
  }

  private void add(String what, int cpu, long value, long other) {
    events.add(new Event(machine.core().clock().nowNs(), what, cpu, value, other));
  }

  @Override
  public boolean wantsSwitches() {
    return true;
  }

  @Override
  public void onSwitch(int cpu, int prev, int next) {
    add("switch", cpu, prev, next);
  }

  @Override
  public void onWakeup(int task, int cpu) {
    add("wakeup", cpu, task, 0);
  }

  /** Longest time from a wake-up of a task, at {@code fromNs} or later, until it ran. */
  long longestWakeNs(int task, long fromNs) {
    long longest = 0;
    long wokenNs = Long.MAX_VALUE;
    for (Event e : events) {
      if (e.what().equals("wakeup") && e.value() == task && e.atNs() >= fromNs) {
        wokenNs = e.atNs();
      } else if (e.what().equals("switch") && e.other() == task) {
        longest = Math.max(longest, e.atNs() - wokenNs);
        wokenNs = Long.MAX_VALUE;
      }
    }
    return longest;
  }

  @Override
  public void onForgiven(int cpu, int task, long deltaNs, boolean byFlag) {
    add("forgiven", cpu, deltaNs, byFlag ? 1 : 0);
  }

  @Override
  public void onRtThrottle(int cpu, int group, long rtTimeNs, long runtimeNs) {
    add("throttle", cpu, group, rtTimeNs);
  }

  @Override
  public void onRtUnthrottle(int cpu, int group, long rtTimeNs) {
    add("unthrottle", cpu, group, rtTimeNs);
  }

  @Override
  public void onRtBorrow(int cpu, int group, long runtimeNs) {
    add("borrow", cpu, group, runtimeNs);
  }

  @Override
  public void onCfsThrottle(int cpu, int group, long remainingNs) {
    add("cfs-throttle", cpu, group, remainingNs);
  }

  @Override
  public void onCfsHold(int cpu, int group, long remainingNs) {
    add("cfs-hold", cpu, group, remainingNs);
  }

  @Override
  public void onCfsUnthrottle(int cpu, int group, long remainingNs) {
    add("cfs-unthrottle", cpu, group, remainingNs);
  }

  @Override
  public void onFairServer(int cpu, boolean running) {
    add(running ? "server-on" : "server-off", cpu, 0, 0);
  }

  @Override
  public void onResume(int cpu) {
    add("resume", cpu, 0, 0);
  }

  @Override
  public void onFlagConsumed(int cpu, String consumer) {
    add("flag " + consumer, cpu, 0, 0);
  }

  @Override
  public void onSoftirqEntry(int cpu, int pending) {
    add("softirq-entry", cpu, pending, 0);
  }

  @Override
  public void onSoftirqExit(int cpu, long items) {
    add("softirq-exit", cpu, items, 0);
  }

  @Override
  public void onSoftLockup(int cpu, int task, long touchNs, int seconds) {
    add("soft-lockup", cpu, touchNs, seconds);
  }

  @Override
  public void onReport(IncidentKind kind, int subject, long sinceNs, int seconds, boolean again) {
    add(kind.key(), subject, sinceNs, seconds);
  }
}
