package stallcast.kernel.scenario;

import java.util.List;

/**
 * One drawn machine: everything about it that does not change while it runs. Laws of quantities
 * that are drawn during the run stay laws (programs, blackouts).
 *
 * @param hostIndex global index in the fleet, &gt;= 0
 * @param stratum index of its stratum
 * @param cpus logical CPUs
 * @param numaNodes NUMA nodes
 * @param smt hardware threads per core
 * @param preset kernel version
 * @param knobs kernel settings, indexed by {@link KernelKnob#ordinal()}
 * @param cgroups control groups, parents before children; the root is not listed
 * @param tasks task templates with drawn counts
 * @param softirq sources of softirq work with drawn costs
 * @param operations operations with drawn rates
 * @param locks locks of the guests with drawn counts
 * @param columns values of {@link HostSampler#columns()}, NaN where the host has no such value
 */
public record HostConfig(
    long hostIndex,
    int stratum,
    int cpus,
    int numaNodes,
    int smt,
    KernelPreset preset,
    long[] knobs,
    List<Cgroup> cgroups,
    List<Template> tasks,
    List<Softirq> softirq,
    List<Operation> operations,
    List<Lock> locks,
    double[] columns) {

  /** Copies the lists; the arrays are handed over. */
  public HostConfig {
    cgroups = List.copyOf(cgroups);
    tasks = List.copyOf(tasks);
    softirq = List.copyOf(softirq);
    operations = List.copyOf(operations);
    locks = List.copyOf(locks);
  }

  /** Value of one knob in its unit. */
  public long knob(KernelKnob knob) {
    return knobs[knob.ordinal()];
  }

  /**
   * Name of a task: its template's name, with the task's number if the template makes several.
   *
   * @param task id: tasks are created in the order of their templates
   */
  public String taskName(int task) {
    int rest = task;
    for (Template template : tasks) {
      if (rest < template.count()) {
        String name = template.spec().name();
        return template.count() == 1 ? name : name + "-" + rest;
      }
      rest -= template.count();
    }
    return "swapper";
  }

  /** Whether a flag knob is on. */
  public boolean isOn(KernelKnob knob) {
    return knobs[knob.ordinal()] != 0;
  }

  /**
   * One control group.
   *
   * @param path absolute path
   * @param parent index of the parent in {@link HostConfig#cgroups}, -1 for the root
   * @param rtRuntimeUs us, -1 unlimited
   * @param rtPeriodUs us
   * @param weight {@code cpu.weight}, 1..10000
   * @param idle {@code cpu.idle}
   * @param quotaUs first value of {@code cpu.max}, us, or {@link CgroupSpec.CpuMax#MAX}
   * @param periodUs second value, us
   * @param burstUs {@code cpu.max.burst}, us
   * @param timerPhaseNs ns, or {@link CgroupSpec.CpuMax#BY_KERNEL}
   */
  public record Cgroup(
      String path,
      int parent,
      long rtRuntimeUs,
      long rtPeriodUs,
      int weight,
      boolean idle,
      long quotaUs,
      long periodUs,
      long burstUs,
      long timerPhaseNs) {}

  /**
   * A task template on this host.
   *
   * @param spec what its tasks do
   * @param count how many there are here
   * @param priority rt_priority 1..99, 0 for the fair policies
   * @param nice -20..19
   * @param sliceNs slice of its own, ns, 0 for the base slice
   * @param cgroup index in {@link HostConfig#cgroups}, -1 for the root
   */
  public record Template(
      TaskSpec spec, int count, int priority, int nice, long sliceNs, int cgroup) {}

  /**
   * A source of softirq work on this host.
   *
   * @param spec its laws
   * @param pool distinct tasklets, or most waiting items, per CPU
   * @param overheadNs added to each item, ns
   * @param interruptNs time one hard interrupt takes, ns
   */
  public record Softirq(SoftirqSpec spec, int pool, long overheadNs, long interruptNs) {}

  /**
   * An operation on this host.
   *
   * @param spec what it does
   * @param ratePerSecond rate of a Poisson occurrence, 0 otherwise
   * @param times instants of a counted occurrence, 0 otherwise
   */
  public record Operation(OperationSpec spec, double ratePerSecond, int times) {}

  /**
   * Locks of one name.
   *
   * @param spec how they are waited for
   * @param count how many each virtual machine has
   */
  public record Lock(LockSpec spec, int count) {}
}
