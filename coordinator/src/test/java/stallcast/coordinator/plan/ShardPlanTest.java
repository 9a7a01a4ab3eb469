package stallcast.coordinator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import org.junit.jupiter.api.Test;

class ShardPlanTest {
  @Test
  void shardsCoverEveryHostOnce() {
    for (long hosts : new long[] {1, 6, 7, 8, 1000, 1001}) {
      for (int size : new int[] {1, 7, 500, 5000}) {
        ShardPlan plan = ShardPlan.ofSize(hosts, size);
        long next = 0;
        for (int s = 0; s < plan.shards(); s++) {
          assertEquals(next, plan.firstHost(s));
          assertTrue(plan.hostCount(s) >= 1 && plan.hostCount(s) <= size);
          next += plan.hostCount(s);
        }
        assertEquals(hosts, next);
      }
    }
  }

  @Test
  void defaultSizeIsBounded() {
    assertEquals(1, ShardPlan.forSlots(10, 8).shardHosts());
    assertEquals(157, ShardPlan.forSlots(10_000, 2).shardHosts());
    assertEquals(1000, ShardPlan.forSlots(1_000_000_000L, 2).shardHosts());
    ShardPlan huge = ShardPlan.forSlots(1_000_000_000_000L, 2);
    assertEquals(ShardPlan.SHARDS_MAX, huge.shards());
  }

  @Test
  void tooManyShardsAreRefusedWithTheSizeThatFits() {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> ShardPlan.ofSize(1_000_000_000L, 1));
    assertTrue(refused.getMessage().contains("use shards of 100 or more"), refused::getMessage);
  }

  @Test
  void committedShardsCountAsDone() {
    BitSet committed = new BitSet();
    committed.set(0);
    committed.set(2);
    ShardPlan plan = ShardPlan.ofSize(25, 10).without(committed);
    committed.clear();
    assertEquals(15, plan.hostsDone());
    assertEquals(2, plan.done().cardinality());
    committed.set(3);
    assertThrows(IllegalArgumentException.class, () -> plan.without(committed));
  }
}
