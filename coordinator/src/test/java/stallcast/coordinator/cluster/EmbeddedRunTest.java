package stallcast.coordinator.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.BitSet;
import java.util.SortedMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import stallcast.coordinator.plan.ShardPlan;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.worker.shard.ShardRunner;

class EmbeddedRunTest {
  private static final long HOSTS = 1003;
  private static final ScenarioSpec SPEC = FleetSamples.mixed(HOSTS);

  private static RunSummary await(CompletionStage<RunSummary> run) throws Exception {
    return run.toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  /** The rows as one thread computes them without any cluster. */
  private static SortedMap<Long, String> expected() {
    RowsByHost rows = new RowsByHost();
    rows.accept(
        0,
        new ShardRunner(SPEC).run(0, (int) HOSTS, () -> false),
        new byte[0],
        new ShardProvenance("", 1, 0, 0));
    return rows.rows();
  }

  @Test
  void rowsDependNeitherOnThreadsNorOnShardSize() throws Exception {
    SortedMap<Long, String> expected = expected();
    assertEquals(HOSTS, expected.size());
    for (int threads : new int[] {1, 2}) {
      for (int size : new int[] {1, 7, 500}) {
        RowsByHost rows = new RowsByHost();
        ShardPlan plan = ShardPlan.ofSize(HOSTS, size);
        RunSummary summary =
            await(
                ClusterRun.execute(
                    SPEC, plan, ClusterOptions.embedded(threads), rows, RunProgress.NONE));
        assertEquals(expected, rows.rows(), threads + " threads, shards of " + size);
        assertTrue(summary.isComplete());
        assertEquals(HOSTS, summary.last().hostsDone());
        assertEquals(plan.shards(), summary.last().shardsDone());
      }
    }
  }

  @Test
  void committedShardsAreNotRunAgain() throws Exception {
    BitSet committed = new BitSet();
    committed.set(0, 8);
    ShardPlan plan = ShardPlan.ofSize(HOSTS, 100).without(committed);
    RowsByHost rows = new RowsByHost();
    RunSummary summary =
        await(ClusterRun.execute(SPEC, plan, ClusterOptions.embedded(2), rows, RunProgress.NONE));
    assertEquals(expected().tailMap(800L), rows.rows());
    assertEquals(HOSTS, summary.last().hostsDone());
    committed.set(0, 11);
    RunSummary nothing =
        await(
            ClusterRun.execute(
                SPEC, plan.without(committed), ClusterOptions.embedded(2), rows, RunProgress.NONE));
    assertTrue(nothing.isComplete());
  }

  @Test
  void sinkThatFailsEndsTheRunWithItsReason() {
    AtomicInteger calls = new AtomicInteger();
    ShardSink full =
        (shard, block, packed, provenance) -> {
          if (calls.incrementAndGet() > 3) {
            throw new IOException("No space left on device");
          }
        };
    CompletionStage<RunSummary> run =
        ClusterRun.execute(
            SPEC, ShardPlan.ofSize(HOSTS, 10), ClusterOptions.embedded(2), full, RunProgress.NONE);
    ExecutionException failed = assertThrows(ExecutionException.class, () -> await(run));
    RunFailedException reason = assertInstanceOf(RunFailedException.class, failed.getCause());
    assertTrue(reason.getMessage().contains("No space left on device"), reason::getMessage);
    assertEquals(4, calls.get(), "nothing is stored after a failure");
  }

  @Test
  void stoppedRunSaysWhyAndKeepsWhatItHas() throws Exception {
    RowsByHost rows = new RowsByHost();
    ClusterRun run =
        ClusterRun.start(
            FleetSamples.mixed(1_000_000),
            ShardPlan.ofSize(1_000_000, 100),
            ClusterOptions.embedded(2),
            rows,
            RunProgress.NONE);
    run.stop("interrupted");
    RunSummary summary = await(run.summary());
    assertEquals("interrupted", summary.stopped());
    assertEquals(rows.rows().size(), summary.last().hostsDone());
  }

  @Test
  void slowSinkHoldsTheWorkersBack() throws Exception {
    AtomicInteger stored = new AtomicInteger();
    AtomicInteger ahead = new AtomicInteger();
    RunProgress progress = state -> ahead.accumulateAndGet(state.shardsLeased(), Math::max);
    ShardSink slow =
        (shard, block, packed, provenance) -> {
          stored.incrementAndGet();
          LockSupport.parkNanos(3_000_000);
        };
    RunSummary summary =
        await(
            ClusterRun.execute(
                SPEC, ShardPlan.ofSize(HOSTS, 5), ClusterOptions.embedded(2), slow, progress));
    assertTrue(summary.isComplete());
    assertEquals(201, stored.get());
    assertTrue(ahead.get() <= 3, () -> ahead + " shards leased by a worker of 2 threads");
  }
}
