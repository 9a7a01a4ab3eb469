package stallcast.kernel.scenario;

import stallcast.kernel.random.ArrivalProcess;
import stallcast.kernel.random.Distribution;

/**
 * A source of softirq work: on each of its CPUs hard interrupts arrive, and each of them leaves one
 * item of work to a softirq vector of that CPU.
 *
 * @param name unique token among the sources of the host
 * @param cpus CPUs that are interrupted, each by a process of its own; {@link CpuSelection.Each} is
 *     not legal here
 * @param arrivals law of the interrupts of one CPU
 * @param utilisation share of a CPU that the work takes when nothing stretches it, drawn per CPU:
 *     the arrivals are stretched in time to meet it; 0 leaves them as they are
 * @param vector which softirq does the work
 * @param pool for tasklets the number of distinct ones, used round robin: one that is still
 *     scheduled is not scheduled again; for other vectors the most items that can wait; &gt;= 1,
 *     drawn per host
 * @param bodyNs work of one item, ns, drawn per item
 * @param overheadNs what the kernel adds to each item, ns, drawn per host
 * @param interruptNs time that one hard interrupt takes from whatever runs, ns, drawn per host
 * @param startNs begin of the arrivals, ns after the start of the run (of the window, if windows
 *     are used); drawn per CPU
 */
public record SoftirqSpec(
    String name,
    CpuSelection cpus,
    ArrivalProcess arrivals,
    Distribution utilisation,
    SoftirqVector vector,
    Distribution pool,
    Distribution bodyNs,
    Distribution overheadNs,
    Distribution interruptNs,
    Distribution startNs) {

  /** Largest pool: bounds the memory of a host. */
  public static final int POOL_MAX = 1_000_000;
}
