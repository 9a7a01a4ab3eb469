package stallcast.worker.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import stallcast.kernel.scenario.Step;
import stallcast.worker.shard.ShardRunner;

/**
 * Frames of random bytes, and of messages with random bytes changed, cut off or put in: every one
 * is decoded or refused, none allocates much, nothing is kept.
 *
 * <p>{@code mvn -pl worker -am -Dtest=WireFuzzTest -Dsurefire.failIfNoSpecifiedTests=false
 * -Dstallcast.fuzz.frames=1000000 test} tries a million; {@code -Dstallcast.fuzz.seed=N} others.
 */
class WireFuzzTest {
  private static final int FRAMES = Integer.getInteger("stallcast.fuzz.frames", 200_000);
  private static final long SEED = Long.getLong("stallcast.fuzz.seed", 20261120);

  /** Bytes allocated for one byte of a frame: a record of a few bytes has objects of a hundred. */
  private static final int GROWTH_MAX = 256;

  /** What a refusal costs at most whatever the frame: an exception with its trace. */
  private static final long REFUSAL_BYTES = 1 << 16;

  private static final long KEPT_MAX_BYTES = 4 << 20;

  private static final WireMessage GOOD = new ToWorker.ShardTask(1, 2, 3, 4, 5, 6);
  private static final byte[] GOOD_BYTES = WireCodec.encode(GOOD);

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  void noFrameDoesHarm() {
    Random random = new Random(SEED);
    List<byte[]> samples = samples();
    int refused = fuzz(random, samples, FRAMES / 10, Long.MAX_VALUE); // loads classes
    long before = usedBytes();
    refused += fuzz(random, samples, FRAMES - FRAMES / 10, REFUSAL_BYTES);
    long kept = usedBytes() - before;
    assertTrue(kept < KEPT_MAX_BYTES, () -> kept + " bytes are kept after " + FRAMES + " frames");
    int share = 100 * refused / FRAMES;
    assertTrue(share > 50 && share < 99, () -> share + " % refused: too wild or too tame");
  }

  private int fuzz(Random random, List<byte[]> samples, int frames, long freeBytes) {
    int refused = 0;
    for (int i = 0; i < frames; i++) {
      byte[] frame = i % 4 == 0 ? randomBytes(random) : mutated(random, samples);
      int way = i % 3;
      long allowed = freeBytes == Long.MAX_VALUE ? freeBytes : freeBytes + bytesFor(frame);
      boolean first = allocated(frame, way) <= allowed;
      // What the first of its kind allocates is mostly classes that it loads; the second has them.
      assertTrue(
          first || allocated(frame, way) <= allowed,
          () -> "more than " + allowed + " bytes allocated for " + Arrays.toString(frame));
      refused += decode(frame, way) ? 0 : 1;
      if (i % 100 == 0) {
        assertEquals(GOOD, WireCodec.decode(GOOD_BYTES), "a good frame after bad ones");
      }
    }
    return refused;
  }

  private static long bytesFor(byte[] frame) {
    return (long) GROWTH_MAX * frame.length;
  }

  private long allocated(byte[] frame, int way) {
    long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    decode(frame, way);
    return threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
  }

  /** Anything but a refusal ends the test. */
  private static boolean decode(byte[] frame, int way) {
    try {
      switch (way) {
        case 0 -> new MessageSerializer().fromBinaryJava(frame, null);
        case 1 -> WireCodec.unpackSpec(frame);
        default -> WireCodec.unpackBlock(frame);
      }
      return true;
    } catch (RefusedBytesException e) {
      return false;
    }
  }

  private static long usedBytes() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static List<byte[]> samples() {
    List<byte[]> samples = new ArrayList<>();
    for (Class<?> type : WireCodecTest.leaves(WireMessage.class)) {
      samples.add(WireCodec.encode((WireMessage) new RandomRecords(1).make(type)));
    }
    Step[] steps =
        SpecSamples.everyDistribution().stream().map(Step.Sleep::new).toArray(Step[]::new);
    byte[] laws =
        WireCodecTest.bytesOf(
            WireCodec.pack(SpecSamples.scenario(1, List.of(SpecSamples.task(steps)))));
    byte[] softirq = WireCodecTest.bytesOf(WireCodec.pack(SpecSamples.softirq()));
    for (int i = 0; i < 10; i++) {
      samples.add(laws);
      samples.add(softirq);
    }
    samples.add(WireCodecTest.bytesOf(WireCodec.pack(SpecSamples.small(1))));
    samples.add(
        WireCodecTest.bytesOf(
            WireCodec.pack(new ShardRunner(SpecSamples.small(9)).run(0, 9, () -> false))));
    return samples;
  }

  private static byte[] randomBytes(Random random) {
    byte[] bytes = new byte[random.nextInt(40)];
    random.nextBytes(bytes);
    if (bytes.length > 0 && random.nextBoolean()) {
      bytes[0] = (byte) random.nextInt(128); // a number that may be registered
    }
    return bytes;
  }

  private static byte[] mutated(Random random, List<byte[]> samples) {
    byte[] sample = samples.get(random.nextInt(samples.size()));
    boolean cut = random.nextInt(3) == 0;
    byte[] bytes = Arrays.copyOf(sample, cut ? random.nextInt(sample.length + 1) : sample.length);
    for (int n = random.nextInt(4); n > 0 && bytes.length > 0; n--) {
      bytes[random.nextInt(bytes.length)] = (byte) (random.nextBoolean() ? 0xFF : random.nextInt());
    }
    return bytes;
  }
}
