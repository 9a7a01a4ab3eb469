package stallcast.kernel.cpu;

import java.util.Arrays;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;

/**
 * The per-vCPU flag by which a VMM tells the guest that it was stopped. The first reader on its CPU
 * clears it; whoever finds it set restarts all detectors.
 *
 * <p>Models: PVCLOCK_GUEST_STOPPED, {@code kvm_check_and_clear_guest_paused()} and {@code
 * pvclock_touch_watchdogs()} (arch/x86/kernel/kvmclock.c, pvclock.c, v6.12). State: flag [cpu].
 */
public final class GuestStoppedFlag implements Stateful {

  /** A detector that starts its interval anew when a stop is noticed. */
  @FunctionalInterface
  public interface Listener {
    /** The flag of a CPU was found set, by code on that CPU. */
    void onGuestStopped(int cpu);
  }

  private boolean[] flag = new boolean[0]; // [cpu]
  private int cpuCount;
  private Listener[] listeners = {}; // an array: a list would allocate its iterators
  private KernelObserver observer = new KernelObserver() {};

  /** Clears all flags. */
  public void reset(int cpus, KernelObserver newObserver) {
    cpuCount = cpus;
    observer = newObserver;
    if (flag.length < cpus) {
      flag = new boolean[cpus];
    }
    Arrays.fill(flag, 0, cpus, false);
  }

  /** Adds a detector; done once when the host is built. */
  public void addListener(Listener listener) {
    listeners = Arrays.copyOf(listeners, listeners.length + 1);
    listeners[listeners.length - 1] = listener;
  }

  /** The VMM sets the flag of one vCPU. */
  void set(int cpu) {
    flag[cpu] = true;
  }

  /** Whether the flag of a CPU is set; reading it here clears nothing. */
  public boolean isSet(int cpu) {
    return flag[cpu];
  }

  /**
   * Reads and clears the flag of the CPU that executes.
   *
   * @param consumer who asks, for the trace
   */
  public boolean checkAndClear(int cpu, String consumer) {
    if (!flag[cpu]) {
      return false;
    }
    flag[cpu] = false;
    observer.onFlagConsumed(cpu, consumer);
    for (Listener listener : listeners) {
      listener.onGuestStopped(cpu);
    }
    return true;
  }

  @Override
  public void save(StateBuffer out) {
    out.put(flag, cpuCount);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(flag, cpuCount);
  }
}
