package stallcast.kernel.scenario;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Every kernel setting that a mechanism reads: where a scenario spells it, in which unit, and what
 * the kernel accepts (incidents-and-sysctls.md section 2). Defaults depend on the version: {@link
 * KernelPreset}.
 */
public enum KernelKnob {
  /** CONFIG_HZ; one of 100, 250, 300, 1000. */
  HZ(Section.KERNEL, "hz", Unit.PER_SECOND, 100, 1000),
  /** Offset of the tick grid from the start of the machine's clock. */
  TICK_PHASE_NS(Section.KERNEL, "tick-phase", Unit.TIME_NS, 0, 9_999_999),
  /** Offset of the watchdog sample grid; -1 draws it uniformly within one sample period. */
  WATCHDOG_PHASE_NS(Section.KERNEL, "watchdog-phase", Unit.TIME_NS, -1, 24_000_000_000L),

  /** kernel.sched_rt_period_us. */
  SCHED_RT_PERIOD_US(
      Section.SYSCTL, "kernel.sched_rt_period_us", Unit.MICROSECONDS, 1, Integer.MAX_VALUE),
  /** kernel.sched_rt_runtime_us; -1 is unlimited, must not exceed the period. */
  SCHED_RT_RUNTIME_US(
      Section.SYSCTL, "kernel.sched_rt_runtime_us", Unit.MICROSECONDS, -1, Integer.MAX_VALUE),
  /** kernel.sched_rr_timeslice_ms; a value &lt;= 0 resets to 100. */
  SCHED_RR_TIMESLICE_MS(
      Section.SYSCTL,
      "kernel.sched_rr_timeslice_ms",
      Unit.MILLISECONDS,
      Integer.MIN_VALUE,
      Integer.MAX_VALUE),
  /** kernel.watchdog: both lockup detectors. */
  WATCHDOG(Section.SYSCTL, "kernel.watchdog", Unit.FLAG, 0, 1),
  /** kernel.soft_watchdog. */
  SOFT_WATCHDOG(Section.SYSCTL, "kernel.soft_watchdog", Unit.FLAG, 0, 1),
  /** kernel.watchdog_thresh, s; soft lockup after twice that; 0 disables. */
  WATCHDOG_THRESH(Section.SYSCTL, "kernel.watchdog_thresh", Unit.SECONDS, 0, 60),
  /** kernel.softlockup_panic: the first report ends the run. */
  SOFTLOCKUP_PANIC(Section.SYSCTL, "kernel.softlockup_panic", Unit.FLAG, 0, 1),
  /** kernel.softlockup_all_cpu_backtrace: while one report dumps all CPUs, others are dropped. */
  SOFTLOCKUP_ALL_CPU_BACKTRACE(
      Section.SYSCTL, "kernel.softlockup_all_cpu_backtrace", Unit.FLAG, 0, 1),
  /** kernel.nmi_watchdog: the hard-lockup detector, of either flavour. */
  NMI_WATCHDOG(Section.SYSCTL, "kernel.nmi_watchdog", Unit.FLAG, 0, 1),
  /** kernel.hardlockup_panic: the first report ends the run. */
  HARDLOCKUP_PANIC(Section.SYSCTL, "kernel.hardlockup_panic", Unit.FLAG, 0, 1),
  /** net.core.netdev_budget: packets of one NET_RX pass. */
  NETDEV_BUDGET(Section.SYSCTL, "net.core.netdev_budget", Unit.COUNT, 1, Integer.MAX_VALUE),
  /** net.core.netdev_budget_usecs: time of one NET_RX pass, us; 0 takes 2 000 000 / HZ. */
  NETDEV_BUDGET_USECS(
      Section.SYSCTL, "net.core.netdev_budget_usecs", Unit.MICROSECONDS, 0, Integer.MAX_VALUE),
  /** net.core.dev_weight: packets of one poll. */
  DEV_WEIGHT(Section.SYSCTL, "net.core.dev_weight", Unit.COUNT, 1, Integer.MAX_VALUE),
  /** kernel.sched_cfs_bandwidth_slice_us: runtime that a queue takes from its group at a time. */
  SCHED_CFS_BANDWIDTH_SLICE_US(
      Section.SYSCTL,
      "kernel.sched_cfs_bandwidth_slice_us",
      Unit.MICROSECONDS,
      1,
      Integer.MAX_VALUE),
  /** kernel.hung_task_timeout_secs; 0 disables. */
  HUNG_TASK_TIMEOUT_SECS(
      Section.SYSCTL,
      "kernel.hung_task_timeout_secs",
      Unit.SECONDS,
      0,
      Long.MAX_VALUE / 1_000_000_000L),
  /** kernel.hung_task_check_interval_secs; 0 takes the timeout. */
  HUNG_TASK_CHECK_INTERVAL_SECS(
      Section.SYSCTL,
      "kernel.hung_task_check_interval_secs",
      Unit.SECONDS,
      0,
      Long.MAX_VALUE / 1_000_000_000L),

  /** sched feature RT_RUNTIME_SHARE. */
  RT_RUNTIME_SHARE(Section.FEATURE, "RT_RUNTIME_SHARE", Unit.FLAG, 0, 1),
  /** sched feature RT_PUSH_IPI: pulls ask overloaded CPUs to push, by IPI. */
  RT_PUSH_IPI(Section.FEATURE, "RT_PUSH_IPI", Unit.FLAG, 0, 1),

  /** EEVDF: a task keeps its lag while it is off the queue. */
  PLACE_LAG(Section.FEATURE, "PLACE_LAG", Unit.FLAG, 0, 1),
  /** EEVDF: the first slice of a new task is half as long. */
  PLACE_DEADLINE_INITIAL(Section.FEATURE, "PLACE_DEADLINE_INITIAL", Unit.FLAG, 0, 1),
  /** EEVDF: a task that moves keeps how far its deadline is away. */
  PLACE_REL_DEADLINE(Section.FEATURE, "PLACE_REL_DEADLINE", Unit.FLAG, 0, 1),
  /** EEVDF: the running task keeps the CPU for its slice while it is eligible. */
  RUN_TO_PARITY(Section.FEATURE, "RUN_TO_PARITY", Unit.FLAG, 0, 1),
  /** EEVDF: a woken task with a shorter slice breaks that protection. */
  PREEMPT_SHORT(Section.FEATURE, "PREEMPT_SHORT", Unit.FLAG, 0, 1),
  /** A woken task is preferred at the next pick. */
  NEXT_BUDDY(Section.FEATURE, "NEXT_BUDDY", Unit.FLAG, 0, 1),
  /** EEVDF: a preferred task that is eligible is picked. */
  PICK_BUDDY(Section.FEATURE, "PICK_BUDDY", Unit.FLAG, 0, 1),
  /** EEVDF: a task that blocks while it is not eligible stays queued until it is. */
  DELAY_DEQUEUE(Section.FEATURE, "DELAY_DEQUEUE", Unit.FLAG, 0, 1),
  /** EEVDF: such a task leaves with at most zero lag. */
  DELAY_ZERO(Section.FEATURE, "DELAY_ZERO", Unit.FLAG, 0, 1),
  /** Woken fair tasks may preempt. */
  WAKEUP_PREEMPTION(Section.FEATURE, "WAKEUP_PREEMPTION", Unit.FLAG, 0, 1),
  /** A timer ends slices, not only the tick. */
  HRTICK(Section.FEATURE, "HRTICK", Unit.FLAG, 0, 1),
  /** CFS: a new task starts one slice behind. */
  START_DEBIT(Section.FEATURE, "START_DEBIT", Unit.FLAG, 0, 1),
  /** CFS: a sleeper may be half a latency ahead, not a whole one. */
  GENTLE_FAIR_SLEEPERS(Section.FEATURE, "GENTLE_FAIR_SLEEPERS", Unit.FLAG, 0, 1),

  /** debugfs sched/base_slice_ns; 0 takes the default for the number of CPUs. */
  BASE_SLICE_NS(Section.SCHED, "base_slice_ns", Unit.COUNT, 0, 1_000_000_000),
  /** debugfs sched/latency_ns of CFS; 0 takes the default for the number of CPUs. */
  LATENCY_NS(Section.SCHED, "latency_ns", Unit.COUNT, 0, 1_000_000_000),
  /** debugfs sched/min_granularity_ns of CFS; 0 takes the default for the number of CPUs. */
  MIN_GRANULARITY_NS(Section.SCHED, "min_granularity_ns", Unit.COUNT, 0, 1_000_000_000),
  /** debugfs sched/wakeup_granularity_ns of CFS; -1 takes the default for the number of CPUs. */
  WAKEUP_GRANULARITY_NS(Section.SCHED, "wakeup_granularity_ns", Unit.COUNT, -1, 1_000_000_000),
  /** debugfs sched/tunable_scaling of these defaults: 0 none, 1 log, 2 linear. */
  TUNABLE_SCALING(Section.SCHED, "tunable_scaling", Unit.COUNT, 0, 2),
  /** debugfs sched/cgroup_mode: what a group weighs on a CPU, one of {@link CgroupMode}. */
  CGROUP_MODE(Section.SCHED, "cgroup_mode", Unit.VARIANT, 0, 4),

  /** CONFIG_RT_GROUP_SCHED. */
  RT_GROUP_SCHED(Section.CONFIG, "RT_GROUP_SCHED", Unit.FLAG, 0, 1),
  /** CONFIG_PREEMPT_RT: softirqs run in preemptible threads. */
  PREEMPT_RT(Section.CONFIG, "PREEMPT_RT", Unit.FLAG, 0, 1),
  /** CONFIG_HARDLOCKUP_DETECTOR_BUDDY: each CPU checks the next one, instead of itself by NMI. */
  HARDLOCKUP_DETECTOR_BUDDY(Section.CONFIG, "HARDLOCKUP_DETECTOR_BUDDY", Unit.FLAG, 0, 1),

  /** Whether RT throttling exists without RT_GROUP_SCHED (before 6.12). */
  RT_BANDWIDTH(Section.SWITCH, "rt-bandwidth", Unit.FLAG, 0, 1),
  /** Whether fair tasks are protected by the deadline server (6.12 and later). */
  FAIR_SERVER(Section.SWITCH, "fair-server", Unit.FLAG, 0, 1),
  /** Whether cpu.max stops a task on its way to user mode (6.18 and later), not at once. */
  THROTTLE_TASK_WORK(Section.SWITCH, "throttle-task-work", Unit.FLAG, 0, 1),
  /** Whether cpu.max queues of other CPUs are released by a cross-call (6.3 and later). */
  CFS_ASYNC_UNTHROTTLE(Section.SWITCH, "cfs-async-unthrottle", Unit.FLAG, 0, 1),
  /** Whether softirqs wait for a runnable ksoftirqd (4cd13c21b207, before 6.5). */
  KSOFTIRQD_GATE(Section.SWITCH, "ksoftirqd-gate", Unit.FLAG, 0, 1),
  /** Whether a CPU with a pushable task is overloaded, even a single one (6.7 and later). */
  RT_OVERLOAD_BY_PUSHABLE(Section.SWITCH, "rt-overload-by-pushable", Unit.FLAG, 0, 1),

  /** Whether the fair class is EEVDF (6.6 and later), not CFS. */
  EEVDF(Section.SWITCH, "eevdf", Unit.FLAG, 0, 1),
  /** Whether fair tasks may have slices of their own (6.12 and later). */
  CUSTOM_SLICES(Section.SWITCH, "custom-slices", Unit.FLAG, 0, 1),
  /** Whether slice protection ends after the shortest queued slice (6.17 and later). */
  PROTECT_MIN_SLICE(Section.SWITCH, "protect-min-slice", Unit.FLAG, 0, 1),
  /** Whether lag is bounded by the longest queued slice, not by the task's own. */
  LAG_BOUND_MAX_SLICE(Section.SWITCH, "lag-bound-max-slice", Unit.FLAG, 0, 1),
  /** Whether all tasks of a CPU stand in one queue (85570f10a4c6), not in one per group. */
  FLAT_PICK(Section.SWITCH, "flat-pick", Unit.FLAG, 0, 1),
  /** Whether sched_yield forfeits the rest of the slice (79104becf42b). */
  YIELD_FORFEIT(Section.SWITCH, "yield-forfeit", Unit.FLAG, 0, 1),

  /** fair_server runtime, ns; 0 turns the server off. */
  FAIR_SERVER_RUNTIME_NS(Section.FAIR_SERVER, "runtime", Unit.TIME_NS, 0, 4_194_304_000L),
  /** fair_server period, ns; 100 us..2^22 us. */
  FAIR_SERVER_PERIOD_NS(Section.FAIR_SERVER, "period", Unit.TIME_NS, 100_000, 4_194_304_000L),

  /** rcupdate.rcu_cpu_stall_timeout, s; the kernel clamps to 3..300. */
  RCU_CPU_STALL_TIMEOUT(Section.BOOT, "rcupdate.rcu_cpu_stall_timeout", Unit.SECONDS, 3, 300),
  /** workqueue.watchdog_thresh, s; 0 disables. */
  WORKQUEUE_WATCHDOG_THRESH(
      Section.BOOT, "workqueue.watchdog_thresh", Unit.SECONDS, 0, 1_000_000_000L),
  /** kvm.halt_poll_ns: longest busy wait of a halted vCPU, ns; -1 takes the architecture's. */
  HALT_POLL_NS(Section.BOOT, "kvm.halt_poll_ns", Unit.COUNT, -1, 4_294_967_295L),
  /** kvm.halt_poll_ns_grow: factor by which the wait grows; 0 keeps it. */
  HALT_POLL_NS_GROW(Section.BOOT, "kvm.halt_poll_ns_grow", Unit.COUNT, 0, 4_294_967_295L),
  /** kvm.halt_poll_ns_grow_start: first wait above 0, ns. */
  HALT_POLL_NS_GROW_START(
      Section.BOOT, "kvm.halt_poll_ns_grow_start", Unit.COUNT, 0, 4_294_967_295L),
  /** kvm.halt_poll_ns_shrink: divisor by which the wait shrinks; 0 shrinks to nothing. */
  HALT_POLL_NS_SHRINK(Section.BOOT, "kvm.halt_poll_ns_shrink", Unit.COUNT, 0, 4_294_967_295L),
  /** threadirqs: interrupt handlers in threads, softirqs in ksoftirqd. */
  THREADIRQS(Section.BOOT, "threadirqs", Unit.FLAG, 0, 1),

  /** The RFC of seed 000: 0 none, 1 rfc, 2 flag-only, 3 magnitude-only. */
  FIX_RT_FORGIVE_UNOBSERVED_STALL(Section.FIX, "rt-forgive-unobserved-stall", Unit.VARIANT, 0, 3),
  /** What is done about the storm of seed 004: one of {@link PushIpiFix}. */
  FIX_RT_PUSH_IPI(Section.FIX, "rt-push-ipi", Unit.VARIANT, 0, 4),
  /** 94894c9c477e: the walker skips the CPU that executes it. */
  FIX_RTO_SKIP_SELF(Section.FIX, "rto-skip-self", Unit.FLAG, 0, 1),

  /** 12013e3d4695: the Book3S HV run loop runs task work before guest entry. */
  FIX_BOOK3S_HV_GUEST_ENTRY_WORK(Section.FIX, "book3s-hv-guest-entry-work", Unit.FLAG, 0, 1),

  /** From sending a walker IPI to the first instruction on the target, ns. */
  COST_IPI_DELIVERY_NS(Section.COST, "ipi-delivery", Unit.TIME_NS, 0, 1_000_000),
  /** Interrupt entry of a walker IPI, ns. */
  COST_IPI_ENTRY_NS(Section.COST, "ipi-entry", Unit.TIME_NS, 0, 1_000_000),
  /** rto_push_irq_work_func() up to the next hop, ns. */
  COST_PUSH_HANDLER_NS(Section.COST, "push-handler", Unit.TIME_NS, 0, 1_000_000),
  /** From there to the end of the interrupt, ns. */
  COST_IPI_EXIT_NS(Section.COST, "ipi-exit", Unit.TIME_NS, 0, 1_000_000),
  /** How long a pull holds the run-queue lock of an overloaded CPU, ns; others wait their turn. */
  COST_PULL_LOCK_NS(Section.COST, "pull-lock", Unit.TIME_NS, 0, 1_000_000),
  /** From the decision to switch to the next task's first instruction, ns. */
  COST_CONTEXT_SWITCH_NS(Section.COST, "context-switch", Unit.TIME_NS, 0, 1_000_000),
  /** The tick's interrupt, ns. */
  COST_TICK_NS(Section.COST, "tick", Unit.TIME_NS, 0, 1_000_000),
  /** Any other timer interrupt, ns. */
  COST_HRTIMER_NS(Section.COST, "hrtimer", Unit.TIME_NS, 0, 1_000_000),
  /** Time of the cpu.max period timer for each throttled queue that it visits, ns. */
  COST_CFS_DISTRIBUTE_NS(Section.COST, "cfs-distribute", Unit.TIME_NS, 0, 100_000),
  /** Chance that a report's console output touches the watchdog of the CPU that prints, %. */
  CONSOLE_TOUCH_PERCENT(Section.KERNEL, "console-touch", Unit.PERCENT, 0, 100),

  /** Frequency of the time stamp counter, kHz. */
  TSC_KHZ(Section.KERNEL, "tsc-khz", Unit.COUNT, 100_000, 10_000_000),
  /** kvm_intel.ple_gap, cycles; 0 turns pause-loop exits off. */
  PLE_GAP(Section.BOOT, "kvm_intel.ple_gap", Unit.COUNT, 0, 4_294_967_295L),
  /** kvm_intel.ple_window: length of a pause loop that exits, cycles. */
  PLE_WINDOW(Section.BOOT, "kvm_intel.ple_window", Unit.COUNT, 0, 4_294_967_295L),
  /** kvm_intel.ple_window_grow: factor, or addend from the window on; 0 resets. */
  PLE_WINDOW_GROW(Section.BOOT, "kvm_intel.ple_window_grow", Unit.COUNT, 0, 4_294_967_295L),
  /** kvm_intel.ple_window_shrink: divisor, or subtrahend from the window on; 0 resets. */
  PLE_WINDOW_SHRINK(Section.BOOT, "kvm_intel.ple_window_shrink", Unit.COUNT, 0, 4_294_967_295L),
  /** kvm_intel.ple_window_max, cycles. */
  PLE_WINDOW_MAX(Section.BOOT, "kvm_intel.ple_window_max", Unit.COUNT, 0, 4_294_967_295L),
  /** kvm_amd.pause_filter_count: PAUSE instructions; 0 turns pause-loop exits off. */
  PAUSE_FILTER_COUNT(Section.BOOT, "kvm_amd.pause_filter_count", Unit.COUNT, 0, 65_535),
  /** kvm_amd.pause_filter_count_grow. */
  PAUSE_FILTER_COUNT_GROW(Section.BOOT, "kvm_amd.pause_filter_count_grow", Unit.COUNT, 0, 65_535),
  /** kvm_amd.pause_filter_count_shrink. */
  PAUSE_FILTER_COUNT_SHRINK(
      Section.BOOT, "kvm_amd.pause_filter_count_shrink", Unit.COUNT, 0, 65_535),
  /** kvm_amd.pause_filter_count_max. */
  PAUSE_FILTER_COUNT_MAX(Section.BOOT, "kvm_amd.pause_filter_count_max", Unit.COUNT, 0, 65_535),
  /** kernel.spin_retry of an s390 guest: loops between two DIAG 0x9c. */
  SPIN_RETRY(Section.SYSCTL, "kernel.spin_retry", Unit.COUNT, 1, 1_000_000_000),
  /** Whether a spinner in kernel mode passes over vCPUs preempted in user mode (4.14). */
  YIELD_IN_KERNEL(Section.SWITCH, "yield-in-kernel", Unit.FLAG, 0, 1),
  /** Whether woken vCPUs may be yielded to, not only preempted ones (d73eb57b80b9, 5.3). */
  YIELD_READY(Section.SWITCH, "yield-ready", Unit.FLAG, 0, 1),
  /** Who a spinning vCPU yields to: one of {@link YieldTargeting}. */
  YIELD_TARGETING(Section.SWITCH, "yield-targeting", Unit.VARIANT, 0, 3),
  /** Whether interrupts of vCPUs are virtualised by hardware (APICv, AVIC). */
  APICV(Section.SWITCH, "apicv", Unit.FLAG, 0, 1),
  /** Whether guests yield to a preempted destination of a multicast IPI. */
  PV_SCHED_YIELD(Section.SWITCH, "pv-sched-yield", Unit.FLAG, 0, 1),
  /** Series of 2025-26: a nominated task that is not eligible is credited with lag. */
  YIELD_TO_LAG_CREDIT(Section.FEATURE, "YIELD_TO_LAG_CREDIT", Unit.FLAG, 0, 1),
  /** Which nominations earn lag: 0 those on the yielder's CPU, 1 all. */
  LAG_CREDIT_SCOPE(Section.SWITCH, "lag-credit-scope", Unit.VARIANT, 0, 1),
  /** Lag that is credited, % of a slice for each queued entity. */
  LAG_CREDIT_MARGIN_PERCENT(Section.SWITCH, "lag-credit-margin", Unit.PERCENT, 0, 100),
  /** Least time between two forced reschedules of a CPU, ns. */
  FORCED_RESCHED_INTERVAL_NS(
      Section.SWITCH, "forced-resched-interval", Unit.TIME_NS, 0, 1_000_000_000),
  /** Series v2: sched/vcpu_debooster_enabled, a yielder is pushed back. */
  VCPU_DEBOOSTER_ENABLED(Section.SCHED, "vcpu_debooster_enabled", Unit.FLAG, 0, 1),
  /** Series: kvm.ipi_tracking_enabled. */
  IPI_TRACKING_ENABLED(Section.BOOT, "kvm.ipi_tracking_enabled", Unit.FLAG, 0, 1),
  /** Series: kvm.ipi_window_ns, how long a record of an IPI is valid. */
  IPI_WINDOW_NS(Section.BOOT, "kvm.ipi_window_ns", Unit.COUNT, 0, 1_000_000_000),
  /** Series v3: kvm.enable_relaxed_boost. */
  ENABLE_RELAXED_BOOST(Section.BOOT, "kvm.enable_relaxed_boost", Unit.FLAG, 0, 1),
  /** An exit of a vCPU to the host kernel and back, ns. */
  COST_VM_EXIT_NS(Section.COST, "vm-exit", Unit.TIME_NS, 0, 1_000_000),
  /** A guest's handler of an IPI, ns. */
  COST_GUEST_IPI_NS(Section.COST, "guest-ipi", Unit.TIME_NS, 0, 1_000_000),
  /** One round of a guest's pause loop, ns. */
  COST_PAUSE_NS(Section.COST, "pause", Unit.TIME_NS, 1, 1_000_000);

  /** Where in a scenario's {@code kernel} block a knob stands. */
  public enum Section {
    /** Directly under {@code kernel}. */
    KERNEL(""),
    /** Under {@code kernel.sysctl}. */
    SYSCTL("sysctl"),
    /** In the list {@code kernel.sched-features}; {@code NO_} in front turns off. */
    FEATURE("sched-features"),
    /** Under {@code kernel.sched}: files of debugfs sched/. */
    SCHED("sched"),
    /** Under {@code kernel.config}: build options, without CONFIG_. */
    CONFIG("config"),
    /** Under {@code kernel.switches}: semantics that no sysctl names. */
    SWITCH("switches"),
    /** Under {@code kernel.fair-server}. */
    FAIR_SERVER("fair-server"),
    /** Under {@code kernel.boot}: kernel command line. */
    BOOT("boot"),
    /** Under {@code kernel.fixes}. */
    FIX("fixes"),
    /** Under {@code kernel.costs}: time of code paths, no kernel counterpart. */
    COST("costs");

    private final String key;

    Section(String key) {
      this.key = key;
    }

    /** The key of the block, empty for the {@code kernel} block itself. */
    public String key() {
      return key;
    }
  }

  private final Section section;
  private final String key;
  private final Unit unit;
  private final long min;
  private final long max;

  KernelKnob(Section section, String key, Unit unit, long min, long max) {
    this.section = section;
    this.key = key;
    this.unit = unit;
    this.min = min;
    this.max = max;
  }

  /** The block that holds the knob. */
  public Section section() {
    return section;
  }

  /** The key within its block, as the kernel spells it. */
  public String key() {
    return key;
  }

  /** The unit of its number. */
  public Unit unit() {
    return unit;
  }

  /** Words of a {@link Unit#VARIANT} in order of their values; empty for others. */
  public List<String> words() {
    return switch (this) {
      case FIX_RT_FORGIVE_UNOBSERVED_STALL ->
          Arrays.stream(StallFix.values()).map(StallFix::key).toList();
      case FIX_RT_PUSH_IPI -> Arrays.stream(PushIpiFix.values()).map(PushIpiFix::key).toList();
      case YIELD_TARGETING ->
          Arrays.stream(YieldTargeting.values()).map(YieldTargeting::key).toList();
      case LAG_CREDIT_SCOPE -> List.of("same-rq", "any-rq");
      case CGROUP_MODE -> Arrays.stream(CgroupMode.values()).map(CgroupMode::key).toList();
      default -> List.of();
    };
  }

  /** Smallest legal value. */
  public long min() {
    return min;
  }

  /** Largest legal value. */
  public long max() {
    return max;
  }

  /** The column name in datasets: the key in snake case. */
  public String column() {
    String prefix =
        switch (section) {
          case FAIR_SERVER -> "fair_server_";
          case COST -> "cost_";
          case SCHED -> "sched_";
          default -> "";
        };
    String plain = key.startsWith("kernel.") ? key.substring("kernel.".length()) : key;
    return prefix + plain.toLowerCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /** Finds a knob by block and key. */
  public static Optional<KernelKnob> find(Section section, String key) {
    for (KernelKnob knob : values()) {
      if (knob.section == section && knob.key.equals(key)) {
        return Optional.of(knob);
      }
    }
    return Optional.empty();
  }

  /**
   * What is wrong with a value, in words for the user; empty if it is legal. Checks between two
   * knobs (runtime against period) are {@link KernelPreset#conflicts}.
   */
  public Optional<String> problem(long value) {
    if (this == HZ && value != 100 && value != 250 && value != 300 && value != 1000) {
      return Optional.of("hz must be one of 100, 250, 300, 1000, got " + value);
    }
    if (value < min || value > max) {
      return Optional.of(key + " must be in " + min + ".." + max + ", got " + value);
    }
    return Optional.empty();
  }
}
