package stallcast.kernel.cpu;

/**
 * CPUs, cores and NUMA nodes; immutable. Hardware threads of a core are neighbours in index order,
 * nodes split the CPUs evenly in index order.
 *
 * @param cpuCount logical CPUs
 * @param numaNodes NUMA nodes
 * @param smt hardware threads per core
 */
public record Topology(int cpuCount, int numaNodes, int smt) {

  /** NUMA node of a CPU. */
  public int nodeOf(int cpu) {
    return (int) ((long) cpu * numaNodes / cpuCount);
  }

  /** Core of a CPU. */
  public int coreOf(int cpu) {
    return cpu / smt;
  }
}
