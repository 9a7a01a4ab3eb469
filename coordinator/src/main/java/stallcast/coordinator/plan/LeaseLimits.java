package stallcast.coordinator.plan;

/**
 * What a lease may cost before somebody else gets the shard.
 *
 * @param attemptsMax leases of one shard before it is recorded as failed, 1..100
 * @param leaseNs a lease ends this long after its worker last named the shard, ns, &gt; 0
 */
public record LeaseLimits(int attemptsMax, long leaseNs) {
  /** Five leases, half a minute: workers name their shards every two seconds. */
  public static final LeaseLimits DEFAULT = new LeaseLimits(5, 30_000_000_000L);

  /** Checks both. */
  public LeaseLimits {
    if (attemptsMax < 1 || attemptsMax > 100 || leaseNs <= 0) {
      throw new IllegalArgumentException(attemptsMax + " attempts, lease of " + leaseNs + " ns");
    }
  }
}
