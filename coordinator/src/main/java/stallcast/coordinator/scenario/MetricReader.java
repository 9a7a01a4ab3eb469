package stallcast.coordinator.scenario;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import stallcast.kernel.scenario.HostSpec;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.kernel.scenario.MeasureSpec;
import stallcast.kernel.scenario.MetricName;
import stallcast.kernel.scenario.StratumSpec;
import stallcast.kernel.scenario.TaskSpec;

/** Reads metric names and instants, and judges them against the hosts of the scenario. */
final class MetricReader {
  private final List<HostSpec> hosts;
  private final long horizonNs;
  private final boolean windowed;

  /**
   * A reader for one scenario.
   *
   * @param strata its classes of hosts; empty if they could not be read
   * @param horizonNs its horizon, ns
   * @param windowed whether only windows are simulated
   */
  MetricReader(List<StratumSpec> strata, long horizonNs, boolean windowed) {
    this.hosts = strata.stream().map(StratumSpec::host).toList();
    this.horizonNs = horizonNs;
    this.windowed = windowed;
  }

  /** Reads {@code measure}: metric names, or maps of metric and at. */
  List<MeasureSpec> measures(Cursor scenario) {
    Set<MeasureSpec> measures = new LinkedHashSet<>();
    for (Cursor item : scenario.find("measure").map(Cursor::items).orElse(List.of())) {
      Optional<Cursor> named = item.isMap() ? item.find("metric") : Optional.of(item);
      Optional<MetricName> metric = named.flatMap(this::metric);
      Optional<OptionalLong> at = at(item);
      if (metric.isPresent() && at.isPresent()) {
        MeasureSpec measure = new MeasureSpec(metric.get(), at.get());
        if (!measures.add(measure)) {
          item.problem("measure '" + measure.column() + "' is given twice");
        }
      }
    }
    return List.copyOf(measures);
  }

  /**
   * Reads a metric name.
   *
   * @return empty with a problem reported
   */
  Optional<MetricName> metric(Cursor at) {
    Optional<String> text = at.text();
    if (text.isEmpty()) {
      return Optional.empty(); // the schema reports it
    }
    List<String> problems = new ArrayList<>();
    Optional<MetricName> metric = MetricName.parse(text.get(), problems);
    problems.forEach(problem -> ScalarReader.fault(at, at.field(), problem));
    if (metric.isPresent() && !elementExists(metric.get(), at)) {
      return Optional.empty();
    }
    return metric;
  }

  /**
   * Reads the key {@code at} of a map.
   *
   * @return empty with a problem reported
   */
  Optional<OptionalLong> at(Cursor map) {
    Optional<Cursor> at = map.find("at");
    if (at.isEmpty()) {
      return Optional.of(OptionalLong.empty());
    }
    if (windowed) {
      at.get().problem("at cannot be used with window: most of the horizon is not simulated");
      return Optional.empty();
    }
    Bounds bounds = Bounds.of(0, (double) horizonNs);
    double ns = new ScalarReader(Quantity.TIME, bounds).readPlain(at.get());
    return Double.isNaN(ns) ? Optional.empty() : Optional.of(OptionalLong.of((long) ns));
  }

  private boolean elementExists(MetricName metric, Cursor at) {
    String element = metric.element();
    return switch (metric.scope()) {
      case MACHINE -> true;
      case INCIDENT -> {
        List<String> legal = new ArrayList<>();
        for (IncidentKind kind : IncidentKind.values()) {
          legal.add(kind.key());
        }
        yield legal.contains(element)
            || fault(at, Suggestion.unknown("incident kind", element, legal));
      }
      case CPU -> cpuExists(element, at);
      case TASK -> taskExists(element, at) && (isOfTask(metric) || isTemplate(element, at));
      case CGROUP -> cgroupExists(element, at);
      case VM -> vmExists(element, at);
    };
  }

  private boolean cpuExists(String element, Cursor at) {
    if (!element.matches("[0-9]{1,5}")) {
      return fault(at, "metric: '" + element + "' is not a CPU number");
    }
    int cpu = Integer.parseInt(element);
    double most = hosts.stream().mapToDouble(h -> h.cpus().upper()).max().orElse(1e9);
    double fewest = hosts.stream().mapToDouble(h -> h.cpus().lower()).min().orElse(1e9);
    if (cpu >= Math.rint(most)) {
      return fault(at, "metric: no host has a CPU " + cpu + ", legal: 0-" + (int) (most - 1));
    }
    if (cpu >= Math.rint(fewest)) {
      at.note("hosts with " + cpu + " or fewer CPUs have no CPU " + cpu + " to measure");
    }
    return true;
  }

  private static boolean isOfTask(MetricName metric) {
    return metric.what().wakeupQuantile() == 0;
  }

  private boolean isTemplate(String element, Cursor at) {
    return hosts.stream().flatMap(h -> h.tasks().stream()).anyMatch(t -> t.name().equals(element))
        || fault(at, "metric: a quantile is of all tasks of one name, not of '" + element + "'");
  }

  private boolean taskExists(String element, Cursor at) {
    if (hosts.isEmpty()) {
      return true; // they could not be read: that is the problem
    }
    Set<String> legal = new LinkedHashSet<>();
    for (HostSpec host : hosts) {
      for (TaskSpec task : host.tasks()) {
        legal.add(task.name());
        boolean oneOf =
            element.startsWith(task.name() + "-")
                && element.substring(task.name().length() + 1).matches("[0-9]{1,6}");
        if (element.equals(task.name()) || (oneOf && isCounted(element, task, host))) {
          return true;
        }
      }
    }
    return fault(at, Suggestion.unknown("task", element, legal));
  }

  private boolean cgroupExists(String element, Cursor at) {
    Set<String> legal = new LinkedHashSet<>();
    hosts.forEach(host -> host.cgroups().forEach(group -> legal.add(group.path())));
    return hosts.isEmpty()
        || legal.contains(element)
        || fault(at, Suggestion.unknown("cgroup", element, legal));
  }

  private boolean vmExists(String element, Cursor at) {
    Set<String> legal = new LinkedHashSet<>();
    hosts.forEach(host -> host.tasks().forEach(task -> legal.add(task.vm())));
    legal.remove("");
    return hosts.isEmpty()
        || legal.contains(element)
        || fault(at, Suggestion.unknown("vm", element, legal));
  }

  private static boolean isCounted(String element, TaskSpec task, HostSpec host) {
    int index = Integer.parseInt(element.substring(task.name().length() + 1));
    double most = task.count().value().upper() * (task.count().perCpu() ? host.cpus().upper() : 1);
    return index < Math.rint(most);
  }

  private static boolean fault(Cursor at, String message) {
    ScalarReader.fault(at, at.field(), message);
    return false;
  }
}
