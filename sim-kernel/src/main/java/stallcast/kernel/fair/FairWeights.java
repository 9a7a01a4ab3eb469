package stallcast.kernel.fair;

/**
 * Weights of fair tasks and groups, in units of which a task of nice 0 has {@link #NICE_0}.
 *
 * <p>Models: {@code sched_prio_to_weight}, {@code WEIGHT_IDLEPRIO} (kernel/sched/core.c, sched.h),
 * {@code sched_weight_from_cgroup()}, with the resolution that 64-bit kernels use ({@code
 * scale_load()}).
 */
final class FairWeights {
  /** Weight of nice 0: NICE_0_LOAD. */
  static final long NICE_0 = 1 << 20;

  /** Smallest weight of a group on one CPU: MIN_SHARES. */
  static final long GROUP_MIN = 2;

  /** Weight of SCHED_IDLE, of a group with cpu.idle. */
  static final long IDLE = 3 << 10;

  private static final int NICE_MIN = -20;

  private static final int[] BY_NICE = {
    88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, // -20..-11
    9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277, // -10..-1
    1024, 820, 655, 526, 423, 335, 272, 215, 172, 137, // 0..9
    110, 87, 70, 56, 45, 36, 29, 23, 18, 15 // 10..19
  };

  private FairWeights() {}

  /** Weight of a task of SCHED_OTHER or SCHED_BATCH. */
  static long ofNice(int nice) {
    return (long) BY_NICE[nice - NICE_MIN] << 10;
  }

  /**
   * Shares of a group over all CPUs.
   *
   * @param cpuWeight {@code cpu.weight}, 1..10000
   */
  static long ofGroup(int cpuWeight) {
    return ((cpuWeight * 1024L + 50) / 100) << 10;
  }
}
