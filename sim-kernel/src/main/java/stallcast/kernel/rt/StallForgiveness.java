package stallcast.kernel.rt;

import stallcast.kernel.cpu.GuestStoppedFlag;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.engine.TimerQueue;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.StallFix;

/**
 * The patch of seed 000 and its variants: charges that cover an unobserved stop are forgiven.
 *
 * <p>Models: "[RFC PATCH] sched/rt: skip RT bandwidth accounting for unobserved CPU stalls" (7 May
 * 2026): the guest-stopped flag of the CPU that executes, or a charge longer than {@code
 * sched_rt_period}. State: none. Leaves out: remote charges, which would test the wrong CPU's flag.
 */
final class StallForgiveness {
  private static final long NS_PER_US = 1_000;

  private final GuestStoppedFlag flag;
  private KernelObserver observer = new KernelObserver() {};
  private boolean byFlag;
  private boolean byMagnitude;
  private long periodNs;

  StallForgiveness(GuestStoppedFlag flag) {
    this.flag = flag;
  }

  void reset(HostConfig config, KernelObserver newObserver) {
    observer = newObserver;
    long fix = config.knob(KernelKnob.FIX_RT_FORGIVE_UNOBSERVED_STALL);
    byFlag = fix == StallFix.RFC.ordinal() || fix == StallFix.FLAG_ONLY.ordinal();
    byMagnitude = fix == StallFix.RFC.ordinal() || fix == StallFix.MAGNITUDE_ONLY.ordinal();
    periodNs = config.knob(KernelKnob.SCHED_RT_PERIOD_US) * NS_PER_US;
  }

  /** Whether a charge on a CPU is to be forgiven; a flag that is set is consumed. */
  boolean forgives(int cpu, int task, long deltaNs) {
    boolean flagged = byFlag && flag.checkAndClear(cpu, "rt-charge");
    boolean forgiven = flagged || (byMagnitude && deltaNs > periodNs);
    if (forgiven) {
      observer.onForgiven(cpu, task, deltaNs, flagged);
    }
    return forgiven;
  }

  /** From when on a tick may be forgiven: the flag is set, or a lazy charge would look long. */
  long nextTickNs(int cpu, long execStartNs, long tickNs) {
    if (byFlag && flag.isSet(cpu)) {
      return execStartNs + 1;
    }
    return byMagnitude ? execStartNs + Math.max(1, periodNs - tickNs) : TimerQueue.NEVER;
  }
}
