package stallcast.coordinator.store;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/**
 * Every result of a run as it came, in files that are only ever appended to: what is in here need
 * not be simulated again, whatever happens to the process. A record is a head (magic, shard,
 * length, CRC of the three), the content and the first half of its SHA-256. A record that is torn
 * or damaged is as good as none: its shard is run again.
 *
 * <p>A file begins with each owner and after {@link #FILE_BYTES}. State: 8 bytes per shard.
 *
 * <p>Not thread-safe. Read only by the build that wrote it; {@link RunRecord} sees to that.
 */
final class Journal implements Closeable {
  private static final int MAGIC = 0x53434a31; // SCJ1
  private static final int HEAD_BYTES = 16;
  private static final int DIGEST_BYTES = 16;
  private static final long FILE_BYTES = 64L << 20;
  private static final int CONTENT_MAX_BYTES = 300 << 20; // above the largest parcel
  private static final long FLUSH_EVERY_NS = TimeUnit.SECONDS.toNanos(1);
  private static final String NAME = "blocks-%04d-%06d.journal";

  private final RunFolder folder;
  private final int owner;
  private final long[] places; // [shards] file << 32 | position + 1; 0: not here
  private final List<String> files = new ArrayList<>();
  private Optional<RunFolder.WorkOutput> current = Optional.empty(); // writes the last file
  private long written; // bytes in the last file
  private long flushedNs = System.nanoTime();
  private Optional<RunFolder.WorkInput> reading = Optional.empty();
  private int readingFile = -1;
  private int damaged;

  /**
   * One result.
   *
   * @param shard how it came about
   * @param packed its rows as they came over the wire
   */
  record Entry(ShardRecord shard, byte[] packed) {}

  /** An empty journal of the owner of a folder. */
  Journal(RunFolder folder, int shards) throws IOException {
    this.folder = folder;
    String own = folder.ownerFolder();
    owner = RunFolder.ownerNumber(own.substring(own.lastIndexOf('/') + 1));
    places = new long[shards];
  }

  /**
   * Finds what earlier owners left.
   *
   * @return shards whose results are here
   */
  BitSet recover() throws IOException {
    for (String name : folder.list(folder.ownerFolder())) {
      if (name.endsWith(".journal")) {
        files.add(name);
        try (RunFolder.WorkInput input = folder.openWork(name)) {
          index(input, files.size() - 1);
        }
      }
    }
    BitSet found = new BitSet(places.length);
    for (int shard = 0; shard < places.length; shard++) {
      found.set(shard, places[shard] != 0);
    }
    return found;
  }

  /** Records that were left out because they are torn or damaged. */
  int damaged() {
    return damaged;
  }

  private void index(RunFolder.WorkInput input, int file) throws IOException {
    byte[] head = new byte[HEAD_BYTES];
    long position = 0;
    while (filled(input, position, head)) {
      ByteBuffer fields = ByteBuffer.wrap(head);
      int shard = fields.getInt(4);
      int length = fields.getInt(8);
      if (!isHead(head) || shard >= places.length) {
        damaged++;
        return; // nobody knows where the next one begins
      }
      byte[] rest = new byte[length + DIGEST_BYTES];
      if (!filled(input, position + HEAD_BYTES, rest)) {
        damaged++;
        return;
      }
      if (isSound(rest, length)) {
        places[shard] = place(file, position);
      } else {
        damaged++;
      }
      position += HEAD_BYTES + rest.length;
    }
  }

  private static boolean filled(RunFolder.WorkInput input, long position, byte[] bytes)
      throws IOException {
    try {
      input.read(position, bytes);
      return true;
    } catch (EOFException e) {
      return false;
    }
  }

  private static boolean isHead(byte[] head) {
    ByteBuffer fields = ByteBuffer.wrap(head);
    int length = fields.getInt(8);
    return fields.getInt(0) == MAGIC
        && fields.getInt(12) == crc(head)
        && fields.getInt(4) >= 0
        && length > 0
        && length <= CONTENT_MAX_BYTES;
  }

  private static int crc(byte[] head) {
    CRC32C crc = new CRC32C();
    crc.update(head, 0, HEAD_BYTES - Integer.BYTES);
    return (int) crc.getValue();
  }

  private static boolean isSound(byte[] rest, int length) {
    return Arrays.equals(rest, length, rest.length, digest(rest, length), 0, DIGEST_BYTES);
  }

  private static byte[] digest(byte[] bytes, int length) {
    MessageDigest sha256 = TableFile.sha256();
    sha256.update(bytes, 0, length);
    return sha256.digest();
  }

  private static long place(int file, long position) {
    return ((long) file << 32) | (position + 1);
  }

  /** Whether the result of a shard is here. */
  boolean has(int shard) {
    return shard < places.length && places[shard] != 0;
  }

  /** Adds a result. It survives the end of the process at once or, on HDFS, within a second. */
  void append(Entry entry) throws IOException {
    byte[] record = encoded(entry);
    if (current.isEmpty() || written >= FILE_BYTES) {
      begin();
    }
    current.get().write(record);
    places[Math.toIntExact(entry.shard().id())] = place(files.size() - 1, written);
    written += record.length;
    if (System.nanoTime() - flushedNs >= FLUSH_EVERY_NS) {
      flush();
    }
  }

  private void begin() throws IOException {
    finish();
    String name = NAME.formatted(owner, files.size());
    files.add(name);
    current = Optional.of(folder.createWork(name));
    written = 0;
  }

  private void finish() throws IOException {
    if (current.isPresent()) {
      current.get().force();
      current.get().close();
      current = Optional.empty();
    }
  }

  /** A process that was paused while another took over must not believe that it stores anything. */
  void flush() throws IOException {
    if (current.isPresent()) {
      current.get().flush();
    }
    flushedNs = System.nanoTime();
    if (!folder.isOurs()) {
      throw new IOException(folder.ownerFolder() + " is gone");
    }
  }

  private static byte[] encoded(Entry entry) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(entry.packed().length + 256);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.write(new byte[HEAD_BYTES]);
      entry.shard().write(out);
      out.write(entry.packed());
      int length = bytes.size() - HEAD_BYTES;
      byte[] content = Arrays.copyOfRange(bytes.toByteArray(), HEAD_BYTES, bytes.size());
      out.write(digest(content, length), 0, DIGEST_BYTES);
      byte[] record = bytes.toByteArray();
      ByteBuffer head = ByteBuffer.wrap(record);
      head.putInt(0, MAGIC).putInt(4, Math.toIntExact(entry.shard().id())).putInt(8, length);
      head.putInt(12, crc(record));
      return record;
    }
  }

  /** Reads a result back. */
  Entry read(int shard) throws IOException {
    int file = (int) (places[shard] >>> 32);
    long position = (places[shard] & 0xffff_ffffL) - 1;
    RunFolder.WorkInput input = input(file);
    byte[] head = new byte[HEAD_BYTES];
    input.read(position, head);
    int length = ByteBuffer.wrap(head).getInt(8);
    boolean sound = isHead(head);
    byte[] rest = new byte[sound ? length + DIGEST_BYTES : 0];
    if (sound) {
      input.read(position + HEAD_BYTES, rest);
      sound = isSound(rest, length);
    }
    if (!sound) {
      places[shard] = 0;
      throw new IOException(files.get(file) + " is damaged at byte " + position);
    }
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(rest, 0, length))) {
      return new Entry(ShardRecord.read(in), in.readAllBytes());
    }
  }

  /** What is still being written is opened anew: readers on HDFS see what was there then. */
  private RunFolder.WorkInput input(int file) throws IOException {
    boolean growing = current.isPresent() && file == files.size() - 1;
    if (growing) {
      current.get().flush();
    }
    if (growing || file != readingFile) {
      closeReading();
      reading = Optional.of(folder.openWork(files.get(file)));
      readingFile = file;
    }
    return reading.get();
  }

  private void closeReading() throws IOException {
    if (reading.isPresent()) {
      reading.get().close();
      reading = Optional.empty();
      readingFile = -1;
    }
  }

  @Override
  public void close() throws IOException {
    closeReading();
    finish();
  }
}
