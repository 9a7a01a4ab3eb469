package stallcast.coordinator.aggregate;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.statistics.distribution.TDistribution;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.kernel.scenario.MeasureSpec;
import stallcast.kernel.scenario.ScenarioSpec;

/**
 * Makes the rows of the table {@code estimates} from a tally: for the fleet and, if there is more
 * than one, for every stratum, per kind of incident its probability per host, its rate, its raw
 * record and report rates and its probability per operation, and per measure its mean.
 */
public final class EstimateTable {
  /** Metric suffix: hosts with at least one incident, per horizon. */
  public static final String PROBABILITY = ".probability-per-host";

  /** Metric suffix: incidents a quiet period apart. */
  public static final String RATE = ".rate-per-host-day";

  /** Metric suffix: incident records, clusters and all. */
  public static final String RECORDS = ".records-per-host-day";

  /** Metric suffix: lines in the kernel log. */
  public static final String REPORTS = ".reports-per-host-day";

  /** Metric suffix: operations that led to at least one incident. */
  public static final String PER_OPERATION = ".probability-per-operation";

  /** Metric suffix: mean of a measure. */
  public static final String MEAN = ".mean";

  /** Kinds that a watchdog of the kernel logs each time (incidents-and-sysctls.md section 1). */
  private static final Set<IncidentKind> LOGGED =
      EnumSet.of(
          IncidentKind.SOFT_LOCKUP,
          IncidentKind.HARD_LOCKUP,
          IncidentKind.RCU_STALL,
          IncidentKind.WORKQUEUE_LOCKUP,
          IncidentKind.HUNG_TASK);

  private static final String PER_HOST_DAY = "per host-day";
  private static final double NS_PER_SECOND = 1e9;
  private static final long CLUSTERS_MIN = 10; // hosts below which their scatter is hardly known
  private static final long TAIL_HOSTS_MIN = 10_000; // statistics.md 3.6
  private static final double TAIL_SHARE_MAX = 0.02; // statistics.md 3.6

  private final ScenarioSpec spec;
  private final RunIdentity identity;
  private final double level;

  /** Estimates of a run with 95 % intervals. */
  public EstimateTable(ScenarioSpec spec, RunIdentity identity) {
    this(spec, identity, Interval.LEVEL_DEFAULT);
  }

  /**
   * Estimates of a run.
   *
   * @param level level of all intervals, in (0, 1)
   */
  public EstimateTable(ScenarioSpec spec, RunIdentity identity, double level) {
    this.spec = spec;
    this.identity = identity;
    this.level = level;
  }

  /**
   * The rows, fleet first.
   *
   * @param tally hosts of a completed prefix of the fleet
   * @param stopReason why no more hosts were run, for example {@code planned-hosts}
   */
  public List<EstimateRow> rows(IncidentTally tally, String stopReason) {
    List<EstimateRow> rows = new ArrayList<>();
    StratumTally fleet = tally.fleet();
    addStratum(rows, EstimateRow.FLEET, fleet);
    if (spec.strata().size() > 1) {
      for (int s = 0; s < spec.strata().size(); s++) {
        addStratum(rows, spec.strata().get(s).name(), tally.stratum(s));
      }
    }
    for (EstimateRow row : rows) {
      row.set(EstimateColumn.STOP_REASON, stopReason)
          .set(EstimateColumn.WATERMARK_HOST, fleet.hosts() + fleet.failed());
    }
    return rows;
  }

  /** Unit of a probability per host: {@code per host-day}, {@code per host-2h}. */
  public static String hostUnit(long horizonNs) {
    return horizonNs == NsText.DAY_NS ? PER_HOST_DAY : "per host-" + NsText.exact(horizonNs);
  }

  private void addStratum(List<EstimateRow> rows, String name, StratumTally tally) {
    for (IncidentKind kind : IncidentKind.values()) {
      if (!kind.isIncident()) {
        continue;
      }
      KindTally incidents = tally.kind(kind);
      rows.add(probability(name, tally, kind));
      rows.add(rate(name, tally, kind, RATE, incidents.incidents()));
      rows.add(rate(name, tally, kind, RECORDS, incidents.records()));
      if (LOGGED.contains(kind)) {
        rows.add(rate(name, tally, kind, REPORTS, incidents.reports()));
      }
      if (tally.operations().sum().signum() > 0) {
        rows.add(perOperation(name, tally, kind));
      }
    }
    for (int m = 0; m < spec.measures().size(); m++) {
      rows.add(mean(name, tally, spec.measures().get(m), tally.measures().get(m)));
    }
  }

  private EstimateRow probability(String name, StratumTally tally, IncidentKind kind) {
    Proportion hit = tally.hit(kind);
    List<EstimateFlag> flags = kindFlags(tally, kind, hit.isUpperBoundOnly());
    EstimateRow row =
        start(name, kind.key() + PROBABILITY, hostUnit(spec.horizonNs()), tally, flags)
            .set(EstimateColumn.N_EVENTS, hit.k());
    estimate(row, hit.estimate(), hit.standardError());
    proportionLimits(row, hit, hit.chosen(level));
    Interval anytime = ConfidenceSequence.UNINFORMED.at(hit, level);
    row.setLimit(EstimateColumn.CS_LOW, anytime.low())
        .setLimit(EstimateColumn.CS_HIGH, anytime.high());
    return withLongest(row, tally.kind(kind));
  }

  private EstimateRow rate(
      String name, StratumTally tally, IncidentKind kind, String suffix, HostCounts counts) {
    Rate rate = new Rate(counts, tally.time(), NsText.DAY_NS);
    boolean declustered = suffix.equals(RATE);
    List<EstimateFlag> flags = kindFlags(tally, kind, rate.isUpperBoundOnly());
    addClusterFlags(flags, rate, declustered);
    EstimateRow row =
        start(name, kind.key() + suffix, PER_HOST_DAY, tally, flags)
            .set(EstimateColumn.N_EVENTS, counts.events());
    estimate(row, rate.estimate(), rate.standardError());
    if (tally.hosts() > 0) {
      limits(row, rate.chosen(declustered, level));
    }
    return withLongest(
        row.set(EstimateColumn.DISPERSION, rate.indexOfDispersion()), tally.kind(kind));
  }

  private EstimateRow perOperation(String name, StratumTally tally, IncidentKind kind) {
    HostCounts counts = tally.kind(kind).operations();
    Rate share = new Rate(counts, tally.operations(), 1);
    Proportion hit = new Proportion(tally.operations().sum().longValueExact(), counts.events());
    List<EstimateFlag> flags = kindFlags(tally, kind, hit.isUpperBoundOnly());
    addClusterFlags(flags, share, true);
    EstimateRow row =
        start(name, kind.key() + PER_OPERATION, "per operation", tally, flags)
            .set(EstimateColumn.N_TRIALS, hit.n())
            .set(EstimateColumn.N_EVENTS, counts.events());
    estimate(row, hit.estimate(), share.standardError());
    boolean clustered = share.isOverdispersed() && tally.hosts() > 1;
    Interval chosen = clustered ? share.clusterRobust(level) : hit.chosen(level);
    proportionLimits(
        row, hit, new Interval(chosen.method(), level, chosen.low(), Math.min(1, chosen.high())));
    return row.set(EstimateColumn.DISPERSION, share.indexOfDispersion());
  }

  private EstimateRow mean(
      String name, StratumTally tally, MeasureSpec measure, ValueTally values) {
    List<EstimateFlag> flags = hostFlags(tally);
    double largest = Math.max(Math.abs((double) values.max()), Math.abs((double) values.min()));
    if (values.n() >= TAIL_HOSTS_MIN
        && largest > TAIL_SHARE_MAX * Math.abs(values.sum().doubleValue())) {
      flags.add(EstimateFlag.HEAVY_TAIL);
    }
    String unit = measure.metric().what().isTime() ? "ns" : "count";
    EstimateRow row =
        start(name, measure.column() + MEAN, unit, tally, flags)
            .set(EstimateColumn.N_EVENTS, values.n());
    estimate(row, values.mean(), values.standardError());
    if (values.n() > 0) {
      row.set(EstimateColumn.MIN, values.min()).set(EstimateColumn.MAX, values.max());
    }
    if (values.n() > 1) {
      double t = TDistribution.of(values.n() - 1.0).inverseSurvivalProbability((1 - level) / 2);
      double half = t * values.standardError();
      limits(row, new Interval("student-t", level, values.mean() - half, values.mean() + half));
    }
    return row;
  }

  private EstimateRow start(
      String stratum, String metric, String unit, StratumTally tally, List<EstimateFlag> flags) {
    double seconds = tally.time().sum().doubleValue() / NS_PER_SECOND;
    return new EstimateRow()
        .set(EstimateColumn.RUN_ID, identity.runId())
        .set(EstimateColumn.SCENARIO_ID, identity.scenarioId())
        .set(EstimateColumn.PARAMS, identity.params())
        .set(EstimateColumn.STRATUM, stratum)
        .set(EstimateColumn.METRIC, metric)
        .set(EstimateColumn.UNIT, unit)
        .set(EstimateColumn.ESTIMATOR, "crude")
        .set(EstimateColumn.N_HOSTS, tally.hosts())
        .set(EstimateColumn.N_REPLICATES, tally.hosts())
        .set(EstimateColumn.N_FAILED, tally.failed())
        .set(EstimateColumn.EXPOSURE_HOST_SECONDS, seconds)
        .set(EstimateColumn.N_EFF, (double) tally.hosts())
        .set(EstimateColumn.CI_LEVEL, level)
        .set(EstimateColumn.WORK_EVENTS, tally.events())
        .set(EstimateColumn.FLAGS, flags.stream().map(EstimateFlag::name).toList())
        .set(EstimateColumn.SEED, identity.masterSeed())
        .set(EstimateColumn.CONFIG_HASH, identity.configHash())
        .set(EstimateColumn.SOFTWARE_VERSION, identity.softwareVersion());
  }

  private static void estimate(EstimateRow row, double value, double error) {
    row.set(EstimateColumn.ESTIMATE, value);
    if (value != 0) { // without events the scatter is unknown, not zero
      row.set(EstimateColumn.STD_ERROR, error)
          .set(EstimateColumn.REL_STD_ERROR, error / Math.abs(value));
    }
  }

  private static void limits(EstimateRow row, Interval interval) {
    row.set(EstimateColumn.CI_METHOD, interval.method())
        .setLimit(EstimateColumn.CI_LOW, interval.low())
        .setLimit(EstimateColumn.CI_HIGH, interval.high());
  }

  private void proportionLimits(EstimateRow row, Proportion hit, Interval chosen) {
    limits(row, chosen);
    Interval wilson = hit.wilson(level);
    Interval exact = hit.clopperPearson(level);
    row.setLimit(EstimateColumn.WILSON_LOW, wilson.low())
        .setLimit(EstimateColumn.WILSON_HIGH, wilson.high())
        .setLimit(EstimateColumn.CP_LOW, exact.low())
        .setLimit(EstimateColumn.CP_HIGH, exact.high());
  }

  private static EstimateRow withLongest(EstimateRow row, KindTally kind) {
    return kind.records().events() > 0 ? row.set(EstimateColumn.MAX, kind.longestNs()) : row;
  }

  private static List<EstimateFlag> hostFlags(StratumTally tally) {
    List<EstimateFlag> flags = new ArrayList<>();
    if (tally.failed() > 0) {
      flags.add(EstimateFlag.FAILED_HOSTS);
    }
    if (tally.truncated() > 0) {
      flags.add(EstimateFlag.TRUNCATED_HOSTS);
    }
    if (tally.panicked() > 0) {
      flags.add(EstimateFlag.PANICKED_HOSTS);
    }
    if (tally.dropping() > 0) {
      flags.add(EstimateFlag.DROPPED_RECORDS);
    }
    return flags;
  }

  private static List<EstimateFlag> kindFlags(
      StratumTally tally, IncidentKind kind, boolean zeroEvents) {
    List<EstimateFlag> flags = hostFlags(tally);
    if (zeroEvents) {
      flags.add(EstimateFlag.ZERO_EVENTS);
    }
    if (tally.kind(kind).stillOpen() > 0) {
      flags.add(EstimateFlag.OPEN_INCIDENTS);
    }
    return flags;
  }

  private static void addClusterFlags(List<EstimateFlag> flags, Rate rate, boolean declustered) {
    if (rate.refusesGarwood(declustered)) {
      flags.add(EstimateFlag.OVERDISPERSED);
      if (rate.counts().hit() < CLUSTERS_MIN) {
        flags.add(EstimateFlag.FEW_CLUSTERS);
      }
    }
  }
}
