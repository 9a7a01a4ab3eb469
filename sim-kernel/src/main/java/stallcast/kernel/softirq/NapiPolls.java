package stallcast.kernel.softirq;

import java.util.Arrays;
import stallcast.kernel.cpu.CpuTicks;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.SoftirqVector;

/**
 * NET_RX: polls of network queues in turn, within a budget of packets and of time.
 *
 * <p>Models: {@code net_rx_action()}, {@code napi_poll()} (net/core/dev.c, v6.12): a poll takes at
 * most dev_weight packets; a queue that is empty afterwards leaves the list, others go to its end;
 * the action ends when the list is empty, or netdev_budget packets are done, or netdev_budget_usecs
 * in jiffies have gone, and then raises NET_RX again. State: packets [row]; list of rows, packets
 * and jiffies of the action under way [slot]. Leaves out: packets that arrive during a poll (they
 * wait for the next one), busy polling, threaded NAPI.
 */
final class NapiPolls implements Stateful {
  private static final long US_PER_SECOND = 1_000_000;

  private final KernelClock clock;
  private final CpuTicks ticks;
  private int rows;
  private int slots;
  private WorkQueue[] queues = new WorkQueue[0]; // [row]
  private boolean[] scheduled = new boolean[0]; // [row] in the list of its CPU
  private int[] next = new int[0]; // [row] the one behind it in the list, or -1
  private int[] head = new int[0]; // [slot] first row, or -1
  private int[] tail = new int[0]; // [slot]
  private int[] polled = new int[0]; // [slot] packets of the poll under way
  private int[] budget = new int[0]; // [slot] packets left
  private long[] endJiffy = new long[0]; // [slot] no new poll from here on
  private int weight;
  private int budgetMax;
  private long limitJiffies;

  NapiPolls(KernelClock clock, CpuTicks ticks) {
    this.clock = clock;
    this.ticks = ticks;
  }

  void reset(HostConfig config, SoftirqSources sources, int slotCount) {
    rows = sources.rows();
    slots = slotCount;
    weight = (int) config.knob(KernelKnob.DEV_WEIGHT);
    budgetMax = (int) config.knob(KernelKnob.NETDEV_BUDGET);
    long hz = config.knob(KernelKnob.HZ);
    long us = config.knob(KernelKnob.NETDEV_BUDGET_USECS);
    limitJiffies = us == 0 ? 2 : (us * hz + US_PER_SECOND - 1) / US_PER_SECOND;
    if (queues.length < rows) {
      int had = queues.length;
      queues = Arrays.copyOf(queues, rows);
      for (int row = had; row < rows; row++) {
        queues[row] = new WorkQueue();
      }
      scheduled = new boolean[rows];
      next = new int[rows];
    }
    if (head.length < slots) {
      head = new int[slots];
      tail = new int[slots];
      polled = new int[slots];
      budget = new int[slots];
      endJiffy = new long[slots];
    }
    for (int row = 0; row < rows; row++) {
      boolean mine = sources.spec(row).vector() == SoftirqVector.NET_RX;
      queues[row].reset(mine ? sources.pool(row) : 0);
    }
    Arrays.fill(scheduled, 0, rows, false);
    Arrays.fill(next, 0, rows, -1);
    Arrays.fill(head, 0, slots, -1);
    Arrays.fill(tail, 0, slots, -1);
    Arrays.fill(polled, 0, slots, 0);
    Arrays.fill(budget, 0, slots, 0);
    Arrays.fill(endJiffy, 0, slots, 0);
  }

  WorkQueue queue(int row) {
    return queues[row];
  }

  /** Puts a row into the list of its CPU. @return false if it is in */
  boolean schedule(int slot, int row) {
    if (scheduled[row]) {
      return false;
    }
    scheduled[row] = true;
    append(slot, row);
    return true;
  }

  private void append(int slot, int row) {
    next[row] = -1;
    if (head[slot] < 0) {
      head[slot] = row;
    } else {
      next[tail[slot]] = row;
    }
    tail[slot] = row;
  }

  /** Begins an action. @return whether there is a poll to do */
  boolean begin(int slot) {
    if (head[slot] < 0) {
      return false;
    }
    budget[slot] = budgetMax;
    endJiffy[slot] = ticks.jiffies(clock.nowNs()) + limitJiffies;
    return true;
  }

  /** Takes the packets of the next poll. @return its work, ns */
  long pollNs(int slot) {
    WorkQueue queue = queues[head[slot]];
    int packets = Math.min(weight, queue.size());
    long ns = 0;
    for (int i = 0; i < packets; i++) {
      ns += queue.firstBodyNs();
      queue.removeFirst();
    }
    polled[slot] = packets;
    return ns;
  }

  /** Packets of the poll that is under way or was the last. */
  int polled(int slot) {
    return polled[slot];
  }

  /** A poll is done. @return whether the action goes on with another one */
  boolean goOn(int slot) {
    int row = head[slot];
    head[slot] = next[row];
    if (queues[row].size() > 0) {
      append(slot, row);
    } else {
      scheduled[row] = false;
    }
    budget[slot] -= polled[slot];
    polled[slot] = 0;
    boolean inTime = ticks.jiffies(clock.nowNs()) < endJiffy[slot];
    return head[slot] >= 0 && budget[slot] > 0 && inTime;
  }

  /** Whether polls are left for another action. */
  boolean isLeft(int slot) {
    return head[slot] >= 0;
  }

  /** Packets that wait on a CPU, those of the poll under way included. */
  long waiting(int slot) {
    long waiting = polled[slot];
    for (int row = head[slot]; row >= 0; row = next[row]) {
      waiting += queues[row].size();
    }
    return waiting;
  }

  @Override
  public void save(StateBuffer out) {
    for (int row = 0; row < rows; row++) {
      queues[row].save(out);
    }
    out.put(scheduled, rows);
    out.put(next, rows);
    out.put(head, slots);
    out.put(tail, slots);
    out.put(polled, slots);
    out.put(budget, slots);
    out.put(endJiffy, slots);
  }

  @Override
  public void restore(StateBuffer in) {
    for (int row = 0; row < rows; row++) {
      queues[row].restore(in);
    }
    in.take(scheduled, rows);
    in.take(next, rows);
    in.take(head, slots);
    in.take(tail, slots);
    in.take(polled, slots);
    in.take(budget, slots);
    in.take(endJiffy, slots);
  }
}
