package stallcast.kernel.scenario;

import java.util.Locale;

/**
 * What a group weighs on one CPU: its shares, times a factor, times this CPU's part of the group's
 * load (debugfs sched/cgroup_mode, 7.3; eevdf-and-directed-yield.md section 1.3).
 */
public enum CgroupMode {
  /** The shares on every CPU, whatever the load. */
  UP,
  /** Factor 1: the rule of all earlier kernels. */
  SMP,
  /** Factor: the group's runnable tasks, at most the CPUs. */
  CONCUR,
  /** Factor: the CPUs; the weight on one CPU is at most that of nice -20. */
  MAX,
  /** Factor: the group's runnable tasks. */
  TASKS;

  /** The word in scenarios, as the kernel spells it. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
