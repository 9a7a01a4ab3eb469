package stallcast.coordinator.scenario;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.Fixed;
import stallcast.kernel.scenario.CgroupSpec;
import stallcast.kernel.scenario.HostSpec;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.KernelSpec;
import stallcast.kernel.scenario.LockSpec;
import stallcast.kernel.scenario.OperationSpec;
import stallcast.kernel.scenario.SoftirqSpec;
import stallcast.kernel.scenario.TaskSpec;

/** Reads one class of hosts, its overrides already merged. */
final class HostReader {
  private static final ScalarReader CPUS =
      new ScalarReader(Quantity.WHOLE, Bounds.of(1, HostSpec.CPUS_MAX));

  private final long horizonNs;
  private final TraceFiles traces;

  /**
   * A reader.
   *
   * @param horizonNs horizon of the scenario, ns
   * @param traces the recordings that the scenario names
   */
  HostReader(long horizonNs, TraceFiles traces) {
    this.horizonNs = horizonNs;
    this.traces = traces;
  }

  /**
   * Reads a host.
   *
   * @return empty with problems reported
   */
  Optional<HostSpec> read(Cursor host) {
    Optional<Distribution> cpus = CPUS.require(host, "cpus");
    Optional<Distribution> numa = CPUS.read(host, "numa-nodes", new Fixed(1));
    Optional<Distribution> smt = CPUS.read(host, "smt", new Fixed(1));
    // Without a CPU count nothing can be said about CPU lists.
    int cpusMin = cpus.map(law -> (int) Math.rint(law.lower())).orElse(HostSpec.CPUS_MAX);
    int cpusMax = cpus.map(law -> (int) Math.rint(law.upper())).orElse(1);
    Optional<KernelReader.Reading> kernel = kernel(host);
    Optional<List<CgroupSpec>> cgroups = new CgroupReader(kernel.map(k -> k.spec())).read(host);
    boolean groupSched = kernel.isPresent() && CgroupReader.isGroupSched(kernel.get().spec());
    ProgramReader programs =
        new ProgramReader(
            kernel.map(k -> k.spec().preset()),
            taskNames(host),
            cgroups,
            new GuestStepReader(vms(host), LockReader.names(host)));
    List<LockSpec> locks = LockReader.read(host);
    TaskReader taskReader = new TaskReader(cpusMin, cpusMax, cgroups, groupSched, programs);
    List<TaskSpec> tasks = tasks(host, taskReader);
    List<SoftirqSpec> softirq = softirq(host, new SoftirqReader(cpusMin, cpusMax, traces));
    Set<String> sources = new LinkedHashSet<>();
    for (Cursor item : items(host, "softirq")) {
      item.find("name").flatMap(Cursor::text).ifPresent(sources::add);
    }
    OperationReader operationReader = new OperationReader(cpusMin, sources, horizonNs);
    List<OperationSpec> operations = new ArrayList<>();
    for (Cursor item : items(host, "operations")) {
      operationReader.read(item).ifPresent(operations::add);
    }
    boolean complete =
        cpus.isPresent()
            && numa.isPresent()
            && smt.isPresent()
            && kernel.isPresent()
            && cgroups.isPresent();
    if (!complete) {
      return Optional.empty();
    }
    KernelSpec spec = kernel.get().spec();
    return Optional.of(
        new HostSpec(
            cpus.get(),
            numa.get(),
            smt.get(),
            spec,
            cgroups.get(),
            tasks,
            softirq,
            operations,
            locks));
  }

  private static Optional<KernelReader.Reading> kernel(Cursor host) {
    Optional<Cursor> at = host.find("kernel");
    if (at.isEmpty()) {
      host.missing("kernel", host.name() + " needs the key 'kernel' with a preset");
      return Optional.empty();
    }
    return new KernelReader(at.get()).read();
  }

  private static List<String> taskNames(Cursor host) {
    List<Cursor> items = host.find("tasks").map(Cursor::items).orElse(List.of());
    return items.stream().map(item -> item.text("name", "")).toList();
  }

  /** The virtual machine of every task template, empty for none. */
  private static Map<String, String> vms(Cursor host) {
    Map<String, String> vms = new LinkedHashMap<>();
    for (Cursor item : items(host, "tasks")) {
      vms.put(item.text("name", ""), item.text("vm", ""));
    }
    return vms;
  }

  private static List<TaskSpec> tasks(Cursor host, TaskReader reader) {
    List<TaskSpec> tasks = new ArrayList<>();
    List<Cursor> items = items(host, "tasks");
    items.forEach(item -> reader.read(item).ifPresent(tasks::add));
    Set<String> names = uniqueNames(items, "task");
    for (Cursor item : items) {
      checkAmbiguity(item, names);
    }
    return tasks;
  }

  private static List<SoftirqSpec> softirq(Cursor host, SoftirqReader reader) {
    List<SoftirqSpec> sources = new ArrayList<>();
    List<Cursor> items = items(host, "softirq");
    items.forEach(item -> reader.read(item).ifPresent(sources::add));
    uniqueNames(items, "softirq source");
    return sources;
  }

  private static List<Cursor> items(Cursor host, String key) {
    return host.find(key).map(Cursor::items).orElse(List.of());
  }

  /** The names of some items, with - for _; a problem is reported if two are equal. */
  private static Set<String> uniqueNames(List<Cursor> items, String what) {
    Set<String> names = new HashSet<>();
    for (Cursor item : items) {
      String name = item.text("name", "");
      if (!name.isEmpty() && !names.add(name.replace('_', '-'))) {
        item.find("name")
            .orElseThrow()
            .problem("duplicate " + what + " name '" + name + "' (_ and - count as equal)");
      }
    }
    return names;
  }

  /** The i-th task of a template is called {@code name-i}: no template may be called so. */
  private static void checkAmbiguity(Cursor item, Set<String> names) {
    String name = item.text("name", "").replace('_', '-');
    int dash = name.lastIndexOf('-');
    boolean numbered = dash > 0 && name.substring(dash + 1).matches("[0-9]+");
    if (numbered && names.contains(name.substring(0, dash))) {
      String other = name.substring(0, dash);
      item.find("name")
          .orElseThrow()
          .problem("task name '" + name + "' also means one task of '" + other + "'");
    }
  }

  /** Whether a knob is set in some host's kernel to anything but a fixed zero. */
  static boolean mayBeOn(KernelSpec kernel, KernelKnob knob) {
    return kernel.settings().stream()
        .anyMatch(o -> o.knob() == knob && Math.rint(o.value().upper()) >= 1);
  }
}
