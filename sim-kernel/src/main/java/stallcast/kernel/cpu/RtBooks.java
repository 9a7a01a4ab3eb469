package stallcast.kernel.cpu;

/** What detectors may read of the real-time bandwidth. */
public interface RtBooks {

  /** How much of a run queue's rt_time comes from stops of the CPU, ns. */
  long stoppedNs(int cpu, int group);

  /** Whether a run queue is throttled. */
  boolean isThrottled(int cpu, int group);

  /** {@code rt_rq.rt_nr_running}. */
  int running(int cpu, int group);

  /** Period of a group, ns. */
  long periodNs(int group);

  /**
   * Which way the race after a resume went for a charge that happens now: 'A' if the period timer
   * had already run, 'B' if it is late and still to run, 'C' if no period ended during the stop.
   */
  int branch(int cpu, int group);
}
