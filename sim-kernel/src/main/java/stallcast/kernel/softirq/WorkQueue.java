package stallcast.kernel.softirq;

import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;

/**
 * Items that wait for a softirq, first in, first out. Bounded by what its sources can have waiting.
 *
 * <p>State: ring of [capacity] items: who left it, which of the pool it is, work.
 */
final class WorkQueue implements Stateful {
  private int[] row = new int[0];
  private int[] index = new int[0];
  private long[] bodyNs = new long[0];
  private int capacity;
  private int head;
  private int size;
  private long sumNs; // work of all items

  /** Empties the queue and makes room. */
  void reset(int items) {
    capacity = Math.max(1, items);
    if (row.length < capacity) {
      row = new int[capacity];
      index = new int[capacity];
      bodyNs = new long[capacity];
    }
    head = 0;
    size = 0;
    sumNs = 0;
  }

  int size() {
    return size;
  }

  boolean isFull() {
    return size == capacity;
  }

  void add(int fromRow, int ofPool, long ns) {
    int at = head + size < capacity ? head + size : head + size - capacity;
    row[at] = fromRow;
    index[at] = ofPool;
    bodyNs[at] = ns;
    sumNs += ns;
    size++;
  }

  /** Work of all items, ns. */
  long sumNs() {
    return sumNs;
  }

  int firstRow() {
    return row[head];
  }

  int firstIndex() {
    return index[head];
  }

  long firstBodyNs() {
    return bodyNs[head];
  }

  void removeFirst() {
    sumNs -= bodyNs[head];
    head = head + 1 < capacity ? head + 1 : 0;
    size--;
  }

  @Override
  public void save(StateBuffer out) {
    out.put(head);
    out.put(size);
    out.put(sumNs);
    for (int i = 0; i < size; i++) {
      int at = (head + i) % capacity;
      out.put(row[at]);
      out.put(index[at]);
      out.put(bodyNs[at]);
    }
  }

  @Override
  public void restore(StateBuffer in) {
    head = in.takeInt();
    size = in.takeInt();
    sumNs = in.take();
    for (int i = 0; i < size; i++) {
      int at = (head + i) % capacity;
      row[at] = in.takeInt();
      index[at] = in.takeInt();
      bodyNs[at] = in.take();
    }
  }
}
