package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;

/** Known answers: Random123, tests/kat_vectors, commit 9545ff6413f2, lines philox4x64-10. */
class Philox4x64Test {
  @Test
  void zeroCounterAndKeyGiveThePublishedBlock() {
    assertBlock(
        new long[] {0, 0, 0, 0},
        new long[] {0, 0},
        new long[] {
          0x16554d9eca36314cL, 0xdb20fe9d672d0fdcL, 0xd7e772cee186176bL, 0x7e68b68aec7ba23bL
        });
  }

  @Test
  void allOnesGiveThePublishedBlock() {
    assertBlock(
        new long[] {-1, -1, -1, -1},
        new long[] {-1, -1},
        new long[] {
          0x87b092c3013fe90bL, 0x438c3c67be8d0224L, 0x9cc7d7c69cd777b6L, 0xa09caebf594f0ba0L
        });
  }

  @Test
  void digitsOfPiGiveThePublishedBlock() {
    assertBlock(
        new long[] {
          0x243f6a8885a308d3L, 0x13198a2e03707344L, 0xa4093822299f31d0L, 0x082efa98ec4e6c89L
        },
        new long[] {0x452821e638d01377L, 0xbe5466cf34e90c6cL},
        new long[] {
          0xa528f45403e61d95L, 0x38c72dbd566e9788L, 0xa5a1610e72fd18b5L, 0x57bd43b5e52b7fe6L
        });
  }

  @Test
  void upperHalfOfAProductIsTheUnsignedOne() {
    long[] operands = {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, 0xD2E7470EE14C6C93L, 12345};
    for (long a : operands) {
      for (long b : operands) {
        long expected = unsigned(a).multiply(unsigned(b)).shiftRight(Long.SIZE).longValue();
        assertEquals(expected, Philox4x64.unsignedMultiplyHigh(a, b), () -> a + " * " + b);
      }
    }
  }

  private static BigInteger unsigned(long word) {
    return new BigInteger(Long.toUnsignedString(word));
  }

  private static void assertBlock(long[] counter, long[] key, long[] expected) {
    long[] block = new long[4];
    Philox4x64.block(counter[0], counter[1], counter[2], counter[3], key[0], key[1], block);
    assertArrayEquals(expected, block);
  }
}
