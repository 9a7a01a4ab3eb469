package stallcast.kernel.scenario;

import stallcast.kernel.random.Distribution;

/**
 * One CPU control group: its share of fair time, and its real-time bandwidth (cgroup v1 {@code
 * cpu.rt_runtime_us}, only with RT_GROUP_SCHED).
 *
 * @param path absolute path such as {@code /machine/vm1}; the parent is the longest listed prefix
 * @param rtRuntimeUs {@code cpu.rt_runtime_us}, us, -1..period
 * @param rtPeriodUs {@code cpu.rt_period_us}, us, 1..2^31-1
 * @param weight {@code cpu.weight}, 1..10000
 * @param idle {@code cpu.idle}, 0 or 1
 */
public record CgroupSpec(
    String path,
    Distribution rtRuntimeUs,
    Distribution rtPeriodUs,
    Distribution weight,
    Distribution idle) {}
