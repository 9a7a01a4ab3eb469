package stallcast.kernel.virt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Closed forms of the pre-copy recursion (rt-throttle.md section 13). */
class PreCopyTest {
  private static final double GIB = 1L << 30;
  private static final long SECOND = 1_000_000_000L;
  private static final long LIMIT_NS = SECOND * 3 / 10; // QEMU downtime-limit

  private final PreCopy preCopy = new PreCopy();

  @Test
  void halfTheBandwidthHalvesTheRestEachRound() {
    // 64 s of memory: 64, 32, ... 0.5, 0.25 s; the eighth round leaves less than 0.3 s.
    preCopy.run(64 * GIB, 64 * GIB, GIB / 2, GIB, LIMIT_NS, 100, false);
    assertEquals(8, preCopy.rounds());
    assertEquals(SECOND / 4, preCopy.finalTransferNs());
  }

  @Test
  void restIsGeometricForEveryRateBelowTheBandwidth() {
    SplittableRandom random = new SplittableRandom(13);
    for (int i = 0; i < 1_000; i++) {
      double ratio = random.nextDouble(0.05, 0.95);
      double memorySeconds = random.nextDouble(1, 1_000);
      preCopy.run(memorySeconds * GIB, memorySeconds * GIB, ratio * GIB, GIB, LIMIT_NS, 500, false);
      int rounds = (int) Math.ceil(Math.log(LIMIT_NS / 1e9 / memorySeconds) / Math.log(ratio));
      assertEquals(rounds, preCopy.rounds());
      double rest = memorySeconds * Math.pow(ratio, rounds) * SECOND;
      assertEquals(rest, (double) preCopy.finalTransferNs(), 2);
    }
  }

  @Test
  void memoryThatFitsTheLimitIsNotCopiedTwice() {
    preCopy.run(0.2 * GIB, 0.2 * GIB, 9 * GIB, GIB, LIMIT_NS, 100, false);
    assertEquals(0, preCopy.rounds());
    assertEquals(SECOND / 5, preCopy.finalTransferNs());
  }

  @Test
  void fasterDirtyingThanSendingLeavesTheWorkingSet() {
    preCopy.run(256 * GIB, 16 * GIB, 2 * GIB, GIB, LIMIT_NS, 30, false);
    assertEquals(30, preCopy.rounds());
    assertEquals(16 * SECOND, preCopy.finalTransferNs(), "working set / bandwidth");
  }

  @Test
  void equalRatesNeverConverge() {
    preCopy.run(100 * GIB, 16 * GIB, GIB, GIB, LIMIT_NS, 5, false);
    assertEquals(16 * SECOND, preCopy.finalTransferNs());
  }

  @Test
  void workingSetLargerThanMemoryIsMemory() {
    preCopy.run(8 * GIB, 16 * GIB, 2 * GIB, GIB, LIMIT_NS, 5, false);
    assertEquals(8 * SECOND, preCopy.finalTransferNs());
  }

  @Test
  void autoConvergeThrottlesAfterEveryTwoHighRounds() {
    // D = B: every round sends what it sent before until vCPUs are throttled.
    // Rounds 1 and 2 leave 16; then 20 %: rounds 3 and 4 leave 12.8 and 10.24; then 30 %.
    preCopy.run(16 * GIB, 16 * GIB, GIB, GIB, LIMIT_NS, 2, true);
    assertEquals(16 * SECOND, preCopy.finalTransferNs());
    preCopy.run(16 * GIB, 16 * GIB, GIB, GIB, LIMIT_NS, 4, true);
    assertEquals(10_240_000_000L, preCopy.finalTransferNs());
    preCopy.run(16 * GIB, 16 * GIB, GIB, GIB, LIMIT_NS, 6, true);
    assertEquals(Math.round(10.24e9 * 0.7 * 0.7), preCopy.finalTransferNs());
  }

  @Test
  void autoConvergeBringsAHeavyWriterBelowTheLimit() {
    preCopy.run(256 * GIB, 64 * GIB, 3 * GIB, GIB, LIMIT_NS, 1_000, true);
    assertTrue(preCopy.rounds() < 1_000);
    assertTrue(preCopy.finalTransferNs() <= LIMIT_NS);
  }
}
