package stallcast.kernel.scenario;

import java.util.Optional;

/** Kinds of incidents, as incidents-and-sysctls.md section 1 defines them. */
public enum IncidentKind {
  /** The soft-lockup detector reported a CPU. */
  SOFT_LOCKUP("soft-lockup", true),
  /** The hard-lockup detector reported a CPU. */
  HARD_LOCKUP("hard-lockup", true),
  /** RCU reported a CPU that blocks a grace period. */
  RCU_STALL("rcu-stall", true),
  /** The workqueue watchdog reported a pool. */
  WORKQUEUE_LOCKUP("workqueue-lockup", true),
  /** A task stayed in state D past the timeout. */
  HUNG_TASK("hung-task", true),
  /** An RT throttle episode after a stall, longer than one period. */
  RT_THROTTLE_LONG("rt-throttle-long", true),
  /** An RT throttle episode after a stall, at most one period. */
  RT_THROTTLE_SHORT("rt-throttle-short", true),
  /** An RT throttle episode that ended in the timer interrupt that began it. */
  RT_THROTTLE_MICRO("rt-throttle-micro", true),
  /** Ordinary throttling of an RT hog without a stall: no incident, kept as a metric. */
  RT_THROTTLE_STEADY("rt-throttle-steady", false),
  /** A cpu.max queue was held for the freeze threshold or longer until its debt was paid. */
  CFS_DEBT("cfs-debt", true),
  /** Softirqs and interrupts kept all tasks off a CPU for the freeze threshold or longer. */
  SOFTIRQ_TRAP("softirq-trap", true),
  /** A runnable task got no CPU for the freeze threshold or longer. */
  FREEZE("freeze", true),
  /** The machine stood still for the freeze threshold or longer. */
  VM_BLACKOUT("vm-blackout", true);

  private final String key;
  private final boolean incident;

  IncidentKind(String key, boolean incident) {
    this.key = key;
    this.incident = incident;
  }

  /** The word in scenarios, tables and datasets. */
  public String key() {
    return key;
  }

  /** The word in column names. */
  public String column() {
    return key.replace('-', '_');
  }

  /** Whether it counts as an incident in fleet estimates. */
  public boolean isIncident() {
    return incident;
  }

  /** Finds a kind by its word. */
  public static Optional<IncidentKind> find(String key) {
    for (IncidentKind kind : values()) {
      if (kind.key.equals(key)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }
}
