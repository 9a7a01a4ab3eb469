package stallcast.coordinator.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import stallcast.worker.cluster.NodeAddress;

/**
 * Where a run happens and how its shards are given out.
 *
 * @param place one process, or several
 * @param dispatch leases, limits and times
 */
public record ClusterOptions(Place place, DispatchSettings dispatch) {

  /** Coordinator and worker in this process, on the given number of threads. */
  public static ClusterOptions embedded(int threads) {
    return new ClusterOptions(new Embedded(threads), DispatchSettings.DEFAULT);
  }

  /** Where a run happens. */
  public sealed interface Place {
    /** Hosts that this process simulates at once itself. */
    int ownThreads();
  }

  /**
   * Coordinator and worker in one process, without network.
   *
   * @param ownThreads &gt;= 1
   */
  public record Embedded(int ownThreads) implements Place {}

  /**
   * A coordinator that workers join.
   *
   * @param listen where; port 0 takes any free one
   * @param ownThreads hosts that this process simulates at once itself; 0 leaves that to others
   * @param tls folder with tls.key, tls.crt and ca.crt; empty for plain TCP
   * @param insecureNetwork whether plain TCP may leave the loopback device
   * @param stableAfter unreachable workers are downed after this long
   */
  public record Listening(
      NodeAddress listen,
      int ownThreads,
      Optional<Path> tls,
      boolean insecureNetwork,
      Duration stableAfter)
      implements Place {}
}
