package stallcast.kernel.cpu;

/** Somebody who must bring a CPU's timers to a definite state before the CPU stops. */
@FunctionalInterface
public interface StopListener {

  /** A CPU is about to stop now. */
  void beforeStop(int cpu);
}
