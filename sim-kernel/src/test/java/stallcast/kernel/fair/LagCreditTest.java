package stallcast.kernel.fair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelPreset;

/** What a credit and a penalty move, in one queue of tasks of nice 0 and slices of 0.7 ms. */
class LagCreditTest {
  private static final long MS = 1_000_000;
  private static final long SLICE_NS = 700_000; // one CPU
  private static final long TICK_NS = 4 * MS;

  private final FairQueues queues = new FairQueues();
  private final Eevdf eevdf = new Eevdf(queues);
  private final LagCredit credit = new LagCredit(queues, eevdf);

  @BeforeEach
  void boot() {
    HostConfig config =
        new HostConfig(
            0,
            0,
            1,
            1,
            1,
            KernelPreset.parse("7.1+yield-v3").orElseThrow(),
            KernelPreset.parse("7.1+yield-v3").orElseThrow().defaults(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            new double[0]);
    queues.reset(1, 3, new int[] {FairQueues.NONE});
    eevdf.reset(config, TICK_NS, false);
    long[] vruntime = {0, 0, 9 * MS};
    for (int task = 0; task < 3; task++) {
      queues.clear(task, FairQueues.NEW);
      queues.weight[task] = FairWeights.ofNice(0);
      queues.slice[task] = SLICE_NS;
      queues.queue[task] = 0;
      queues.vruntime[task] = vruntime(vruntime[task]);
      queues.deadline[task] = queues.vruntime[task] + vruntime(SLICE_NS);
      queues.vprot[task] = queues.deadline[task];
      queues.link(0, task);
    }
  }

  /** Virtual time of a task of nice 0 that has run this long. */
  private static long vruntime(long ns) {
    return ns * FairWeights.NICE_0 / FairWeights.ofNice(0);
  }

  private long lagNs(int task) {
    return queues.average(0) - queues.vruntime[task];
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "210000, 210000", // a tenth of a slice for each of three
    "4700000, 4700000", // longest slice and a tick: the bound of 7.1
    "20000000, 4700000",
  })
  void queuedTaskGetsTheMarginUpToTheBound(long marginNs, long expectedNs) {
    assertTrue(credit.give(0, 2, marginNs));
    assertEquals(0, Math.abs(vruntime(expectedNs) - lagNs(2)) / 2); // rounded
    assertEquals(vruntime(SLICE_NS), queues.deadline[2] - queues.vruntime[2]);
    assertTrue(eevdf.isEligible(0, 2));
    assertTrue(queues.isSumExact(0));
  }

  @Test
  void runningEntityIsShiftedWithItsDeadlineAndProtection() {
    queues.current[0] = 2;
    queues.vprot[2] = queues.vruntime[2] + 77;
    assertTrue(credit.give(0, 2, MS));
    assertEquals(0, Math.abs(vruntime(MS) - lagNs(2)) / 2);
    assertEquals(vruntime(SLICE_NS), queues.deadline[2] - queues.vruntime[2]);
    assertEquals(77, queues.vprot[2] - queues.vruntime[2]);
    assertTrue(queues.isSumExact(0));
  }

  @Test
  void eligibleTaskGetsNothing() {
    long before = queues.vruntime[0];
    assertFalse(credit.give(0, 0, MS));
    assertEquals(before, queues.vruntime[0]);
  }

  @Test
  void nominationIsFollowedIffTheNominatedIsEligible() {
    queues.buddy[0] = 2;
    assertEquals(0, eevdf.pick(0, true)); // three: 2 v_B <= d_A + v_C does not hold
    credit.give(0, 2, 0);
    assertEquals(2, eevdf.pick(0, true));
  }

  @ParameterizedTest
  @CsvSource({
    // need, tasks, penalty in tenths of a granularity of 100
    "0, 2, 100", // at least one granularity
    "100, 2, 210", // g + 1.1 need
    "1000, 2, 600",
    "1000, 3, 400",
    "1000, 4, 250",
    "1000, 6, 250",
    "1000, 7, 200",
    "1000, 8, 200",
    "1000, 9, 150",
    "1000, 12, 150",
    "1000, 13, 100",
  })
  void penaltyIsBoundedByTheDepthOfTheQueue(long need, int tasks, long expected) {
    assertEquals(expected, Debooster.penalty(need, 100, tasks));
  }
}
