package stallcast.kernel.host;

import stallcast.kernel.cpu.CpuTime;
import stallcast.kernel.cpu.IncidentLog;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.fair.CfsBandwidth;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.kernel.scenario.MetricName;
import stallcast.kernel.softirq.SoftirqBooks;

/** Reads the value of a metric from a machine; {@link HostOutcome#NONE} where there is none. */
final class HostMetrics {
  private static final long NS_PER_US = 1_000;

  private final Machine machine;
  private final VmMetrics vms;
  private HostConfig config;

  HostMetrics(Machine machine) {
    this.machine = machine;
    vms = new VmMetrics(machine);
  }

  void begin(HostConfig host) {
    config = host;
  }

  long read(MetricName metric) {
    return switch (metric.scope()) {
      case CPU -> cpu(metric);
      case TASK -> task(metric);
      case CGROUP -> cgroup(metric);
      case VM -> vms.read(metric);
      case INCIDENT -> incident(metric);
      case MACHINE -> machine(metric);
    };
  }

  private long cpu(MetricName metric) {
    int cpu = Integer.parseInt(metric.element());
    if (cpu >= config.cpus()) {
      return HostOutcome.NONE;
    }
    machine.core().loops().wakeOn(cpu);
    CpuTime time = machine.core().cpuTime();
    return switch (metric.what()) {
      case CPU_RT_TIME -> machine.bandwidth().rtTimeNs(cpu, 0);
      case CPU_RT_RUNTIME -> machine.bandwidth().budgetNs(cpu, 0);
      case CPU_RT_THROTTLED -> machine.bandwidth().isThrottled(cpu, 0) ? 1 : 0;
      case CPU_RT_NR_RUNNING -> machine.bandwidth().running(cpu, 0);
      case CPU_CLOCK_TASK -> machine.core().clock().nowNs();
      case CPU_IDLE_TIME -> time.classNs(cpu, CpuTime.IDLE_TIME);
      case CPU_RT_CPU_TIME -> time.classNs(cpu, KernelCore.RANK_RT);
      case CPU_FAIR_CPU_TIME -> time.classNs(cpu, KernelCore.RANK_FAIR);
      case CPU_NR_SWITCHES -> time.switches(cpu);
      case CPU_SOFTIRQ_TIME -> machine.core().interrupts().softirqNs(cpu);
      case CPU_LAG_CREDITS -> machine.fair().directedYield().credited(cpu);
      case CPU_FORCED_RESCHED -> machine.fair().directedYield().forced(cpu);
      case CPU_IRQ_TIME -> machine.core().interrupts().hardNs(cpu);
      default -> softirq(metric, cpu);
    };
  }

  private long softirq(MetricName metric, int cpu) {
    int slot = machine.softirqs().slotOf(cpu);
    if (slot < 0) {
      return HostOutcome.NONE;
    }
    SoftirqBooks books = machine.softirqs().books();
    return switch (metric.what()) {
      case CPU_SOFTIRQ_ITEMS -> books.items(slot);
      case CPU_SOFTIRQ_BACKLOG -> machine.softirqs().backlog(cpu);
      case CPU_SOFTIRQ_LOST -> machine.sources().lost(cpu);
      case CPU_LONGEST_SOFTIRQ -> books.longestInvocationNs(slot);
      case CPU_LARGEST_BATCH -> books.largestBatch(slot);
      case CPU_BATCH_ITEM_TIME ->
          books.largestBatch(slot) == 0
              ? HostOutcome.NONE
              : books.largestBatchNs(slot) / books.largestBatch(slot);
      case CPU_FIRST_FULL_BATCH -> books.firstFullBatchNs(slot);
      default -> throw new IllegalStateException(metric.text());
    };
  }

  private long task(MetricName metric) {
    TaskTable tasks = machine.core().tasks();
    if (metric.what().wakeupQuantile() > 0) {
      return wakeupQuantile(metric, tasks);
    }
    long value = HostOutcome.NONE;
    int first = 0;
    for (HostConfig.Template template : config.tasks()) {
      String name = template.spec().name();
      for (int i = 0; i < template.count(); i++) {
        if (metric.element().equals(name) || metric.element().equals(name + "-" + i)) {
          value = combine(metric, value, one(metric, tasks, first + i));
        }
      }
      first += template.count();
    }
    return value;
  }

  private long wakeupQuantile(MetricName metric, TaskTable tasks) {
    machine.core().loops().wakeAll();
    for (int t = 0; t < config.tasks().size(); t++) {
      if (config.tasks().get(t).spec().name().equals(metric.element())) {
        long ns = tasks.latencies().quantileNs(t, metric.what().wakeupQuantile());
        return ns == TaskTable.NONE ? HostOutcome.NONE : ns;
      }
    }
    return HostOutcome.NONE;
  }

  private static long combine(MetricName metric, long sum, long next) {
    if (sum == HostOutcome.NONE) {
      return next;
    }
    return switch (metric.what()) {
      case TASK_MAX_OFF_CPU, TASK_MAX_WAKEUP_LATENCY, TASK_THIRD_PARTY_WAIT -> Math.max(sum, next);
      default -> sum + next;
    };
  }

  private long one(MetricName metric, TaskTable tasks, int task) {
    long now = machine.core().clock().nowNs();
    machine.core().loops().wakeUp(task);
    int cpu = tasks.cpu(task);
    boolean runs = machine.core().scheduler().current(cpu) == task;
    if (runs) {
      machine.core().scheduler().settleTicks(cpu);
    }
    return switch (metric.what()) {
      case TASK_MAX_OFF_CPU -> {
        long since = tasks.offSinceNs(task);
        yield Math.max(tasks.maxOffNs(task), since == TaskTable.NONE ? 0 : now - since);
      }
      case TASK_SUM_EXEC_RUNTIME -> execNs(tasks, task);
      case TASK_WORK_TIME -> machine.core().cpuTime().workNs(cpu, task, runs);
      case TASK_MAX_WAKEUP_LATENCY -> tasks.latencies().longestNs(task);
      case TASK_NR_WAKEUPS -> tasks.wakeups(task);
      case TASK_NR_INVOLUNTARY_SWITCHES -> tasks.preemptions(task);
      case TASK_NR_MIGRATIONS -> tasks.migrations(task);
      case TASK_THIRD_PARTY_WAIT -> machine.fair().directedYield().thirdPartyWaitNs(task);
      case TASK_ROUNDS -> tasks.rounds(task);
      default -> throw new IllegalStateException(metric.text());
    };
  }

  private long cgroup(MetricName metric) {
    int group = 0;
    for (int g = 0; g < config.cgroups().size(); g++) {
      if (config.cgroups().get(g).path().equals(metric.element())) {
        group = g + 1;
      }
    }
    if (group == 0) {
      return HostOutcome.NONE; // no such group on hosts of this stratum
    }
    CfsBandwidth cfs = machine.cfs();
    return switch (metric.what()) {
      case CGROUP_NR_PERIODS -> cfs.periods(group);
      case CGROUP_NR_THROTTLED -> cfs.throttledPeriods(group);
      case CGROUP_THROTTLED_USEC -> cfs.throttledNs(group) / NS_PER_US;
      case CGROUP_NR_BURSTS -> cfs.bursts(group);
      case CGROUP_BURST_USEC -> cfs.burstNs(group) / NS_PER_US;
      case CGROUP_USAGE_USEC -> usageNs(group) / NS_PER_US;
      case CGROUP_RUNTIME -> cfs.runtimeNs(group);
      case CGROUP_PERIOD -> cfs.periodNs(group);
      case CGROUP_RUNTIME_REMAINING -> cfs.remainingNs(group);
      case CGROUP_RUNTIME_REMAINING_MIN -> cfs.lowestNs(group);
      case CGROUP_THROTTLED -> cfs.throttledQueues(group);
      default -> throw new IllegalStateException(metric.text());
    };
  }

  private long usageNs(int group) {
    TaskTable tasks = machine.core().tasks();
    long sumNs = 0;
    for (int task = 0; task < tasks.count(); task++) {
      if (machine.cfs().isWithin(tasks.group(task), group)) {
        sumNs += execNs(tasks, task);
      }
    }
    return sumNs;
  }

  private long execNs(TaskTable tasks, int task) {
    return execNs(machine, tasks, task);
  }

  /** CPU time of a task up to now, also what is not charged yet. */
  static long execNs(Machine machine, TaskTable tasks, int task) {
    boolean runs = machine.core().scheduler().current(tasks.cpu(task)) == task;
    long openNs = machine.core().clock().nowNs() - tasks.execStartNs(task);
    return tasks.sumExecNs(task) + (runs ? Math.max(0, openNs) : 0);
  }

  private long incident(MetricName metric) {
    IncidentKind kind =
        IncidentKind.find(metric.element())
            .orElseThrow(() -> new IllegalStateException(metric.text()));
    IncidentLog log = machine.incidents();
    if (kind == IncidentKind.RT_THROTTLE_STEADY) {
      return steady(metric, log);
    }
    long nowNs = machine.timers().nowNs();
    long count = 0;
    long totalNs = 0;
    int first = -1;
    int longest = -1;
    long reports = 0;
    long reported = Long.MAX_VALUE;
    for (int i = 0; i < log.size(); i++) {
      if (log.kind(i) != kind) {
        continue;
      }
      count++;
      totalNs += log.lengthNs(i, nowNs);
      reports += log.reports(i);
      if (log.detectedNs(i) != IncidentLog.NONE) {
        reported = Math.min(reported, log.detectedNs(i));
      }
      first = first < 0 || log.startNs(i) < log.startNs(first) ? i : first;
      longest = longest < 0 || log.lengthNs(i, nowNs) > log.lengthNs(longest, nowNs) ? i : longest;
    }
    return switch (metric.what()) {
      case INCIDENT_COUNT -> count;
      case INCIDENT_TOTAL -> totalNs;
      case INCIDENT_REPORTS -> reports;
      case INCIDENT_FIRST -> first < 0 ? HostOutcome.NONE : log.startNs(first);
      case INCIDENT_LONGEST -> longest < 0 ? HostOutcome.NONE : log.lengthNs(longest, nowNs);
      case INCIDENT_REFILLS -> longest < 0 ? HostOutcome.NONE : log.refills(longest);
      case INCIDENT_PEAK_RT_TIME -> longest < 0 ? HostOutcome.NONE : log.peakRtTimeNs(longest);
      case INCIDENT_RESIDUAL -> longest < 0 ? HostOutcome.NONE : log.residualRtTimeNs(longest);
      case INCIDENT_FIRST_REPORT -> reported == Long.MAX_VALUE ? HostOutcome.NONE : reported;
      case INCIDENT_PRINTED_SECONDS -> first < 0 ? HostOutcome.NONE : log.printedSeconds(first);
      default -> throw new IllegalStateException(metric.text());
    };
  }

  private static long steady(MetricName metric, IncidentLog log) {
    return switch (metric.what()) {
      case INCIDENT_COUNT -> log.steadyCount();
      case INCIDENT_TOTAL -> log.steadyTotalNs();
      case INCIDENT_FIRST -> log.steadyFirstNs();
      case INCIDENT_LONGEST -> log.steadyLongestNs();
      default -> HostOutcome.NONE;
    };
  }

  private long machine(MetricName metric) {
    return switch (metric.what()) {
      case MACHINE_OPERATIONS -> machine.operations().carriedOut();
      case MACHINE_PAUSED -> machine.operations().totalStopNs();
      case MACHINE_WALKER_VISITS -> machine.rt().walkerVisits();
      case MACHINE_THIRD_PARTY_WAIT -> vms.longestThirdPartyWaitNs();
      case MACHINE_VM_ROUNDS -> vms.rounds();
      case MACHINE_EVENTS -> machine.timers().expiries();
      default -> throw new IllegalStateException(metric.text());
    };
  }
}
