package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.fixed;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.VcpuArch;

/** What holds in every machine with cpu.max, whatever its load. */
class CfsInvariantTest {
  private static final int MACHINES = Integer.getInteger("stallcast.seeds", 600);

  /** Looks at the books whenever a CPU changes its task. */
  private static final class Judge implements KernelObserver {
    private final Machine machine;
    private long held; // tasks that had to wait

    Judge(Machine machine) {
      this.machine = machine;
    }

    @Override
    public boolean wantsSwitches() {
      return true;
    }

    @Override
    public void onCfsHold(int cpu, int group, long remainingNs) {
      held++;
    }

    @Override
    public void onSwitch(int cpu, int prev, int next) {
      int groups = machine.host().cgroups().size();
      for (int g = 1; g <= groups; g++) {
        assertTrue(machine.cfs().runtimeNs(g) >= 0, "a pool is never overdrawn");
        assertTrue(
            machine.cfs().throttledPeriods(g) <= machine.cfs().periods(g),
            "no more throttled periods than periods");
        assertTrue(machine.cfs().lowestNs(g) <= 0, "the lowest balance was 0 or less");
      }
    }
  }

  @Test
  void booksHoldOnRandomMachines() {
    long held = 0;
    for (long seed = 0; seed < MACHINES; seed++) {
      TestFleet fleet = RandomMachines.machine(seed);
      if (fleet.cgroups.size() < 3) {
        continue;
      }
      fleet.horizonNs = 4 * SECOND;
      HostSimulation simulation = new HostSimulation(fleet.spec());
      Judge[] judge = new Judge[1];
      simulation.watch(machine -> judge[0] = new Judge(machine));
      simulation.run(0);
      held += judge[0].held;
    }
    assertTrue(held > MACHINES, held + " times held");
  }

  /** Usage never exceeds what was granted, but for a debt that somebody still owes. */
  @ParameterizedTest
  @EnumSource(VcpuArch.class)
  void usageIsWhatWasGrantedPlusTheDebt(VcpuArch arch) {
    for (String preset : List.of("6.1", "6.12", "6.18", "7.1", "7.3")) {
      TestFleet fleet = new TestFleet();
      fleet.preset = preset;
      fleet.cpus = 3;
      fleet.horizonNs = 20 * SECOND;
      fleet
          .knob(KernelKnob.HZ, 1000)
          .limit("/vm", 90_000, 100_000)
          .vcpus(
              "vcpu", 3, "/vm", arch, new Step.Guest(fixed(700 * MS)), TestFleet.compute(20 * MS))
          .measure("host.cgroup /vm.usage_usec", "host.cgroup /vm.nr_throttled");
      long limitUs = 90_000 * 201; // every period, and the full pool of the start
      boolean buggy = arch == VcpuArch.BOOK3S_HV && (preset.equals("6.18") || preset.equals("7.1"));
      HostOutcome outcome = fleet.run();
      long mostDebtUs = buggy ? 3 * 720_000 : 3 * 1_000;
      assertTrue(
          outcome.measure(0) <= limitUs + mostDebtUs, preset + " " + outcome.measure(0) + " us");
      assertTrue(outcome.measure(0) >= limitUs - 3 * 6_000 - 90_000, preset);
      assertEquals(199.0, (double) outcome.measure(1), 1.0, preset);
    }
  }
}
