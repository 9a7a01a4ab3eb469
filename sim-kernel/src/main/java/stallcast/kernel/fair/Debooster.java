package stallcast.kernel.fair;

import static stallcast.kernel.fair.FairQueues.NONE;

import java.util.Arrays;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * Pushes a task back that yields to another one on the same CPU, in the lowest queue in which both
 * stand, by a penalty of virtual time.
 *
 * <p>Models: the first and second posting of the series of seed 003 ({@code
 * sched_vcpu_debooster_enabled}); sizes as in eevdf-and-directed-yield.md section 4. State: [cpu]
 * last penalty, last pair of tasks and when. Leaves out: nothing that is public.
 */
final class Debooster implements Stateful {
  private static final long PING_PONG_NS = 600_000; // a reverse pair within this is spared
  private static final int TASKS_CAPPED = 12; // beyond, the cap is one granularity

  private static final long NEVER_YET = Long.MIN_VALUE;

  private final FairQueues queues;
  private final Eevdf eevdf;
  private final KernelClock clock;
  private boolean isOn;
  private long intervalNs;
  private int cpuCount;
  private long[] penaltyNs = new long[0]; // [cpu] when the last penalty was given
  private int[] yielder = new int[0]; // [cpu] of the last pair
  private int[] target = new int[0]; // [cpu] of the last pair
  private long[] pairNs = new long[0]; // [cpu] when it was

  Debooster(FairQueues queues, Eevdf eevdf, KernelCore core) {
    this.queues = queues;
    this.eevdf = eevdf;
    clock = core.clock();
  }

  void reset(HostConfig config) {
    cpuCount = config.cpus();
    isOn = config.isOn(KernelKnob.EEVDF) && config.isOn(KernelKnob.VCPU_DEBOOSTER_ENABLED);
    intervalNs = config.knob(KernelKnob.FORCED_RESCHED_INTERVAL_NS);
    if (penaltyNs.length < cpuCount) {
      penaltyNs = new long[cpuCount];
      yielder = new int[cpuCount];
      target = new int[cpuCount];
      pairNs = new long[cpuCount];
    }
    Arrays.fill(penaltyNs, 0, cpuCount, NEVER_YET);
    Arrays.fill(yielder, 0, cpuCount, NONE);
    Arrays.fill(target, 0, cpuCount, NONE);
    Arrays.fill(pairNs, 0, cpuCount, NEVER_YET);
  }

  /** The current task of a CPU yields to another one that waits there. */
  void pushBack(int cpu, int from, int to, FairClass fair) {
    if (!isOn) {
      return;
    }
    long now = clock.nowNs();
    boolean reverse =
        yielder[cpu] == to
            && target[cpu] == from
            && pairNs[cpu] != NEVER_YET
            && now - pairNs[cpu] <= PING_PONG_NS;
    yielder[cpu] = from;
    target[cpu] = to;
    pairNs[cpu] = now;
    if (penaltyNs[cpu] != NEVER_YET && now - penaltyNs[cpu] < intervalNs) {
      return;
    }
    fair.chargeIfFair(cpu);
    int mine = from;
    int theirs = to;
    while (queues.queue[mine] != queues.queue[theirs]) { // up to the lowest common queue
      int up = depth(mine) - depth(theirs);
      mine = up >= 0 ? queues.parentOf(mine) : mine;
      theirs = up <= 0 ? queues.parentOf(theirs) : theirs;
    }
    int q = queues.queue[mine];
    long need = Math.max(0, queues.vruntime[theirs] - queues.vruntime[mine]);
    long granularity = queues.virtual(mine, eevdf.baseSliceNs());
    long penalty = penalty(need, granularity, queues.tasksBelow[q]);
    if (reverse) {
      penalty = Math.min(penalty, Math.max(need, granularity));
    }
    queues.takeShare(q, mine);
    queues.vruntime[mine] += penalty;
    queues.addShare(q, mine);
    eevdf.renewDeadline(mine);
    penaltyNs[cpu] = now;
  }

  private int depth(int entity) {
    int levels = 0;
    for (int e = queues.parentOf(entity); e != NONE; e = queues.parentOf(e)) {
      levels++;
    }
    return levels;
  }

  /**
   * Size of a penalty, virtual time.
   *
   * @param need how far the target is behind the yielder's virtual time, &gt;= 0
   * @param granularity one slice in the yielder's virtual time
   * @param queued tasks in the queue
   */
  static long penalty(long need, long granularity, int queued) {
    long cap = granularity * capTenths(queued) / 10;
    long wanted = granularity + need + need / 10;
    return Math.max(granularity, Math.min(cap, wanted));
  }

  private static long capTenths(int queued) {
    if (queued <= 2) {
      return 60;
    } else if (queued == 3) {
      return 40;
    } else if (queued <= 6) {
      return 25;
    } else if (queued <= 8) {
      return 20;
    }
    return queued <= TASKS_CAPPED ? 15 : 10;
  }

  @Override
  public void save(StateBuffer out) {
    out.put(penaltyNs, cpuCount);
    out.put(yielder, cpuCount);
    out.put(target, cpuCount);
    out.put(pairNs, cpuCount);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(penaltyNs, cpuCount);
    in.take(yielder, cpuCount);
    in.take(target, cpuCount);
    in.take(pairNs, cpuCount);
  }
}
