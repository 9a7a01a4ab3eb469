package stallcast.worker.protocol;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * Bytes that may be larger than a message, cut into numbered chunks that each fit into one.
 *
 * <p>The digest addresses the whole: the receiver compares it after the last chunk, and the
 * coordinator compares the digests of two results of the same shard.
 */
public final class Parcel {
  /** Payload of one chunk, bytes; leaves 8 KiB of a message for the fields around it. */
  public static final int CHUNK_BYTES = WireMessage.ENCODED_MAX_BYTES - 8 * 1024;

  /** Largest parcel, bytes. A larger shard result is refused where it is packed. */
  public static final int TOTAL_MAX_BYTES = 256 * 1024 * 1024;

  /** Length of a SHA-256 digest, bytes. */
  public static final int DIGEST_BYTES = 32;

  private final byte[] bytes;
  private final byte[] digest;

  /**
   * A parcel of the given bytes, which are handed over.
   *
   * @throws IllegalArgumentException if there are none, or more than {@link #TOTAL_MAX_BYTES}
   */
  public Parcel(byte[] bytes) {
    if (bytes.length == 0 || bytes.length > TOTAL_MAX_BYTES) {
      throw new IllegalArgumentException(
          "a parcel has 1.." + TOTAL_MAX_BYTES + " bytes, not " + bytes.length);
    }
    this.bytes = bytes;
    this.digest = sha256(bytes);
  }

  /** The whole; not copied. */
  public byte[] bytes() {
    return bytes;
  }

  /** Number of chunks. */
  public int chunkCount() {
    return chunkCount(bytes.length);
  }

  /** The chunk of the given index. */
  public Chunk chunk(int index) {
    int from = Math.multiplyExact(index, CHUNK_BYTES);
    int to = Math.min(bytes.length, from + CHUNK_BYTES);
    return new Chunk(
        index, chunkCount(), bytes.length, digest, Arrays.copyOfRange(bytes, from, to));
  }

  private static int chunkCount(int totalBytes) {
    return (totalBytes + CHUNK_BYTES - 1) / CHUNK_BYTES;
  }

  /** SHA-256 of some bytes. */
  static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * A piece of a parcel.
   *
   * @param index 0..of-1
   * @param of pieces of the parcel
   * @param totalBytes length of the parcel, bytes
   * @param digest SHA-256 of the parcel
   * @param bytes the piece; all but the last have {@link Parcel#CHUNK_BYTES}
   */
  public record Chunk(int index, int of, int totalBytes, byte[] digest, byte[] bytes) {

    /** Refuses a piece that cannot belong to any parcel. */
    public Chunk {
      boolean whole =
          totalBytes > 0
              && totalBytes <= TOTAL_MAX_BYTES
              && of == chunkCount(totalBytes)
              && index >= 0
              && index < of
              && digest.length == DIGEST_BYTES
              && bytes.length == Math.min(CHUNK_BYTES, totalBytes - index * CHUNK_BYTES);
      if (!whole) {
        throw new IllegalArgumentException(
            "no chunk of a parcel: " + index + " of " + of + ", " + bytes.length + " bytes");
      }
    }
  }

  /** Puts the chunks of one parcel together; they arrive in order, or are asked for again. */
  public static final class Assembly {
    private byte[] digest = new byte[0];
    private byte[] bytes = new byte[0];
    private int received;
    private int of = 1;

    /**
     * Takes a chunk. One that is not the next is ignored; one of another parcel starts anew.
     *
     * @return chunks received without a gap
     */
    public int accept(Chunk chunk) {
      if (!Arrays.equals(digest, chunk.digest()) || of != chunk.of()) {
        if (chunk.index() != 0) {
          return 0;
        }
        digest = chunk.digest();
        of = chunk.of();
        bytes = new byte[0];
        received = 0;
      }
      if (chunk.index() == received) {
        append(chunk);
      }
      return received;
    }

    /** Grows with what really arrived, so that a declared length alone allocates nothing. */
    private void append(Chunk chunk) {
      int at = received * CHUNK_BYTES;
      int need = at + chunk.bytes().length;
      if (need > bytes.length) {
        long doubled = Math.max(need, 2L * bytes.length);
        bytes = Arrays.copyOf(bytes, (int) Math.min(doubled, chunk.totalBytes()));
      }
      System.arraycopy(chunk.bytes(), 0, bytes, at, chunk.bytes().length);
      received++;
    }

    /** Whether every chunk is there. */
    public boolean isComplete() {
      return received == of;
    }

    /**
     * The parcel's bytes.
     *
     * @throws RefusedBytesException if they are not those that the digest was made of
     */
    public byte[] bytes() {
      if (!isComplete()) {
        throw new IllegalStateException(received + " of " + of + " chunks");
      }
      if (!Arrays.equals(digest, sha256(bytes))) {
        throw new RefusedBytesException("parcel of " + bytes.length + " bytes has another digest");
      }
      return bytes;
    }
  }
}
