package stallcast.kernel.cpu;

/** Told when the interrupt context of a CPU changes; does nothing by default. */
public interface InterruptListener {

  /** Task context, idle included, is left. */
  default void onHold(int cpu) {}

  /** Task context is back; what was asked of the scheduler meanwhile is still to be done. */
  default void onRelease(int cpu) {}

  /** From now on interrupts keep the timers of the CPU from expiring. */
  default void onStarve(int cpu) {}
}
