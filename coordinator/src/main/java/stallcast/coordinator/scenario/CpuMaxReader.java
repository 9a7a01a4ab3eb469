package stallcast.coordinator.scenario;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import stallcast.coordinator.scenario.yaml.Field;
import stallcast.coordinator.scenario.yaml.SourceNode.ScalarNode;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.Fixed;
import stallcast.kernel.scenario.CgroupSpec.CpuMax;

/** Reads {@code cpu.max} and the keys of a group that belong to it. */
final class CpuMaxReader {
  private static final String LEGAL =
      "\"QUOTA PERIOD\" in us such as \"30000 100000\", \"max\", or {quota: …, period: …}";
  private static final double LEAST_US = 1_000; // min_bw_quota_period_us
  private static final ScalarReader QUOTA =
      new ScalarReader(
          Quantity.NUMBER,
          Bounds.of(LEAST_US, CpuMax.QUOTA_MAX_US),
          Map.of("max", (double) CpuMax.MAX));
  private static final ScalarReader PERIOD =
      new ScalarReader(Quantity.NUMBER, Bounds.of(LEAST_US, 1_000_000));
  private static final ScalarReader BURST =
      new ScalarReader(Quantity.NUMBER, Bounds.of(0, CpuMax.QUOTA_MAX_US));
  private static final ScalarReader PHASE = new ScalarReader(Quantity.TIME, Bounds.NOT_NEGATIVE);
  private static final Fixed PERIOD_DEFAULT = new Fixed(CpuMax.PERIOD_DEFAULT_US);

  private CpuMaxReader() {}

  /** Quota and period, us. */
  record Limit(Distribution quotaUs, Distribution periodUs) {}

  /**
   * Reads the CFS bandwidth of a group.
   *
   * @return empty with a problem reported
   */
  static Optional<CpuMax> read(Cursor group) {
    Optional<Limit> limit =
        group
            .find("cpu.max")
            .map(CpuMaxReader::limit)
            .orElse(Optional.of(new Limit(new Fixed(CpuMax.MAX), PERIOD_DEFAULT)));
    Optional<Distribution> burst = BURST.read(group, "cpu.max.burst", new Fixed(0));
    Optional<Distribution> phase = PHASE.read(group, "timer-phase", new Fixed(CpuMax.BY_KERNEL));
    if (limit.isEmpty() || burst.isEmpty() || phase.isEmpty()) {
      return Optional.empty();
    }
    double quota = leastQuota(limit.get().quotaUs());
    if (Math.rint(burst.get().upper()) > Math.rint(quota)) {
      boolean varies = !burst.get().isFixed() || !limit.get().quotaUs().isFixed();
      group
          .find("cpu.max.burst")
          .orElseThrow()
          .problem(
              "cpu.max.burst ("
                  + Amounts.number(burst.get().upper())
                  + ") must not exceed the quota of cpu.max ("
                  + Amounts.number(quota)
                  + "): the kernel refuses it with EINVAL"
                  + (varies ? "; a host may draw this" : ""));
      return Optional.empty();
    }
    return Optional.of(
        new CpuMax(limit.get().quotaUs(), limit.get().periodUs(), burst.get(), phase.get()));
  }

  /** Smallest quota that is one, us; infinite if the group is never limited. */
  private static double leastQuota(Distribution quota) {
    double unlimited = quota.cdf(CpuMax.MAX + 0.5);
    return unlimited >= 1
        ? Double.POSITIVE_INFINITY
        : quota.quantile(Math.min(1, unlimited + 1e-12));
  }

  /**
   * Reads a value of {@code cpu.max}, in the kernel's syntax or as a map.
   *
   * @return empty with a problem reported
   */
  static Optional<Limit> limit(Cursor at) {
    if (at.isMap()) {
      return map(at);
    }
    Optional<String> text = at.text();
    String[] words = text.orElse("").trim().split("\\s+", -1);
    if (text.isEmpty() || words.length > 2 || words[0].isEmpty()) {
      ScalarReader.fault(
          at, at.field(), at.name() + " must be " + LEGAL + ", got " + at.node().words());
      return Optional.empty();
    }
    Optional<Distribution> quota = QUOTA.read(word(at, "quota", words[0]));
    Optional<Distribution> period =
        words.length == 1 ? Optional.of(PERIOD_DEFAULT) : PERIOD.read(word(at, "period", words[1]));
    return quota.isPresent() && period.isPresent()
        ? Optional.of(new Limit(quota.get(), period.get()))
        : Optional.empty();
  }

  private static Cursor word(Cursor at, String name, String word) {
    Field field =
        new Field(
            at.field().position(),
            at.field().path() + " " + name,
            new ScalarNode(ScalarNode.Kind.TEXT, word));
    return new Cursor(field, at.problems());
  }

  private static Optional<Limit> map(Cursor at) {
    if (!List.of("quota", "period").containsAll(at.keys()) || !at.has("quota")) {
      ScalarReader.fault(at, at.field(), at.name() + " must be " + LEGAL);
      return Optional.empty();
    }
    Optional<Distribution> quota = QUOTA.require(at, "quota");
    Optional<Distribution> period = PERIOD.read(at, "period", PERIOD_DEFAULT);
    return quota.isPresent() && period.isPresent()
        ? Optional.of(new Limit(quota.get(), period.get()))
        : Optional.empty();
  }
}
