package stallcast.kernel.scenario;

import java.util.List;
import stallcast.kernel.random.Distribution;

/**
 * One class of machines; every scalar is a distribution drawn once per host. The machine is one
 * Linux kernel instance: bare metal or a large virtual machine that its provider may pause.
 *
 * @param cpus logical CPUs, 1..4096
 * @param numaNodes NUMA nodes, &gt;= 1, CPUs are split evenly in index order
 * @param smt hardware threads per core, &gt;= 1; CPUs {@code k*smt..k*smt+smt-1} share core k
 * @param kernel the kernel's version and settings
 * @param cgroups CPU control groups, parents before children
 * @param tasks task templates
 * @param softirq sources of softirq work
 * @param operations what is done to the machine from outside
 * @param locks locks of the guests of its virtual machines
 */
public record HostSpec(
    Distribution cpus,
    Distribution numaNodes,
    Distribution smt,
    KernelSpec kernel,
    List<CgroupSpec> cgroups,
    List<TaskSpec> tasks,
    List<SoftirqSpec> softirq,
    List<OperationSpec> operations,
    List<LockSpec> locks) {

  /** A class of machines whose guests have no locks. */
  public HostSpec(
      Distribution cpus,
      Distribution numaNodes,
      Distribution smt,
      KernelSpec kernel,
      List<CgroupSpec> cgroups,
      List<TaskSpec> tasks,
      List<SoftirqSpec> softirq,
      List<OperationSpec> operations) {
    this(cpus, numaNodes, smt, kernel, cgroups, tasks, softirq, operations, List.of());
  }

  /** Largest CPU count of a host; bounds every per-CPU array. */
  public static final int CPUS_MAX = 4096;

  /** Copies the lists. */
  public HostSpec {
    cgroups = List.copyOf(cgroups);
    tasks = List.copyOf(tasks);
    softirq = List.copyOf(softirq);
    operations = List.copyOf(operations);
    locks = List.copyOf(locks);
  }
}
