package stallcast.coordinator.scenario;

import java.util.List;
import java.util.Optional;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.Exponential;
import stallcast.kernel.random.Fixed;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.OperationSpec.Blackout;
import stallcast.kernel.scenario.OperationSpec.ClockVisibility;
import stallcast.kernel.scenario.OperationSpec.Effect;
import stallcast.kernel.scenario.OperationSpec.ResumeOrder;

/** Reads what an operation that stops the machine does. */
final class StopReader {
  /** Mean of the default delay of a vCPU thread at the resume, ns: an assumption (class C). */
  static final double RESUME_SKEW_MEAN_NS = 20_000;

  private static final double MIB = 1 << 20;

  // QEMU's migration defaults (incidents-and-sysctls.md 2).
  private static final double DOWNTIME_LIMIT_NS = 300e6;
  private static final double DOWNTIME_LIMIT_MAX_NS = 2_000e9;
  private static final double BANDWIDTH_BYTES_PER_SEC = 128 * MIB;
  private static final int ROUNDS_DEFAULT = 1_000; // QEMU has no limit of its own
  private static final int ROUNDS_MAX = 1_000_000;

  private static final ScalarReader TIME = new ScalarReader(Quantity.TIME, Bounds.NOT_NEGATIVE);
  private static final ScalarReader SIZE = new ScalarReader(Quantity.SIZE, Bounds.POSITIVE);
  private static final ScalarReader DIRTY =
      new ScalarReader(Quantity.BYTE_RATE, Bounds.NOT_NEGATIVE);
  private static final ScalarReader BANDWIDTH =
      new ScalarReader(Quantity.BYTE_RATE, Bounds.POSITIVE);
  private static final ScalarReader PROBABILITY =
      new ScalarReader(Quantity.PROBABILITY, Bounds.of(0, 1));
  private static final ScalarReader FLAG = new ScalarReader(Quantity.FLAG, Bounds.of(0, 1));

  private final int cpusMin;

  /**
   * A reader for one class of hosts.
   *
   * @param cpusMin CPUs of the smallest host
   */
  StopReader(int cpusMin) {
    this.cpusMin = cpusMin;
  }

  /**
   * Reads a stop.
   *
   * @param order how the delays at the resume combine unless the scenario says so
   * @return empty with a problem reported
   */
  Optional<Effect.Stop> read(Cursor body, ResumeOrder order) {
    Optional<CpuSelection> cpus = new CpuListReader(cpusMin, false).read(body);
    Optional<Blackout> blackout = blackout(body);
    Optional<ClockVisibility> clock = clock(body);
    Optional<Distribution> flag = guestStoppedFlag(body);
    Optional<Distribution> skew =
        TIME.read(body, "resume-skew", new Exponential(RESUME_SKEW_MEAN_NS));
    boolean complete =
        cpus.isPresent()
            && blackout.isPresent()
            && clock.isPresent()
            && flag.isPresent()
            && skew.isPresent();
    if (!complete) {
      return Optional.empty();
    }
    return Optional.of(
        new Effect.Stop(
            cpus.get(), blackout.get(), clock.get(), flag.get(), skew.get(), order(body, order)));
  }

  private static ResumeOrder order(Cursor body, ResumeOrder absent) {
    return switch (body.text("resume-order", "")) {
      case "index" -> ResumeOrder.INDEX;
      case "independent" -> ResumeOrder.INDEPENDENT;
      default -> absent;
    };
  }

  private static Optional<Blackout> blackout(Cursor body) {
    if (body.has("blackout") == body.has("pre-copy")) {
      String got = body.has("blackout") ? "both" : "none";
      body.problem(body.name() + " needs exactly one of blackout, pre-copy, got " + got);
      return Optional.empty();
    }
    if (body.has("blackout")) {
      return TIME.require(body, "blackout").map(Blackout.Drawn::new);
    }
    return preCopy(body.find("pre-copy").orElseThrow());
  }

  private static Optional<Blackout> preCopy(Cursor at) {
    Optional<Distribution> ram = at.find("ram").flatMap(SIZE::read);
    Optional<Distribution> workingSet =
        at.has("working-set") ? at.find("working-set").flatMap(SIZE::read) : ram;
    Optional<Distribution> dirty = at.find("dirty-rate").flatMap(DIRTY::read);
    Optional<Distribution> bandwidth =
        BANDWIDTH.read(at, "bandwidth", new Fixed(BANDWIDTH_BYTES_PER_SEC));
    Optional<Distribution> limit =
        new ScalarReader(Quantity.TIME, Bounds.of(0, DOWNTIME_LIMIT_MAX_NS))
            .read(at, "downtime-limit", new Fixed(DOWNTIME_LIMIT_NS));
    Optional<Distribution> switchTime = TIME.read(at, "switch-time", new Fixed(0));
    Optional<Distribution> rounds =
        new ScalarReader(Quantity.WHOLE, Bounds.of(1, ROUNDS_MAX))
            .read(at, "max-rounds", new Fixed(ROUNDS_DEFAULT));
    boolean converge = at.text("auto-converge", "false").equals("true");
    boolean complete =
        ram.isPresent()
            && workingSet.isPresent()
            && dirty.isPresent()
            && bandwidth.isPresent()
            && limit.isPresent()
            && switchTime.isPresent()
            && rounds.isPresent();
    if (!complete) {
      return Optional.empty();
    }
    return Optional.of(
        new Blackout.PreCopy(
            ram.get(),
            workingSet.get(),
            dirty.get(),
            bandwidth.get(),
            limit.get(),
            switchTime.get(),
            rounds.get(),
            converge));
  }

  private static Optional<ClockVisibility> clock(Cursor body) {
    Optional<Cursor> at = body.find("clock-visibility");
    if (at.isEmpty()) {
      return Optional.of(new ClockVisibility.Share(new Fixed(1)));
    }
    if (at.get().text().orElse("").equals("final-transfer")) {
      if (!body.has("pre-copy")) {
        at.get().problem("clock-visibility: final-transfer needs pre-copy");
        return Optional.empty();
      }
      return Optional.of(new ClockVisibility.FinalTransfer());
    }
    return PROBABILITY.read(at.get()).map(ClockVisibility.Share::new);
  }

  /** A flag, a probability, or a law of either. */
  private static Optional<Distribution> guestStoppedFlag(Cursor body) {
    Optional<Cursor> at = body.find("guest-stopped-flag");
    if (at.isEmpty()) {
      return Optional.of(new Fixed(1));
    }
    List<String> words =
        at.get().find("categorical").map(Cursor::keys).orElse(at.get().text().stream().toList());
    boolean flag = words.contains("true") || words.contains("false");
    return (flag ? FLAG : PROBABILITY).read(at.get());
  }
}
