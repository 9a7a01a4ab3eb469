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
 * @param network what lies between the processes
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
    Network network,
    long limitSeconds) {

  /** What lies between the processes. */
  public enum Network {
    /** Doors on the loopback device, which close. */
    DOORS,
    /** Network namespaces and cables, which are cut: needs root and iproute2. */
    NAMESPACES,
    /** Namespaces for one of the clusters that run at once, doors for the others. */
    BOTH
  }

  /** Whether a site uses namespaces. */
  boolean namespacesAt(int site) {
    return network == Network.NAMESPACES || (network == Network.BOTH && site == 0);
  }

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
