package stallcast.coordinator.scenario;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.KernelKnob.Section;
import stallcast.kernel.scenario.KernelPreset;
import stallcast.kernel.scenario.PushIpiFix;
import stallcast.kernel.scenario.YieldTargeting;

/** Judges the settings of a kernel together, and what they do on one of its presets. */
final class KernelChecks {
  private static final long NET_BUDGET_US_HZ = 2_000_000; // two jiffies (net/core/dev.c, v6.12)

  private static final List<KernelKnob> SERIES =
      List.of(
          KernelKnob.YIELD_TO_LAG_CREDIT,
          KernelKnob.VCPU_DEBOOSTER_ENABLED,
          KernelKnob.IPI_TRACKING_ENABLED,
          KernelKnob.ENABLE_RELAXED_BOOST,
          KernelKnob.YIELD_TARGETING);

  private final Cursor kernel;
  private final Map<KernelKnob, Distribution> values;
  private final Map<KernelKnob, Cursor> places;

  /**
   * Checks of one kernel block.
   *
   * @param values laws of the settings that are given
   * @param places where they stand
   */
  KernelChecks(
      Cursor kernel, Map<KernelKnob, Distribution> values, Map<KernelKnob, Cursor> places) {
    this.kernel = kernel;
    this.values = values;
    this.places = places;
  }

  /** Reports settings that this preset refuses, and notes those that have no effect on it. */
  void judge(String word) {
    KernelPreset preset = KernelPreset.parse(word).orElseThrow();
    checkConflicts(preset);
    checkNetBudget(word, preset);
    checkSeries(word, preset);
    checkFlatPick(word, preset);
    places.forEach(
        (knob, at) -> idle(knob, preset).ifPresent(why -> at.note(note(knob, word, why))));
    if (isAlways(PushIpiFix.THREADED_ONLY, preset)
        && mayBeOn(KernelKnob.RT_PUSH_IPI, preset)
        && !mayThread(preset)) {
      places
          .get(KernelKnob.FIX_RT_PUSH_IPI)
          .note(
              "rt-push-ipi: threaded-only turns RT_PUSH_IPI off on preset "
                  + word
                  + ": neither threadirqs nor PREEMPT_RT is on there");
    }
  }

  private void checkConflicts(KernelPreset preset) {
    long[] knobs = preset.defaults();
    // The worst draw: budgets as large, periods as small as they can be.
    values.forEach(
        (knob, law) -> {
          boolean period =
              knob == KernelKnob.SCHED_RT_PERIOD_US || knob == KernelKnob.FAIR_SERVER_PERIOD_NS;
          knobs[knob.ordinal()] = Math.round(period ? law.lower() : law.upper());
        });
    boolean varies = values.values().stream().anyMatch(law -> !law.isFixed());
    for (String conflict : KernelPreset.conflicts(knobs)) {
      KernelKnob[] blamed =
          conflict.startsWith("fair-server")
              ? new KernelKnob[] {
                KernelKnob.FAIR_SERVER_RUNTIME_NS, KernelKnob.FAIR_SERVER_PERIOD_NS
              }
              : new KernelKnob[] {KernelKnob.SCHED_RT_RUNTIME_US, KernelKnob.SCHED_RT_PERIOD_US};
      Cursor at = places.getOrDefault(blamed[0], places.getOrDefault(blamed[1], kernel));
      at.problem(conflict + (varies ? "; a host may draw this" : ""));
    }
  }

  /** What only the series of seed 003 has cannot be switched on where it is not applied. */
  private void checkSeries(String word, KernelPreset preset) {
    if (preset.yieldSeries() > 0) {
      return;
    }
    for (KernelKnob knob : SERIES) {
      boolean on = knob == KernelKnob.YIELD_TARGETING ? maySeeIpis() : mayBeOn(knob, preset);
      boolean words = knob == KernelKnob.YIELD_TARGETING;
      String what =
          words
              ? "ipi-filter and ipi-priority of " + knob.key() + " belong"
              : knob.key() + " belongs";
      if (places.containsKey(knob) && on) {
        places
            .get(knob)
            .problem(
                what
                    + " to the series of seed 003, which no released kernel has; preset "
                    + word
                    + " needs +yield-v1, +yield-v2 or +yield-v3 behind its version"
                    + " (6.6 and later)");
      }
    }
  }

  /** The single queue of 7.3 is written for EEVDF and for tasks that leave by task work. */
  private void checkFlatPick(String word, KernelPreset preset) {
    if (places.containsKey(KernelKnob.CGROUP_MODE) && !preset.atLeast(7, 3)) {
      places
          .get(KernelKnob.CGROUP_MODE)
          .problem(
              "cgroup_mode exists from 7.3 on; preset " + word + " always divides as smp does");
    }
    for (KernelKnob needed : List.of(KernelKnob.EEVDF, KernelKnob.THROTTLE_TASK_WORK)) {
      if (mayBeOn(KernelKnob.FLAT_PICK, preset) && lowest(needed, preset) == 0) {
        places
            .getOrDefault(KernelKnob.FLAT_PICK, places.getOrDefault(needed, kernel))
            .problem(
                "flat-pick needs "
                    + needed.key()
                    + ", which may be off on preset "
                    + word
                    + "; switch flat-pick off too");
      }
    }
  }

  /** Whether some host's spinning vCPUs look for the receivers of their IPIs. */
  private boolean maySeeIpis() {
    Distribution law = values.get(KernelKnob.YIELD_TARGETING);
    int filter = YieldTargeting.IPI_FILTER.ordinal();
    int priority = YieldTargeting.IPI_PRIORITY.ordinal();
    return law != null && (mayBe(law, filter) || mayBe(law, priority));
  }

  private static boolean mayBe(Distribution law, int value) {
    return law.isFixed()
        ? Math.rint(law.mean()) == value
        : law.cdf(value + 0.5) - law.cdf(value - 0.5) > 0;
  }

  /** From 6.12 on a NET_RX pass cannot be given less than two jiffies; 0 takes the default. */
  private void checkNetBudget(String word, KernelPreset preset) {
    Distribution budget = values.get(KernelKnob.NETDEV_BUDGET_USECS);
    if (budget == null || !preset.atLeast(6, 12)) {
      return;
    }
    long hz = lowest(KernelKnob.HZ, preset);
    long least = NET_BUDGET_US_HZ / hz;
    boolean less =
        budget.isFixed()
            ? budget.mean() > 0 && budget.mean() < least
            : budget.cdf(least - 0.5) - budget.cdf(0.5) > 0;
    if (less) {
      places
          .get(KernelKnob.NETDEV_BUDGET_USECS)
          .problem(
              KernelKnob.NETDEV_BUDGET_USECS.key()
                  + " must be at least "
                  + least
                  + " (2000000/hz) with hz "
                  + hz
                  + " on preset "
                  + word
                  + ", or 0 for that; the kernel refuses less with EINVAL");
    }
  }

  /** Why a setting has no effect on a preset; empty if it has one on some host. */
  private Optional<String> idle(KernelKnob knob, KernelPreset preset) {
    return switch (knob) {
      case SCHED_RT_PERIOD_US,
          SCHED_RT_RUNTIME_US,
          RT_RUNTIME_SHARE,
          FIX_RT_FORGIVE_UNOBSERVED_STALL -> {
        boolean rt =
            mayBeOn(KernelKnob.RT_BANDWIDTH, preset) || mayBeOn(KernelKnob.RT_GROUP_SCHED, preset);
        yield off(!rt, "RT throttling");
      }
      case FAIR_SERVER_PERIOD_NS, FAIR_SERVER_RUNTIME_NS ->
          off(!mayBeOn(KernelKnob.FAIR_SERVER, preset), "the fair server");
      case HARDLOCKUP_PANIC, HARDLOCKUP_DETECTOR_BUDDY ->
          off(!mayDetectHardLockups(preset), "the hard-lockup detector");
      case FIX_RT_PUSH_IPI, FIX_RTO_SKIP_SELF ->
          off(!mayBeOn(KernelKnob.RT_PUSH_IPI, preset), "RT_PUSH_IPI");
      case COST_IPI_DELIVERY_NS, COST_IPI_ENTRY_NS, COST_PUSH_HANDLER_NS, COST_IPI_EXIT_NS ->
          off(!mayPush(preset), "RT_PUSH_IPI");
      case LAG_CREDIT_SCOPE, LAG_CREDIT_MARGIN_PERCENT ->
          off(!mayBeOn(KernelKnob.YIELD_TO_LAG_CREDIT, preset), "YIELD_TO_LAG_CREDIT");
      case FORCED_RESCHED_INTERVAL_NS ->
          off(
              !mayBeOn(KernelKnob.YIELD_TO_LAG_CREDIT, preset)
                  && !mayBeOn(KernelKnob.VCPU_DEBOOSTER_ENABLED, preset),
              "what it limits");
      case IPI_WINDOW_NS ->
          off(!mayBeOn(KernelKnob.IPI_TRACKING_ENABLED, preset), "kvm.ipi_tracking_enabled");
      default -> Optional.empty();
    };
  }

  private static Optional<String> off(boolean off, String mechanism) {
    return off ? Optional.of(mechanism + " is off there") : Optional.empty();
  }

  private boolean mayDetectHardLockups(KernelPreset preset) {
    return mayBeOn(KernelKnob.WATCHDOG, preset)
        && mayBeOn(KernelKnob.NMI_WATCHDOG, preset)
        && highest(KernelKnob.WATCHDOG_THRESH, preset) > 0;
  }

  /** Whether the walker may run on some host: the feature is on and no fix forbids it. */
  private boolean mayPush(KernelPreset preset) {
    boolean realTime = mayBeOn(KernelKnob.PREEMPT_RT, preset);
    boolean forbidden =
        (isAlways(PushIpiFix.THREADED_ONLY, preset) && !mayThread(preset))
            || (isAlways(PushIpiFix.DEFAULT_OFF, preset) && !realTime);
    return mayBeOn(KernelKnob.RT_PUSH_IPI, preset) && !forbidden;
  }

  private boolean mayThread(KernelPreset preset) {
    return mayBeOn(KernelKnob.PREEMPT_RT, preset) || mayBeOn(KernelKnob.THREADIRQS, preset);
  }

  private boolean isAlways(PushIpiFix fix, KernelPreset preset) {
    return lowest(KernelKnob.FIX_RT_PUSH_IPI, preset) == fix.ordinal()
        && highest(KernelKnob.FIX_RT_PUSH_IPI, preset) == fix.ordinal();
  }

  private boolean mayBeOn(KernelKnob knob, KernelPreset preset) {
    return highest(knob, preset) != 0;
  }

  private long highest(KernelKnob knob, KernelPreset preset) {
    Distribution law = values.get(knob);
    return law == null ? preset.defaultOf(knob) : Math.round(law.upper());
  }

  private long lowest(KernelKnob knob, KernelPreset preset) {
    Distribution law = values.get(knob);
    return law == null ? preset.defaultOf(knob) : Math.round(law.lower());
  }

  private static String note(KernelKnob knob, String word, String why) {
    Section section = knob.section();
    boolean named = section != Section.FAIR_SERVER && section != Section.COST;
    return (named ? "" : section.key() + " ")
        + knob.key()
        + " has no effect on preset "
        + word
        + ": "
        + why;
  }
}
