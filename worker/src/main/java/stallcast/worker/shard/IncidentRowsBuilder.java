package stallcast.worker.shard;

import java.util.Arrays;
import stallcast.kernel.cpu.IncidentLog;

/** Gathers the incident records of the hosts of one block as columns. */
final class IncidentRowsBuilder {
  private static final int INTS = 13; // columns of whole numbers, in the order of add()
  private static final int LONGS = 5; // columns of times, in the order of add()
  private static final int FIRST_CAPACITY = 16;

  private final int[][] ints = new int[INTS][FIRST_CAPACITY]; // [INTS][capacity]
  private final long[][] longs = new long[LONGS][FIRST_CAPACITY]; // [LONGS][capacity]
  private int size;

  /**
   * Adds all records of one host.
   *
   * @param row its row of the block
   */
  void addHost(int row, IncidentLog log, TaskNaming tasks) {
    for (int i = 0; i < log.size(); i++) {
      add(row, log, i, tasks);
    }
  }

  /** Forgets what was added after {@link #size} was {@code earlier}. */
  void truncate(int earlier) {
    size = earlier;
  }

  int size() {
    return size;
  }

  private void add(int row, IncidentLog log, int i, TaskNaming tasks) {
    if (size == ints[0].length) {
      grow();
    }
    ints[0][size] = row;
    ints[1][size] = log.kind(i).ordinal();
    ints[2][size] = log.cpu(i);
    ints[3][size] = tasks.template(log.task(i));
    ints[4][size] = tasks.index(log.task(i));
    ints[5][size] = log.branch(i);
    ints[6][size] = log.refills(i);
    ints[7][size] = log.tasksHeld(i);
    ints[8][size] = log.reports(i);
    ints[9][size] = log.printedSeconds(i);
    ints[10][size] = log.parent(i);
    ints[11][size] = log.operation(i);
    ints[12][size] = log.occurrence(i);
    longs[0][size] = log.startNs(i);
    longs[1][size] = log.endNs(i);
    longs[2][size] = log.detectedNs(i);
    longs[3][size] = log.peakRtTimeNs(i);
    longs[4][size] = log.residualRtTimeNs(i);
    size++;
  }

  private void grow() {
    int capacity = Math.multiplyExact(size, 2);
    for (int c = 0; c < INTS; c++) {
      ints[c] = Arrays.copyOf(ints[c], capacity);
    }
    for (int c = 0; c < LONGS; c++) {
      longs[c] = Arrays.copyOf(longs[c], capacity);
    }
  }

  OutcomeBlock.IncidentRows build() {
    return new OutcomeBlock.IncidentRows(
        wholes(0),
        wholes(1),
        times(0),
        times(1),
        times(2),
        wholes(2),
        wholes(3),
        wholes(4),
        wholes(5),
        times(3),
        times(4),
        wholes(6),
        wholes(7),
        wholes(8),
        wholes(9),
        wholes(10),
        wholes(11),
        wholes(12));
  }

  private int[] wholes(int column) {
    return Arrays.copyOf(ints[column], size);
  }

  private long[] times(int column) {
    return Arrays.copyOf(longs[column], size);
  }
}
