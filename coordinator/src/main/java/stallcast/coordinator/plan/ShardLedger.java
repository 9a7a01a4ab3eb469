package stallcast.coordinator.plan;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Who has which shard: every shard is pending, leased to one or two workers, done, or failed. A
 * pure state machine without actor and clock; the time is passed in and only compared.
 *
 * <p>A shard may be leased a second time while the first lease still runs, when nothing else is
 * left to do. The first result wins; a later one must have the same digest. A result is welcome
 * from whoever brings it, even after its lease ended: hosts depend on their index alone.
 *
 * <p>State: 9 bytes per shard, two bits, and a record per running lease.
 */
public final class ShardLedger {

  /** What a result was. */
  public enum Completion {
    /** The first result of its shard. */
    FIRST,
    /** The same again. */
    REPEATED,
    /** Another result than before: the simulation is not deterministic. */
    DIFFERENT
  }

  /**
   * A shard in the hands of a worker.
   *
   * @param shard index in the plan
   * @param worker number of the worker
   * @param attempt 1 for the first lease of the shard
   * @param startNs when it was given out, ns
   */
  public record Lease(int shard, int worker, int attempt, long startNs) {}

  /**
   * A shard that nobody could finish.
   *
   * @param shard index in the plan
   * @param attempts leases
   * @param reason why the last one failed, one line
   */
  public record FailedShard(int shard, int attempts, String reason) {}

  /** A running lease and when it ends. */
  private static final class Running {
    private final Lease lease;
    private long deadlineNs;

    Running(Lease lease, long deadlineNs) {
      this.lease = lease;
      this.deadlineNs = deadlineNs;
    }
  }

  private static final int LEASES_MAX = 2; // of one shard at once

  private final int shards;
  private final LeaseLimits limits;
  private final BitSet done = new BitSet(); // [shards]
  private final BitSet inherited; // [shards] done before this ledger began: no digest known
  private final byte[] attempts; // [shards] leases so far
  private final long[] digests; // [shards] of the result, once done
  private final Deque<Integer> returned = new ArrayDeque<>(); // pending again
  private final Map<Integer, List<Running>> leased = new LinkedHashMap<>(); // oldest first
  private final Map<Integer, Set<Integer>> held = new HashMap<>(); // worker -> shards
  private final Map<Integer, FailedShard> failed = new TreeMap<>();
  private int nextFresh; // shards from here on were never leased
  private int doneCount;

  /**
   * A ledger at the begin of a run.
   *
   * @param shards number of shards
   * @param alreadyDone shards that need not be run
   * @param limits when a lease or a shard is given up
   */
  public ShardLedger(int shards, BitSet alreadyDone, LeaseLimits limits) {
    this.shards = shards;
    this.limits = limits;
    this.inherited = (BitSet) alreadyDone.clone();
    this.attempts = new byte[shards];
    this.digests = new long[shards];
    done.or(alreadyDone);
    doneCount = done.cardinality();
    skipDone();
  }

  private void skipDone() {
    nextFresh = Math.min(shards, done.nextClearBit(nextFresh));
  }

  /**
   * Gives a worker the next pending shard.
   *
   * @param worker number of the worker
   * @param nowNs time, ns
   * @return the lease, or empty if no shard is pending
   */
  public Optional<Lease> lease(int worker, long nowNs) {
    Integer again = returned.poll();
    if (again != null) {
      return Optional.of(grant(again, worker, nowNs));
    }
    if (nextFresh == shards) {
      return Optional.empty();
    }
    int shard = nextFresh++;
    skipDone();
    return Optional.of(grant(shard, worker, nowNs));
  }

  /**
   * Gives a worker a shard that another one holds, the longest held first; only when no shard is
   * pending and the shard has attempts left.
   *
   * @param worker number of the worker
   * @param nowNs time, ns
   * @param minAgeNs leases younger than this are left alone, ns
   * @return the lease, or empty
   */
  public Optional<Lease> speculate(int worker, long nowNs, long minAgeNs) {
    if (hasPending()) {
      return Optional.empty();
    }
    for (Map.Entry<Integer, List<Running>> entry : leased.entrySet()) {
      List<Running> running = entry.getValue();
      Lease first = running.get(0).lease;
      if (nowNs - first.startNs < minAgeNs) {
        break; // the rest is younger
      }
      boolean allowed =
          running.size() < LEASES_MAX
              && first.worker != worker
              && attempts[entry.getKey()] < limits.attemptsMax();
      if (allowed) {
        return Optional.of(grant(entry.getKey(), worker, nowNs));
      }
    }
    return Optional.empty();
  }

  private Lease grant(int shard, int worker, long nowNs) {
    Lease lease = new Lease(shard, worker, ++attempts[shard], nowNs);
    leased
        .computeIfAbsent(shard, s -> new ArrayList<>(LEASES_MAX))
        .add(new Running(lease, nowNs + limits.leaseNs()));
    held.computeIfAbsent(worker, w -> new LinkedHashSet<>()).add(shard);
    return lease;
  }

  /** Prolongs the lease of a worker on a shard, if it has one. */
  public void renew(int worker, int shard, long nowNs) {
    for (Running running : leased.getOrDefault(shard, List.of())) {
      if (running.lease.worker == worker) {
        running.deadlineNs = nowNs + limits.leaseNs();
      }
    }
  }

  /**
   * Takes a result, from whoever computed it.
   *
   * @param shard index in the plan
   * @param digest digest of the result
   * @return what it was; the shard is done in each case
   */
  public Completion complete(int shard, long digest) {
    checkShard(shard);
    if (done.get(shard)) {
      boolean same = inherited.get(shard) || digests[shard] == digest;
      return same ? Completion.REPEATED : Completion.DIFFERENT;
    }
    if (attempts[shard] == 0) {
      throw new IllegalArgumentException("result of shard " + shard + ", which nobody was given");
    }
    List<Running> running = leased.remove(shard);
    if (running != null) {
      running.forEach(r -> release(r.lease));
    } else if (failed.remove(shard) == null) {
      returned.remove(shard);
    }
    done.set(shard);
    digests[shard] = digest;
    doneCount++;
    return Completion.FIRST;
  }

  /**
   * Ends a lease that brought no result; one that has already ended is ignored.
   *
   * @param shard index in the plan
   * @param worker number of the worker
   * @param reason one line
   */
  public void fail(int shard, int worker, String reason) {
    checkShard(shard);
    end(shard, worker, reason, false);
  }

  /**
   * Takes back a shard that a worker did not start or finish on purpose; the attempt does not
   * count.
   */
  public void giveBack(int shard, int worker) {
    checkShard(shard);
    end(shard, worker, "given back", true);
  }

  private void end(int shard, int worker, String reason, boolean forgive) {
    List<Running> running = leased.get(shard);
    Optional<Running> ended =
        running == null
            ? Optional.empty()
            : running.stream().filter(r -> r.lease.worker == worker).findFirst();
    if (ended.isEmpty()) {
      return;
    }
    running.remove(ended.get());
    release(ended.get().lease);
    if (forgive) {
      attempts[shard]--;
    }
    if (!running.isEmpty()) {
      return; // the other copy is still at work
    }
    leased.remove(shard);
    if (attempts[shard] >= limits.attemptsMax()) {
      failed.put(shard, new FailedShard(shard, attempts[shard], reason));
    } else {
      returned.add(shard);
    }
  }

  /**
   * Ends all leases of a worker.
   *
   * @return the shards it held
   */
  public List<Integer> workerLost(int worker, String reason) {
    List<Integer> lost = heldBy(worker);
    lost.forEach(shard -> end(shard, worker, reason, false));
    return lost;
  }

  /**
   * Ends all leases whose deadline has passed.
   *
   * @return what they were
   */
  public List<Lease> expire(long nowNs) {
    List<Lease> late = new ArrayList<>();
    for (List<Running> running : leased.values()) {
      for (Running r : running) {
        if (r.deadlineNs - nowNs <= 0) {
          late.add(r.lease);
        }
      }
    }
    late.forEach(l -> end(l.shard, l.worker, "no sign of life from the worker", false));
    return late;
  }

  private void release(Lease lease) {
    Set<Integer> shardsOfWorker = held.get(lease.worker);
    shardsOfWorker.remove(lease.shard);
    if (shardsOfWorker.isEmpty()) {
      held.remove(lease.worker);
    }
  }

  /** Shards that a worker holds now. */
  public List<Integer> heldBy(int worker) {
    return List.copyOf(held.getOrDefault(worker, Set.of()));
  }

  /** How many shards a worker holds now. */
  public int heldCount(int worker) {
    return held.getOrDefault(worker, Set.of()).size();
  }

  /** Workers that hold a shard now. */
  public List<Integer> holders(int shard) {
    return leased.getOrDefault(shard, List.of()).stream().map(r -> r.lease.worker).toList();
  }

  /** Whether a shard waits for a worker. */
  public boolean hasPending() {
    return !returned.isEmpty() || nextFresh < shards;
  }

  /** Whether every shard is done or failed. */
  public boolean isFinished() {
    return doneCount + failed.size() == shards;
  }

  /** Whether a number is that of a shard that somebody was given, now or before. */
  public boolean wasLeased(int shard) {
    return shard >= 0 && shard < shards && attempts[shard] > 0;
  }

  /** Whether a shard is done. */
  public boolean isDone(int shard) {
    return done.get(shard);
  }

  /** Shards done, those included that were done before. */
  public int doneCount() {
    return doneCount;
  }

  /** Shards that somebody holds. */
  public int leasedCount() {
    return leased.size();
  }

  /** Shards that nobody could finish, in order of their index. */
  public List<FailedShard> failed() {
    return List.copyOf(failed.values());
  }

  /** How many nobody could finish. */
  public int failedCount() {
    return failed.size();
  }

  private void checkShard(int shard) {
    if (shard < 0 || shard >= shards) {
      throw new IllegalArgumentException("shard " + shard + " of " + shards);
    }
  }
}
