package stallcast.coordinator.cluster;

import java.util.List;
import stallcast.coordinator.plan.ShardLedger;

/**
 * How a run ended.
 *
 * @param stopped why it was stopped before its end, empty if it was not
 * @param last its last state
 * @param failedShards shards that no worker could finish
 * @param retries leases that brought no result
 * @param secondCopies shards that were leased twice at the end
 * @param repeatedResults results that came again and were equal
 */
public record RunSummary(
    String stopped,
    RunProgress.State last,
    List<ShardLedger.FailedShard> failedShards,
    int retries,
    int secondCopies,
    int repeatedResults) {

  /** Copies the list. */
  public RunSummary {
    failedShards = List.copyOf(failedShards);
  }

  /** Whether every shard is stored. */
  public boolean isComplete() {
    return stopped.isEmpty() && failedShards.isEmpty();
  }
}
