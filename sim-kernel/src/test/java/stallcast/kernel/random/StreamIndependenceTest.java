package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Streams of neighbouring addresses behave as independent ones.
 *
 * <p>Fixed seed; every statistical assertion has a false-alarm rate of about 1e-6 for a seed chosen
 * at random.
 */
class StreamIndependenceTest {
  private static final long SEED = 20260507;

  private final RandomStream stream = new RandomStream();

  /**
   * Among 2^20 random first words a collision has probability 3e-8: equal words mean equal states.
   */
  @Test
  void millionDerivedStatesAreDistinct() {
    int hosts = 1 << 14;
    long[] words = new long[hosts * 64];
    long[] state = new long[RandomStream.STATE_LONGS];
    int next = 0;
    for (int host = 0; host < hosts; host++) {
      for (StreamPurpose purpose :
          new StreamPurpose[] {StreamPurpose.CONFIG, StreamPurpose.ARRIVALS}) {
        for (int replicate = 0; replicate < 2; replicate++) {
          for (int entity = 0; entity < 8; entity++) {
            stream.derive(SEED, purpose, 0, host, replicate, entity);
            for (int branchLevel = 0; branchLevel < 2; branchLevel++) {
              stream.reseed(branchLevel, 0);
              stream.save(state, 0);
              words[next++] = state[0];
            }
          }
        }
      }
    }
    assertEquals(words.length, next);
    Arrays.sort(words);
    assertTrue(IntStream.range(1, words.length).allMatch(i -> words[i - 1] != words[i]));
  }

  @Test
  void adjacentHostsAreIndependent() {
    assertPairsAreIndependent("hosts", i -> stream.derive(SEED, StreamPurpose.CONFIG, 0, i, 0, 0));
  }

  @Test
  void adjacentEntitiesAreIndependent() {
    assertPairsAreIndependent(
        "entities", i -> stream.derive(SEED, StreamPurpose.CONFIG, 0, 5, 0, i));
  }

  @Test
  void adjacentReplicatesAreIndependent() {
    assertPairsAreIndependent(
        "replicates", i -> stream.derive(SEED, StreamPurpose.CONFIG, 0, 5, i, 0));
  }

  @Test
  void adjacentSeedsAreIndependent() {
    assertPairsAreIndependent("seeds", i -> stream.derive(i, StreamPurpose.CONFIG, 0, 5, 0, 0));
  }

  @Test
  void adjacentTagsAreIndependent() {
    assertPairsAreIndependent("tags", i -> stream.derive(SEED, StreamPurpose.CONFIG, i, 5, 0, 0));
  }

  @Test
  void adjacentPurposesAreIndependent() {
    assertPairsAreIndependent(
        "purposes",
        i ->
            stream.derive(
                SEED, i % 2 == 0 ? StreamPurpose.ARRIVALS : StreamPurpose.SERVICE, 0, i / 2, 0, 0));
  }

  @Test
  void adjacentBranchesAreIndependent() {
    assertPairsAreIndependent(
        "branches",
        i -> {
          stream.derive(SEED, StreamPurpose.CONFIG, 0, 5, 0, 0);
          stream.reseed(1, i);
        });
  }

  /** One draw of each of 1024 hosts in turn, 1024 times round, read as a single sequence. */
  @Test
  void interleavedStreamsPassSerialAndCorrelationTests() {
    double[] sequence = interleaved(1024, 1024);
    long[] singles = new long[4096];
    long[] triples = new long[16 * 16 * 16];
    for (double value : sequence) {
      singles[(int) (value * singles.length)]++;
    }
    for (int i = 0; i + 2 < sequence.length; i += 3) {
      int cell =
          (sixteenth(sequence[i]) * 16 + sixteenth(sequence[i + 1])) * 16
              + sixteenth(sequence[i + 2]);
      triples[cell]++;
    }
    ChiSquare.assertUniform("interleaved values", singles);
    ChiSquare.assertUniform("interleaved triples", triples);
    for (int lag : new int[] {1, 2, 3, 1023, 1024, 1025, 2048}) {
      double z = correlationScore(sequence, lag);
      assertTrue(Math.abs(z) < ChiSquare.Z_ONE_IN_A_MILLION, () -> "lag " + lag + ": z = " + z);
    }
  }

  /** Knuth's runs test in its simplest form: ups and downs of n values have mean (2n-1)/3. */
  @Test
  void interleavedStreamsHaveTheRightNumberOfRuns() {
    double[] sequence = interleaved(1024, 512);
    int n = sequence.length;
    long runs = 1;
    for (int i = 2; i < n; i++) {
      boolean up = sequence[i] > sequence[i - 1];
      boolean upBefore = sequence[i - 1] > sequence[i - 2];
      if (up != upBefore) {
        runs++;
      }
    }
    double z = (runs - (2.0 * n - 1) / 3) / Math.sqrt((16.0 * n - 29) / 90);
    assertTrue(Math.abs(z) < ChiSquare.Z_ONE_IN_A_MILLION, () -> "z = " + z);
  }

  @Test
  void everyBitOfTheFirstOutputIsFair() {
    int hosts = 1 << 17;
    long[] ones = new long[Long.SIZE];
    for (int host = 0; host < hosts; host++) {
      stream.derive(SEED, StreamPurpose.GUEST_STATE, 0, host, 0, 0);
      long bits = stream.nextLong();
      for (int bit = 0; bit < Long.SIZE; bit++) {
        ones[bit] += bits >>> bit & 1;
      }
    }
    for (int bit = 0; bit < Long.SIZE; bit++) {
      ChiSquare.assertUniform("bit " + bit, new long[] {ones[bit], hosts - ones[bit]});
    }
  }

  private double[] interleaved(int streamCount, int rounds) {
    RandomStream[] streams = new RandomStream[streamCount];
    for (int host = 0; host < streamCount; host++) {
      streams[host] = new RandomStream();
      streams[host].derive(SEED, StreamPurpose.SERVICE, 0, host, 0, 0);
    }
    double[] sequence = new double[streamCount * rounds];
    for (int i = 0; i < sequence.length; i++) {
      sequence[i] = streams[i % streamCount].nextDouble();
    }
    return sequence;
  }

  private static int sixteenth(double uniform) {
    return (int) (uniform * 16);
  }

  /** Under independence the sum of products of centred uniforms has variance n / 144. */
  private static double correlationScore(double[] sequence, int lag) {
    double sum = 0;
    int n = sequence.length - lag;
    for (int i = 0; i < n; i++) {
      sum += (sequence[i] - 0.5) * (sequence[i + lag] - 0.5);
    }
    return sum / Math.sqrt(n / 144.0);
  }

  private interface Address {
    void derive(int index);
  }

  /**
   * Chi-square of 2^17 disjoint pairs of first outputs over 16 x 16 cells, upper and lower bits.
   */
  private void assertPairsAreIndependent(String what, Address address) {
    long[] upper = new long[256];
    long[] lower = new long[256];
    for (int i = 0; i < 1 << 18; i += 2) {
      address.derive(i);
      long first = stream.nextLong();
      address.derive(i + 1);
      long second = stream.nextLong();
      upper[(int) ((first >>> 60 << 4) | (second >>> 60))]++;
      lower[(int) (((first & 15) << 4) | (second & 15))]++;
    }
    ChiSquare.assertUniform(what + ", upper bits", upper);
    ChiSquare.assertUniform(what + ", lower bits", lower);
  }
}
