package stallcast.kernel.scenario;

import java.util.Optional;

/** Properties that can be measured, with their unit; counters keep the kernel's names. */
public enum MetricKind {
  /** {@code rt_rq.rt_time} of the CPU's root runqueue, ns. */
  CPU_RT_TIME(MetricScope.CPU, "rt_time", true, "RT time on the books of this CPU"),
  /** {@code rt_rq.rt_runtime}, ns; with RT_RUNTIME_SHARE it moves between CPUs. */
  CPU_RT_RUNTIME(MetricScope.CPU, "rt_runtime", true, "RT budget of this CPU"),
  /** {@code rt_rq.rt_throttled}, 0 or 1. */
  CPU_RT_THROTTLED(MetricScope.CPU, "rt_throttled", false, "whether RT is throttled here"),
  /** {@code rt_rq.rt_nr_running}. */
  CPU_RT_NR_RUNNING(MetricScope.CPU, "rt_nr_running", false, "runnable RT tasks here"),
  /** {@code rq.clock_task}, ns. */
  CPU_CLOCK_TASK(MetricScope.CPU, "clock_task", true, "the scheduler's task clock"),
  /** Time with the idle task on, ns. */
  CPU_IDLE_TIME(MetricScope.CPU, "idle-time", true, "time without a task"),
  /** Time with an RT task on, ns. */
  CPU_RT_CPU_TIME(MetricScope.CPU, "rt-cpu-time", true, "time given to RT tasks"),
  /** Time with a fair task on, ns. */
  CPU_FAIR_CPU_TIME(MetricScope.CPU, "fair-cpu-time", true, "time given to fair tasks"),
  /** Context switches. */
  CPU_NR_SWITCHES(MetricScope.CPU, "nr_switches", false, "context switches"),
  /** Time in softirq, hard interrupts in it included, ns. */
  CPU_SOFTIRQ_TIME(MetricScope.CPU, "softirq-time", true, "time in softirq"),
  /** Time of hard interrupts that cost time, ns. */
  CPU_IRQ_TIME(MetricScope.CPU, "irq-time", true, "time of hard interrupts"),
  /** Items of softirq work that were done. */
  CPU_SOFTIRQ_ITEMS(MetricScope.CPU, "softirq-items", false, "items of softirq work done"),
  /** Items of softirq work that wait, the current one included. */
  CPU_SOFTIRQ_BACKLOG(MetricScope.CPU, "softirq-backlog", false, "items of softirq work waiting"),
  /** Arrivals that left no work: tasklet still scheduled, queue full. */
  CPU_SOFTIRQ_LOST(MetricScope.CPU, "softirq-lost", false, "arrivals that left no work"),
  /** Longest time from entering softirq to leaving it, ns. */
  CPU_LONGEST_SOFTIRQ(MetricScope.CPU, "longest-softirq", true, "longest stay in softirq"),
  /** Items of the largest list that was taken whole. */
  CPU_LARGEST_BATCH(MetricScope.CPU, "largest-batch", false, "items of the largest batch"),
  /** Time that one item of the largest list took on average, ns. */
  CPU_BATCH_ITEM_TIME(MetricScope.CPU, "batch-item-time", true, "time per item of that batch"),
  /** Start of the first list that held nine tenths of the tasklets, ns; absent if none did. */
  CPU_FIRST_FULL_BATCH(
      MetricScope.CPU, "first-full-batch", true, "start of the first batch of 90 % of the pool"),

  /** Credits of lag by directed yields to what is queued there, one per level. */
  CPU_LAG_CREDITS(MetricScope.CPU, "nr_lag_credits", false, "credits of lag by directed yields"),
  /** Reschedules that a credit forced. */
  CPU_FORCED_RESCHED(
      MetricScope.CPU, "nr_forced_resched", false, "reschedules that a credit of lag forced"),

  /** Longest runnable time without the CPU as the guest's scheduler sees it, ns. */
  TASK_MAX_OFF_CPU(
      MetricScope.TASK, "max-off-cpu", true, "longest runnable time off the CPU (max over tasks)"),
  /** {@code se.sum_exec_runtime}, ns. */
  TASK_SUM_EXEC_RUNTIME(
      MetricScope.TASK, "sum_exec_runtime", true, "CPU time charged (sum over tasks)"),
  /** CPU time that did work, ns; less than charged when a stall was charged. */
  TASK_WORK_TIME(MetricScope.TASK, "work-time", true, "CPU time that did work (sum over tasks)"),
  /** Longest time from wake-up to the first instruction, ns. */
  TASK_MAX_WAKEUP_LATENCY(
      MetricScope.TASK, "max-wakeup-latency", true, "longest wake-up to run (max over tasks)"),
  /** Median time from wake-up to running over all wake-ups of a template, ns. */
  TASK_WAKEUP_P50(
      MetricScope.TASK, "wakeup-latency-p50", true, "median wake-up to run (all wake-ups of NAME)"),
  /** The same, 90 %. */
  TASK_WAKEUP_P90(MetricScope.TASK, "wakeup-latency-p90", true, "90 % quantile of the same"),
  /** The same, 99 %. */
  TASK_WAKEUP_P99(MetricScope.TASK, "wakeup-latency-p99", true, "99 % quantile of the same"),
  /** The same, 99.9 %. */
  TASK_WAKEUP_P999(MetricScope.TASK, "wakeup-latency-p999", true, "99.9 % quantile of the same"),
  /** Wake-ups. */
  TASK_NR_WAKEUPS(MetricScope.TASK, "nr_wakeups", false, "wake-ups (sum over tasks)"),
  /** Preemptions. */
  TASK_NR_INVOLUNTARY_SWITCHES(
      MetricScope.TASK, "nr_involuntary_switches", false, "preemptions (sum over tasks)"),
  /** Migrations between CPUs. */
  TASK_NR_MIGRATIONS(MetricScope.TASK, "nr_migrations", false, "CPU changes (sum over tasks)"),
  /** Longest runnable time without the CPU in which another machine's yield was seen there, ns. */
  TASK_THIRD_PARTY_WAIT(
      MetricScope.TASK,
      "max-third-party-wait",
      true,
      "longest wait beside directed yields of another VM (max over tasks)"),
  /** Passes through the program. */
  TASK_ROUNDS(MetricScope.TASK, "rounds", false, "completed passes of the program (sum)"),

  /** {@code cpu.stat} {@code nr_periods}. */
  CGROUP_NR_PERIODS(MetricScope.CGROUP, "nr_periods", false, "periods of cpu.max that have ended"),
  /** {@code cpu.stat} {@code nr_throttled}. */
  CGROUP_NR_THROTTLED(
      MetricScope.CGROUP, "nr_throttled", false, "of these, with a throttled queue at their end"),
  /** {@code cpu.stat} {@code throttled_usec}, us, summed over CPUs. */
  CGROUP_THROTTLED_USEC(
      MetricScope.CGROUP, "throttled_usec", false, "us for which queues held tasks back (sum)"),
  /** {@code cpu.stat} {@code nr_bursts}. */
  CGROUP_NR_BURSTS(MetricScope.CGROUP, "nr_bursts", false, "periods that used burst runtime"),
  /** {@code cpu.stat} {@code burst_usec}, us. */
  CGROUP_BURST_USEC(MetricScope.CGROUP, "burst_usec", false, "us of burst runtime used"),
  /** {@code cpu.stat} {@code usage_usec}, us, groups below included. */
  CGROUP_USAGE_USEC(MetricScope.CGROUP, "usage_usec", false, "us of CPU time of its tasks"),
  /** {@code cfs_bandwidth.runtime}, ns. */
  CGROUP_RUNTIME(MetricScope.CGROUP, "runtime", true, "runtime left in the group's pool"),
  /** {@code cfs_bandwidth.period}, ns; the kernel may have scaled it up. */
  CGROUP_PERIOD(MetricScope.CGROUP, "period", true, "period of cpu.max in force"),
  /** {@code cfs_rq.runtime_remaining}, ns, of the queue where it is lowest. */
  CGROUP_RUNTIME_REMAINING(
      MetricScope.CGROUP, "runtime_remaining", true, "runtime of its poorest queue"),
  /** The lowest that has been, ns. */
  CGROUP_RUNTIME_REMAINING_MIN(
      MetricScope.CGROUP, "runtime_remaining-min", true, "lowest runtime that a queue has had"),
  /** Throttled queues. */
  CGROUP_THROTTLED(MetricScope.CGROUP, "throttled", false, "CPUs on which its queue is throttled"),

  /** Exits of vCPUs because their guests spin. */
  VM_SPIN_EXITS(MetricScope.VM, "spin_exits", false, "exits because a guest spins"),
  /** {@code directed_yield_attempted}. */
  VM_YIELDS_ATTEMPTED(
      MetricScope.VM, "directed_yield_attempted", false, "directed yields attempted"),
  /** {@code directed_yield_successful}. */
  VM_YIELDS_SUCCESSFUL(
      MetricScope.VM, "directed_yield_successful", false, "of these, with the target nominated"),
  /** Of these, to the holder of the lock or a receiver of the IPI that is waited for. */
  VM_YIELDS_AWAITED(
      MetricScope.VM, "directed_yield_awaited", false, "of these, to whom the yielder waits for"),
  /** Of these, to the recorded receiver of the yielder's last IPI. */
  VM_YIELDS_TRACKED(
      MetricScope.VM, "directed_yield_tracked", false, "of these, to a recorded IPI receiver"),
  /** Passes of its vCPUs through their programs. */
  VM_ROUNDS(MetricScope.VM, "rounds", false, "completed passes of its vCPUs' programs"),
  /** Passes per second of kernel time. */
  VM_ROUNDS_PER_SECOND(MetricScope.VM, "rounds-per-second", false, "the same per second"),
  /** CPU time charged to its vCPUs, ns. */
  VM_CPU_TIME(MetricScope.VM, "cpu-time", true, "CPU time charged to its vCPUs"),
  /** Longest wait of its vCPUs beside directed yields of other machines, ns. */
  VM_THIRD_PARTY_WAIT(
      MetricScope.VM,
      "max-third-party-wait",
      true,
      "longest wait of its vCPUs beside directed yields of another VM"),

  /** Incidents of the kind. */
  INCIDENT_COUNT(MetricScope.INCIDENT, "count", false, "incidents"),
  /** Start of the first one, ns; absent if none. */
  INCIDENT_FIRST(MetricScope.INCIDENT, "first", true, "start of the first one"),
  /** Longest one, ns; absent if none. */
  INCIDENT_LONGEST(MetricScope.INCIDENT, "longest", true, "length of the longest one"),
  /** Sum of their lengths, ns. */
  INCIDENT_TOTAL(MetricScope.INCIDENT, "total", true, "sum of the lengths"),
  /** Period timer refills during the longest one. */
  INCIDENT_REFILLS(MetricScope.INCIDENT, "refills", false, "refills of the longest one"),
  /** {@code rt_time} when the longest one began, ns. */
  INCIDENT_PEAK_RT_TIME(
      MetricScope.INCIDENT, "peak-rt_time", true, "rt_time when the longest one began"),
  /** {@code rt_time} left when the longest one ended, ns. */
  INCIDENT_RESIDUAL(
      MetricScope.INCIDENT, "residual-rt_time", true, "rt_time left when the longest one ended"),
  /** Kernel log reports. */
  INCIDENT_REPORTS(MetricScope.INCIDENT, "reports", false, "reports the kernel would print"),
  /** When the kernel log first reported one, ns; absent if it never did. */
  INCIDENT_FIRST_REPORT(
      MetricScope.INCIDENT, "first-report", true, "first report of the kernel log"),
  /** Seconds printed in the first report. */
  INCIDENT_PRINTED_SECONDS(
      MetricScope.INCIDENT, "printed-seconds", false, "seconds in the first report"),

  /** Operations that hit the machine. */
  MACHINE_OPERATIONS(MetricScope.MACHINE, "operations", false, "pauses and bursts"),
  /** Time the machine stood still, ns. */
  MACHINE_PAUSED(MetricScope.MACHINE, "paused-time", true, "time the machine stood still"),
  /** Passes of all vCPUs through their programs. */
  MACHINE_VM_ROUNDS(
      MetricScope.MACHINE, "vm-rounds", false, "completed passes of all vCPUs' programs"),
  /** Longest wait of any task beside directed yields of another machine than its own, ns. */
  MACHINE_THIRD_PARTY_WAIT(
      MetricScope.MACHINE,
      "max-third-party-wait",
      true,
      "longest wait of any task beside directed yields of another VM"),
  /** Interrupts of the RT_PUSH_IPI walker. */
  MACHINE_WALKER_VISITS(MetricScope.MACHINE, "walker-visits", false, "IPIs of the push walker"),
  /** Timer expiries. */
  MACHINE_EVENTS(MetricScope.MACHINE, "events", false, "simulated events");

  private final MetricScope scope;
  private final String key;
  private final boolean time;
  private final String description;

  MetricKind(MetricScope scope, String key, boolean time, String description) {
    this.scope = scope;
    this.key = key;
    this.time = time;
    this.description = description;
  }

  /** What it is a property of. */
  public MetricScope scope() {
    return scope;
  }

  /** The last word of the metric's name. */
  public String key() {
    return key;
  }

  /** Whether its value is a time in ns; otherwise it is a plain count. */
  public boolean isTime() {
    return time;
  }

  /** Probability of a quantile of wake-up latencies, 0 for everything else. */
  public double wakeupQuantile() {
    return switch (this) {
      case TASK_WAKEUP_P50 -> 0.5;
      case TASK_WAKEUP_P90 -> 0.9;
      case TASK_WAKEUP_P99 -> 0.99;
      case TASK_WAKEUP_P999 -> 0.999;
      default -> 0;
    };
  }

  /** One line for users. */
  public String description() {
    return description;
  }

  /** Finds a property of a scope by its word. */
  public static Optional<MetricKind> find(MetricScope scope, String key) {
    for (MetricKind kind : values()) {
      if (kind.scope == scope && kind.key.equals(key)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }
}
