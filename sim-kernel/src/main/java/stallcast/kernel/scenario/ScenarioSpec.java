package stallcast.kernel.scenario;

import java.util.List;
import java.util.Optional;

/**
 * A fleet as a plain value: everything that a worker needs to draw and run any of its hosts. Holds
 * no YAML, no file name and no cluster setting; the coordinator reads it from a scenario file.
 *
 * @param name short token of the scenario
 * @param masterSeed master seed of all random streams
 * @param hosts hosts in the fleet, &gt;= 1
 * @param horizonNs simulated time of one host, ns, &gt; 0
 * @param fidelity whether periodic timers without effect may be settled lazily
 * @param window windows around operations; empty simulates the whole horizon
 * @param maxEvents most timer expiries of one host before it ends as {@code event-limit}
 * @param freezeThresholdNs shortest time without CPU that counts as a freeze, ns (project
 *     convention, incidents-and-sysctls.md 1.5)
 * @param strata the fleet mix; at least one, weights sum to one
 * @param measures extra metrics stored per host, in file order
 */
public record ScenarioSpec(
    String name,
    long masterSeed,
    long hosts,
    long horizonNs,
    Fidelity fidelity,
    Optional<WindowSpec> window,
    long maxEvents,
    long freezeThresholdNs,
    List<StratumSpec> strata,
    List<MeasureSpec> measures) {

  /** Default of {@link #freezeThresholdNs}: 5 s (incidents-and-sysctls.md 1.5). */
  public static final long FREEZE_THRESHOLD_DEFAULT_NS = 5_000_000_000L;

  /** Default of {@link #maxEvents}: far above any sane host-day window, far below a hang. */
  public static final long MAX_EVENTS_DEFAULT = 20_000_000_000L;

  /** Copies the lists. */
  public ScenarioSpec {
    strata = List.copyOf(strata);
    measures = List.copyOf(measures);
  }
}
