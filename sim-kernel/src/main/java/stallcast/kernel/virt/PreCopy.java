package stallcast.kernel.virt;

/**
 * The pre-copy rounds of a live migration and the stop-and-copy that ends them.
 *
 * <p>Models: round i sends what round i-1 left dirty, {@code V(i+1) = min(working set, D V(i)/B)};
 * the machine stops once the rest fits the downtime limit, or when the rounds are used up.
 * Auto-converge throttles the vCPUs, and with them the dirty rate, once twice in a row more than
 * half of what a round sent was dirtied again (QEMU migration/options.c and ram.c: trigger 50 %,
 * first step 20 %, then 10 % each, at most 99 %). State: result of the last {@link #run}. Leaves
 * out: compression, multifd, post-copy, changes of the dirty rate over time.
 */
final class PreCopy {
  private static final double NS_PER_SECOND = 1e9;
  private static final double THROTTLE_TRIGGER = 0.50; // throttle-trigger-threshold
  private static final double THROTTLE_INITIAL = 0.20; // cpu-throttle-initial
  private static final double THROTTLE_INCREMENT = 0.10; // cpu-throttle-increment
  private static final double THROTTLE_MAX = 0.99; // max-cpu-throttle

  private long finalTransferNs;
  private int rounds;

  /**
   * Runs the rounds.
   *
   * @param ramBytes memory, bytes
   * @param workingSetBytes memory that is written at all, bytes
   * @param dirtyBytesPerSec dirty rate, bytes/s
   * @param bandwidthBytesPerSec bandwidth, bytes/s, &gt; 0
   * @param downtimeLimitNs downtime limit, ns
   * @param maxRounds rounds before the switch-over is forced, &gt;= 1
   * @param autoConverge whether vCPUs are throttled
   */
  void run(
      double ramBytes,
      double workingSetBytes,
      double dirtyBytesPerSec,
      double bandwidthBytesPerSec,
      long downtimeLimitNs,
      int maxRounds,
      boolean autoConverge) {
    double restBytes = ramBytes;
    double throttle = 0;
    int highRounds = 0;
    rounds = 0;
    while (rounds < maxRounds && transferNs(restBytes, bandwidthBytesPerSec) > downtimeLimitNs) {
      double dirtied = dirtyBytesPerSec * (1 - throttle) * restBytes / bandwidthBytesPerSec;
      dirtied = Math.min(Math.min(workingSetBytes, ramBytes), dirtied);
      highRounds = dirtied > THROTTLE_TRIGGER * restBytes ? highRounds + 1 : 0;
      if (autoConverge && highRounds >= 2) {
        throttle =
            throttle == 0
                ? THROTTLE_INITIAL
                : Math.min(THROTTLE_MAX, throttle + THROTTLE_INCREMENT);
        highRounds = 0;
      }
      restBytes = dirtied;
      rounds++;
    }
    finalTransferNs = transferNs(restBytes, bandwidthBytesPerSec);
  }

  private static long transferNs(double bytes, double bytesPerSec) {
    return Math.round(bytes / bytesPerSec * NS_PER_SECOND);
  }

  /** Time to send the last rest while the machine stands still, ns. */
  long finalTransferNs() {
    return finalTransferNs;
  }

  /** Rounds before the stop. */
  int rounds() {
    return rounds;
  }
}
