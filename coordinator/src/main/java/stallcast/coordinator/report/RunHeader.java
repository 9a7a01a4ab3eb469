package stallcast.coordinator.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import stallcast.coordinator.store.Assumption;
import stallcast.coordinator.store.RunDescription;
import stallcast.coordinator.store.RunManifest;

/**
 * What stands above and below the tables of a run.
 *
 * @param scenario name of the scenario
 * @param masterSeed master seed
 * @param hosts hosts of the fleet
 * @param horizonNs simulated time of one host, ns
 * @param assumptions values that did not come from the user
 */
public record RunHeader(
    String scenario, long masterSeed, long hosts, long horizonNs, List<Assumption> assumptions) {

  /** Copies the list. */
  public RunHeader {
    assumptions = List.copyOf(assumptions);
  }

  /** The header of a run in this process. */
  public static RunHeader of(RunDescription run) {
    return new RunHeader(
        run.spec().name(),
        run.spec().masterSeed(),
        run.spec().hosts(),
        run.spec().horizonNs(),
        run.assumptions());
  }

  /** The header of a stored run. */
  public static RunHeader of(RunManifest manifest) {
    Map<?, ?> run = manifest.run();
    List<Assumption> assumptions = new ArrayList<>();
    for (Object entry : (List<?>) run.get("assumptions")) {
      Map<?, ?> map = (Map<?, ?>) entry;
      assumptions.add(
          new Assumption(
              (String) map.get("id"),
              (String) map.get("grade"),
              (String) map.get("text"),
              (String) map.get("source")));
    }
    return new RunHeader(
        (String) run.get("scenario_name"),
        Long.parseLong((String) run.get("master_seed")),
        ((Number) run.get("hosts")).longValue(),
        ((Number) run.get("horizon_ns")).longValue(),
        assumptions);
  }
}
