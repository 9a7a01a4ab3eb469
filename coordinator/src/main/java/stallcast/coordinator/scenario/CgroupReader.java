package stallcast.coordinator.scenario;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.Fixed;
import stallcast.kernel.scenario.CgroupSpec;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.KernelSpec;

/** Reads the {@code cgroups} of a host: paths with their real-time bandwidth. */
final class CgroupReader {
  private static final ScalarReader RUNTIME =
      new ScalarReader(Quantity.WHOLE, Bounds.of(-1, Integer.MAX_VALUE));
  private static final ScalarReader PERIOD =
      new ScalarReader(Quantity.WHOLE, Bounds.of(1, Integer.MAX_VALUE));

  // The kernel's values of a new group.
  private static final double RUNTIME_DEFAULT_US = 0;
  private static final double PERIOD_DEFAULT_US = 1_000_000;

  private final Optional<KernelSpec> kernel;

  /**
   * A reader.
   *
   * @param kernel the host's kernel, empty if it could not be read
   */
  CgroupReader(Optional<KernelSpec> kernel) {
    this.kernel = kernel;
  }

  /**
   * Reads the groups, parents before children.
   *
   * @return empty with a problem reported
   */
  Optional<List<CgroupSpec>> read(Cursor host) {
    Optional<Cursor> block = host.find("cgroups");
    List<CgroupSpec> groups = new ArrayList<>();
    boolean legal = true;
    for (Cursor at : block.map(Cursor::children).orElse(List.of())) {
      Optional<CgroupSpec> group = group(at);
      group.ifPresent(groups::add);
      legal &= group.isPresent();
    }
    // A path sorts behind each of its prefixes.
    groups.sort(Comparator.comparing(CgroupSpec::path));
    boolean idle = kernel.isPresent() && !isGroupSched(kernel.get());
    if (!groups.isEmpty() && idle) {
      block.get().note("cgroups have no effect without kernel.config RT_GROUP_SCHED");
    }
    return legal ? Optional.of(groups) : Optional.empty();
  }

  /** Whether RT_GROUP_SCHED may be on; no preset turns it on. */
  static boolean isGroupSched(KernelSpec kernel) {
    return HostReader.mayBeOn(kernel, KernelKnob.RT_GROUP_SCHED);
  }

  private static Optional<CgroupSpec> group(Cursor at) {
    if (!at.name().matches("(/[^/]+)+")) {
      String legal = "must be an absolute path such as /machine/vm1";
      ScalarReader.fault(at, at.field(), "cgroup '" + at.name() + "' " + legal);
      return Optional.empty();
    }
    Optional<Distribution> runtime =
        RUNTIME.read(at, "cpu.rt_runtime_us", new Fixed(RUNTIME_DEFAULT_US));
    Optional<Distribution> period =
        PERIOD.read(at, "cpu.rt_period_us", new Fixed(PERIOD_DEFAULT_US));
    if (runtime.isEmpty() || period.isEmpty()) {
      return Optional.empty();
    }
    if (Math.rint(runtime.get().upper()) > Math.rint(period.get().lower())) {
      boolean varies = !runtime.get().isFixed() || !period.get().isFixed();
      at.problem(
          "cpu.rt_runtime_us ("
              + Amounts.number(runtime.get().upper())
              + ") must not exceed cpu.rt_period_us ("
              + Amounts.number(period.get().lower())
              + ")"
              + (varies ? "; a host may draw this" : ""));
      return Optional.empty();
    }
    return Optional.of(new CgroupSpec(at.name(), runtime.get(), period.get()));
  }
}
