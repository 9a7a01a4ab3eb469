package stallcast.coordinator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Ten million shards on ten thousand workers, a third of which are lost at once. */
class ShardLedgerScaleTest {
  private static final int SHARDS = ShardPlan.SHARDS_MAX;
  private static final int WORKERS = 10_000;
  private static final int HELD = 3; // two threads and one in advance
  private static final long MIB = 1 << 20;
  private static final long LIMIT_MIB = 160;

  private static long usedMib() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return (runtime.totalMemory() - runtime.freeMemory()) / MIB;
  }

  @Test
  void memoryIsBounded() {
    final long before = usedMib();
    ShardLedger ledger = new ShardLedger(SHARDS, new BitSet(), LeaseLimits.DEFAULT);
    long nowNs = 0;
    int lost = 0;
    for (int round = 0; !ledger.isFinished(); round++) {
      for (int worker = 0; worker < WORKERS; worker++) {
        nowNs += 1000;
        List<Integer> held = ledger.heldBy(worker);
        for (int shard : held) {
          assertEquals(ShardLedger.Completion.FIRST, ledger.complete(shard, shard * 31L));
        }
        for (int i = 0; i < HELD; i++) {
          Optional<ShardLedger.Lease> lease = ledger.lease(worker, nowNs);
          if (lease.isEmpty()) {
            break;
          }
        }
      }
      if (round == 100) {
        for (int worker = 0; worker < WORKERS / 3; worker++) {
          lost += ledger.workerLost(worker, "lost").size();
        }
        long used = usedMib() - before;
        System.out.printf(
            "ledger of %,d shards, %,d leases, %,d pending again: %d MiB%n",
            SHARDS, ledger.leasedCount(), lost, used);
        assertTrue(used < LIMIT_MIB, used + " MiB");
      }
    }
    assertEquals(WORKERS / 3 * HELD, lost);
    assertEquals(SHARDS, ledger.doneCount());
    assertEquals(List.of(), ledger.failed());
  }
}
