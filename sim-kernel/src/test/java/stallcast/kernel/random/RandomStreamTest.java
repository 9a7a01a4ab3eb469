package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.random.Refusal.assertRefused;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Known answers of the scheme: reference/statistics.md 10.2, agreed between Java and C. */
class RandomStreamTest {
  private static final long SEED = 20260507;

  private final RandomStream stream = new RandomStream();

  @Test
  void hostZeroGivesTheAgreedStateAndOutputs() {
    stream.derive(SEED, StreamPurpose.CONFIG, 0, 0, 0, 0);
    assertState(0xb318624ed6c14cc0L, 0x985d8b0a01773930L, 0x98f701a80b7918e1L, 0x7ca4df85cd45f1ecL);
    assertOutputs(
        0x9d6a65ee2cd92b60L, 0x0803f97fec4c0285L, 0xc155e07a97f4fe2bL, 0xcb6c0bb0d84f4addL);
  }

  @Test
  void hostOneGivesTheAgreedStateAndOutputs() {
    stream.derive(SEED, StreamPurpose.CONFIG, 0, 1, 0, 0);
    assertState(0x602faa1f77f6e7e2L, 0xc6a1f63d0e98828bL, 0xa9f2150347ee39c4L, 0x90b42cf7fd0624faL);
    assertOutputs(
        0xebea28a5e66f59cdL, 0x025a51a5876dc5e0L, 0x43af2a1005b83544L, 0x69b7748e72bfc44bL);
  }

  @Test
  void replicateAndEntityGiveTheAgreedStateAndOutputs() {
    stream.derive(SEED, StreamPurpose.ARRIVALS, 0, 95, 3, 47);
    assertState(0xd7e343912a08d3ccL, 0x01a2f4d0d088c3a5L, 0x08a8c0b9cdbcfb52L, 0x3b96a1e3c8a17519L);
    assertOutputs(
        0x925c98b59c9290beL, 0xe2357a866cb3bcbeL, 0x9820cfff1067662fL, 0xda8e869207bf4fc9L);
  }

  @Test
  void branchGivesTheAgreedStateAndOutputs() {
    stream.derive(SEED, StreamPurpose.SERVICE, 0, 999999, 12, 191);
    stream.reseed(5, 77);
    assertState(0x73f3d155a8113971L, 0xb3e62bd5b31cb419L, 0x1e84224180cd12f5L, 0xac837e4ecc68d496L);
    assertOutputs(
        0x462e0e5caba17518L, 0xca579133cde1ae32L, 0x580d7e0bc3f4bc22L, 0x7f13f023c2020071L);
  }

  @Test
  void firstBranchLevelGivesTheAgreedState() {
    stream.derive(SEED, StreamPurpose.CONFIG, 0, 0, 0, 0);
    stream.reseed(1, 0);
    assertState(0x91677f9f1c7b085dL, 0x2b53abccb3699c95L, 0x6c44f343c6a71ad0L, 0x0d1e57f06f5b038fL);
  }

  @Test
  void hostIndexBeyond32BitsGivesTheAgreedState() {
    stream.derive(SEED, StreamPurpose.BOOTSTRAP, 0, 123_456_789_012L, 7, 3);
    assertState(0x48cb03240b56f4f2L, 0x7a4014af3b2d86a6L, 0xd197994454efc5d1L, 0x8af8fd715fed6fa9L);
  }

  @Test
  void tagFillsTheLowBitsOfTheKeyWord() {
    long tag = 0xABCDEF012345L;
    stream.derive(SEED, StreamPurpose.STEAL, tag, 9, 2, 1);
    long[] expected = new long[4];
    Philox4x64.block(0, 9, 2L << 32 | 1, 0, SEED, 5L << 48 | tag, expected);
    assertArrayEquals(expected, Arrays.copyOf(saved(), 4));
  }

  @Test
  void wordsOutsideTheirRangeAreRefused() {
    assertRefused("crnTag", () -> stream.derive(1, StreamPurpose.CONFIG, 1L << 48, 0, 0, 0));
    assertRefused("crnTag", () -> stream.derive(1, StreamPurpose.CONFIG, -1, 0, 0, 0));
    assertRefused("hostIndex", () -> stream.derive(1, StreamPurpose.CONFIG, 0, -1, 0, 0));
    assertRefused("replicate", () -> stream.derive(1, StreamPurpose.CONFIG, 0, 0, -1, 0));
    assertRefused("entity", () -> stream.derive(1, StreamPurpose.CONFIG, 0, 0, 0, -1));
    assertRefused("branchLevel", () -> stream.reseed(1 << 16, 0));
    assertRefused("branchIndex", () -> stream.reseed(0, 1L << 48));
    assertRefused("bound", () -> stream.nextBelow(0));
  }

  @Test
  void uniformNumbersAreTheUpperBitsOfTheDraw() {
    stream.derive(SEED, StreamPurpose.CONFIG, 0, 0, 0, 0);
    assertEquals((0x9d6a65ee2cd92b60L >>> 11) / 0x1p53, stream.nextDouble());
    assertEquals(((0x0803f97fec4c0285L >>> 12) + 0.5) / 0x1p52, stream.nextOpenDouble());
  }

  @Test
  void openUniformNumbersReachNeitherEnd() {
    restoreSoThatNextIs(0);
    assertEquals(0x1p-53, stream.nextOpenDouble());
    restoreSoThatNextIs(-1);
    assertEquals(1 - 0x1p-53, stream.nextOpenDouble());
    restoreSoThatNextIs(-1);
    assertEquals(1 - 0x1p-53, stream.nextDouble());
    restoreSoThatNextIs(0);
    assertEquals(0.0, stream.nextDouble());
  }

  @Test
  void restoredStreamContinuesAsIfNeverInterrupted() {
    stream.derive(SEED, StreamPurpose.TASK_PROGRAM, 4, 17, 2, 5);
    stream.reseed(2, 3);
    for (int seed = 0; seed < 100; seed++) {
      drawOfEachKind();
      long[] longs = new long[RandomStream.STATE_LONGS + 2];
      assertEquals(1 + RandomStream.STATE_LONGS, stream.save(longs, 1));
      double[] expected = drawOfEachKind();
      RandomStream other = new RandomStream();
      assertEquals(1 + RandomStream.STATE_LONGS, other.restore(longs, 1));
      stream.restore(longs, 1);
      assertArrayEquals(expected, drawOfEachKind());
      for (int i = 0; i < 5; i++) {
        other.nextLong();
      }
      stream.reseed(7, seed);
      other.reseed(7, seed);
      assertEquals(stream.nextLong(), other.nextLong(), "the address is part of the state");
    }
  }

  @Test
  void saveTouchesNothingOutsideItsRange() {
    long[] longs = new long[RandomStream.STATE_LONGS + 2];
    Arrays.fill(longs, 42);
    stream.save(longs, 1);
    assertEquals(42, longs[0]);
    assertEquals(42, longs[longs.length - 1]);
  }

  @Test
  void emptySnapshotIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> stream.restore(new long[RandomStream.STATE_LONGS], 0));
  }

  @Test
  void reseedChangesTheFutureAndOnlyTheFuture() {
    stream.derive(SEED, StreamPurpose.MIGRATION, 0, 3, 0, 0);
    long first = stream.nextLong();
    long[] beforeSplit = saved();
    long unsplitFuture = stream.nextLong();
    stream.restore(beforeSplit, 0);
    stream.reseed(1, 8);
    long branchFuture = stream.nextLong();
    assertNotEquals(unsplitFuture, branchFuture);

    stream.derive(SEED, StreamPurpose.MIGRATION, 0, 3, 0, 0);
    assertEquals(first, stream.nextLong(), "the past is drawn as before");
    assertEquals(unsplitFuture, stream.nextLong());
    stream.reseed(1, 8);
    assertEquals(branchFuture, stream.nextLong(), "a branch depends on its address only");
    stream.reseed(0, 0);
    assertEquals(first, stream.nextLong(), "branch 0/0 is the unsplit run");
  }

  @Test
  void drawingDerivingAndSavingAllocateNothing() {
    long[] longs = new long[RandomStream.STATE_LONGS];
    Allocation.assertNone(
        () -> {
          stream.derive(SEED, StreamPurpose.CONFIG, 0, 1, 2, 3);
          stream.reseed(1, 2);
          longs[0] += stream.nextLong() + stream.nextBelow(7);
          double sum = stream.nextDouble() + stream.nextOpenDouble();
          longs[0] += (long) (sum + stream.nextExponential() + stream.nextGaussian());
          stream.save(longs, 0);
          stream.restore(longs, 0);
        });
  }

  @Test
  void boundedIntegersAreUniform() {
    stream.derive(SEED, StreamPurpose.PLACEMENT, 0, 0, 0, 0);
    for (int bound : new int[] {2, 3, 7, 192, 1000}) {
      long[] counts = new long[bound];
      for (int i = 0; i < 200_000; i++) {
        counts[(int) stream.nextBelow(bound)]++;
      }
      ChiSquare.assertUniform("below " + bound, counts);
    }
    assertEquals(0, stream.nextBelow(1));
  }

  /** With bound 3 * 2^61 a plain multiplication would give thirds of the range 3/8, 3/8, 1/4. */
  @Test
  void boundedIntegersAreUnbiasedForHugeBounds() {
    stream.derive(SEED, StreamPurpose.PLACEMENT, 0, 1, 0, 0);
    long third = 1L << 61;
    long[] residues = new long[3];
    for (int i = 0; i < 300_000; i++) {
      long drawn = stream.nextBelow(3 * third);
      assertTrue(drawn >= 0 && drawn < 3 * third);
      residues[(int) (drawn % 3)]++;
    }
    ChiSquare.assertUniform("residues below 3 * 2^61", residues);
  }

  private double[] drawOfEachKind() {
    return new double[] {
      stream.nextLong(),
      stream.nextDouble(),
      stream.nextGaussian(),
      stream.nextExponential(),
      stream.nextBelow(12345)
    };
  }

  /** The output is rotl(s0 + s3, 23) + s0: with s0 = 0 it is the rotated s3. */
  private void restoreSoThatNextIs(long output) {
    long[] longs = saved();
    longs[0] = 0;
    longs[1] = 1;
    longs[3] = Long.rotateRight(output, 23);
    stream.restore(longs, 0);
  }

  private long[] saved() {
    long[] longs = new long[RandomStream.STATE_LONGS];
    stream.save(longs, 0);
    return longs;
  }

  private void assertState(long... expected) {
    assertArrayEquals(expected, Arrays.copyOf(saved(), 4));
  }

  private void assertOutputs(long... expected) {
    for (long output : expected) {
      assertEquals(output, stream.nextLong());
    }
  }
}
