package stallcast.kernel.engine;

import java.util.Arrays;

/**
 * Future event list of one host: timers that mechanisms register once and then arm, move or cancel.
 * An indexed 4-ary heap; at most one pending expiry per timer, so the queue is bounded by
 * construction and nothing is allocated in a run.
 *
 * <p>Order: time, then {@link TimerPriority}, then order of arming (of registration for periodic
 * timers); no two expiries are equal.
 *
 * <p>Lanes: each timer belongs to a lane (0 is never stopped). An expiry that is due while its lane
 * is stopped is put off to the instant at which the lane goes on, as {@link TimerPriority#OVERDUE},
 * and therefore in the order in which the expiries were due.
 *
 * <p>State: per timer [capacity] key, heap position, lane; snapshot by {@link #save}. Handlers are
 * not part of the state: they are bound by registration order.
 */
public final class TimerQueue implements Stateful {
  /** Time of an idle timer, and "never". */
  public static final long NEVER = Long.MAX_VALUE;

  private static final int PRIORITY_SHIFT = 56; // order = priority << 56 | arming sequence
  private static final int ARITY_BITS = 2; // 4-ary heap
  private static final int OVERDUE = TimerPriority.OVERDUE.ordinal();

  private long[] time = new long[64]; // [timer] expiry, ns
  private long[] order = new long[64]; // [timer] tie break
  private int[] position = new int[64]; // [timer] index in heap, -1 if idle
  private int[] lane = new int[64]; // [timer]
  private int[] local = new int[64]; // [timer] index within its block
  private long[] priority = new long[64]; // [timer] ordinal << 56
  private boolean[] byRegistration = new boolean[64]; // [timer]
  private TimerHandler[] handler = new TimerHandler[64]; // [timer]
  private int[] heap = new int[64]; // [size] timers
  private long[] laneOpensNs = new long[1]; // [lane] runs at or after this instant
  private Runnable afterExpiry = () -> {};

  private int timerCount;
  private int laneCount;
  private int size;
  private long nowNs;
  private long sequence;
  private long expiries;
  private int currentPriority;
  private boolean hole; // heap[0] is the expiry that runs: whatever is armed takes its place
  private int lastPriority; // lowest one, so largest number, that has run at this instant
  private boolean stopped;

  /**
   * Forgets all timers and starts at an instant.
   *
   * @param startNs first instant, ns
   * @param lanes number of lanes, lane 0 included
   */
  public void reset(long startNs, int lanes) {
    timerCount = 0;
    size = 0;
    nowNs = startNs;
    sequence = 0;
    expiries = 0;
    currentPriority = 0;
    hole = false;
    lastPriority = 0;
    stopped = false;
    laneCount = lanes;
    if (laneOpensNs.length < lanes) {
      laneOpensNs = new long[lanes];
    }
    Arrays.fill(laneOpensNs, 0, lanes, Long.MIN_VALUE);
    afterExpiry = () -> {};
  }

  /**
   * Registers a block of timers.
   *
   * @param owner called with the index within the block
   * @param blockPriority order at equal times
   * @param count timers in the block, &gt;= 0
   * @return id of the first timer; the others follow
   */
  public int register(TimerHandler owner, TimerPriority blockPriority, int count) {
    int first = timerCount;
    reserve(first + count);
    for (int i = 0; i < count; i++) {
      int timer = first + i;
      handler[timer] = owner;
      priority[timer] = (long) blockPriority.ordinal() << PRIORITY_SHIFT;
      byRegistration[timer] = blockPriority.isByRegistration();
      local[timer] = i;
      lane[timer] = 0;
      position[timer] = -1;
      time[timer] = NEVER;
    }
    timerCount += count;
    return first;
  }

  /** Sets what is done after every expiry; overdue ones of an instant count as one. */
  public void afterExpiry(Runnable action) {
    afterExpiry = action;
  }

  /** Current instant, ns. */
  public long nowNs() {
    return nowNs;
  }

  /** Expiries since the reset. */
  public long expiries() {
    return expiries;
  }

  /** Number of registered timers. */
  public int timerCount() {
    return timerCount;
  }

  /** Whether expiries of {@code other} at this very instant are already past. */
  public boolean isPast(TimerPriority other) {
    return currentPriority > other.ordinal();
  }

  /** Whether an unarmed expiry of {@code other} at this very instant would have run by now. */
  public boolean hasPassed(TimerPriority other) {
    return lastPriority > other.ordinal();
  }

  /** Whether the current expiry is of this priority. */
  public boolean isAt(TimerPriority other) {
    return currentPriority == other.ordinal();
  }

  /** Puts a timer into a lane. */
  public void assign(int timer, int toLane) {
    lane[timer] = toLane;
  }

  /** Stops a lane until an instant. */
  public void block(int stoppedLane, long untilNs) {
    laneOpensNs[stoppedLane] = untilNs;
  }

  /** Whether a lane is stopped now. */
  public boolean isBlocked(int someLane) {
    return laneOpensNs[someLane] > nowNs;
  }

  /** Whether a timer is armed. */
  public boolean isArmed(int timer) {
    return position[timer] >= 0;
  }

  /** Expiry of a timer, ns, or {@link #NEVER}. */
  public long expiryNs(int timer) {
    return position[timer] >= 0 ? time[timer] : NEVER;
  }

  /**
   * Arms or moves a timer.
   *
   * @param atNs instant, ns, not in the past
   * @throws IllegalStateException if the instant has passed
   */
  public void arm(int timer, long atNs) {
    if (atNs < nowNs) {
      throw new IllegalStateException("timer " + timer + " armed before " + nowNs + ": " + atNs);
    }
    time[timer] = atNs;
    order[timer] = priority[timer] | (byRegistration[timer] ? timer : sequence++);
    if (position[timer] < 0 && hole) {
      hole = false;
      heap[0] = timer;
      down(0);
    } else if (position[timer] < 0) {
      heap[size] = timer;
      up(size++);
    } else {
      settle(position[timer]);
    }
  }

  /** Cancels a timer; an idle one stays idle. */
  public void cancel(int timer) {
    int at = position[timer];
    if (at < 0) {
      return;
    }
    position[timer] = -1;
    size--;
    if (at < size) {
      int last = heap[size];
      heap[at] = last;
      position[last] = at;
      settle(at);
    }
  }

  /**
   * Moves every armed timer of an id range to later: their owner's clock stood still.
   *
   * @param end id after the last one
   * @param ns how much later, &gt;= 0
   */
  public void delay(int first, int end, long ns) {
    for (int timer = first; timer < end; timer++) {
      if (position[timer] >= 0) {
        time[timer] += ns;
      }
    }
    for (int at = (size - 2) >> ARITY_BITS; at >= (hole ? 1 : 0); at--) {
      down(at);
    }
  }

  /** Ends the current {@link #run} after this expiry; later runs return at once. */
  public void stop() {
    stopped = true;
  }

  /** Whether {@link #stop} was called. */
  public boolean isStopped() {
    return stopped;
  }

  /**
   * Runs expiries in order until a limit.
   *
   * @return whether the instant {@code limits.untilNs()} was reached; false if stopped or if the
   *     expiries ran out
   */
  public boolean run(RunLimits limits) {
    long untilNs = limits.untilNs();
    while (!stopped) {
      if (size == 0 || time[heap[0]] >= untilNs) {
        lastPriority = untilNs > nowNs ? 0 : lastPriority;
        nowNs = untilNs;
        currentPriority = 0;
        return true;
      }
      if (expiries >= limits.maxExpiries()) {
        return false;
      }
      int timer = heap[0];
      long opensNs = laneOpensNs[lane[timer]];
      if (opensNs > time[timer]) {
        putOff(timer, opensNs);
        continue;
      }
      currentPriority = (int) (order[timer] >>> PRIORITY_SHIFT);
      boolean later = time[timer] > nowNs;
      lastPriority = later ? currentPriority : Math.max(lastPriority, currentPriority);
      nowNs = time[timer];
      position[timer] = -1;
      hole = true;
      expiries++;
      handler[timer].onExpiry(local[timer]);
      if (hole) {
        closeHole();
      }
      if (currentPriority > OVERDUE || !isOverdueNext()) {
        afterExpiry.run();
      }
    }
    return false;
  }

  /** Nothing took the place of the expiry: it is removed. */
  private void closeHole() {
    hole = false;
    size--;
    if (size > 0) {
      heap[0] = heap[size];
      down(0);
    }
  }

  /** Whether missed expiries are still to be made up for at this instant: they are one batch. */
  private boolean isOverdueNext() {
    return size > 0 && time[heap[0]] == nowNs && order[heap[0]] >>> PRIORITY_SHIFT == OVERDUE;
  }

  private void putOff(int timer, long untilNs) {
    time[timer] = untilNs;
    order[timer] = (long) OVERDUE << PRIORITY_SHIFT | sequence++;
    down(0);
  }

  @Override
  public void save(StateBuffer out) {
    out.put(timerCount);
    out.put(laneCount);
    out.put(size);
    out.put(nowNs);
    out.put(sequence);
    out.put(expiries);
    out.put(currentPriority);
    out.put(lastPriority);
    out.put(stopped);
    out.put(time, timerCount);
    out.put(order, timerCount);
    out.put(position, timerCount);
    out.put(lane, timerCount);
    out.put(heap, size);
    out.put(laneOpensNs, laneCount);
  }

  @Override
  public void restore(StateBuffer in) {
    int timers = in.takeInt();
    int lanes = in.takeInt();
    if (timers != timerCount || lanes != laneCount) {
      throw new IllegalStateException("snapshot of a host with " + timers + " timers");
    }
    size = in.takeInt();
    nowNs = in.take();
    sequence = in.take();
    expiries = in.take();
    currentPriority = in.takeInt();
    lastPriority = in.takeInt();
    stopped = in.takeFlag();
    in.take(time, timerCount);
    in.take(order, timerCount);
    in.take(position, timerCount);
    in.take(lane, timerCount);
    in.take(heap, size);
    in.take(laneOpensNs, laneCount);
  }

  private boolean before(int a, int b) {
    return time[a] < time[b] || (time[a] == time[b] && order[a] < order[b]);
  }

  private void settle(int at) {
    int timer = heap[at];
    up(at);
    if (heap[at] == timer) {
      down(at);
    }
  }

  private void up(int from) {
    int at = from;
    int timer = heap[at];
    while (at > 0) {
      int parent = (at - 1) >> ARITY_BITS;
      if ((parent == 0 && hole) || !before(timer, heap[parent])) {
        break;
      }
      heap[at] = heap[parent];
      position[heap[at]] = at;
      at = parent;
    }
    heap[at] = timer;
    position[timer] = at;
  }

  private void down(int from) {
    int at = from;
    int timer = heap[at];
    while (true) {
      int child = (at << ARITY_BITS) + 1;
      if (child >= size) {
        break;
      }
      int end = Math.min(child + (1 << ARITY_BITS), size);
      int least = child;
      for (int c = child + 1; c < end; c++) {
        if (before(heap[c], heap[least])) {
          least = c;
        }
      }
      if (!before(heap[least], timer)) {
        break;
      }
      heap[at] = heap[least];
      position[heap[at]] = at;
      at = least;
    }
    heap[at] = timer;
    position[timer] = at;
  }

  private void reserve(int timers) {
    if (timers <= time.length) {
      return;
    }
    int capacity = Math.max(timers, time.length * 2);
    time = Arrays.copyOf(time, capacity);
    order = Arrays.copyOf(order, capacity);
    position = Arrays.copyOf(position, capacity);
    lane = Arrays.copyOf(lane, capacity);
    local = Arrays.copyOf(local, capacity);
    priority = Arrays.copyOf(priority, capacity);
    byRegistration = Arrays.copyOf(byRegistration, capacity);
    handler = Arrays.copyOf(handler, capacity);
    heap = Arrays.copyOf(heap, capacity);
  }
}
