package stallcast.coordinator.aggregate;

import java.math.BigInteger;

/**
 * What the hosts of one stratum came to in one kind of incident; exact, so that sums of tallies do
 * not depend on order.
 *
 * @param records incident records as the simulator wrote them; exposure is simulated time
 * @param incidents records a quiet period apart (statistics.md section 1); same exposure
 * @param reports lines the kernel would log; same exposure
 * @param operations operations that led to at least one incident; exposure is operations
 * @param longestNs length of the longest record, of an open one until the end; ns
 * @param lengthNs sum of the lengths of closed records, ns
 * @param stillOpen records that were still open when their host ended
 */
public record KindTally(
    HostCounts records,
    HostCounts incidents,
    HostCounts reports,
    HostCounts operations,
    long longestNs,
    BigInteger lengthNs,
    long stillOpen) {

  /** No host. */
  public static final KindTally NONE =
      new KindTally(
          HostCounts.NONE,
          HostCounts.NONE,
          HostCounts.NONE,
          HostCounts.NONE,
          0,
          BigInteger.ZERO,
          0);

  /** Both together. */
  public KindTally plus(KindTally other) {
    return new KindTally(
        records.plus(other.records),
        incidents.plus(other.incidents),
        reports.plus(other.reports),
        operations.plus(other.operations),
        Math.max(longestNs, other.longestNs),
        lengthNs.add(other.lengthNs),
        stillOpen + other.stillOpen);
  }
}
