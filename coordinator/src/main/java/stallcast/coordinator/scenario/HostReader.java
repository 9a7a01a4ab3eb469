package stallcast.coordinator.scenario;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.Fixed;
import stallcast.kernel.scenario.CgroupSpec;
import stallcast.kernel.scenario.HostSpec;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.KernelSpec;
import stallcast.kernel.scenario.OperationSpec;
import stallcast.kernel.scenario.TaskSpec;

/** Reads one class of hosts, its overrides already merged. */
final class HostReader {
  private static final ScalarReader CPUS =
      new ScalarReader(Quantity.WHOLE, Bounds.of(1, HostSpec.CPUS_MAX));

  private final long horizonNs;

  /**
   * A reader.
   *
   * @param horizonNs horizon of the scenario, ns
   */
  HostReader(long horizonNs) {
    this.horizonNs = horizonNs;
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
    TaskReader reader = new TaskReader(cpusMin, cpusMax, cgroups, groupSched, taskNames(host));
    List<TaskSpec> tasks = tasks(host, reader);
    List<OperationSpec> operations = new ArrayList<>();
    for (Cursor item : host.find("operations").map(Cursor::items).orElse(List.of())) {
      new OperationReader(cpusMin, horizonNs).read(item).ifPresent(operations::add);
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
            cpus.get(), numa.get(), smt.get(), spec, cgroups.get(), tasks, List.of(), operations));
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

  private static List<TaskSpec> tasks(Cursor host, TaskReader reader) {
    List<TaskSpec> tasks = new ArrayList<>();
    List<Cursor> items = host.find("tasks").map(Cursor::items).orElse(List.of());
    Set<String> names = new HashSet<>();
    for (Cursor item : items) {
      reader.read(item).ifPresent(tasks::add);
      String name = item.text("name", "");
      if (!name.isEmpty() && !names.add(name.replace('_', '-'))) {
        item.find("name")
            .orElseThrow()
            .problem("duplicate task name '" + name + "' (_ and - count as equal)");
      }
    }
    for (Cursor item : items) {
      checkAmbiguity(item, names);
    }
    return tasks;
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
