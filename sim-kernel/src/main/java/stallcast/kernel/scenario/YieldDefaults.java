package stallcast.kernel.scenario;

/**
 * Defaults of what concerns directed yield: pause-loop exits, who is yielded to, and the series of
 * 2025 and 2026, which no released kernel has (eevdf-and-directed-yield.md sections 3 and 4,
 * knobs-fair-kvm.md section 3).
 */
final class YieldDefaults {
  private static final int V3 = 3;

  private YieldDefaults() {}

  static long of(KernelPreset preset, KernelKnob knob) {
    return switch (knob) {
      case TSC_KHZ -> 2_500_000;
      case PLE_GAP -> 128;
      case PLE_WINDOW -> 4_096;
      case PLE_WINDOW_GROW, PAUSE_FILTER_COUNT_GROW -> 2;
      case PLE_WINDOW_SHRINK, PAUSE_FILTER_COUNT_SHRINK -> 0;
      case PLE_WINDOW_MAX -> 4_294_967_295L;
      case PAUSE_FILTER_COUNT -> 3_000;
      case PAUSE_FILTER_COUNT_MAX -> 65_535;
      case SPIN_RETRY -> 1_000;
      case YIELD_IN_KERNEL -> flag(preset.atLeast(4, 14)); // 199b5763d329
      case YIELD_READY -> flag(preset.atLeast(5, 3)); // d73eb57b80b9
      case YIELD_TARGETING -> targeting(preset).ordinal();
      case APICV -> 1;
      case PV_SCHED_YIELD -> 0; // the VMM has to offer it
      case YIELD_TO_LAG_CREDIT -> flag(preset.yieldSeries() == V3);
      case LAG_CREDIT_SCOPE -> 0;
      case LAG_CREDIT_MARGIN_PERCENT -> 10; // the formula is not public
      case FORCED_RESCHED_INTERVAL_NS -> 6_000_000;
      case VCPU_DEBOOSTER_ENABLED -> flag(preset.yieldSeries() == 1 || preset.yieldSeries() == 2);
      case IPI_TRACKING_ENABLED -> flag(preset.yieldSeries() > 0);
      case IPI_WINDOW_NS -> 50_000_000;
      case ENABLE_RELAXED_BOOST -> flag(preset.yieldSeries() == V3);
      case COST_VM_EXIT_NS -> 2_000;
      case COST_GUEST_IPI_NS -> 1_000;
      case COST_PAUSE_NS -> 16; // 40 cycles at 2.5 GHz
      default -> throw new IllegalStateException(knob + " has no default");
    };
  }

  private static YieldTargeting targeting(KernelPreset preset) {
    return switch (preset.yieldSeries()) {
      case 0 -> YieldTargeting.KVM;
      case V3 -> YieldTargeting.IPI_PRIORITY;
      default -> YieldTargeting.IPI_FILTER;
    };
  }

  private static long flag(boolean on) {
    return on ? 1 : 0;
  }
}
