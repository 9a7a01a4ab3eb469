package stallcast.kernel.fair;

import static stallcast.kernel.fair.FairQueues.IDLE;
import static stallcast.kernel.fair.FairQueues.NEW;
import static stallcast.kernel.fair.FairQueues.NONE;
import static stallcast.kernel.fair.FairQueues.ON_RQ;

import stallcast.kernel.engine.TimerQueue;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * The completely fair scheduler before 6.6: the least virtual time runs, for a share of the latency
 * period that the tick enforces. A sleeper may be ahead by half a latency.
 *
 * <p>Models: {@code place_entity()}, {@code sched_slice()}, {@code check_preempt_tick()}, {@code
 * pick_next_entity()}, {@code wakeup_preempt_entity()}, {@code yield_task_fair()}
 * (kernel/sched/fair.c, v5.15, v6.1). State: in {@link FairQueues}. Leaves out: LAST_BUDDY, the
 * granularities of idle entities.
 */
final class Cfs implements QueueOrder {
  private final FairQueues queues;
  private long latencyNs;
  private long minGranularityNs;
  private long wakeupGranularityNs;
  private boolean startDebit;
  private boolean gentle;

  Cfs(FairQueues queues) {
    this.queues = queues;
  }

  void reset(HostConfig config) {
    latencyNs = FairTunables.latencyNs(config);
    minGranularityNs = FairTunables.minGranularityNs(config);
    wakeupGranularityNs = FairTunables.wakeupGranularityNs(config);
    startDebit = config.isOn(KernelKnob.START_DEBIT);
    gentle = config.isOn(KernelKnob.GENTLE_FAIR_SLEEPERS);
  }

  @Override
  public void place(int q, int entity, boolean wakes) {
    updateMin(q);
    long least = queues.minVruntime[q];
    if (queues.is(entity, NEW)) {
      long debit = startDebit ? queues.virtual(entity, turnNs(q, entity)) : 0;
      queues.vruntime[entity] = least + debit;
      queues.rest[entity] = 0;
      return;
    }
    if (queues.queue[entity] != q) {
      queues.vruntime[entity] += least - queues.minVruntime[queues.queue[entity]];
    }
    if (wakes) {
      long bonus = queues.is(entity, IDLE) ? minGranularityNs : latencyNs;
      long earliest = least - (gentle ? bonus / 2 : bonus);
      if (queues.vruntime[entity] - earliest < 0) {
        queues.vruntime[entity] = earliest;
        queues.rest[entity] = 0;
      }
    }
  }

  @Override
  public boolean delaysDequeue(int q, int entity) {
    return false;
  }

  @Override
  public void leave(int q, int entity, boolean sleeps) {
    updateMin(q);
  }

  @Override
  public void requeueDelayed(int q, int entity) {
    throw new IllegalStateException("CFS delays no dequeue");
  }

  /** {@code sched_slice()}: the part of a period that an entity may run, ns. */
  private long turnNs(int q, int entity) {
    int root = q % queues.cpuCount;
    long running = (long) queues.tasksBelow[root] + (queues.is(entity, ON_RQ) ? 0 : 1);
    long turn = Math.max(latencyNs, running * minGranularityNs);
    for (int e = entity; e != NONE; e = queues.parentOf(e)) {
      int own = e == entity ? q : queues.queue[e];
      long load = queues.load[own] + (queues.is(e, ON_RQ) ? 0 : queues.weight[e]);
      turn = (long) ((double) turn * queues.weight[e] / load);
    }
    return Math.max(turn, minGranularityNs);
  }

  /** The entity with the least virtual time, without one of them, or {@link FairQueues#NONE}. */
  private int first(int q, int without, int orWithout) {
    int best = NONE;
    for (int e = queues.head[q]; e != NONE; e = queues.next[e]) {
      boolean counts = e != without && e != orWithout;
      if (counts && (best == NONE || queues.vruntime[e] - queues.vruntime[best] < 0)) {
        best = e;
      }
    }
    return best;
  }

  private boolean isBefore(int entity, int other) {
    return queues.vruntime[entity] - queues.vruntime[other] < 0;
  }

  /** {@code update_min_vruntime()}. */
  private void updateMin(int q) {
    int least = queues.count[q] == 1 ? queues.head[q] : first(q, NONE, NONE);
    if (least != NONE && queues.vruntime[least] - queues.minVruntime[q] > 0) {
      queues.minVruntime[q] = queues.vruntime[least];
    }
  }

  @Override
  public int pick(int q, boolean protect) {
    int current = queues.current[q];
    int left = first(q, current, NONE);
    if (left == NONE || (current != NONE && isBefore(current, left))) {
      left = current;
    }
    int chosen = left;
    if (queues.skip[q] == left) {
      int second = first(q, left, current);
      if (left != current && current != NONE && (second == NONE || isBefore(current, second))) {
        second = current;
      }
      if (second != NONE && !isFarBehind(second, left)) {
        chosen = second;
      }
    }
    int buddy = queues.buddy[q];
    return buddy != NONE && !isFarBehind(buddy, left) ? buddy : chosen;
  }

  /** {@code wakeup_preempt_entity()} == 1: another entity leads by more than its granularity. */
  private boolean isFarBehind(int entity, int other) {
    return queues.vruntime[entity] - queues.vruntime[other]
        > queues.virtual(other, wakeupGranularityNs);
  }

  @Override
  public void picked(int q, int entity) {
    queues.ranNs[entity] = 0;
  }

  @Override
  public boolean charge(int q, int entity, long firstNs, long count, long periodNs) {
    queues.advance(entity, firstNs + (count - 1) * periodNs);
    updateMin(q);
    return false;
  }

  @Override
  public boolean tick(int q, int entity) {
    if (queues.count[q] == 1) {
      return false;
    }
    long ideal = Math.min(turnNs(q, entity), latencyNs);
    if (queues.ranNs[entity] > ideal) {
      return true;
    }
    int left = first(q, entity, NONE);
    return queues.ranNs[entity] >= minGranularityNs
        && queues.vruntime[entity] - queues.vruntime[left] > ideal;
  }

  @Override
  public long quietNs(int q, int entity) {
    if (queues.count[q] == 1) {
      return TimerQueue.NEVER;
    }
    long ideal = Math.min(turnNs(q, entity), latencyNs);
    long turnOver = ideal + 1 - queues.ranNs[entity];
    int left = first(q, entity, NONE);
    long ahead = queues.nsUntil(entity, queues.vruntime[left] + ideal + 1, 0);
    long fromMin = minGranularityNs - queues.ranNs[entity];
    return Math.max(0, Math.min(turnOver, Math.max(fromMin, ahead)));
  }

  @Override
  public long sliceLeftNs(int q, int entity) {
    return Math.max(0, turnNs(q, entity) - queues.ranNs[entity]);
  }

  @Override
  public boolean preempts(int q, int current, int woken) {
    return isFarBehind(current, woken);
  }

  @Override
  public void endProtection(int entity) {
    // CFS protects nobody.
  }

  @Override
  public void yieldCurrent(int q, int entity) {
    for (int e = entity; e != NONE; e = queues.parentOf(e)) {
      queues.skip[queues.queue[e]] = e;
    }
  }

  @Override
  public void inheritSlice(int owner, int ownQueue) {
    // Turns follow from weights.
  }

  @Override
  public void reweight(int q, int entity, long newWeight) {
    if (queues.is(entity, ON_RQ)) {
      queues.takeShare(q, entity);
      queues.rest[entity] = 0;
      queues.changeWeight(q, entity, newWeight);
      queues.addShare(q, entity);
    } else {
      queues.rest[entity] = 0;
      queues.weight[entity] = newWeight;
    }
  }
}
