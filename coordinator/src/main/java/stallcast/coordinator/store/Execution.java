package stallcast.coordinator.store;

import java.time.Instant;
import java.util.List;

/**
 * How a run was carried out; no two runs share it.
 *
 * @param commandLine what the user typed
 * @param hostsPerShard size of a shard in the plan
 * @param shards shards in the plan
 * @param started when the run started
 * @param ended when the last host was in
 * @param endState {@code complete}, {@code stopped-early} or {@code failed-hosts}
 * @param troubles failed or retried shards with their reasons, one line each
 */
public record Execution(
    List<String> commandLine,
    long hostsPerShard,
    long shards,
    Instant started,
    Instant ended,
    String endState,
    List<String> troubles) {

  /** Copies the lists. */
  public Execution {
    commandLine = List.copyOf(commandLine);
    troubles = List.copyOf(troubles);
  }
}
