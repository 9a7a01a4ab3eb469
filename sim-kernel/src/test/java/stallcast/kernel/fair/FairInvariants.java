package stallcast.kernel.fair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.fair.FairQueues.DELAYED;
import static stallcast.kernel.fair.FairQueues.IDLE;
import static stallcast.kernel.fair.FairQueues.NEW;
import static stallcast.kernel.fair.FairQueues.NONE;
import static stallcast.kernel.fair.FairQueues.ON_RQ;

import java.math.BigInteger;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.cpu.TaskTable;

/** What holds in the queues of the fair class at any instant. */
public final class FairInvariants {
  private FairInvariants() {}

  /** Throws if one of them does not hold. */
  public static void check(FairClass fair, KernelCore core, boolean eevdf, boolean flat) {
    FairQueues queues = fair.queues();
    for (int q = 0; q < queues.groupCount * queues.cpuCount; q++) {
      if (flat && q >= queues.cpuCount) {
        checkFlatGroup(queues, core.tasks(), q);
      } else {
        checkQueue(queues, q, eevdf);
      }
    }
    for (int e = 0; e < queues.taskCount; e++) {
      boolean off = !queues.is(e, ON_RQ) && !queues.is(e, NEW) && queues.weight[e] > 0;
      if (eevdf && off && queues.queue[e] != NONE) {
        // The longest slice of the queue may have left it, so the bound is the longest of all.
        long limit = queues.virtual(e, Math.max(2 * longest(queues), longest(queues) + 10_000_000));
        assertTrue(Math.abs(queues.vlag[e]) <= limit, e + ": lag " + queues.vlag[e]);
      }
    }
    for (int cpu = 0; cpu < queues.cpuCount; cpu++) {
      int task = core.scheduler().current(cpu);
      boolean runs =
          task != Scheduler.IDLE
              && core.tasks().rank(task) == KernelCore.RANK_FAIR
              && core.tasks().isRunnable(task)
              && !core.scheduler().needsResched(cpu);
      for (int e = runs ? task : NONE; e != NONE; e = queues.parentOf(e)) {
        assertEquals(e, queues.current[queues.queue[e]], "current on CPU " + cpu);
      }
    }
  }

  /** Whether bandwidth keeps the tasks of a group off a CPU. */
  public static boolean isThrottled(CfsBandwidth bandwidth, int group, int cpu) {
    return bandwidth.isThrottledHierarchy(group, cpu);
  }

  /** With the flattened pick the queue of a group is empty, but counts and weighs its members. */
  private static void checkFlatGroup(FairQueues queues, TaskTable tasks, int q) {
    assertEquals(NONE, queues.head[q]);
    int members = 0;
    int below = 0;
    long load = 0;
    for (int e = 0; e < queues.taskCount; e++) {
      if (queues.is(e, ON_RQ) && queues.leafOf(tasks, e) == q) {
        assertEquals(q % queues.cpuCount, queues.queue[e]);
        members++;
        below++;
        boolean idle = queues.is(e, IDLE);
        load += idle ? FairWeights.IDLE : FairWeights.ofNice(tasks.nice(e));
      }
    }
    for (int child = queues.cpuCount; child < queues.groupCount * queues.cpuCount; child++) {
      if (queues.above(child) == q && queues.count[child] > 0) {
        members++;
        below += queues.tasksBelow[child];
        load += queues.weight[queues.ownerOf(child)];
      }
    }
    assertEquals(members, queues.count[q], "members of " + q);
    assertEquals(below, queues.tasksBelow[q], "tasks of " + q);
    assertEquals(load, queues.load[q], "load of " + q);
  }

  private static long longest(FairQueues queues) {
    long most = 0;
    for (int e = 0; e < queues.taskCount; e++) {
      most = Math.max(most, queues.slice[e]);
    }
    return most;
  }

  private static void checkQueue(FairQueues queues, int q, boolean eevdf) {
    int count = 0;
    int tasks = 0;
    int runnable = 0;
    long load = 0;
    boolean foundCurrent = queues.current[q] == NONE;
    for (int e = queues.head[q]; e != NONE; e = queues.next[e]) {
      count++;
      load += queues.weight[e];
      foundCurrent |= e == queues.current[q];
      assertTrue(queues.is(e, ON_RQ));
      assertEquals(q, queues.queue[e]);
      int own = queues.ownedBy(e);
      tasks += own == NONE ? 1 : queues.tasksBelow[own];
      runnable += own != NONE ? queues.runnableBelow[own] : queues.is(e, DELAYED) ? 0 : 1;
      assertTrue(own == NONE || queues.count[own] > 0 || queues.is(e, DELAYED), "empty " + own);
    }
    assertEquals(queues.count[q], count, "count of " + q);
    assertEquals(queues.tasksBelow[q], tasks, "tasks of " + q);
    assertEquals(queues.runnableBelow[q], runnable, "runnable tasks of " + q);
    assertEquals(queues.load[q], load, "load of " + q);
    assertTrue(foundCurrent, "current of " + q);
    assertTrue(queues.isSumExact(q), "sum of " + q);
    if (eevdf && count > 0) {
      checkLags(queues, q, load);
    }
  }

  /** Lags are counted against the average rounded down: their sum is below one unit of it. */
  private static void checkLags(FairQueues queues, int q, long load) {
    long average = queues.average(q);
    BigInteger sum = BigInteger.ZERO;
    for (int e = queues.head[q]; e != NONE; e = queues.next[e]) {
      BigInteger ahead = BigInteger.valueOf(queues.vruntime[e] - average);
      sum = sum.add(ahead.multiply(BigInteger.valueOf(queues.weight[e])));
      sum = sum.add(BigInteger.valueOf(queues.rest[e]));
    }
    assertTrue(sum.signum() >= 0 && sum.compareTo(BigInteger.valueOf(load)) < 0, "lags " + sum);
  }
}
