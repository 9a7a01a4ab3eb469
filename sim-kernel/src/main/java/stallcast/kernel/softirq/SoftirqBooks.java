package stallcast.kernel.softirq;

import java.util.Arrays;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;

/**
 * What is counted of the softirqs of each CPU with sources. A batch is one list that a vector took
 * whole. Slots count as in {@link Softirqs#slotOf}.
 */
public final class SoftirqBooks implements Stateful {
  /** No such instant. */
  public static final long NONE = Long.MIN_VALUE;

  private static final int COLUMNS = 10;

  private static final int INVOCATIONS = 0;
  private static final int ITEMS = 1;
  private static final int ENTRY_NS = 2;
  private static final int ENTRY_ITEMS = 3;
  private static final int LIST_NS = 4;
  private static final int LIST_SIZE = 5;
  private static final int LARGEST = 6;
  private static final int LARGEST_NS = 7;
  private static final int LONGEST_NS = 8;
  private static final int FIRST_NS = 9;

  private final KernelClock clock;
  private long[] book = new long[0]; // [slot][COLUMNS]
  private int[] bigFrom = new int[0]; // [slot] size from which a batch counts as full
  private int slots;

  SoftirqBooks(KernelClock clock) {
    this.clock = clock;
  }

  void reset(int slotCount) {
    slots = slotCount;
    if (book.length < slots * COLUMNS) {
      book = new long[slots * COLUMNS];
      bigFrom = new int[slots];
    }
    Arrays.fill(book, 0, slots * COLUMNS, 0);
    Arrays.fill(bigFrom, 0, slots, Integer.MAX_VALUE);
    for (int slot = 0; slot < slots; slot++) {
      book[slot * COLUMNS + FIRST_NS] = NONE;
    }
  }

  /** Sets the size from which a batch of a CPU counts as full. */
  void fullFrom(int slot, int items) {
    bigFrom[slot] = items;
  }

  void onEntry(int slot) {
    book[slot * COLUMNS + INVOCATIONS]++;
    book[slot * COLUMNS + ENTRY_NS] = clock.nowNs();
    book[slot * COLUMNS + ENTRY_ITEMS] = book[slot * COLUMNS + ITEMS];
  }

  void onExit(int slot) {
    int at = slot * COLUMNS;
    book[at + LONGEST_NS] = Math.max(book[at + LONGEST_NS], clock.nowNs() - book[at + ENTRY_NS]);
  }

  void onList(int slot, int size) {
    int at = slot * COLUMNS;
    book[at + LIST_NS] = clock.nowNs();
    book[at + LIST_SIZE] = size;
    if (size >= bigFrom[slot] && book[at + FIRST_NS] == NONE) {
      book[at + FIRST_NS] = clock.nowNs();
    }
  }

  void onListEnd(int slot) {
    int at = slot * COLUMNS;
    if (book[at + LIST_SIZE] > book[at + LARGEST]) {
      book[at + LARGEST] = book[at + LIST_SIZE];
      book[at + LARGEST_NS] = clock.nowNs() - book[at + LIST_NS];
    }
  }

  void onItems(int slot, long items) {
    book[slot * COLUMNS + ITEMS] += items;
  }

  long itemsOfInvocation(int slot) {
    return book[slot * COLUMNS + ITEMS] - book[slot * COLUMNS + ENTRY_ITEMS];
  }

  /** Times that softirqs were entered. */
  public long invocations(int slot) {
    return book[slot * COLUMNS + INVOCATIONS];
  }

  /** Items done. */
  public long items(int slot) {
    return book[slot * COLUMNS + ITEMS];
  }

  /** Items of the largest batch that has ended. */
  public long largestBatch(int slot) {
    return book[slot * COLUMNS + LARGEST];
  }

  /** How long the largest batch took, ns. */
  public long largestBatchNs(int slot) {
    return book[slot * COLUMNS + LARGEST_NS];
  }

  /** Longest time from entering softirq to leaving it, ns. */
  public long longestInvocationNs(int slot) {
    return book[slot * COLUMNS + LONGEST_NS];
  }

  /** Start of the first batch of nine tenths of the tasklets or more, ns, or {@link #NONE}. */
  public long firstFullBatchNs(int slot) {
    return book[slot * COLUMNS + FIRST_NS];
  }

  @Override
  public void save(StateBuffer out) {
    out.put(book, slots * COLUMNS);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(book, slots * COLUMNS);
  }
}
