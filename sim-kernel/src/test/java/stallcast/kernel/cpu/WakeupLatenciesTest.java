package stallcast.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import stallcast.kernel.engine.StateBuffer;

/** Quantiles of wake-up latencies, ns. */
class WakeupLatenciesTest {
  private final WakeupLatencies latencies = new WakeupLatencies();

  WakeupLatenciesTest() {
    latencies.begin(2, true);
    latencies.reset(3);
  }

  @Test
  void quantileIsTheOrderStatisticUpToThreePercentAbove() {
    SplittableRandom random = new SplittableRandom(1);
    long[] sorted = new long[5000];
    for (int i = 0; i < sorted.length; i++) {
      sorted[i] = (long) Math.pow(10, 12 * random.nextDouble());
      latencies.add(i % 3, 1, sorted[i]);
    }
    Arrays.sort(sorted);
    for (double p : new double[] {0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1}) {
      long exact = sorted[(int) Math.ceil(p * sorted.length) - 1];
      long found = latencies.quantileNs(1, p);
      assertTrue(found >= exact && found <= exact + exact / 32, p + ": " + exact + ", " + found);
    }
    assertEquals(TaskTable.NONE, latencies.quantileNs(0, 0.5));
  }

  @Test
  void smallAndLargestTimesHaveBuckets() {
    latencies.add(0, 0, 0);
    assertEquals(0, latencies.quantileNs(0, 1));
    latencies.add(0, 0, 31);
    assertEquals(31, latencies.quantileNs(0, 1));
    latencies.add(0, 0, Long.MAX_VALUE);
    assertEquals(Long.MAX_VALUE, latencies.quantileNs(0, 1));
    assertEquals(Long.MAX_VALUE, latencies.longestNs(0));
    assertEquals(31, latencies.quantileNs(0, 0.5));
  }

  @Test
  void longestIsOfTheRunAndQuantilesAreOfTheHost() {
    latencies.add(0, 0, 7);
    latencies.reset(3);
    assertEquals(0, latencies.longestNs(0));
    assertEquals(7, latencies.quantileNs(0, 0.5));
    latencies.begin(2, true);
    assertEquals(TaskTable.NONE, latencies.quantileNs(0, 0.5));
  }

  @Test
  void kernelThreadsAndUnwantedQuantilesCostNothing() {
    latencies.add(2, -1, 5);
    assertEquals(5, latencies.longestNs(2));
    latencies.begin(2, false);
    latencies.add(0, 0, 5);
    assertEquals(TaskTable.NONE, latencies.quantileNs(0, 0.5));
  }

  @Test
  void snapshotBringsBothBack() {
    latencies.add(0, 0, 7);
    StateBuffer snapshot = new StateBuffer();
    latencies.save(snapshot);
    latencies.add(0, 0, 9);
    snapshot.rewind();
    latencies.restore(snapshot);
    assertEquals(7, latencies.longestNs(0));
    assertEquals(7, latencies.quantileNs(0, 1));
  }
}
