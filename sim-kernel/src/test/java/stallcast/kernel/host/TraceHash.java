package stallcast.kernel.host;

import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.scenario.IncidentKind;

/** Folds everything that can be observed, with its time, into one number. */
final class TraceHash implements KernelObserver {
  private static final long PRIME = 0x100000001b3L;

  private final KernelClock clock;
  private long hash = 0xcbf29ce484222325L;
  private long count;

  TraceHash(Machine machine) {
    clock = machine.core().clock();
  }

  long value() {
    return hash;
  }

  void set(long value) {
    hash = value;
  }

  long count() {
    return count;
  }

  private void fold(long what, long a, long b, long c) {
    hash = (hash ^ clock.nowNs()) * PRIME;
    hash = (hash ^ what) * PRIME;
    hash = (hash ^ a) * PRIME;
    hash = (hash ^ b) * PRIME;
    hash = (hash ^ c) * PRIME;
    count++;
  }

  @Override
  public boolean wantsSwitches() {
    return true;
  }

  @Override
  public boolean wantsEveryTask() {
    return true;
  }

  @Override
  public void onSwitch(int cpu, int prev, int next) {
    fold(1, cpu, prev, next);
  }

  @Override
  public void onWakeup(int task, int cpu) {
    fold(2, task, cpu, 0);
  }

  @Override
  public void onLongWait(int task, int cpu, long waitedNs) {
    fold(3, task, cpu, waitedNs);
  }

  @Override
  public void onForgiven(int cpu, int task, long deltaNs, boolean byFlag) {
    fold(4, cpu, task, byFlag ? 1 : 0);
  }

  @Override
  public void onRtThrottle(int cpu, int group, long rtTimeNs, long runtimeNs) {
    fold(5, cpu, rtTimeNs, runtimeNs);
  }

  @Override
  public void onRtRefill(int cpu, int group, long overrun, long beforeNs, long afterNs) {
    fold(6, cpu, beforeNs, afterNs);
  }

  @Override
  public void onRtUnthrottle(int cpu, int group, long rtTimeNs) {
    fold(7, cpu, group, rtTimeNs);
  }

  @Override
  public void onRtBorrow(int cpu, int group, long runtimeNs) {
    fold(8, cpu, group, runtimeNs);
  }

  @Override
  public void onCfsThrottle(int cpu, int group, long remainingNs) {
    fold(30, cpu, group, remainingNs);
  }

  @Override
  public void onCfsHold(int cpu, int group, long remainingNs) {
    fold(31, cpu, group, remainingNs);
  }

  @Override
  public void onCfsUnthrottle(int cpu, int group, long remainingNs) {
    fold(32, cpu, group, remainingNs);
  }

  @Override
  public void onFairServer(int cpu, boolean running) {
    fold(9, cpu, running ? 1 : 0, 0);
  }

  @Override
  public void onStop(int operation, int occurrence, long stopNs, long shownNs, boolean flag) {
    fold(10, operation, stopNs, shownNs);
  }

  @Override
  public void onResume(int cpu) {
    fold(11, cpu, 0, 0);
  }

  @Override
  public void onFlagConsumed(int cpu, String consumer) {
    fold(12, cpu, consumer.length(), 0);
  }

  @Override
  public void onSoftLockup(int cpu, int task, long touchNs, int seconds) {
    fold(13, cpu, task, seconds);
  }

  @Override
  public void onReport(IncidentKind kind, int subject, long sinceNs, int seconds, boolean again) {
    fold(14 + kind.ordinal(), subject, sinceNs, again ? -seconds : seconds);
  }

  @Override
  public void onReportEnd(IncidentKind kind, int cpu, long atNs) {
    fold(40 + kind.ordinal(), cpu, atNs, 0);
  }

  @Override
  public void onSoftirqTrap(int cpu, long sinceNs) {
    fold(70, cpu, sinceNs, 0);
  }
}
