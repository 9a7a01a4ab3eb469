package stallcast.kernel.fair;

import static stallcast.kernel.fair.FairQueues.CUSTOM_SLICE;
import static stallcast.kernel.fair.FairQueues.DELAYED;
import static stallcast.kernel.fair.FairQueues.NEW;
import static stallcast.kernel.fair.FairQueues.NONE;
import static stallcast.kernel.fair.FairQueues.ON_RQ;
import static stallcast.kernel.fair.FairQueues.REL_DEADLINE;

import stallcast.kernel.engine.TimerQueue;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * Earliest eligible virtual deadline first. An entity is eligible while it has had no more than its
 * share: its virtual time is not ahead of the weighted average. Of the eligible ones the earliest
 * deadline runs, the current one as long as it is protected.
 *
 * <p>Models: {@code place_entity()}, {@code update_entity_lag()}, {@code pick_eevdf()}, {@code
 * update_deadline()}, {@code reweight_entity()}, {@code check_preempt_wakeup_fair()}, {@code
 * requeue_delayed_entity()}, {@code yield_task_fair()} (kernel/sched/fair.c, v6.6, v6.12, v6.17).
 * State: in {@link FairQueues}; {@code vprot} is the deadline an entity was picked with (before
 * 6.17, protection ends when they differ) or the virtual time up to which it is protected.
 */
final class Eevdf implements QueueOrder {
  private final FairQueues queues;
  private long baseSliceNs;
  private long normalisedSliceNs;
  private long tickNs;
  private boolean placeLag;
  private boolean placeInitial;
  private boolean placeRelative;
  private boolean runToParity;
  private boolean preemptShort;
  private boolean pickBuddy;
  private boolean delayDequeue;
  private boolean delayZero;
  private boolean protectsMinSlice;
  private boolean boundsByMaxSlice;
  private boolean yieldForfeits;
  private boolean anyCustom;

  Eevdf(FairQueues queues) {
    this.queues = queues;
  }

  void reset(HostConfig config, long periodNs, boolean anyCustomSlice) {
    baseSliceNs = FairTunables.baseSliceNs(config);
    normalisedSliceNs = config.preset().normalisedBaseSliceNs();
    tickNs = periodNs;
    placeLag = config.isOn(KernelKnob.PLACE_LAG);
    placeInitial = config.isOn(KernelKnob.PLACE_DEADLINE_INITIAL);
    placeRelative = config.isOn(KernelKnob.PLACE_REL_DEADLINE);
    runToParity = config.isOn(KernelKnob.RUN_TO_PARITY);
    preemptShort = config.isOn(KernelKnob.PREEMPT_SHORT);
    pickBuddy = config.isOn(KernelKnob.PICK_BUDDY);
    delayDequeue = config.isOn(KernelKnob.DELAY_DEQUEUE);
    delayZero = config.isOn(KernelKnob.DELAY_ZERO);
    protectsMinSlice = config.isOn(KernelKnob.PROTECT_MIN_SLICE);
    boundsByMaxSlice = config.isOn(KernelKnob.LAG_BOUND_MAX_SLICE);
    yieldForfeits = config.isOn(KernelKnob.YIELD_FORFEIT);
    anyCustom = anyCustomSlice;
  }

  @Override
  public void place(int q, int entity, boolean wakes) {
    if (!queues.is(entity, CUSTOM_SLICE)) {
      queues.slice[entity] = baseSliceNs;
    }
    long lag = 0;
    if (placeLag && queues.count[q] > 0) {
      // The average moves when the entity joins; what it is owed must not.
      lag = queues.vlag[entity];
      lag += lag * queues.weight[entity] / queues.load[q];
    }
    queues.vruntime[entity] = queues.average(q) - lag;
    queues.rest[entity] = 0;
    queues.deadlineRest[entity] = 0;
    if (queues.is(entity, REL_DEADLINE)) {
      queues.deadline[entity] += queues.vruntime[entity];
      queues.clear(entity, REL_DEADLINE);
      return;
    }
    long vslice = queues.virtual(entity, queues.slice[entity]);
    boolean half = placeInitial && queues.is(entity, NEW);
    queues.deadline[entity] = queues.vruntime[entity] + (half ? vslice / 2 : vslice);
  }

  @Override
  public boolean delaysDequeue(int q, int entity) {
    if (!delayDequeue || isEligible(q, entity)) {
      return false;
    }
    updateLag(q, entity);
    queues.set(entity, DELAYED);
    return true;
  }

  @Override
  public void leave(int q, int entity, boolean sleeps) {
    updateLag(q, entity);
    queues.clear(entity, DELAYED);
    if (placeRelative && !sleeps) {
      queues.deadline[entity] -= queues.vruntime[entity];
      queues.set(entity, REL_DEADLINE);
    }
  }

  /** {@code update_entity_lag()}: a delayed entity's debt can only shrink, and not to a credit. */
  private void updateLag(int q, int entity) {
    long limit = lagLimit(q, entity);
    long lag = queues.average(q) - queues.vruntime[entity];
    lag = Math.max(-limit, Math.min(limit, lag));
    if (queues.is(entity, DELAYED)) {
      lag = Math.max(lag, queues.vlag[entity]);
      lag = delayZero ? Math.min(lag, 0) : lag;
    }
    queues.vlag[entity] = lag;
  }

  /** Largest virtual lag of an entity. */
  long lagLimit(int q, int entity) {
    long ns =
        boundsByMaxSlice
            ? maxSliceNs(q, entity) + tickNs
            : Math.max(2 * queues.slice[entity], tickNs);
    return queues.virtual(entity, ns);
  }

  @Override
  public void requeueDelayed(int q, int entity) {
    boolean owed = queues.average(q) - queues.vruntime[entity] > 0;
    updateLag(q, entity);
    if (delayZero && owed) {
      queues.unlink(q, entity);
      place(q, entity, true);
      queues.link(q, entity);
    }
    queues.clear(entity, DELAYED);
  }

  boolean isEligible(int q, int entity) {
    return queues.vruntime[entity] - queues.average(q) <= 0;
  }

  @Override
  public int pick(int q, boolean protect) {
    if (queues.count[q] == 1) {
      return queues.head[q];
    }
    long average = queues.average(q);
    int buddy = queues.buddy[q];
    if (pickBuddy && buddy != NONE && queues.vruntime[buddy] - average <= 0) {
      return buddy;
    }
    int current = queues.current[q];
    boolean keeps = current != NONE && queues.vruntime[current] - average <= 0;
    if (keeps && protect && isProtected(current)) {
      return current;
    }
    int best = NONE;
    for (int e = queues.head[q]; e != NONE; e = queues.next[e]) {
      if (e != current
          && queues.vruntime[e] - average <= 0
          && (best == NONE || queues.deadline[e] - queues.deadline[best] < 0)) {
        best = e;
      }
    }
    boolean sooner = keeps && best != NONE && queues.deadline[current] - queues.deadline[best] < 0;
    return best == NONE || sooner ? current : best;
  }

  private boolean isProtected(int entity) {
    if (protectsMinSlice) {
      return queues.vprot[entity] - queues.vruntime[entity] > 0;
    }
    return runToParity && queues.vprot[entity] == queues.deadline[entity];
  }

  @Override
  public void picked(int q, int entity) {
    queues.ranNs[entity] = 0;
    long until = queues.deadline[entity];
    if (protectsMinSlice) {
      long shortest = runToParity ? minSliceNs(q) : normalisedSliceNs;
      if (shortest < queues.slice[entity]) {
        until = earlier(until, queues.vruntime[entity] + queues.virtual(entity, shortest));
      }
    }
    queues.vprot[entity] = until;
  }

  private static long earlier(long a, long b) {
    return a - b < 0 ? a : b;
  }

  /** Shortest slice of a queue, {@code cfs_rq_min_slice()}. */
  long minSliceNs(int q) {
    if (!anyCustom) {
      return baseSliceNs;
    }
    long least = Long.MAX_VALUE;
    for (int e = queues.head[q]; e != NONE; e = queues.next[e]) {
      least = Math.min(least, queues.slice[e]);
    }
    return least;
  }

  private long maxSliceNs(int q, int entity) {
    long most = queues.slice[entity];
    if (anyCustom) {
      for (int e = queues.head[q]; e != NONE; e = queues.next[e]) {
        most = Math.max(most, queues.slice[e]);
      }
    }
    return most;
  }

  @Override
  public boolean charge(int q, int entity, long firstNs, long count, long periodNs) {
    long dueNs = queues.nsUntil(entity, queues.deadline[entity], queues.deadlineRest[entity]);
    // Number of the first charge that finds the deadline reached.
    long renewals = dueNs <= firstNs ? 1 : 2 + (dueNs - firstNs - 1) / periodNs;
    boolean renewed = renewals <= count;
    if (renewed) {
      if (!queues.is(entity, CUSTOM_SLICE)) {
        queues.slice[entity] = baseSliceNs;
      }
      // Each further one is a whole number of charges later; only the last one leaves a trace.
      long every = (queues.slice[entity] + periodNs - 1) / periodNs;
      long last = renewals + (count - renewals) / every * every;
      queues.advance(entity, firstNs + (last - 1) * periodNs);
      renewDeadline(entity);
      queues.advance(entity, (count - last) * periodNs);
    } else {
      queues.advance(entity, firstNs + (count - 1) * periodNs);
    }
    return queues.count[q] > 1 && (renewed || hasLostSlice(q, entity));
  }

  /** {@code update_deadline()}: a new slice from here on. */
  void renewDeadline(int entity) {
    long w = queues.weight[entity];
    long weighted = queues.slice[entity] * FairWeights.NICE_0 + queues.rest[entity];
    queues.deadline[entity] = queues.vruntime[entity] + weighted / w;
    queues.deadlineRest[entity] = weighted % w;
  }

  /** Whether a charge within a slice asks for a reschedule. */
  private boolean hasLostSlice(int q, int entity) {
    if (protectsMinSlice) {
      return !isProtected(entity);
    }
    return preemptShort
        && queues.vprot[entity] != queues.deadline[entity]
        && !isEligible(q, entity);
  }

  @Override
  public boolean tick(int q, int entity) {
    return false; // the charge has seen it
  }

  @Override
  public long quietNs(int q, int entity) {
    if (queues.count[q] == 1) {
      return TimerQueue.NEVER;
    }
    long untilNs = queues.nsUntil(entity, queues.deadline[entity], queues.deadlineRest[entity]);
    if (protectsMinSlice) {
      return Math.min(untilNs, queues.nsUntil(entity, queues.vprot[entity], 0));
    }
    return preemptShort && queues.vprot[entity] != queues.deadline[entity] ? 0 : untilNs;
  }

  @Override
  public long sliceLeftNs(int q, int entity) {
    return queues.nsUntil(entity, queues.deadline[entity], queues.deadlineRest[entity]);
  }

  @Override
  public boolean preempts(int q, int current, int woken) {
    boolean shorter = preemptShort && queues.slice[woken] < queues.slice[current];
    if (protectsMinSlice) {
      if (pick(q, !shorter) == woken) {
        if (shorter) {
          endProtection(current);
        }
        return true;
      }
      if (runToParity && shorter) {
        long until = queues.vruntime[current] + queues.virtual(current, minSliceNs(q));
        queues.vprot[current] = earlier(queues.vprot[current], until);
      }
      return false;
    }
    boolean sooner = queues.deadline[woken] - queues.deadline[current] < 0;
    if (shorter && isEligible(q, woken) && (sooner || !isEligible(q, current))) {
      endProtection(current);
    }
    return pick(q, true) == woken;
  }

  @Override
  public void endProtection(int entity) {
    if (isProtected(entity)) {
      queues.vprot[entity] =
          protectsMinSlice ? queues.vruntime[entity] : queues.deadline[entity] + 1;
    }
  }

  @Override
  public void yieldCurrent(int q, int entity) {
    if (!yieldForfeits) {
      queues.deadline[entity] += queues.virtual(entity, queues.slice[entity]);
    } else if (isEligible(q, entity)) {
      queues.takeShare(q, entity);
      queues.vruntime[entity] = queues.deadline[entity];
      queues.rest[entity] = queues.deadlineRest[entity];
      queues.addShare(q, entity);
      renewDeadline(entity);
    }
  }

  /** The slice of entities that have none of their own, ns. */
  long baseSliceNs() {
    return baseSliceNs;
  }

  @Override
  public void inheritSlice(int owner, int ownQueue) {
    if (anyCustom) {
      queues.slice[owner] = minSliceNs(ownQueue);
      queues.set(owner, CUSTOM_SLICE);
    }
  }

  @Override
  public void reweight(int q, int entity, long newWeight) {
    long old = queues.weight[entity];
    if (!queues.is(entity, ON_RQ)) {
      queues.vlag[entity] = queues.vlag[entity] * old / newWeight;
      if (queues.is(entity, REL_DEADLINE)) {
        queues.deadline[entity] = queues.deadline[entity] * old / newWeight;
      }
      queues.weight[entity] = newWeight;
      return;
    }
    // Lag and distances in virtual time keep their length in real time.
    updateLag(q, entity);
    long toDeadline = queues.deadline[entity] - queues.vruntime[entity];
    long toProtection = Math.max(0, queues.vprot[entity] - queues.vruntime[entity]);
    queues.takeShare(q, entity);
    queues.changeWeight(q, entity, newWeight);
    queues.vlag[entity] = queues.vlag[entity] * old / newWeight;
    long others = queues.load[q] - newWeight;
    long lag = queues.vlag[entity];
    long average = others == 0 ? queues.vruntime[entity] : averageWithout(q, newWeight);
    if (others != 0) {
      queues.vruntime[entity] = average - (lag + lag * newWeight / others);
    }
    queues.rest[entity] = 0;
    queues.deadlineRest[entity] = 0;
    queues.deadline[entity] = queues.vruntime[entity] + toDeadline * old / newWeight;
    queues.vprot[entity] =
        protectsMinSlice
            ? queues.vruntime[entity] + toProtection * old / newWeight
            : queues.deadline[entity] + 1;
    queues.addShare(q, entity);
  }

  /** Average of a queue without an entity whose share of the sum has been taken out. */
  long averageWithout(int q, long weight) {
    queues.load[q] -= weight;
    long average = queues.average(q);
    queues.load[q] += weight;
    return average;
  }
}
