package stallcast.coordinator.aggregate;

/**
 * What ties an estimate to its run.
 *
 * @param runId hash of the canonical description of the run
 * @param scenarioId name of the scenario
 * @param params values of the arm as canonical JSON, {@code {}} for the scenario as it stands
 * @param masterSeed master seed
 * @param configHash hash of the resolved scenario
 * @param softwareVersion version of the simulator that made the rows
 */
public record RunIdentity(
    String runId,
    String scenarioId,
    String params,
    long masterSeed,
    String configHash,
    String softwareVersion) {}
