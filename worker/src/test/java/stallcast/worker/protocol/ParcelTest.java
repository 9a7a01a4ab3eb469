package stallcast.worker.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ParcelTest {
  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  @Test
  void encodedChunkOfAnyParcelFitsIntoAMessage() {
    for (int length : new int[] {1, Parcel.CHUNK_BYTES, Parcel.CHUNK_BYTES + 1, 3_000_000}) {
      byte[] bytes = bytes(length);
      Parcel parcel = new Parcel(bytes);
      Parcel.Assembly assembly = new Parcel.Assembly();
      for (int i = 0; i < parcel.chunkCount(); i++) {
        String longId = "w".repeat(1000);
        ToCoordinator.ShardChunk message =
            new ToCoordinator.ShardChunk(
                longId, Long.MIN_VALUE + 1, Integer.MAX_VALUE, 99, Long.MAX_VALUE, parcel.chunk(i));
        byte[] encoded = WireCodec.encode(message);
        assertTrue(encoded.length <= WireMessage.ENCODED_MAX_BYTES);
        ToCoordinator.ShardChunk back = (ToCoordinator.ShardChunk) WireCodec.decode(encoded);
        assertEquals(i + 1, assembly.accept(back.chunk()));
      }
      assertArrayEquals(bytes, assembly.bytes());
    }
  }

  @Test
  void chunksThatAreNotTheNextAreAskedForAgain() {
    Parcel parcel = new Parcel(bytes(3 * Parcel.CHUNK_BYTES));
    Parcel.Assembly assembly = new Parcel.Assembly();
    assertEquals(0, assembly.accept(parcel.chunk(1)));
    assertEquals(1, assembly.accept(parcel.chunk(0)));
    assertEquals(1, assembly.accept(parcel.chunk(2)));
    assertEquals(1, assembly.accept(parcel.chunk(0)));
    assertEquals(2, assembly.accept(parcel.chunk(1)));
    assertFalse(assembly.isComplete());
    assertEquals(3, assembly.accept(parcel.chunk(2)));
    assertArrayEquals(bytes(3 * Parcel.CHUNK_BYTES), assembly.bytes());
  }

  @Test
  void anotherParcelStartsAnew() {
    Parcel.Assembly assembly = new Parcel.Assembly();
    assembly.accept(new Parcel(bytes(2 * Parcel.CHUNK_BYTES)).chunk(0));
    assertEquals(1, assembly.accept(new Parcel(bytes(7)).chunk(0)));
    assertArrayEquals(bytes(7), assembly.bytes());
  }

  @Test
  void changedByteIsNoticed() {
    Parcel.Chunk chunk = new Parcel(bytes(100)).chunk(0);
    byte[] changed = chunk.bytes().clone();
    changed[50]++;
    Parcel.Assembly assembly = new Parcel.Assembly();
    assembly.accept(new Parcel.Chunk(0, 1, 100, chunk.digest(), changed));
    assertThrows(RefusedBytesException.class, assembly::bytes);
  }

  @Test
  void chunkThatFitsNoParcelIsRefused() {
    byte[] digest = new byte[Parcel.DIGEST_BYTES];
    byte[] one = {1};
    assertThrows(
        IllegalArgumentException.class,
        () -> new Parcel.Chunk(0, 1, Integer.MAX_VALUE, digest, one));
    assertThrows(IllegalArgumentException.class, () -> new Parcel.Chunk(1, 1, 1, digest, one));
    assertThrows(IllegalArgumentException.class, () -> new Parcel.Chunk(-1, 1, 1, digest, one));
    assertThrows(IllegalArgumentException.class, () -> new Parcel.Chunk(0, 1, 2, digest, one));
    assertThrows(IllegalArgumentException.class, () -> new Parcel(new byte[0]));
  }
}
