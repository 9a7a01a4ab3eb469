package stallcast.kernel.scenario;

import java.util.List;
import stallcast.kernel.random.Distribution;

/**
 * A template of tasks that run the same program.
 *
 * @param name unique token within the host
 * @param count how many
 * @param policy scheduling policy
 * @param priority {@code rt_priority}, 1..99, used by FIFO and RR only
 * @param nice -20..19, used by OTHER and BATCH only
 * @param sliceNs {@code sched_attr.sched_runtime} of OTHER and BATCH, ns, 100 us..100 ms; 0 takes
 *     the base slice
 * @param cpus where they may run
 * @param cgroup path of the control group, {@code /} for the root
 * @param startNs when each is created, ns after the start of the run (of the window, if windows are
 *     used); drawn per task
 * @param arch the KVM run loop of {@code guest} and {@code halt} steps
 * @param vm the virtual machine whose vCPUs they are, empty if they are none
 * @param program what they do, over and over
 */
public record TaskSpec(
    String name,
    TaskCount count,
    Policy policy,
    Distribution priority,
    Distribution nice,
    Distribution sliceNs,
    CpuSelection cpus,
    String cgroup,
    Distribution startNs,
    VcpuArch arch,
    String vm,
    List<Step> program) {

  /** A template of tasks that are no vCPUs, or of vCPUs of x86 that yield to nobody. */
  public TaskSpec(
      String name,
      TaskCount count,
      Policy policy,
      Distribution priority,
      Distribution nice,
      Distribution sliceNs,
      CpuSelection cpus,
      String cgroup,
      Distribution startNs,
      List<Step> program) {
    this(
        name,
        count,
        policy,
        priority,
        nice,
        sliceNs,
        cpus,
        cgroup,
        startNs,
        VcpuArch.X86,
        "",
        program);
  }

  /** Copies the list. */
  public TaskSpec {
    program = List.copyOf(program);
  }

  /** Scheduling policies of Linux that are modelled. */
  public enum Policy {
    /** SCHED_OTHER. */
    OTHER,
    /** SCHED_FIFO. */
    FIFO,
    /** SCHED_RR. */
    RR,
    /** SCHED_BATCH. */
    BATCH,
    /** SCHED_IDLE. */
    IDLE;

    /** Whether the fair class runs it. */
    public boolean isFair() {
      return this != FIFO && this != RR;
    }
  }

  /**
   * How many tasks a template makes.
   *
   * @param value tasks, or tasks per CPU; rounded to the nearest integer after scaling
   * @param perCpu whether {@code value} is multiplied by the host's CPU count
   */
  public record TaskCount(Distribution value, boolean perCpu) {}
}
