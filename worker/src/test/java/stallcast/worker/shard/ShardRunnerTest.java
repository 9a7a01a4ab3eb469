package stallcast.worker.shard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import stallcast.kernel.host.EndReason;
import stallcast.kernel.host.HostOutcome;
import stallcast.kernel.host.HostSimulation;
import stallcast.kernel.scenario.HostSampler;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.worker.protocol.SpecSamples;

class ShardRunnerTest {
  private static final ScenarioSpec SPEC = SpecSamples.small(100);

  private final AtomicInteger simulations = new AtomicInteger();

  /** A runner whose simulation first does {@code before} with the host's index. */
  private ShardRunner runner(LongConsumer before) {
    return new ShardRunner(
        SPEC,
        () -> {
          simulations.incrementAndGet();
          HostSimulation real = new HostSimulation(SPEC);
          return host -> {
            before.accept(host);
            return real.run(host);
          };
        },
        new TemplateOrder());
  }

  @Test
  void rowsAreHostsOfTheRangeInOrder() {
    OutcomeBlock block = runner(h -> {}).run(40, 10, () -> false);
    assertEquals(40, block.firstHost());
    assertEquals(10, block.rows());
    assertTrue(block.failures().isEmpty());
    HostSampler sampler = new HostSampler(SPEC);
    for (int i = 0; i < 10; i++) {
      assertEquals(sampler.sample(40 + i).columns()[0], block.config()[0][i]);
    }
    assertEquals(1, simulations.get());
  }

  @Test
  void hostThatThrowsIsARowAndTheSimulationIsReplaced() {
    OutcomeBlock block =
        runner(
                h -> {
                  if (h == 3) {
                    throw new IllegalStateException("rq of CPU 7\n  is corrupt");
                  }
                })
            .run(0, 6, () -> false);
    assertEquals(
        List.of(new OutcomeBlock.HostFailure(3, "IllegalStateException: rq of CPU 7 is corrupt")),
        block.failures());
    assertEquals(EndReason.FAILED.ordinal(), block.endReason()[3]);
    assertEquals(EndReason.HORIZON.ordinal(), block.endReason()[4]);
    assertEquals(HostOutcome.NONE, block.firstNs()[0][3]);
    assertEquals(new HostSampler(SPEC).sample(3).columns()[0], block.config()[0][3]);
    assertEquals(2, simulations.get());
  }

  @Test
  void endlessRecursionIsARow() {
    OutcomeBlock block = runner(ShardRunnerTest::recurse).run(0, 1, () -> false);
    assertEquals("StackOverflowError", block.failures().get(0).message());
  }

  private static void recurse(long depth) {
    if (depth >= 0) {
      recurse(depth + 1); // always: depth overflows the stack long before it overflows itself
    }
  }

  @Test
  void jvmWithoutMemoryIsNotBlamedOnAHost() {
    ShardRunner runner =
        runner(
            h -> {
              throw new OutOfMemoryError("test");
            });
    assertThrows(OutOfMemoryError.class, () -> runner.run(0, 1, () -> false));
  }

  @Test
  void cancelledRunEndsBeforeTheNextHost() {
    AtomicInteger hosts = new AtomicInteger();
    ShardRunner runner = runner(h -> hosts.incrementAndGet());
    assertThrows(CancellationException.class, () -> runner.run(0, 10, () -> hosts.get() == 4));
    assertEquals(4, hosts.get());
  }

  @Test
  void tasksAreNamedByTemplateAndIndex() {
    ScenarioSpec spec =
        SpecSamples.scenario(
            1, List.of(SpecSamples.task(), SpecSamples.task(), SpecSamples.task()));
    TemplateOrder order = new TemplateOrder();
    order.turnTo(new HostSampler(spec).sample(0));
    int[] templates = new int[16];
    int[] indices = new int[16];
    for (int task = 0; task < 16; task++) {
      templates[task] = order.template(task);
      indices[task] = order.index(task);
    }
    assertArrayEquals(new int[] {0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, -1}, templates);
    assertArrayEquals(new int[] {0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, -1}, indices);
    assertEquals(-1, order.template(-1));
    assertEquals(-1, order.index(-1));
  }
}
