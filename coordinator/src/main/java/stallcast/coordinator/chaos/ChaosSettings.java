package stallcast.coordinator.chaos;

import java.nio.file.Path;
import java.util.List;

/**
 * What is run and how it is hurt.
 *
 * @param scenario words of the command line that name the scenario and its size
 * @param mainClass main class of the command line
 * @param folder where datasets and logs go
 * @param runs how many clusters
 * @param seed of everything that is drawn
 * @param workers worker processes of a cluster, &gt;= 1
 * @param shardHosts hosts of a shard
 * @param parallel clusters at once, &gt;= 1
 * @param namespaces whether every process has a network namespace of its own
 * @param limitSeconds a run that takes longer hangs
 */
public record ChaosSettings(
    List<String> scenario,
    String mainClass,
    Path folder,
    int runs,
    long seed,
    int workers,
    int shardHosts,
    int parallel,
    boolean namespaces,
    long limitSeconds) {

  /** Copies the list and checks the numbers. */
  public ChaosSettings {
    scenario = List.copyOf(scenario);
    if (Math.min(Math.min(runs, workers), Math.min(shardHosts, parallel)) < 1) {
      throw new IllegalArgumentException(
          runs
              + " runs, "
              + parallel
              + " at once, "
              + workers
              + " workers, shards of "
              + shardHosts);
    }
  }
}
