package stallcast.kernel.random;

/**
 * One stream of random numbers, found by its address and never by what was drawn before it.
 *
 * <p>The address (master seed, purpose, common-random-numbers tag, host, replicate, entity, branch)
 * is laid out as key and counter of {@link Philox4x64}; the block it gives is the 256-bit state of
 * a xoshiro256++ generator (Blackman and Vigna, "Scrambled linear pseudorandom number generators",
 * ACM TOMS 47(4), 2021).
 *
 * <pre>
 * key     k0 = master seed              k1 = purpose &lt;&lt; 48 | crnTag
 * counter c0 = 0                        c1 = hostIndex
 *         c2 = replicate &lt;&lt; 32 | entity   c3 = branchLevel &lt;&lt; 48 | branchIndex
 * </pre>
 *
 * <p>Philox is a bijection for each key, so two addresses that share seed, purpose and tag never
 * share a state. An instance belongs to one thread; nothing is allocated after construction.
 */
public final class RandomStream {
  /** Number of longs that {@link #save} writes: four of generator state, five of address. */
  public static final int STATE_LONGS = 9;

  private static final int PURPOSE_SHIFT = 48;
  private static final int BRANCH_LEVEL_SHIFT = 48;
  private static final int BRANCH_LEVEL_MAX = 0xFFFF; // 16 bits of counter word 3
  private static final long WORD_48_MAX = (1L << 48) - 1; // a tag or a branch index: 48 bits
  private static final double ULP_53 = 0x1p-53; // 53 random bits fill a double's significand
  private static final double ULP_52 = 0x1p-52; // 52 leave room for the half step off both ends

  private final long[] block = new long[4]; // scratch: the Philox output of a derivation

  private long s0; // xoshiro256++ state, never all zero
  private long s1;
  private long s2;
  private long s3;

  private long masterSeed; // key word 0
  private long purposeAndTag; // key word 1
  private long hostIndex; // counter word 1
  private long replicateAndEntity; // counter word 2
  private long branch; // counter word 3

  /**
   * Makes a stream at seed 0, purpose CONFIG, all indices 0; {@link #derive} gives it its address.
   */
  public RandomStream() {
    derive(0, StreamPurpose.CONFIG, 0, 0, 0, 0);
  }

  /**
   * Moves this stream to the start of an address, on the unsplit branch 0/0.
   *
   * @param masterSeed any value
   * @param purpose what is drawn
   * @param crnTag 0 for random numbers common to all arms, else scenario number + 1; in [0, 2^48)
   * @param hostIndex index of the host in the whole fleet, never in a shard; at least 0
   * @param replicate replicate of that host; at least 0
   * @param entity CPU, task or device inside the host; at least 0
   * @throws IllegalArgumentException if a word is outside its range
   */
  public void derive(
      long masterSeed,
      StreamPurpose purpose,
      long crnTag,
      long hostIndex,
      int replicate,
      int entity) {
    Parameter.inRange("crnTag", crnTag, 0, WORD_48_MAX);
    Parameter.inRange("hostIndex", hostIndex, 0, Long.MAX_VALUE);
    Parameter.inRange("replicate", replicate, 0, Integer.MAX_VALUE);
    Parameter.inRange("entity", entity, 0, Integer.MAX_VALUE);
    this.masterSeed = masterSeed;
    this.purposeAndTag = (long) purpose.number() << PURPOSE_SHIFT | crnTag;
    this.hostIndex = hostIndex;
    this.replicateAndEntity = (long) replicate << Integer.SIZE | entity;
    this.branch = 0;
    startAtAddress();
  }

  /**
   * Moves this stream to the start of another branch of its own address; what was drawn before is
   * forgotten.
   *
   * @param branchLevel splitting level, in [0, 65535]
   * @param branchIndex branch at that level, in [0, 2^48)
   * @throws IllegalArgumentException if a word is outside its range
   */
  public void reseed(int branchLevel, long branchIndex) {
    Parameter.inRange("branchLevel", branchLevel, 0, BRANCH_LEVEL_MAX);
    Parameter.inRange("branchIndex", branchIndex, 0, WORD_48_MAX);
    branch = (long) branchLevel << BRANCH_LEVEL_SHIFT | branchIndex;
    startAtAddress();
  }

  private void startAtAddress() {
    Philox4x64.block(0, hostIndex, replicateAndEntity, branch, masterSeed, purposeAndTag, block);
    s0 = block[0];
    s1 = block[1];
    s2 = block[2];
    s3 = block[3];
    if ((s0 | s1 | s2 | s3) == 0) {
      s0 = 1; // the one state xoshiro256++ cannot leave
    }
  }

  /** Returns 64 random bits. */
  public long nextLong() {
    long result = Long.rotateLeft(s0 + s3, 23) + s0;
    long shifted = s1 << 17;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = Long.rotateLeft(s3, 45);
    return result;
  }

  /** Returns a uniform number in [0, 1), a multiple of 2^-53; one draw. */
  public double nextDouble() {
    return (nextLong() >>> 11) * ULP_53;
  }

  /** Returns a uniform number in (0, 1), an odd multiple of 2^-53; one draw. */
  public double nextOpenDouble() {
    return ((nextLong() >>> 12) + 0.5) * ULP_52;
  }

  /**
   * Returns an exponential number of mean 1, in [0, infinity).
   *
   * <p>Takes one draw in about 97.8 % of calls; the count depends on the drawn bits only, so that a
   * caller which scales the result keeps in step under common random numbers.
   */
  public double nextExponential() {
    double offset = 0;
    while (true) {
      long bits = nextLong();
      int layer = (int) bits & Ziggurat.LAYER_MASK;
      double x = (bits >>> 11) * ULP_53 * Ziggurat.EXPONENTIAL_X[layer];
      if (x < Ziggurat.EXPONENTIAL_X[layer + 1]) {
        return offset + x;
      }
      if (layer == 0) {
        offset += Ziggurat.EXPONENTIAL_TAIL_START; // memoryless: the tail is a shifted copy
      } else if (isUnder(Ziggurat.EXPONENTIAL_Y, layer, Ziggurat.exponentialDensity(x))) {
        return offset + x;
      }
    }
  }

  /** Returns a standard normal number; the number of draws depends on the drawn bits only. */
  public double nextGaussian() {
    while (true) {
      long bits = nextLong();
      int layer = (int) bits & Ziggurat.LAYER_MASK;
      double x = (bits >>> 11) * ULP_53 * Ziggurat.NORMAL_X[layer];
      if (x >= Ziggurat.NORMAL_X[layer + 1]) {
        if (layer == 0) {
          x = normalTail();
        } else if (!isUnder(Ziggurat.NORMAL_Y, layer, Ziggurat.normalDensity(x))) {
          continue;
        }
      }
      return (bits & Ziggurat.SIGN_BIT) == 0 ? x : -x;
    }
  }

  /** Decides whether a uniform height inside a layer lies under the density. */
  private boolean isUnder(double[] heights, int layer, double density) {
    return heights[layer] + nextDouble() * (heights[layer + 1] - heights[layer]) < density;
  }

  /**
   * Draws beyond the tail start (Marsaglia, "Generating a variable from the tail", Technometrics 6,
   * 1964).
   */
  private double normalTail() {
    double excess;
    double height;
    do {
      excess = nextExponential() / Ziggurat.NORMAL_TAIL_START;
      height = nextExponential();
    } while (2 * height < excess * excess);
    return Ziggurat.NORMAL_TAIL_START + excess;
  }

  /**
   * Returns a uniform integer in [0, bound), without bias.
   *
   * <p>Lemire, "Fast random integer generation in an interval", ACM TOMACS 29(1), 2019: one draw
   * unless it falls into the remainder of 2^64 by the bound.
   *
   * @param bound at least 1
   * @throws IllegalArgumentException if the bound is less than 1
   */
  public long nextBelow(long bound) {
    Parameter.inRange("bound", bound, 1, Long.MAX_VALUE);
    long bits = nextLong();
    long low = bits * bound;
    if (Long.compareUnsigned(low, bound) < 0) {
      long remainder = Long.remainderUnsigned(-bound, bound); // 2^64 mod bound
      while (Long.compareUnsigned(low, remainder) < 0) {
        bits = nextLong();
        low = bits * bound;
      }
    }
    return Philox4x64.unsignedMultiplyHigh(bits, bound);
  }

  /**
   * Writes the complete state, address included.
   *
   * @param into receives {@link #STATE_LONGS} longs
   * @param at first position written
   * @return the position after the last one written
   */
  public int save(long[] into, int at) {
    into[at] = s0;
    into[at + 1] = s1;
    into[at + 2] = s2;
    into[at + 3] = s3;
    into[at + 4] = masterSeed;
    into[at + 5] = purposeAndTag;
    into[at + 6] = hostIndex;
    into[at + 7] = replicateAndEntity;
    into[at + 8] = branch;
    return at + STATE_LONGS;
  }

  /**
   * Takes over a state written by {@link #save}.
   *
   * @param from holds {@link #STATE_LONGS} longs
   * @param at first position read
   * @return the position after the last one read
   * @throws IllegalArgumentException if the four generator words are all 0, which no stream ever is
   */
  public int restore(long[] from, int at) {
    if ((from[at] | from[at + 1] | from[at + 2] | from[at + 3]) == 0) {
      throw new IllegalArgumentException(
          "no saved stream at position " + at + ": its state is all 0");
    }
    s0 = from[at];
    s1 = from[at + 1];
    s2 = from[at + 2];
    s3 = from[at + 3];
    masterSeed = from[at + 4];
    purposeAndTag = from[at + 5];
    hostIndex = from[at + 6];
    replicateAndEntity = from[at + 7];
    branch = from[at + 8];
    return at + STATE_LONGS;
  }
}
