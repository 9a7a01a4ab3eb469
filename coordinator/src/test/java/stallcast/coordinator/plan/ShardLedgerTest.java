package stallcast.coordinator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import stallcast.coordinator.plan.ShardLedger.Completion;
import stallcast.coordinator.plan.ShardLedger.Lease;

class ShardLedgerTest {
  private static final LeaseLimits LIMITS = new LeaseLimits(3, 100);
  private static final int ANN = 1;
  private static final int BOB = 2;

  private static ShardLedger ledger(int shards) {
    return new ShardLedger(shards, new BitSet(), LIMITS);
  }

  @Test
  void shardsAreLeasedOnceInOrder() {
    ShardLedger ledger = ledger(2);
    assertEquals(new Lease(0, ANN, 1, 10), ledger.lease(ANN, 10).orElseThrow());
    assertEquals(new Lease(1, BOB, 1, 11), ledger.lease(BOB, 11).orElseThrow());
    assertTrue(ledger.lease(ANN, 12).isEmpty());
    assertEquals(List.of(0), ledger.heldBy(ANN));
    assertEquals(Completion.FIRST, ledger.complete(0, 7));
    assertEquals(Completion.FIRST, ledger.complete(1, 8));
    assertTrue(ledger.isFinished());
    assertEquals(0, ledger.heldCount(ANN));
  }

  @Test
  void secondResultMustBeTheSame() {
    ShardLedger ledger = ledger(1);
    ledger.lease(ANN, 0);
    assertEquals(Completion.FIRST, ledger.complete(0, 7));
    assertEquals(Completion.REPEATED, ledger.complete(0, 7));
    assertEquals(Completion.DIFFERENT, ledger.complete(0, 8));
    assertEquals(1, ledger.doneCount());
  }

  @Test
  void resultOfAShardThatNobodyWasGivenIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> ledger(3).complete(1, 7));
    assertThrows(IllegalArgumentException.class, () -> ledger(3).complete(3, 7));
  }

  @Test
  void shardsDoneBeforeAreNeverLeased() {
    BitSet done = new BitSet();
    done.set(0);
    done.set(1);
    done.set(3);
    ShardLedger ledger = new ShardLedger(4, done, LIMITS);
    assertEquals(2, ledger.lease(ANN, 0).orElseThrow().shard());
    assertFalse(ledger.hasPending());
    assertEquals(Completion.REPEATED, ledger.complete(3, 99));
    ledger.complete(2, 1);
    assertTrue(ledger.isFinished());
  }

  @Test
  void shardsOfALostWorkerGoToTheNext() {
    ShardLedger ledger = ledger(2);
    ledger.lease(ANN, 0);
    ledger.lease(ANN, 0);
    assertEquals(List.of(0, 1), ledger.workerLost(ANN, "lost"));
    assertEquals(new Lease(0, BOB, 2, 5), ledger.lease(BOB, 5).orElseThrow());
  }

  @Test
  void shardThatFailsTooOftenIsRecorded() {
    ShardLedger ledger = ledger(1);
    for (int attempt = 1; attempt <= 3; attempt++) {
      assertEquals(attempt, ledger.lease(ANN, 0).orElseThrow().attempt());
      ledger.fail(0, ANN, "attempt " + attempt);
    }
    assertTrue(ledger.lease(ANN, 0).isEmpty());
    assertTrue(ledger.isFinished());
    assertEquals(List.of(new ShardLedger.FailedShard(0, 3, "attempt 3")), ledger.failed());
  }

  @Test
  void lateResultRescuesAFailedShard() {
    ShardLedger ledger = new ShardLedger(1, new BitSet(), new LeaseLimits(1, 100));
    ledger.lease(ANN, 0);
    assertEquals(1, ledger.expire(100).size());
    assertEquals(1, ledger.failed().size());
    assertEquals(Completion.FIRST, ledger.complete(0, 7));
    assertEquals(List.of(), ledger.failed());
    assertTrue(ledger.isFinished());
  }

  @Test
  void shardsGivenBackCostNoAttempt() {
    ShardLedger ledger = ledger(1);
    for (int i = 0; i < 10; i++) {
      assertEquals(1, ledger.lease(ANN, 0).orElseThrow().attempt());
      ledger.giveBack(0, ANN);
    }
    assertTrue(ledger.hasPending());
  }

  @Test
  void leaseEndsAtItsDeadlineUnlessRenewed() {
    ShardLedger ledger = ledger(2);
    ledger.lease(ANN, 0);
    ledger.lease(BOB, 0);
    ledger.renew(ANN, 0, 60);
    ledger.renew(ANN, 1, 60); // not hers
    assertEquals(List.of(), ledger.expire(99));
    assertEquals(1, ledger.expire(100).get(0).shard());
    assertEquals(0, ledger.expire(160).get(0).shard());
    assertEquals(Completion.FIRST, ledger.complete(0, 7)); // late, and welcome
    assertEquals(1, ledger.lease(ANN, 200).orElseThrow().shard());
    assertTrue(ledger.lease(ANN, 200).isEmpty());
  }

  @Test
  void outstandingShardIsLeasedTwiceAtTheEndOnly() {
    ShardLedger ledger = ledger(2);
    ledger.lease(ANN, 0);
    assertTrue(ledger.speculate(BOB, 50, 20).isEmpty(), "a shard is pending");
    ledger.lease(BOB, 45);
    assertTrue(ledger.speculate(ANN, 50, 20).isEmpty(), "hers, and the other is too young");
    assertEquals(new Lease(0, BOB, 2, 50), ledger.speculate(BOB, 50, 20).orElseThrow());
    assertTrue(ledger.speculate(3, 50, 20).isEmpty(), "no third copy");
    assertEquals(List.of(ANN, BOB), ledger.holders(0));
    ledger.workerLost(ANN, "lost");
    assertFalse(ledger.hasPending(), "the copy is still at work");
    assertEquals(Completion.FIRST, ledger.complete(0, 7));
    assertEquals(List.of(1), ledger.heldBy(BOB));
  }

  @Test
  void tenMillionShardsFit() {
    ShardLedger ledger = ledger(ShardPlan.SHARDS_MAX);
    for (int s = 0; s < 1000; s++) {
      ledger.lease(ANN, 0);
      ledger.complete(s, s);
    }
    assertEquals(1000, ledger.doneCount());
  }
}
