package stallcast.coordinator.scenario;

import java.util.Set;

/** Words of the scenario language, or of Linux, that this version knows but does not simulate. */
final class Unmodelled {
  private static final Set<String> WORDS =
      Set.of(
          // Blocks and keys of the language.
          "guests",
          "guest",
          "sweep",
          // Scheduling policies.
          "deadline",
          // Settings.
          "kernel.watchdog_cpumask",
          "kernel.hardlockup_all_cpu_backtrace",
          "kernel.hung_task_warnings",
          "kernel.hung_task_check_count",
          "kernel.hung_task_panic",
          "kernel.panic_on_rcu_stall",
          "kernel.max_rcu_stall_to_panic",
          "kernel.numa_balancing",
          "kernel.timer_migration",
          "net.core.netdev_max_backlog",
          "rcupdate.rcu_exp_cpu_stall_timeout",
          // Build options and features.
          "PARAVIRT_TIME_ACCOUNTING",
          "IRQ_TIME_ACCOUNTING",
          "TTWU_QUEUE",
          "NONTASK_CAPACITY",
          "UTIL_EST");

  private Unmodelled() {}

  /** Whether a word is known but not simulated. */
  static boolean contains(String word) {
    return WORDS.contains(word);
  }

  /** What to tell the user. */
  static String message(String word) {
    return "'" + word + "' is not modelled by this version";
  }
}
