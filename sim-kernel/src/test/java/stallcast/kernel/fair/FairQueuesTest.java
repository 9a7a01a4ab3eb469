package stallcast.kernel.fair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Arithmetic of virtual time against BigInteger. */
class FairQueuesTest {
  private static final long YEAR_NS = 366L * 86_400 * 1_000_000_000;

  private static FairQueues queues(int tasks) {
    FairQueues queues = new FairQueues();
    queues.reset(1, tasks, new int[] {FairQueues.NONE});
    return queues;
  }

  private static BigInteger exactSum(FairQueues queues, int tasks) {
    BigInteger sum = BigInteger.ZERO;
    for (int e = 0; e < tasks; e++) {
      BigInteger whole = BigInteger.valueOf(queues.vruntime[e]);
      sum = sum.add(whole.multiply(BigInteger.valueOf(queues.weight[e])));
      sum = sum.add(BigInteger.valueOf(queues.rest[e]));
    }
    return sum;
  }

  private static BigInteger floor(BigInteger sum, long divisor) {
    BigInteger[] parts = sum.divideAndRemainder(BigInteger.valueOf(divisor));
    return parts[1].signum() < 0 ? parts[0].subtract(BigInteger.ONE) : parts[0];
  }

  @Test
  void averageIsExactAfterStopsOfAYear() {
    SplittableRandom random = new SplittableRandom(3);
    for (int round = 0; round < 500; round++) {
      int tasks = 2 + random.nextInt(6);
      FairQueues queues = queues(tasks);
      for (int e = 0; e < tasks; e++) {
        queues.weight[e] = FairWeights.ofNice(random.nextInt(40) - 20);
        queues.queue[e] = 0;
        queues.link(0, e);
      }
      for (int charge = 0; charge < 20; charge++) {
        int e = random.nextInt(tasks);
        long deltaNs =
            random.nextInt(10) == 0 ? random.nextLong(YEAR_NS) : random.nextLong(1 << 30);
        if (queues.vruntime[e] < 1L << 61) {
          queues.advance(e, deltaNs);
        }
        BigInteger expected = floor(exactSum(queues, tasks), queues.load[0]);
        assertEquals(expected, BigInteger.valueOf(queues.average(0)));
        assertTrue(queues.isSumExact(0));
      }
    }
  }

  @Test
  void chargingInPartsChangesNothing() {
    SplittableRandom random = new SplittableRandom(4);
    for (int round = 0; round < 500; round++) {
      FairQueues whole = queues(2);
      FairQueues parts = queues(2);
      for (FairQueues queues : new FairQueues[] {whole, parts}) {
        for (int e = 0; e < 2; e++) {
          queues.weight[e] = 2 + round * 997L;
          queues.queue[e] = 0;
          queues.link(0, e);
        }
      }
      long sum = 0;
      for (int charge = 0; charge < 50; charge++) {
        long deltaNs = random.nextLong(1 << 24);
        parts.advance(0, deltaNs);
        sum += deltaNs;
      }
      whole.advance(0, sum);
      assertEquals(whole.vruntime[0], parts.vruntime[0]);
      assertEquals(whole.rest[0], parts.rest[0]);
      assertEquals(whole.average(0), parts.average(0));
    }
  }

  @Test
  void timeUntilAVirtualInstantIsTheLeastThatReachesIt() {
    SplittableRandom random = new SplittableRandom(5);
    for (int round = 0; round < 2_000; round++) {
      FairQueues queues = queues(2);
      for (int e = 0; e < 2; e++) {
        queues.weight[e] = FairWeights.ofNice(random.nextInt(40) - 20);
        queues.queue[e] = 0;
        queues.link(0, e);
      }
      queues.advance(0, random.nextLong(1 << 30));
      long target = queues.vruntime[0] + random.nextLong(1 << 30);
      long ns = queues.nsUntil(0, target, 0);
      if (ns > 1) {
        queues.advance(0, ns - 1);
        assertTrue(queues.vruntime[0] < target);
        queues.advance(0, 1);
      } else {
        queues.advance(0, ns);
      }
      assertTrue(queues.vruntime[0] >= target);
    }
  }
}
