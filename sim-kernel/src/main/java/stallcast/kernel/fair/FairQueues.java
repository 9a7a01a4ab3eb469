package stallcast.kernel.fair;

import java.util.Arrays;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;

/**
 * The run queues of the fair class and what stands in them, as arrays. A queue belongs to a group
 * and a CPU: {@code group * cpus + cpu}, group 0 is the root. An entity is a task, or the queue of
 * a group on a CPU seen from its parent: {@code tasks + queue}. The running entity stays in its
 * queue and is marked as its current one.
 *
 * <p>Virtual time is a whole number with a rest in units of 1 / weight, so that charging in parts
 * changes nothing. The sum of weight * (vruntime - base) over a queue has 128 bits: it is exact for
 * any weight after a stop of years. Differences of virtual time saturate at 2^61.
 *
 * <p>Models: {@code struct sched_entity}, {@code struct cfs_rq}, {@code avg_vruntime()}
 * (kernel/sched/fair.c, v6.6, v6.12). State: [entity] and [queue] arrays.
 */
final class FairQueues implements Stateful {
  static final int NONE = -1;

  // Bits of flags.
  static final int ON_RQ = 1;
  static final int DELAYED = 2; // sched_delayed: blocked, but still queued
  static final int REL_DEADLINE = 4; // deadline is relative to vruntime while off the queue
  static final int CUSTOM_SLICE = 8;
  static final int IDLE = 16; // se_is_idle()
  static final int NEW = 32; // never queued
  static final int MOVED = 64; // taken off its queue without going to sleep
  static final int THROTTLED = 128; // a group's entity that bandwidth keeps off its parent

  private static final long SATURATED = 1L << 61;
  private static final long FAST_NS = Long.MAX_VALUE / (2 * FairWeights.NICE_0);

  int cpuCount;
  int taskCount;
  int groupCount; // with the root
  int[] parent = new int[0]; // [group] parent group, NONE for the root

  int[] queue = new int[0]; // [entity] queue it stands or stood in
  int[] next = new int[0]; // [entity] in order of insertion
  int[] prev = new int[0]; // [entity]
  int[] flags = new int[0]; // [entity]
  long[] weight = new long[0]; // [entity]
  long[] vruntime = new long[0]; // [entity]
  long[] rest = new long[0]; // [entity] of vruntime, in 1 / weight
  long[] deadline = new long[0]; // [entity]
  long[] deadlineRest = new long[0]; // [entity] of deadline, in 1 / weight
  long[] vlag = new long[0]; // [entity] virtual lag when it left its queue
  long[] slice = new long[0]; // [entity] ns
  long[] vprot = new long[0]; // [entity] protected up to here, see Eevdf
  long[] ranNs = new long[0]; // [entity] since it was picked

  int[] head = new int[0]; // [queue]
  int[] tail = new int[0]; // [queue]
  int[] count = new int[0]; // [queue] nr_queued
  int[] tasksBelow = new int[0]; // [queue] h_nr_queued
  int[] runnableBelow = new int[0]; // [queue] h_nr_runnable: without delayed tasks
  int[] current = new int[0]; // [queue] the entity that runs, or NONE
  int[] buddy = new int[0]; // [queue] preferred at the next pick, or NONE
  int[] skip = new int[0]; // [queue] CFS: passed over at the next pick, or NONE
  long[] load = new long[0]; // [queue] sum of weights
  long[] base = new long[0]; // [queue] virtual time that sums are relative to
  long[] minVruntime = new long[0]; // [queue] CFS
  private long[] sumLow = new long[0]; // [queue] sum of weight * (vruntime - base)
  private long[] sumHigh = new long[0]; // [queue]
  long[] groupLoad = new long[0]; // [group] load over all CPUs

  /** Makes empty queues; the fields of entities are set by the caller. */
  void reset(int cpus, int tasks, int[] parents) {
    cpuCount = cpus;
    taskCount = tasks;
    groupCount = parents.length;
    parent = parents;
    int queues = groupCount * cpus;
    int entities = tasks + queues;
    if (queue.length < entities) {
      allocateEntities(entities);
    }
    if (head.length < queues) {
      allocateQueues(queues);
    }
    if (groupLoad.length < groupCount) {
      groupLoad = new long[groupCount];
    }
    for (int[] ints : new int[][] {queue, next, prev}) {
      Arrays.fill(ints, 0, entities, NONE);
    }
    Arrays.fill(flags, 0, entities, NEW);
    for (long[] longs : entityLongs()) {
      Arrays.fill(longs, 0, entities, 0);
    }
    for (int[] ints : new int[][] {head, tail, current, buddy, skip}) {
      Arrays.fill(ints, 0, queues, NONE);
    }
    for (int[] ints : new int[][] {count, tasksBelow, runnableBelow}) {
      Arrays.fill(ints, 0, queues, 0);
    }
    for (long[] longs : queueLongs()) {
      Arrays.fill(longs, 0, queues, 0);
    }
    Arrays.fill(groupLoad, 0, groupCount, 0);
    for (int q = cpus; q < queues; q++) {
      queue[tasks + q] = parents[q / cpus] * cpus + q % cpus;
    }
  }

  private void allocateEntities(int n) {
    queue = new int[n];
    next = new int[n];
    prev = new int[n];
    flags = new int[n];
    weight = new long[n];
    vruntime = new long[n];
    rest = new long[n];
    deadline = new long[n];
    deadlineRest = new long[n];
    vlag = new long[n];
    slice = new long[n];
    vprot = new long[n];
    ranNs = new long[n];
  }

  private void allocateQueues(int n) {
    head = new int[n];
    tail = new int[n];
    count = new int[n];
    tasksBelow = new int[n];
    runnableBelow = new int[n];
    current = new int[n];
    buddy = new int[n];
    skip = new int[n];
    load = new long[n];
    base = new long[n];
    minVruntime = new long[n];
    sumLow = new long[n];
    sumHigh = new long[n];
  }

  private long[][] entityLongs() {
    return new long[][] {weight, vruntime, rest, deadline, deadlineRest, vlag, slice, vprot, ranNs};
  }

  private long[][] queueLongs() {
    return new long[][] {load, base, minVruntime, sumLow, sumHigh};
  }

  /** Queue of a task on its CPU. */
  int leafOf(TaskTable tasks, int task) {
    return tasks.group(task) * cpuCount + tasks.cpu(task);
  }

  /** The entity that stands for a queue in its parent, {@link #NONE} for a root queue. */
  int ownerOf(int q) {
    return q < cpuCount ? NONE : taskCount + q;
  }

  /** The entity one level up. */
  int parentOf(int entity) {
    return ownerOf(queue[entity]);
  }

  /** The queue one level up, {@link #NONE} above a root queue. */
  int above(int q) {
    return q < cpuCount ? NONE : queue[taskCount + q];
  }

  /** The queue that a group entity stands for, {@link #NONE} for a task. */
  int ownedBy(int entity) {
    return entity < taskCount ? NONE : entity - taskCount;
  }

  boolean is(int entity, int flag) {
    return (flags[entity] & flag) != 0;
  }

  void set(int entity, int flag) {
    flags[entity] |= flag;
  }

  void clear(int entity, int flag) {
    flags[entity] &= ~flag;
  }

  /** Appends an entity whose weight and virtual time are set. */
  void link(int q, int entity) {
    append(q, entity);
    count[q]++;
    set(entity, ON_RQ);
    addLoad(q, weight[entity]);
    addShare(q, entity);
  }

  /** Removes an entity. */
  void unlink(int q, int entity) {
    takeShare(q, entity);
    addLoad(q, -weight[entity]);
    detach(q, entity);
    count[q]--;
    clear(entity, ON_RQ);
    if (current[q] == entity) {
      current[q] = NONE;
    }
  }

  /** A current entity goes back to the others, behind those that wait already. */
  void putBack(int q) {
    int entity = current[q];
    if (entity != NONE) {
      current[q] = NONE;
      detach(q, entity);
      append(q, entity);
    }
  }

  private void append(int q, int entity) {
    prev[entity] = tail[q];
    next[entity] = NONE;
    if (tail[q] == NONE) {
      head[q] = entity;
    } else {
      next[tail[q]] = entity;
    }
    tail[q] = entity;
  }

  private void detach(int q, int entity) {
    if (prev[entity] == NONE) {
      head[q] = next[entity];
    } else {
      next[prev[entity]] = next[entity];
    }
    if (next[entity] == NONE) {
      tail[q] = prev[entity];
    } else {
      prev[next[entity]] = prev[entity];
    }
  }

  /** Changes the weight of a queued entity; its share of the sum must have been taken out. */
  void changeWeight(int q, int entity, long newWeight) {
    addLoad(q, newWeight - weight[entity]);
    weight[entity] = newWeight;
  }

  /** Changes the sum of weights of a queue. */
  void addLoad(int q, long delta) {
    load[q] += delta;
    groupLoad[q / cpuCount] += delta;
  }

  /** Adds an entity's part to the sum. */
  void addShare(int q, int entity) {
    addProduct(q, weight[entity], vruntime[entity] - base[q]);
    addSum(q, 0, rest[entity]);
  }

  /** Takes an entity's part out of the sum. */
  void takeShare(int q, int entity) {
    addProduct(q, -weight[entity], vruntime[entity] - base[q]);
    addSum(q, -rest[entity] >> 63, -rest[entity]);
  }

  /** {@code avg_vruntime()}: the weighted average of virtual time, rounded down. */
  long average(int q) {
    if (load[q] == 0) {
      return base[q];
    }
    long shift =
        sumHigh[q] == sumLow[q] >> 63
            ? Math.floorDiv(sumLow[q], load[q])
            : WideDivision.floor(sumHigh[q], sumLow[q], load[q]);
    if (shift != 0) {
      addProduct(q, -load[q], shift);
      base[q] += shift;
    }
    return base[q];
  }

  /** Whether the kept sum is that of the queued entities. */
  boolean isSumExact(int q) {
    long low = sumLow[q];
    long high = sumHigh[q];
    sumLow[q] = 0;
    sumHigh[q] = 0;
    for (int e = head[q]; e != NONE; e = next[e]) {
      addShare(q, e);
    }
    return low == sumLow[q] && high == sumHigh[q];
  }

  /** Charges the current entity of a queue: moves its virtual time on. */
  void advance(int entity, long deltaNs) {
    int q = queue[entity];
    long w = weight[entity];
    ranNs[entity] += deltaNs;
    if (count[q] == 1) {
      step(entity, deltaNs, w);
      base[q] = vruntime[entity];
      sumLow[q] = rest[entity];
      sumHigh[q] = 0;
    } else if (deltaNs / w < SATURATED / FairWeights.NICE_0) {
      step(entity, deltaNs, w);
      addProduct(q, deltaNs, FairWeights.NICE_0);
    } else {
      vruntime[entity] += SATURATED;
      addProduct(q, w, SATURATED);
    }
  }

  private void step(int entity, long deltaNs, long w) {
    if (deltaNs < FAST_NS) {
      long weighted = deltaNs * FairWeights.NICE_0 + rest[entity];
      vruntime[entity] += weighted / w;
      rest[entity] = weighted % w;
    } else {
      long weighted = deltaNs % w * FairWeights.NICE_0 + rest[entity];
      vruntime[entity] += deltaNs / w * FairWeights.NICE_0 + weighted / w;
      rest[entity] = weighted % w;
    }
  }

  /** Virtual length of a time for an entity, {@code calc_delta_fair()}. */
  long virtual(int entity, long ns) {
    return ns * FairWeights.NICE_0 / weight[entity];
  }

  /**
   * How long an entity must run until its virtual time reaches another one, ns, rounded up; at most
   * 2^42 ns.
   */
  long nsUntil(int entity, long atVruntime, long atRest) {
    long distance = atVruntime - vruntime[entity];
    if (distance < 0) {
      return 0;
    }
    if (distance > (1L << 61) / weight[entity]) {
      return 1L << 42;
    }
    long weighted = distance * weight[entity] + atRest - rest[entity];
    return weighted <= 0 ? 0 : (weighted + FairWeights.NICE_0 - 1) / FairWeights.NICE_0;
  }

  private void addProduct(int q, long a, long b) {
    addSum(q, Math.multiplyHigh(a, b), a * b);
  }

  private void addSum(int q, long high, long low) {
    sumLow[q] += low;
    sumHigh[q] += high + (Long.compareUnsigned(sumLow[q], low) < 0 ? 1 : 0);
  }

  @Override
  public void save(StateBuffer out) {
    int queues = groupCount * cpuCount;
    int entities = taskCount + queues;
    for (int[] ints : new int[][] {queue, next, prev, flags}) {
      out.put(ints, entities);
    }
    for (long[] longs : entityLongs()) {
      out.put(longs, entities);
    }
    for (int[] ints : queueInts()) {
      out.put(ints, queues);
    }
    for (long[] longs : queueLongs()) {
      out.put(longs, queues);
    }
    out.put(groupLoad, groupCount);
  }

  @Override
  public void restore(StateBuffer in) {
    int queues = groupCount * cpuCount;
    int entities = taskCount + queues;
    for (int[] ints : new int[][] {queue, next, prev, flags}) {
      in.take(ints, entities);
    }
    for (long[] longs : entityLongs()) {
      in.take(longs, entities);
    }
    for (int[] ints : queueInts()) {
      in.take(ints, queues);
    }
    for (long[] longs : queueLongs()) {
      in.take(longs, queues);
    }
    in.take(groupLoad, groupCount);
  }

  private int[][] queueInts() {
    return new int[][] {head, tail, count, tasksBelow, runnableBelow, current, buddy, skip};
  }
}
