package stallcast.coordinator.validate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import stallcast.coordinator.report.TextGrid;
import stallcast.coordinator.store.CanonicalJson;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.kernel.scenario.MetricKind;

/** Every metric that a case can expect, for people and for scripts. */
public final class MetricList {
  private MetricList() {}

  /** Two tables: metrics, and the kinds that stand for KIND. */
  public static String table() {
    TextGrid grid = new TextGrid(List.of(true, true, true));
    grid.add(List.of("metric", "unit", "description"));
    for (MetricKind kind : MetricKind.values()) {
      grid.add(List.of(form(kind), unit(kind), kind.description()));
    }
    List<String> kinds = Arrays.stream(IncidentKind.values()).map(IncidentKind::key).toList();
    return grid.text()
        + "\nN is a CPU number, NAME a task template or NAME-i for one of its tasks,\n"
        + "PATH a control group, KIND one of\n"
        + String.join(", ", kinds)
        + ".\n";
  }

  /** The same as JSON, keys sorted. */
  public static String json() {
    List<Object> metrics = new ArrayList<>();
    for (MetricKind kind : MetricKind.values()) {
      metrics.add(
          Map.of("metric", form(kind), "unit", unit(kind), "description", kind.description()));
    }
    List<String> kinds = Arrays.stream(IncidentKind.values()).map(IncidentKind::key).toList();
    return CanonicalJson.page(Map.of("metrics", metrics, "incident_kinds", kinds));
  }

  private static String form(MetricKind kind) {
    return "host." + kind.scope().form() + "." + kind.key();
  }

  private static String unit(MetricKind kind) {
    return kind.isTime() ? "time" : "number";
  }
}
