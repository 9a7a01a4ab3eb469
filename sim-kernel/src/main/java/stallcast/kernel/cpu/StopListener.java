package stallcast.kernel.cpu;

/** Somebody who must bring a CPU's timers to a definite state before the CPU stops. */
@FunctionalInterface
public interface StopListener {

  /**
   * A CPU is about to stop now; its next tick is armed for real.
   *
   * @param shownNs how long it will stand still by the kernel's clock, ns
   */
  void beforeStop(int cpu, long shownNs);
}
