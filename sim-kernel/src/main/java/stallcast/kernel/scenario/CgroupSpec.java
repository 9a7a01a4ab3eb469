package stallcast.kernel.scenario;

import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.Fixed;

/**
 * One CPU control group: its share of fair time, its real-time bandwidth (cgroup v1 {@code
 * cpu.rt_runtime_us}, only with RT_GROUP_SCHED) and its CFS bandwidth ({@code cpu.max}).
 *
 * @param path absolute path such as {@code /machine/vm1}; the parent is the longest listed prefix
 * @param rtRuntimeUs {@code cpu.rt_runtime_us}, us, -1..period
 * @param rtPeriodUs {@code cpu.rt_period_us}, us, 1..2^31-1
 * @param weight {@code cpu.weight}, 1..10000
 * @param idle {@code cpu.idle}, 0 or 1
 * @param max {@code cpu.max} and what belongs to it
 */
public record CgroupSpec(
    String path,
    Distribution rtRuntimeUs,
    Distribution rtPeriodUs,
    Distribution weight,
    Distribution idle,
    CpuMax max) {

  /** A group without CFS bandwidth limit. */
  public CgroupSpec(
      String path,
      Distribution rtRuntimeUs,
      Distribution rtPeriodUs,
      Distribution weight,
      Distribution idle) {
    this(path, rtRuntimeUs, rtPeriodUs, weight, idle, CpuMax.UNLIMITED);
  }

  /**
   * CFS bandwidth of a group.
   *
   * @param quotaUs first value of {@code cpu.max}, us, 1000..2^44-1, or {@link #MAX}
   * @param periodUs second value, us, 1000..1000000
   * @param burstUs {@code cpu.max.burst}, us, 0..quota
   * @param timerPhaseNs offset of the period timer's grid from the start of the kernel's clock, ns,
   *     &gt;= 0; {@link #BY_KERNEL} leaves it to the kernel
   */
  public record CpuMax(
      Distribution quotaUs,
      Distribution periodUs,
      Distribution burstUs,
      Distribution timerPhaseNs) {
    /** No limit ({@code max}). */
    public static final long MAX = -1;

    /** As the kernel does: at random within a period, before 6.4 at 0. */
    public static final long BY_KERNEL = -1;

    /** {@code default_cfs_period()}, us. */
    public static final long PERIOD_DEFAULT_US = 100_000;

    /** Largest quota, us ({@code max_bw_runtime_us}). */
    public static final long QUOTA_MAX_US = (1L << 44) - 1;

    /** A group as it is created. */
    public static final CpuMax UNLIMITED =
        new CpuMax(
            new Fixed(MAX), new Fixed(PERIOD_DEFAULT_US), new Fixed(0), new Fixed(BY_KERNEL));
  }
}
