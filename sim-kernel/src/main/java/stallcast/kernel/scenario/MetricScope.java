package stallcast.kernel.scenario;

import java.util.Optional;

/** What a metric is about. */
public enum MetricScope {
  /** One CPU. */
  CPU("cpu", "cpu N"),
  /** A task template or one of its tasks. */
  TASK("task", "task NAME"),
  /** A control group. */
  CGROUP("cgroup", "cgroup PATH"),
  /** One virtual machine. */
  VM("vm", "vm NAME"),
  /** One kind of incident. */
  INCIDENT("incident", "incident KIND"),
  /** The whole machine. */
  MACHINE("machine", "machine");

  private final String key;
  private final String form;

  MetricScope(String key, String form) {
    this.key = key;
    this.form = form;
  }

  /** The word in metric names. */
  public String key() {
    return key;
  }

  /** How a metric of this scope is written. */
  public String form() {
    return form;
  }

  /** All words, for messages. */
  public static String keys() {
    return "cpu, task, cgroup, vm, incident, machine";
  }

  /** Finds a scope by its word. */
  public static Optional<MetricScope> find(String key) {
    for (MetricScope scope : values()) {
      if (scope.key.equals(key)) {
        return Optional.of(scope);
      }
    }
    return Optional.empty();
  }
}
