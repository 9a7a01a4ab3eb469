package stallcast.coordinator.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import stallcast.coordinator.aggregate.RunIdentity;
import stallcast.kernel.scenario.ScenarioSpec;

/**
 * Everything that decides the rows of a run, and nothing else: no plan, worker, clock or command
 * line. Its hash is the run's id.
 *
 * @param spec the scenario with seed, hosts and horizon as run
 * @param scenarioText the resolved scenario, every default filled in
 * @param assumptions values that did not come from the user
 * @param arm token of the arm, {@code [a-z][a-z0-9_]*}
 * @param params values of the arm, by scenario path
 * @param softwareVersion version of the simulator with its commit
 * @param streamScheme version of the random stream scheme
 */
public record RunDescription(
    ScenarioSpec spec,
    String scenarioText,
    List<Assumption> assumptions,
    String arm,
    Map<String, String> params,
    String softwareVersion,
    String streamScheme) {

  /** The arm of a run without a sweep. */
  public static final String BASE_ARM = "base";

  private static final int ID_DIGITS = 32; // 128 bits of the hash

  /** Checks the arm's token: readers parse other tokens as numbers or dates. */
  public RunDescription {
    if (!arm.matches("[a-z][a-z0-9_]*")) {
      throw new IllegalArgumentException("arm '" + arm + "' is no token of [a-z][a-z0-9_]*");
    }
    assumptions = List.copyOf(assumptions);
    params = Map.copyOf(params);
  }

  /**
   * Reads a description back.
   *
   * @param map what {@link #canonical} gave
   * @param spec the scenario
   * @throws IllegalArgumentException if the two do not belong together
   */
  static RunDescription of(Map<?, ?> map, ScenarioSpec spec) {
    Map.Entry<?, ?> arm = ((Map<?, ?>) map.get("arms")).entrySet().iterator().next();
    Map<String, String> params = new TreeMap<>();
    ((Map<?, ?>) arm.getValue()).forEach((k, v) -> params.put((String) k, (String) v));
    List<Assumption> assumptions = new ArrayList<>();
    for (Object entry : (List<?>) map.get("assumptions")) {
      Map<?, ?> assumption = (Map<?, ?>) entry;
      assumptions.add(
          new Assumption(
              (String) assumption.get("id"),
              (String) assumption.get("grade"),
              (String) assumption.get("text"),
              (String) assumption.get("source")));
    }
    RunDescription run =
        new RunDescription(
            spec,
            (String) map.get("scenario"),
            assumptions,
            (String) arm.getKey(),
            params,
            (String) map.get("software_version"),
            (String) map.get("stream_scheme"));
    if (!CanonicalJson.line(run.canonical()).equals(CanonicalJson.line(map))) {
      throw new IllegalArgumentException("the description does not fit its scenario");
    }
    return run;
  }

  /** Hash of the canonical description. */
  public String runId() {
    return runId(canonical());
  }

  static String runId(Map<?, ?> canonical) {
    return sha256(CanonicalJson.line(canonical)).substring(0, ID_DIGITS);
  }

  static String scenarioHash(String scenarioText) {
    return sha256(scenarioText);
  }

  /** Hash of the resolved scenario. */
  public String scenarioHash() {
    return scenarioHash(scenarioText);
  }

  /** What every estimate of this run carries. */
  public RunIdentity identity() {
    return new RunIdentity(
        runId(),
        spec.name(),
        CanonicalJson.line(params),
        spec.masterSeed(),
        scenarioHash(),
        softwareVersion);
  }

  /** The description as canonical JSON values; 64-bit seeds are text, as readers use doubles. */
  Map<String, Object> canonical() {
    Map<String, Object> map = new TreeMap<>();
    Map<String, Object> schemas = new TreeMap<>();
    for (TableName table : TableName.values()) {
      schemas.put(table.key(), table.version());
    }
    map.put("arms", Map.of(arm, params));
    map.put("assumptions", assumptions.stream().map(RunDescription::map).toList());
    map.put("horizon_ns", spec.horizonNs());
    map.put("hosts", spec.hosts());
    map.put("master_seed", Long.toString(spec.masterSeed()));
    map.put("scenario", scenarioText);
    map.put("scenario_hash", scenarioHash());
    map.put("scenario_name", spec.name());
    map.put("schemas", schemas);
    map.put("software_version", softwareVersion);
    map.put("stream_scheme", streamScheme);
    return map;
  }

  /** Footer key-values of every file of a table. */
  Map<String, String> footer(TableName table) {
    Map<String, String> footer = new TreeMap<>();
    footer.put("stallcast.schema", table.schema());
    footer.put("stallcast.run", runId());
    footer.put("stallcast.scenario-hash", scenarioHash());
    footer.put("stallcast.master-seed", Long.toString(spec.masterSeed()));
    footer.put("stallcast.kernel-version", softwareVersion);
    footer.put("stallcast.arm", arm);
    return footer;
  }

  private static Map<String, Object> map(Assumption assumption) {
    return Map.of(
        "id", assumption.id(),
        "grade", assumption.grade(),
        "text", assumption.text(),
        "source", assumption.source());
  }

  private static String sha256(String text) {
    byte[] hash = TableFile.sha256().digest(text.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(hash);
  }
}
