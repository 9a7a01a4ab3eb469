package stallcast.kernel.random;

/**
 * Philox4x64-10: a keyed bijection of 256-bit counters whose outputs look random.
 *
 * <p>Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section
 * 4.3; the multipliers and key increments are the paper's. Because it is a bijection for each key,
 * two counters under one key never give the same block.
 */
public final class Philox4x64 {
  private static final int ROUNDS = 10; // the paper's recommendation; 7 already pass BigCrush

  private static final long MULTIPLIER_0 = 0xD2E7470EE14C6C93L; // for counter word 0
  private static final long MULTIPLIER_1 = 0xCA5A826395121157L; // for counter word 2
  private static final long KEY_STEP_0 = 0x9E3779B97F4A7C15L; // golden ratio
  private static final long KEY_STEP_1 = 0xBB67AE8584CAA73BL; // sqrt(3) - 1

  private Philox4x64() {}

  /**
   * Writes the block of one counter.
   *
   * @param c0 counter word 0
   * @param c1 counter word 1
   * @param c2 counter word 2
   * @param c3 counter word 3
   * @param k0 key word 0
   * @param k1 key word 1
   * @param out4 receives the four output words at 0..3
   */
  public static void block(long c0, long c1, long c2, long c3, long k0, long k1, long[] out4) {
    long w0 = c0;
    long w1 = c1;
    long w2 = c2;
    long w3 = c3;
    long key0 = k0;
    long key1 = k1;
    for (int round = 0; round < ROUNDS; round++) {
      long high0 = unsignedMultiplyHigh(MULTIPLIER_0, w0);
      long low0 = MULTIPLIER_0 * w0;
      long high1 = unsignedMultiplyHigh(MULTIPLIER_1, w2);
      long low1 = MULTIPLIER_1 * w2;
      w0 = high1 ^ w1 ^ key0;
      w1 = low1;
      w2 = high0 ^ w3 ^ key1;
      w3 = low0;
      key0 += KEY_STEP_0;
      key1 += KEY_STEP_1;
    }
    out4[0] = w0;
    out4[1] = w1;
    out4[2] = w2;
    out4[3] = w3;
  }

  /**
   * Returns the upper 64 bits of the unsigned 128-bit product (Math.unsignedMultiplyHigh needs JDK
   * 18).
   */
  static long unsignedMultiplyHigh(long a, long b) {
    return Math.multiplyHigh(a, b) + ((a >> 63) & b) + ((b >> 63) & a);
  }
}
