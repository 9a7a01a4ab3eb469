package stallcast.kernel.engine;

import java.util.Arrays;

/**
 * A snapshot under construction or under reading: one growing array of longs. Reused, so that a
 * warm snapshot allocates nothing.
 */
public final class StateBuffer {
  private long[] data = new long[1024];
  private int size;
  private int readAt;

  /** Forgets the content and starts writing. */
  public void clear() {
    size = 0;
    readAt = 0;
  }

  /** Starts reading from the beginning. */
  public void rewind() {
    readAt = 0;
  }

  /** Longs written. */
  public int size() {
    return size;
  }

  /** Whether everything written has been read: the check at the end of a restore. */
  public boolean isExhausted() {
    return readAt == size;
  }

  /** Writes one value. */
  public void put(long value) {
    reserve(1);
    data[size++] = value;
  }

  /** Writes one flag. */
  public void put(boolean value) {
    put(value ? 1 : 0);
  }

  /** Writes the first {@code count} elements. */
  public void put(long[] values, int count) {
    reserve(count);
    System.arraycopy(values, 0, data, size, count);
    size += count;
  }

  /** Writes the first {@code count} elements. */
  public void put(int[] values, int count) {
    reserve(count);
    for (int i = 0; i < count; i++) {
      data[size++] = values[i];
    }
  }

  /** Writes the first {@code count} elements. */
  public void put(boolean[] values, int count) {
    reserve(count);
    for (int i = 0; i < count; i++) {
      data[size++] = values[i] ? 1 : 0;
    }
  }

  /** Reads one value. */
  public long take() {
    return data[readAt++];
  }

  /** Reads one value that was an int. */
  public int takeInt() {
    return (int) data[readAt++];
  }

  /** Reads one flag. */
  public boolean takeFlag() {
    return data[readAt++] != 0;
  }

  /** Reads {@code count} elements. */
  public void take(long[] into, int count) {
    System.arraycopy(data, readAt, into, 0, count);
    readAt += count;
  }

  /** Reads {@code count} elements. */
  public void take(int[] into, int count) {
    for (int i = 0; i < count; i++) {
      into[i] = (int) data[readAt++];
    }
  }

  /** Reads {@code count} elements. */
  public void take(boolean[] into, int count) {
    for (int i = 0; i < count; i++) {
      into[i] = data[readAt++] != 0;
    }
  }

  /** Room for {@code count} longs at the end; the caller writes them and calls {@link #wrote}. */
  public long[] room(int count) {
    reserve(count);
    return data;
  }

  /** Where {@link #room} begins. */
  public int writeAt() {
    return size;
  }

  /** Tells that the room up to {@code end} has been written. */
  public void wrote(int end) {
    size = end;
  }

  /** The array to read from, at {@link #readAt()}; the caller reads and calls {@link #tookTo}. */
  public long[] source() {
    return data;
  }

  /** Where the next read begins. */
  public int readAt() {
    return readAt;
  }

  /** Tells that everything up to {@code end} has been read. */
  public void tookTo(int end) {
    readAt = end;
  }

  /** Whether two snapshots hold the same state. */
  public boolean sameAs(StateBuffer other) {
    return Arrays.equals(data, 0, size, other.data, 0, other.size);
  }

  private void reserve(int count) {
    if (size + count > data.length) {
      data = Arrays.copyOf(data, Math.max(data.length * 2, size + count));
    }
  }
}
