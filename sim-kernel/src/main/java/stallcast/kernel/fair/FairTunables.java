package stallcast.kernel.fair;

import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * The tunables of the fair class in debugfs sched/. Their defaults grow with the CPUs, of which at
 * most 8 count.
 *
 * <p>Models: {@code get_update_sysctl_factor()}, {@code sched_init_granularity()}
 * (kernel/sched/fair.c, v6.1, v6.12).
 */
final class FairTunables {
  private static final int CPUS_MAX = 8;
  private static final long LATENCY_NS = 6_000_000; // sysctl_sched_latency
  private static final long MIN_GRANULARITY_NS = 750_000; // sysctl_sched_min_granularity
  private static final long WAKEUP_GRANULARITY_NS = 1_000_000; // sysctl_sched_wakeup_granularity

  private FairTunables() {}

  /** EEVDF's slice of a task without one of its own, ns. */
  static long baseSliceNs(HostConfig config) {
    long set = config.knob(KernelKnob.BASE_SLICE_NS);
    return set > 0 ? set : config.preset().normalisedBaseSliceNs() * factor(config);
  }

  /** CFS: time in which every task should have run, ns. */
  static long latencyNs(HostConfig config) {
    long set = config.knob(KernelKnob.LATENCY_NS);
    return set > 0 ? set : LATENCY_NS * factor(config);
  }

  /** CFS: shortest turn, ns. */
  static long minGranularityNs(HostConfig config) {
    long set = config.knob(KernelKnob.MIN_GRANULARITY_NS);
    return set > 0 ? set : MIN_GRANULARITY_NS * factor(config);
  }

  /** CFS: lead that lets a woken task preempt, ns. */
  static long wakeupGranularityNs(HostConfig config) {
    long set = config.knob(KernelKnob.WAKEUP_GRANULARITY_NS);
    return set >= 0 ? set : WAKEUP_GRANULARITY_NS * factor(config);
  }

  private static long factor(HostConfig config) {
    int cpus = Math.min(config.cpus(), CPUS_MAX);
    return switch ((int) config.knob(KernelKnob.TUNABLE_SCALING)) {
      case 0 -> 1;
      case 2 -> cpus;
      default -> Integer.SIZE - Integer.numberOfLeadingZeros(cpus); // 1 + log2
    };
  }
}
