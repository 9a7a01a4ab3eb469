package stallcast.coordinator.run;

import java.util.Locale;
import stallcast.coordinator.aggregate.ConfidenceSequence;
import stallcast.coordinator.aggregate.IncidentTally;
import stallcast.coordinator.aggregate.Interval;
import stallcast.coordinator.aggregate.Proportion;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.kernel.scenario.ScenarioSpec;

/**
 * The estimate that is shown while a run is going: the kind of incident that hit most hosts so far.
 * It is looked at many times, so its interval is a confidence sequence, valid at every look
 * (statistics.md section 4.2), over a prefix of the fleet.
 */
final class LiveHeadline {
  private final ScenarioSpec spec;
  private volatile String text = "";

  LiveHeadline(ScenarioSpec spec) {
    this.spec = spec;
  }

  /** The headline of the last update. */
  String text() {
    return text;
  }

  void update(IncidentTally tally) {
    IncidentKind worst = IncidentKind.SOFT_LOCKUP;
    for (IncidentKind kind : IncidentKind.values()) {
      if (kind.isIncident() && hit(tally, kind).k() > hit(tally, worst).k()) {
        worst = kind;
      }
    }
    Proportion seen = hit(tally, worst);
    Interval interval = ConfidenceSequence.UNINFORMED.at(seen, Interval.LEVEL_DEFAULT);
    String name = seen.k() == 0 ? "no incident" : worst.key();
    text =
        String.format(
            Locale.ROOT,
            "%s on %d of %d hosts of '%s': %s",
            name,
            seen.k(),
            seen.n(),
            spec.name(),
            limits(seen, interval));
  }

  private static String limits(Proportion seen, Interval interval) {
    return seen.k() == 0
        ? String.format(Locale.ROOT, "<= %.3g (95 %% anytime)", interval.high())
        : String.format(
            Locale.ROOT,
            "%.3g [%.3g, %.3g] (95 %% anytime)",
            seen.estimate(),
            interval.low(),
            interval.high());
  }

  private static Proportion hit(IncidentTally tally, IncidentKind kind) {
    return tally.fleet().hit(kind);
  }
}
