package stallcast.coordinator.scenario;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.Fixed;
import stallcast.kernel.scenario.CgroupSpec;
import stallcast.kernel.scenario.CgroupSpec.CpuMax;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.KernelSpec;

/** Reads the {@code cgroups} of a host: paths with their weight and bandwidth. */
final class CgroupReader {
  private static final ScalarReader RUNTIME =
      new ScalarReader(Quantity.WHOLE, Bounds.of(-1, Integer.MAX_VALUE));
  private static final ScalarReader PERIOD =
      new ScalarReader(Quantity.WHOLE, Bounds.of(1, Integer.MAX_VALUE));

  private static final ScalarReader WEIGHT = new ScalarReader(Quantity.WHOLE, Bounds.of(1, 10_000));
  private static final ScalarReader IDLE = new ScalarReader(Quantity.FLAG, Bounds.of(0, 1));

  // The kernel's values of a new group.
  private static final double RUNTIME_DEFAULT_US = 0;
  private static final double PERIOD_DEFAULT_US = 1_000_000;
  private static final double WEIGHT_DEFAULT = 100;

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
    if (legal && kernel.isPresent() && isGroupSched(kernel.get())) {
      legal = checkShares(block, groups, kernel.get());
    }
    if (kernel.isPresent() && !isGroupSched(kernel.get())) {
      for (Cursor at : block.map(Cursor::children).orElse(List.of())) {
        at.find("cpu.rt_runtime_us")
            .or(() -> at.find("cpu.rt_period_us"))
            .ifPresent(rt -> rt.note("RT bandwidth of cgroups needs kernel.config RT_GROUP_SCHED"));
      }
    }
    return legal ? Optional.of(groups) : Optional.empty();
  }

  /** Whether RT_GROUP_SCHED may be on; no preset turns it on. */
  static boolean isGroupSched(KernelSpec kernel) {
    return HostReader.mayBeOn(kernel, KernelKnob.RT_GROUP_SCHED);
  }

  /** What children may use at most must not exceed what their parent has at least. */
  private static boolean checkShares(
      Optional<Cursor> block, List<CgroupSpec> groups, KernelSpec kernel) {
    Distribution runtime = setting(kernel, KernelKnob.SCHED_RT_RUNTIME_US, 950_000);
    Distribution period = setting(kernel, KernelKnob.SCHED_RT_PERIOD_US, 1_000_000);
    boolean legal = fits(block, "/", least(runtime, period), children(groups, "/"));
    for (CgroupSpec group : groups) {
      double least = least(group.rtRuntimeUs(), group.rtPeriodUs());
      legal &= fits(block, group.path(), least, children(groups, group.path()));
    }
    return legal;
  }

  private static boolean fits(
      Optional<Cursor> block, String parent, double least, List<CgroupSpec> children) {
    double sum = children.stream().mapToDouble(c -> most(c.rtRuntimeUs(), c.rtPeriodUs())).sum();
    if (sum <= least + 1e-9) {
      return true;
    }
    block
        .orElseThrow()
        .problem(
            "the groups directly below "
                + parent
                + " may use "
                + Amounts.number(100 * sum)
                + " % of a CPU for RT tasks, but it has "
                + Amounts.number(100 * least)
                + " %: the kernel refuses it with EINVAL");
    return false;
  }

  /** Groups whose longest listed prefix is the path. */
  private static List<CgroupSpec> children(List<CgroupSpec> groups, String parent) {
    return groups.stream().filter(g -> parent(groups, g.path()).equals(parent)).toList();
  }

  private static String parent(List<CgroupSpec> groups, String path) {
    String parent = "/";
    for (CgroupSpec group : groups) { // sorted: the last prefix is the longest
      if (path.startsWith(group.path() + "/")) {
        parent = group.path();
      }
    }
    return parent;
  }

  private static Distribution setting(KernelSpec kernel, KernelKnob knob, double absent) {
    return kernel.settings().stream()
        .filter(o -> o.knob() == knob)
        .map(KernelSpec.Setting::value)
        .findFirst()
        .orElse(new Fixed(absent));
  }

  /** Smallest share of a CPU; a runtime of -1 is all of it. */
  private static double least(Distribution runtime, Distribution period) {
    double unlimited = runtime.cdf(-0.5);
    double smallest = runtime.quantile(Math.min(1, unlimited + 1e-12));
    return unlimited >= 1 ? 1 : Math.max(0, smallest) / period.upper();
  }

  /** Largest share of a CPU. */
  private static double most(Distribution runtime, Distribution period) {
    return runtime.lower() < 0 ? 1 : runtime.upper() / period.lower();
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
    Optional<Distribution> weight = WEIGHT.read(at, "cpu.weight", new Fixed(WEIGHT_DEFAULT));
    Optional<Distribution> idle = IDLE.read(at, "cpu.idle", new Fixed(0));
    Optional<CpuMax> max = CpuMaxReader.read(at);
    if (runtime.isEmpty()
        || period.isEmpty()
        || weight.isEmpty()
        || idle.isEmpty()
        || max.isEmpty()) {
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
    return Optional.of(
        new CgroupSpec(
            at.name(), runtime.get(), period.get(), weight.get(), idle.get(), max.get()));
  }
}
