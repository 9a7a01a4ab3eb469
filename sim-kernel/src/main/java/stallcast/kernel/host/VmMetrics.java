package stallcast.kernel.host;

import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.cpu.Vms;
import stallcast.kernel.fair.DirectedYield;
import stallcast.kernel.scenario.MetricName;
import stallcast.kernel.virt.YieldCounters;

/** Reads the metrics of virtual machines; {@link HostOutcome#NONE} where there is none. */
final class VmMetrics {
  private static final double NS_PER_SECOND = 1e9;

  private final Machine machine;

  VmMetrics(Machine machine) {
    this.machine = machine;
  }

  long read(MetricName metric) {
    int vm = machine.core().vms().find(metric.element());
    if (vm == Vms.NONE) {
      return HostOutcome.NONE; // no such machine on hosts of this stratum
    }
    YieldCounters counters = machine.vcpus().counters();
    return switch (metric.what()) {
      case VM_SPIN_EXITS -> counters.exits(vm);
      case VM_YIELDS_ATTEMPTED -> counters.attempted(vm);
      case VM_YIELDS_SUCCESSFUL -> counters.successful(vm);
      case VM_YIELDS_AWAITED -> counters.toAwaited(vm);
      case VM_YIELDS_TRACKED -> counters.toTracked(vm);
      case VM_ROUNDS -> rounds(vm);
      case VM_ROUNDS_PER_SECOND -> perSecond(rounds(vm));
      case VM_CPU_TIME -> cpuTimeNs(vm);
      case VM_THIRD_PARTY_WAIT -> thirdPartyWaitNs(vm);
      default -> throw new IllegalStateException(metric.text());
    };
  }

  private long rounds(int vm) {
    Vms vms = machine.core().vms();
    long sum = 0;
    for (int vcpu = 0; vcpu < vms.size(vm); vcpu++) {
      sum += machine.core().tasks().rounds(vms.task(vm, vcpu));
    }
    return sum;
  }

  /** Passes of all vCPUs. */
  long rounds() {
    long sum = 0;
    for (int vm = 0; vm < machine.core().vms().count(); vm++) {
      sum += rounds(vm);
    }
    return sum;
  }

  private long perSecond(long count) {
    long ns = machine.core().clock().nowNs();
    return ns == 0 ? 0 : Math.round(count * (NS_PER_SECOND / ns));
  }

  private long cpuTimeNs(int vm) {
    Vms vms = machine.core().vms();
    long sumNs = 0;
    for (int vcpu = 0; vcpu < vms.size(vm); vcpu++) {
      int task = vms.task(vm, vcpu);
      machine.core().scheduler().settleTicks(machine.core().tasks().cpu(task));
      sumNs += HostMetrics.execNs(machine, machine.core().tasks(), task);
    }
    return sumNs;
  }

  private long thirdPartyWaitNs(int vm) {
    Vms vms = machine.core().vms();
    DirectedYield yields = machine.fair().directedYield();
    long longestNs = 0;
    for (int vcpu = 0; vcpu < vms.size(vm); vcpu++) {
      longestNs = Math.max(longestNs, yields.thirdPartyWaitNs(vms.task(vm, vcpu)));
    }
    return longestNs;
  }

  /** Longest wait of any fair task beside directed yields of a machine that is not its own, ns. */
  long longestThirdPartyWaitNs() {
    TaskTable tasks = machine.core().tasks();
    DirectedYield yields = machine.fair().directedYield();
    long longestNs = 0;
    for (int task = 0; task < tasks.count(); task++) {
      longestNs = Math.max(longestNs, yields.thirdPartyWaitNs(task));
    }
    return longestNs;
  }
}
