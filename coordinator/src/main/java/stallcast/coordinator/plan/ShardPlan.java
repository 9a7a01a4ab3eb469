package stallcast.coordinator.plan;

import java.util.BitSet;

/**
 * A fleet cut into shards: contiguous ranges of hosts of one size, the last one shorter. The size
 * changes nothing in the results.
 */
public final class ShardPlan {
  /** Most shards of a run; bounds the ledger's memory. */
  public static final int SHARDS_MAX = 10_000_000;

  /** Largest default shard, hosts: a lost shard is seconds to minutes of work, not hours. */
  public static final int DEFAULT_HOSTS_MAX = 1000;

  /** Most hosts of a fleet: indices fit the 48 bits that random streams leave to spare. */
  public static final long HOSTS_MAX = 1L << 48;

  private static final int DEFAULT_SHARDS_PER_SLOT = 32; // evens out slow workers at the end

  private final long hosts;
  private final int shardHosts;
  private final BitSet done; // [shards] committed by an earlier process

  private ShardPlan(long hosts, int shardHosts, BitSet done) {
    this.hosts = hosts;
    this.shardHosts = shardHosts;
    this.done = done;
  }

  /**
   * A plan with shards of a stated size.
   *
   * @param hosts hosts of the fleet, &gt;= 1
   * @param shardHosts hosts of a shard, &gt;= 1
   * @throws IllegalArgumentException if that makes more than {@link #SHARDS_MAX} shards
   */
  public static ShardPlan ofSize(long hosts, int shardHosts) {
    if (hosts < 1 || hosts > HOSTS_MAX || shardHosts < 1) {
      throw new IllegalArgumentException(hosts + " hosts in shards of " + shardHosts);
    }
    if (ceilDiv(hosts, shardHosts) > SHARDS_MAX) {
      throw new IllegalArgumentException(
          hosts
              + " hosts in shards of "
              + shardHosts
              + " are more than "
              + SHARDS_MAX
              + " shards; use shards of "
              + ceilDiv(hosts, SHARDS_MAX)
              + " or more");
    }
    return new ShardPlan(hosts, shardHosts, new BitSet());
  }

  /**
   * A plan with shards of a size that keeps every slot busy to the end without drowning the
   * coordinator in messages.
   *
   * @param hosts hosts of the fleet, &gt;= 1
   * @param slots hosts that the whole cluster simulates at once, &gt;= 1
   */
  public static ShardPlan forSlots(long hosts, int slots) {
    long even = ceilDiv(hosts, (long) slots * DEFAULT_SHARDS_PER_SLOT);
    long size = Math.max(Math.min(even, DEFAULT_HOSTS_MAX), ceilDiv(hosts, SHARDS_MAX));
    return ofSize(hosts, Math.toIntExact(size));
  }

  private static long ceilDiv(long dividend, long divisor) {
    return (dividend + divisor - 1) / divisor;
  }

  /**
   * The same plan for a run that goes on.
   *
   * @param committed shards that are already stored
   */
  public ShardPlan without(BitSet committed) {
    if (committed.length() > shards()) {
      throw new IllegalArgumentException(
          "shard " + (committed.length() - 1) + " of " + shards() + " is said to be committed");
    }
    return new ShardPlan(hosts, shardHosts, (BitSet) committed.clone());
  }

  /** Hosts of the fleet. */
  public long hosts() {
    return hosts;
  }

  /** Hosts of every shard but the last. */
  public int shardHosts() {
    return shardHosts;
  }

  /** Number of shards. */
  public int shards() {
    return (int) ceilDiv(hosts, shardHosts);
  }

  /** Global index of a shard's first host. */
  public long firstHost(int shard) {
    return (long) shard * shardHosts;
  }

  /** Hosts of a shard. */
  public int hostCount(int shard) {
    return (int) Math.min(shardHosts, hosts - firstHost(shard));
  }

  /** Shards that an earlier process committed. */
  public BitSet done() {
    return (BitSet) done.clone();
  }

  /** Hosts in shards that an earlier process committed. */
  public long hostsDone() {
    long sum = 0;
    for (int s = done.nextSetBit(0); s >= 0; s = done.nextSetBit(s + 1)) {
      sum += hostCount(s);
    }
    return sum;
  }
}
