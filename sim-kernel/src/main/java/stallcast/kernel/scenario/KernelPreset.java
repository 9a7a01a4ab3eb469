package stallcast.kernel.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which semantics a kernel version has (incidents-and-sysctls.md section 3): a version such as
 * {@code 5.15}, {@code 6.12.90} or, with the patch of seed 000, {@code 7.1+rfc}, with the series of
 * seed 003, {@code 7.1+yield-v3}. A version without a patch level is the first release of its
 * series.
 *
 * @param major major version
 * @param minor minor version
 * @param patch stable patch level
 * @param rfc whether the RFC patch of seed 000 is applied
 * @param yieldSeries version of the directed-yield series that is applied, 1..3; 0 is none
 */
public record KernelPreset(int major, int minor, int patch, boolean rfc, int yieldSeries) {

  /** What error messages offer. */
  public static final String LEGAL =
      "a kernel version from 4.1 to 7.99 such as 5.4, 5.15, 6.1, 6.1.178, 6.6, 6.12, 6.12.96,"
          + " 6.18, 7.1, 7.1+rfc for the patch of seed 000, or 6.19+yield-v2 and 7.1+yield-v3 for"
          + " the series of seed 003 (6.6 and later)";

  private static final String FORM =
      "([0-9])\\.([0-9]{1,2})(?:\\.([0-9]{1,3}))?(\\+rfc|\\+yield-v([123]))?";
  private static final Pattern PATTERN = Pattern.compile(FORM);

  /** Reads a preset; empty if the text is not {@link #LEGAL}. */
  public static Optional<KernelPreset> parse(String text) {
    Matcher matcher = PATTERN.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int major = Integer.parseInt(matcher.group(1));
    int minor = Integer.parseInt(matcher.group(2));
    int patch = matcher.group(3) == null ? 0 : Integer.parseInt(matcher.group(3));
    int series = matcher.group(5) == null ? 0 : Integer.parseInt(matcher.group(5));
    boolean rfc = matcher.group(4) != null && series == 0;
    KernelPreset preset = new KernelPreset(major, minor, patch, rfc, series);
    boolean known = preset.atLeast(4, 1) && major <= 7 && (series == 0 || preset.atLeast(6, 6));
    return known ? Optional.of(preset) : Optional.empty();
  }

  /** Whether this version is {@code major.minor} or later. */
  public boolean atLeast(int otherMajor, int otherMinor) {
    return major > otherMajor || (major == otherMajor && minor >= otherMinor);
  }

  /** Default of one knob on this version, in the knob's unit. */
  public long defaultOf(KernelKnob knob) {
    return switch (knob) {
      case HZ -> 250; // Kconfig default
      case TICK_PHASE_NS, CONSOLE_TOUCH_PERCENT, NEXT_BUDDY -> 0;
      case WATCHDOG_PHASE_NS, WAKEUP_GRANULARITY_NS, HALT_POLL_NS -> -1;
      case SCHED_RT_PERIOD_US -> 1_000_000;
      case SCHED_RT_RUNTIME_US -> 950_000;
      case SCHED_RR_TIMESLICE_MS -> 100;
      case WATCHDOG, SOFT_WATCHDOG, NMI_WATCHDOG, WAKEUP_PREEMPTION, TUNABLE_SCALING -> 1;
      case WATCHDOG_THRESH -> 10;
      case SOFTLOCKUP_PANIC, SOFTLOCKUP_ALL_CPU_BACKTRACE, HARDLOCKUP_PANIC -> 0;
      case NETDEV_BUDGET -> 300;
      case DEV_WEIGHT -> 64;
      case SCHED_CFS_BANDWIDTH_SLICE_US -> 5_000;
      case HUNG_TASK_TIMEOUT_SECS -> 120;
      case RT_RUNTIME_SHARE -> flag(!atLeast(5, 10)); // off by 2586af1ac187
      case RT_PUSH_IPI -> flag(pushIpi());
      case RT_GROUP_SCHED -> flag(rfc && atLeast(6, 12)); // the patch needs RT books to forgive
      case RT_BANDWIDTH -> flag(!atLeast(6, 12)); // removed by 5f6bd380c7bd
      case EEVDF, PLACE_LAG, PLACE_DEADLINE_INITIAL, RUN_TO_PARITY, PICK_BUDDY ->
          flag(atLeast(6, 6));
      case PLACE_REL_DEADLINE, PREEMPT_SHORT, DELAY_DEQUEUE, DELAY_ZERO, CUSTOM_SLICES ->
          flag(atLeast(6, 12));
      case START_DEBIT, GENTLE_FAIR_SLEEPERS -> flag(!atLeast(6, 6));
      case HRTICK -> flag(atLeast(7, 2)); // where hrtimers are rearmed late: generic entry code
      case PROTECT_MIN_SLICE -> flag(atLeast(6, 17));
      case LAG_BOUND_MAX_SLICE -> flag(atLeast(7, 1));
      case FLAT_PICK -> flag(atLeast(7, 3)); // 85570f10a4c6
      case CGROUP_MODE -> (atLeast(7, 3) ? CgroupMode.CONCUR : CgroupMode.SMP).ordinal();
      case YIELD_FORFEIT -> flag(yieldForfeits());
      case BASE_SLICE_NS, LATENCY_NS, MIN_GRANULARITY_NS -> 0;
      case NETDEV_BUDGET_USECS, HUNG_TASK_CHECK_INTERVAL_SECS -> 0;
      case PREEMPT_RT, HARDLOCKUP_DETECTOR_BUDDY, THREADIRQS -> 0;
      case FAIR_SERVER -> flag(atLeast(6, 12));
      case KSOFTIRQD_GATE -> flag(!atLeast(6, 5)); // d15121be7485
      case RT_OVERLOAD_BY_PUSHABLE -> flag(atLeast(6, 7));
      case THROTTLE_TASK_WORK -> flag(atLeast(6, 18)); // 2cd571245b43
      case CFS_ASYNC_UNTHROTTLE -> flag(atLeast(6, 3)); // 8ad075c2eb1f
      case FAIR_SERVER_RUNTIME_NS -> 50_000_000;
      case FAIR_SERVER_PERIOD_NS -> 1_000_000_000;
      case RCU_CPU_STALL_TIMEOUT -> 21;
      case WORKQUEUE_WATCHDOG_THRESH -> 30;
      case FIX_RT_FORGIVE_UNOBSERVED_STALL ->
          rfc ? StallFix.RFC.ordinal() : StallFix.NONE.ordinal();
      case FIX_RT_PUSH_IPI -> PushIpiFix.NONE.ordinal();
      case HALT_POLL_NS_GROW, HALT_POLL_NS_SHRINK -> 2;
      case HALT_POLL_NS_GROW_START -> 10_000;
      case FIX_BOOK3S_HV_GUEST_ENTRY_WORK -> flag(atLeast(7, 3));
      case FIX_RTO_SKIP_SELF -> flag(skipSelf());
      case COST_IPI_DELIVERY_NS -> 1_000;
      case COST_IPI_ENTRY_NS -> 900;
      case COST_PUSH_HANDLER_NS -> 2_150;
      case COST_IPI_EXIT_NS -> 1_950;
      case COST_PULL_LOCK_NS -> 2_600; // 190 CPUs in a row wait 500 us
      case COST_CONTEXT_SWITCH_NS, COST_TICK_NS, COST_HRTIMER_NS, COST_CFS_DISTRIBUTE_NS -> 0;
      default -> YieldDefaults.of(this, knob);
    };
  }

  /** Defaults of all knobs, indexed by {@link KernelKnob#ordinal()}. */
  public long[] defaults() {
    long[] values = new long[KernelKnob.values().length];
    for (KernelKnob knob : KernelKnob.values()) {
      values[knob.ordinal()] = defaultOf(knob);
    }
    return values;
  }

  /**
   * Problems between the knobs of one host, in words for the user.
   *
   * @param knobs values by ordinal
   */
  public static List<String> conflicts(long[] knobs) {
    List<String> problems = new ArrayList<>();
    long runtime = knobs[KernelKnob.SCHED_RT_RUNTIME_US.ordinal()];
    long period = knobs[KernelKnob.SCHED_RT_PERIOD_US.ordinal()];
    if (runtime > period) {
      problems.add(
          "kernel.sched_rt_runtime_us ("
              + runtime
              + ") must not exceed kernel.sched_rt_period_us ("
              + period
              + "); the kernel refuses it with EINVAL");
    }
    long serverRuntime = knobs[KernelKnob.FAIR_SERVER_RUNTIME_NS.ordinal()];
    long serverPeriod = knobs[KernelKnob.FAIR_SERVER_PERIOD_NS.ordinal()];
    if (serverRuntime > serverPeriod) {
      problems.add(
          "fair-server runtime ("
              + serverRuntime
              + " ns) must not exceed its period ("
              + serverPeriod
              + " ns)");
    }
    return problems;
  }

  /** RT_PUSH_IPI: on from 4.1 until the stable release that turned the default off. */
  private boolean pushIpi() {
    int firstOff =
        switch (major * 100 + minor) {
          case 510 -> 261;
          case 515 -> 212;
          case 601 -> 178;
          case 606 -> 145;
          case 612 -> 96;
          case 618 -> 39;
          case 701 -> 4;
          default -> atLeast(7, 2) ? 0 : Integer.MAX_VALUE;
        };
    return patch < firstOff;
  }

  /** 94894c9c477e, in 7.0 and in stable releases. */
  private boolean skipSelf() {
    return switch (major * 100 + minor) {
      case 601 -> patch >= 165;
      case 612 -> patch >= 75;
      default -> atLeast(7, 0);
    };
  }

  /**
   * sysctl_sched_base_slice before it is scaled by the number of CPUs, ns: shortened by
   * 2ae891b82695 in 6.15 and in stable releases of mid-2025.
   */
  public long normalisedBaseSliceNs() {
    boolean shortened =
        switch (major * 100 + minor) {
          case 606 -> patch >= 93;
          case 612 -> patch >= 31;
          default -> atLeast(6, 15);
        };
    return shortened ? 700_000 : 750_000;
  }

  /** 79104becf42b, in 6.19 and in stable releases of December 2025. */
  private boolean yieldForfeits() {
    return switch (major * 100 + minor) {
      case 612 -> patch >= 63;
      case 618 -> patch >= 2;
      default -> atLeast(6, 19);
    };
  }

  private static long flag(boolean on) {
    return on ? 1 : 0;
  }
}
