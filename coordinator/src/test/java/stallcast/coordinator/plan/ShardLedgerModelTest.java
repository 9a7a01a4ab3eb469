package stallcast.coordinator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import stallcast.coordinator.plan.ShardLedger.Completion;
import stallcast.coordinator.plan.ShardLedger.Lease;

/** Random sequences of events against a naive model; invariants after every event. */
class ShardLedgerModelTest {
  private static final int SEEDS = 400;
  private static final int EVENTS = 400;

  /** What is known about the shards, in the plainest form. */
  private static final class Model {
    private final int shards;
    private final LeaseLimits limits;
    private final ShardLedger ledger;
    private final Map<String, Long> deadlines = new TreeMap<>(); // "shard/worker" -> ns
    private final Map<Integer, Integer> leases = new HashMap<>(); // shard -> leases so far
    private final BitSet done = new BitSet();
    private long nowNs;

    Model(Random random) {
      shards = 1 + random.nextInt(12);
      limits = new LeaseLimits(1 + random.nextInt(4), 1 + random.nextInt(50));
      for (int s = 0; s < shards; s++) {
        done.set(s, random.nextInt(5) == 0);
      }
      ledger = new ShardLedger(shards, done, limits);
    }

    private static String key(int shard, int worker) {
      return shard + "/" + worker;
    }

    private List<String> leasesOf(int shard) {
      return deadlines.keySet().stream().filter(k -> k.startsWith(shard + "/")).toList();
    }

    void step(Random random) {
      int worker = random.nextInt(4);
      int shard = random.nextInt(shards);
      nowNs += random.nextInt(5);
      switch (random.nextInt(9)) {
        case 0, 1, 2 -> granted(ledger.lease(worker, nowNs), worker, 0);
        case 3 -> granted(ledger.speculate(worker, nowNs, 3), worker, 1);
        case 4 -> complete(shard);
        case 5 -> {
          ledger.fail(shard, worker, "failed");
          deadlines.remove(key(shard, worker));
        }
        case 6 -> giveBack(shard, worker);
        case 7 -> {
          List<Integer> lost = ledger.workerLost(worker, "lost");
          lost.forEach(s -> assertTrue(deadlines.remove(key(s, worker)) != null));
        }
        default -> expireOrRenew(random, shard, worker);
      }
    }

    private void granted(Optional<Lease> lease, int worker, int copies) {
      lease.ifPresent(
          l -> {
            assertEquals(worker, l.worker());
            assertTrue(!done.get(l.shard()), "leased although done");
            assertEquals(copies, leasesOf(l.shard()).size());
            assertEquals(leases.merge(l.shard(), 1, Integer::sum), l.attempt());
            assertTrue(l.attempt() <= limits.attemptsMax());
            deadlines.put(key(l.shard(), worker), nowNs + limits.leaseNs());
          });
    }

    private void complete(int shard) {
      if (leases.getOrDefault(shard, 0) == 0) {
        return;
      }
      Completion expected = done.get(shard) ? Completion.REPEATED : Completion.FIRST;
      assertEquals(expected, ledger.complete(shard, 1000 + shard));
      assertEquals(Completion.DIFFERENT, ledger.complete(shard, -1));
      done.set(shard);
      leasesOf(shard).forEach(deadlines::remove);
    }

    private void giveBack(int shard, int worker) {
      ledger.giveBack(shard, worker);
      if (deadlines.remove(key(shard, worker)) != null) {
        leases.merge(shard, -1, Integer::sum);
      }
    }

    private void expireOrRenew(Random random, int shard, int worker) {
      if (random.nextBoolean()) {
        ledger.renew(worker, shard, nowNs);
        deadlines.computeIfPresent(key(shard, worker), (k, old) -> nowNs + limits.leaseNs());
      } else {
        List<Lease> late = ledger.expire(nowNs);
        late.forEach(
            l -> assertTrue(deadlines.remove(key(l.shard(), l.worker())) <= nowNs, "too early"));
      }
    }

    void check() {
      int failed = ledger.failed().size();
      int open = 0;
      for (int s = 0; s < shards; s++) {
        assertEquals(done.get(s), ledger.isDone(s));
        assertEquals(leasesOf(s).size(), ledger.holders(s).size());
        boolean isFailed = failedIds().contains(s);
        assertTrue(!(isFailed && (done.get(s) || !leasesOf(s).isEmpty())));
        open += !done.get(s) && !isFailed && leasesOf(s).isEmpty() ? 1 : 0;
      }
      assertEquals(open > 0, ledger.hasPending());
      assertEquals(done.cardinality(), ledger.doneCount());
      assertEquals(done.cardinality() + failed == shards, ledger.isFinished());
      for (int w = 0; w < 4; w++) {
        String suffix = "/" + w;
        long expected = deadlines.keySet().stream().filter(k -> k.endsWith(suffix)).count();
        assertEquals(expected, ledger.heldCount(w));
      }
    }

    private List<Integer> failedIds() {
      return ledger.failed().stream().map(ShardLedger.FailedShard::shard).toList();
    }

    /** Whatever has happened, one good worker can bring the run to its end. */
    void finish() {
      ledger.expire(Long.MAX_VALUE / 2);
      deadlines.clear();
      while (!ledger.isFinished()) {
        Lease lease = ledger.lease(9, nowNs).orElseThrow();
        assertEquals(Completion.FIRST, ledger.complete(lease.shard(), 1));
      }
    }
  }

  @Test
  void noSequenceOfEventsBreaksTheLedger() {
    for (long seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      Model model = new Model(random);
      for (int event = 0; event < EVENTS; event++) {
        try {
          model.step(random);
          model.check();
        } catch (RuntimeException | AssertionError e) {
          throw new AssertionError("seed " + seed + ", event " + event, e);
        }
      }
      model.finish();
    }
  }
}
