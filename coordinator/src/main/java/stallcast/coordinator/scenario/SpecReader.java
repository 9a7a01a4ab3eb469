package stallcast.coordinator.scenario;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import stallcast.coordinator.scenario.yaml.Field;
import stallcast.coordinator.scenario.yaml.SourceNode.MapNode;
import stallcast.kernel.random.Exponential;
import stallcast.kernel.random.TraceArrivals;
import stallcast.kernel.scenario.Fidelity;
import stallcast.kernel.scenario.HostSpec;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.MeasureSpec;
import stallcast.kernel.scenario.MetricName;
import stallcast.kernel.scenario.OperationSpec.Effect;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.kernel.scenario.SoftirqSpec;
import stallcast.kernel.scenario.StratumSpec;
import stallcast.kernel.scenario.TaskSpec;
import stallcast.kernel.scenario.WindowSpec;

/** Reads a scenario whose overrides and common keys are merged. */
final class SpecReader {
  /** Most hosts of a fleet. */
  static final long HOSTS_MAX = 1L << 40;

  private static final double HORIZON_MAX_NS = 366 * 86_400e9;
  private static final double EVENTS_MAX = 1e15;
  private static final long SEED_DEFAULT = 1;
  private static final String ONLY_STRATUM = "all";

  private static final long TRACE_ARRIVALS_MAX = 10_000_000; // 80 MB on the wire

  private final Cursor scenario;
  private final TraceFiles traces;

  /**
   * A reader of one scenario.
   *
   * @param traces the recordings that it names
   */
  SpecReader(Cursor scenario, TraceFiles traces) {
    this.scenario = scenario;
    this.traces = traces;
  }

  /**
   * Reads the scenario.
   *
   * @param canonicalJson its canonical text
   * @param source the file it came from
   * @return empty with problems reported
   */
  Optional<ScenarioFile> read(String canonicalJson, String source) {
    double horizon = positiveTime(scenario, "horizon", HORIZON_MAX_NS, HORIZON_MAX_NS);
    long horizonNs = Double.isNaN(horizon) ? (long) HORIZON_MAX_NS : (long) horizon;
    long seed = seed();
    double hosts = whole("hosts", 1, HOSTS_MAX, 1);
    double events = whole("max-events", 1, EVENTS_MAX, ScenarioSpec.MAX_EVENTS_DEFAULT);
    double freeze =
        positiveTime(
            scenario, "freeze-threshold", HORIZON_MAX_NS, ScenarioSpec.FREEZE_THRESHOLD_DEFAULT_NS);
    List<StratumSpec> strata = strata(horizonNs);
    checkTraces(strata);
    Optional<WindowSpec> window = window(horizonNs, strata);
    boolean windowed = scenario.has("window");
    MetricReader metrics = new MetricReader(strata, horizonNs, windowed);
    List<MeasureSpec> measures = metrics.measures(scenario);
    List<Expectation> expectations = new ExpectationReader(metrics, (long) hosts).read(scenario);
    if (strata.isEmpty() || !scenario.problems().list().isEmpty()) {
      return Optional.empty();
    }
    ScenarioSpec spec =
        new ScenarioSpec(
            scenario.text("name", ""),
            seed,
            (long) hosts,
            horizonNs,
            scenario.text("fidelity", "auto").equals("exact") ? Fidelity.EXACT : Fidelity.AUTO,
            window,
            (long) events,
            (long) freeze,
            strata,
            measured(measures, expectations, thirdParties(strata)));
    return Optional.of(
        new ScenarioFile(
            spec,
            scenario.text("description", "").strip(),
            expectations,
            assumptions(strata),
            scenario.problems().notices(),
            canonicalJson,
            source));
  }

  /** An expectation can only look at what is measured. */
  private static List<MeasureSpec> measured(
      List<MeasureSpec> measures, List<Expectation> expectations, List<MeasureSpec> always) {
    Set<MeasureSpec> all = new LinkedHashSet<>(measures);
    all.addAll(always);
    for (Expectation expectation : expectations) {
      all.add(new MeasureSpec(expectation.quantity().metric(), expectation.quantity().atNs()));
    }
    return List.copyOf(all);
  }

  /**
   * What others pay for credits of lag: wherever these may be on, that is measured, for all tasks
   * of the scenario.
   */
  private static List<MeasureSpec> thirdParties(List<StratumSpec> strata) {
    Set<MeasureSpec> measures = new LinkedHashSet<>();
    for (StratumSpec stratum : strata) {
      if (KernelReader.mayBeOn(stratum.host().kernel(), KernelKnob.YIELD_TO_LAG_CREDIT)) {
        measures.add(measure("host.machine.max-third-party-wait"));
        for (TaskSpec task : stratum.host().tasks()) {
          measures.add(measure("host.task " + task.name() + ".max-third-party-wait"));
        }
      }
    }
    return List.copyOf(measures);
  }

  private static MeasureSpec measure(String name) {
    MetricName metric = MetricName.parse(name, new ArrayList<>()).orElseThrow();
    return new MeasureSpec(metric, OptionalLong.empty());
  }

  private double positiveTime(Cursor map, String key, double max, double absent) {
    Bounds bounds = Bounds.above(0, max);
    return map.find(key).map(new ScalarReader(Quantity.TIME, bounds)::readPlain).orElse(absent);
  }

  private double whole(String key, double min, double max, double absent) {
    return scenario
        .find(key)
        .map(new ScalarReader(Quantity.WHOLE, Bounds.of(min, max))::readPlain)
        .orElse(absent);
  }

  private long seed() {
    Optional<Cursor> at = scenario.find("seed");
    if (at.isEmpty()) {
      return SEED_DEFAULT;
    }
    try {
      return Long.parseLong(at.get().text().orElse(""));
    } catch (NumberFormatException e) {
      String got = ", got " + at.get().node().words();
      ScalarReader.fault(
          at.get(), at.get().field(), "seed must be a whole number of 64 bits" + got);
      return SEED_DEFAULT;
    }
  }

  private List<StratumSpec> strata(long horizonNs) {
    HostReader reader = new HostReader(horizonNs, traces);
    Optional<Cursor> base = scenario.find("host").filter(Cursor::isMap);
    Optional<Cursor> list = scenario.find("strata");
    if (list.isEmpty()) {
      if (!scenario.has("host")) {
        scenario.missing("host", "the scenario needs the key 'host'");
      }
      return base.flatMap(reader::read)
          .map(host -> List.of(new StratumSpec(ONLY_STRATUM, 1, host)))
          .orElse(List.of());
    }
    if (list.get().items().isEmpty()) {
      return List.of(); // the schema reports it
    }
    List<String> names = new ArrayList<>();
    List<Double> weights = new ArrayList<>();
    List<HostSpec> hosts = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    boolean legal = true;
    for (Cursor item : list.get().items()) {
      Optional<HostSpec> host = stratumHost(item, base).flatMap(reader::read);
      double weight =
          item.find("weight").map(at -> Weights.read(at, at.field(), "weight")).orElse(Double.NaN);
      String name = item.text("name", "");
      if (!name.isEmpty() && !seen.add(name)) {
        item.find("name").orElseThrow().problem("duplicate stratum name '" + name + "'");
      }
      legal &= host.isPresent() && !Double.isNaN(weight);
      if (weight == 0) {
        item.note("stratum '" + name + "' has weight 0: no host is drawn from it");
      } else if (legal) {
        names.add(name);
        weights.add(weight);
        hosts.add(host.orElseThrow());
      }
    }
    if (!legal || !Weights.hasMass(weights, list.get(), list.get().field())) {
      return List.of();
    }
    double[] shares = Weights.normalised(weights);
    List<StratumSpec> strata = new ArrayList<>();
    for (int i = 0; i < shares.length; i++) {
      strata.add(new StratumSpec(names.get(i), shares[i], hosts.get(i)));
    }
    return strata;
  }

  private Optional<Cursor> stratumHost(Cursor item, Optional<Cursor> base) {
    Optional<Cursor> own = item.find("host");
    if (own.isEmpty() || base.isEmpty()) {
      if (own.isEmpty() && base.isEmpty()) {
        item.missing("host", item.name() + " needs the key 'host', or the scenario does");
      }
      return own.or(() -> base);
    }
    Field below = base.get().field();
    var merged = ScenarioReader.MERGE.merge(below.value(), own.get().node());
    Field field = new Field(own.get().field().position(), own.get().field().path(), merged);
    return merged instanceof MapNode
        ? Optional.of(new Cursor(field, scenario.problems()))
        : Optional.empty();
  }

  private Optional<WindowSpec> window(long horizonNs, List<StratumSpec> strata) {
    Optional<Cursor> at = scenario.find("window").filter(Cursor::isMap);
    if (at.isEmpty()) {
      return Optional.empty();
    }
    double before =
        at.get()
            .find("before")
            .map(new ScalarReader(Quantity.TIME, Bounds.of(0, (double) horizonNs))::readPlain)
            .orElse(Double.NaN);
    double after = positiveTime(at.get(), "after", (double) horizonNs, Double.NaN);
    boolean idle =
        !strata.isEmpty() && strata.stream().allMatch(s -> s.host().operations().isEmpty());
    if (idle && !scenario.problems().isBroken(scenario.field())) {
      at.get().problem("window needs operations: without one nothing would be simulated");
    }
    return Double.isNaN(before) || Double.isNaN(after)
        ? Optional.empty()
        : Optional.of(new WindowSpec((long) before, (long) after));
  }

  /** Workers get every recording with the scenario, once per stratum and source. */
  private void checkTraces(List<StratumSpec> strata) {
    long arrivals = 0;
    for (StratumSpec stratum : strata) {
      for (SoftirqSpec source : stratum.host().softirq()) {
        arrivals += source.arrivals() instanceof TraceArrivals trace ? trace.arrivals() : 0;
      }
    }
    if (arrivals > TRACE_ARRIVALS_MAX) {
      scenario.problem(
          "the traces of all strata and sources have "
              + arrivals
              + " instants, at most "
              + TRACE_ARRIVALS_MAX
              + " are possible");
    }
  }

  private List<Assumption> assumptions(List<StratumSpec> strata) {
    List<Assumption> assumptions = new ArrayList<>();
    for (Cursor item : scenario.find("assumptions").map(Cursor::items).orElse(List.of())) {
      Assumption.Grade grade =
          Arrays.stream(Assumption.Grade.values())
              .filter(g -> g.name().equals(item.text("class", "C")))
              .findFirst()
              .orElse(Assumption.Grade.C);
      assumptions.add(
          new Assumption(
              item.text("id", ""), grade, item.text("text", "").strip(), item.text("source", "")));
    }
    var skew = new Exponential(StopReader.RESUME_SKEW_MEAN_NS);
    boolean defaulted =
        strata.stream()
            .flatMap(s -> s.host().operations().stream())
            .anyMatch(
                o -> o.effect() instanceof Effect.Stop stop && stop.resumeSkewNs().equals(skew));
    if (defaulted && assumptions.stream().noneMatch(a -> a.id().equals("resume-skew"))) {
      assumptions.add(
          new Assumption(
              "resume-skew",
              Assumption.Grade.C,
              "vCPU threads are late by an exponential time of mean 20us at a resume,"
                  + " one after another with resume-order: index",
              ""));
    }
    return assumptions;
  }
}
