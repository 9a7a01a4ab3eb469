package stallcast.coordinator.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import stallcast.coordinator.scenario.yaml.JsonText;
import stallcast.kernel.scenario.ConfigColumn;
import stallcast.kernel.scenario.HostSampler;
import stallcast.kernel.scenario.OperationSpec;
import stallcast.kernel.scenario.OperationSpec.Occurrence;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.kernel.scenario.StratumSpec;

/**
 * What a run of a scenario will do, for people and for scripts.
 *
 * @param file the scenario
 * @param operationsPerHostDay expected operations of a host in a day, over the whole mix
 * @param varied columns that differ between hosts
 */
public record ScenarioPlan(
    ScenarioFile file, double operationsPerHostDay, List<ConfigColumn> varied) {
  private static final double NS_PER_DAY = 86_400e9;
  private static final double SECONDS_PER_DAY = 86_400;

  /** The plan of a scenario. */
  public static ScenarioPlan of(ScenarioFile file) {
    double operations = 0;
    for (StratumSpec stratum : file.spec().strata()) {
      operations += stratum.weight() * perDay(stratum, file.spec().horizonNs());
    }
    return new ScenarioPlan(file, operations, new HostSampler(file.spec()).columns());
  }

  private static double perDay(StratumSpec stratum, long horizonNs) {
    double sum = 0;
    double days = horizonNs / NS_PER_DAY;
    for (OperationSpec operation : stratum.host().operations()) {
      Occurrence occurrence = operation.occurrence();
      if (occurrence instanceof Occurrence.Rate rate) {
        sum += rate.perSecond().mean() * SECONDS_PER_DAY;
      } else if (occurrence instanceof Occurrence.At at) {
        sum += at.atNs().size() / days;
      } else if (occurrence instanceof Occurrence.Times times) {
        sum += times.times().mean() / days;
      }
    }
    return sum;
  }

  /** The plan as lines for a terminal. */
  public String table() {
    ScenarioSpec spec = file.spec();
    StringBuilder out = new StringBuilder();
    line(out, "scenario", spec.name());
    if (!file.description().isEmpty()) {
      line(out, "", file.description().lines().findFirst().orElse(""));
    }
    String each =
        " of " + Amounts.time((double) spec.horizonNs()) + " each, seed " + spec.masterSeed();
    line(out, "hosts", spec.hosts() + each);
    line(out, "fidelity", spec.fidelity().name().toLowerCase(Locale.ROOT));
    spec.window()
        .ifPresent(
            w ->
                line(
                    out,
                    "window",
                    Amounts.time((double) w.beforeNs())
                        + " before to "
                        + Amounts.time((double) w.afterNs())
                        + " after each operation"));
    line(out, "operations", Amounts.number(operationsPerHostDay) + " expected per host-day");
    String label = "strata";
    for (StratumSpec stratum : spec.strata()) {
      double perDay = perDay(stratum, spec.horizonNs());
      line(
          out,
          label,
          String.format(Locale.ROOT, "%-20s", stratum.name())
              + String.format(Locale.ROOT, " %8.4f %%", 100 * stratum.weight())
              + ("   " + Amounts.number(perDay) + " operations per host-day"));
      label = "";
    }
    List<String> columns = varied.stream().map(ConfigColumn::name).toList();
    line(out, "varied", columns.isEmpty() ? "nothing: all hosts are alike" : join(columns));
    int measures = spec.measures().size();
    line(out, "measures", measures + ", expectations " + file.expectations().size());
    label = "assumptions";
    for (Assumption assumption : file.assumptions()) {
      line(out, label, assumption.grade() + "  " + assumption.id() + ": " + assumption.text());
      label = "";
    }
    label = "notices";
    for (Notice notice : file.notices()) {
      line(out, label, notice.text());
      label = "";
    }
    return out.toString();
  }

  private static String join(List<String> words) {
    return String.join(", ", words);
  }

  private static void line(StringBuilder out, String label, String text) {
    out.append(String.format(Locale.ROOT, "%-13s", label)).append(text).append('\n');
  }

  /** The plan as one JSON object on one line. */
  public String json() {
    ScenarioSpec spec = file.spec();
    List<String> strata = new ArrayList<>();
    for (StratumSpec stratum : spec.strata()) {
      strata.add(
          "{\"name\":"
              + JsonText.quote(stratum.name())
              + ",\"weight\":"
              + stratum.weight()
              + ",\"operations_per_host_day\":"
              + perDay(stratum, spec.horizonNs())
              + "}");
    }
    List<String> columns = varied.stream().map(c -> JsonText.quote(c.name())).toList();
    List<String> notices = file.notices().stream().map(n -> JsonText.quote(n.text())).toList();
    List<String> assumptions = new ArrayList<>();
    for (Assumption a : file.assumptions()) {
      assumptions.add(
          "{\"id\":"
              + JsonText.quote(a.id())
              + ",\"class\":"
              + JsonText.quote(a.grade().name())
              + ",\"text\":"
              + JsonText.quote(a.text())
              + ",\"source\":"
              + JsonText.quote(a.source())
              + "}");
    }
    return "{\"name\":"
        + JsonText.quote(spec.name())
        + (",\"hosts\":" + spec.hosts())
        + (",\"seed\":" + spec.masterSeed())
        + (",\"horizon_ns\":" + spec.horizonNs())
        + (",\"operations_per_host_day\":" + operationsPerHostDay)
        + array("strata", strata)
        + array("varied", columns)
        + array("assumptions", assumptions)
        + array("notices", notices)
        + "}\n";
  }

  private static String array(String key, List<String> items) {
    return ",\"" + key + "\":[" + String.join(",", items) + "]";
  }
}
