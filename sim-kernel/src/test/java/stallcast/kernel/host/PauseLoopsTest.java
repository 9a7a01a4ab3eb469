package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.fixed;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stallcast.kernel.random.Fixed;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.LockSpec;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec.Policy;
import stallcast.kernel.scenario.VcpuArch;

/**
 * How often a vCPU exits that spins for 1 ms, by eevdf-and-directed-yield.md section 3: windows of
 * 4096 cycles at 2.5 GHz, or of 3000 rounds of 16 ns, that grow with every exit.
 */
class PauseLoopsTest {

  /** A vCPU holds a lock for 1 ms while another one, on a CPU of its own, spins for it. */
  private static TestFleet spin(VcpuArch arch, LockSpec.Kind kind, long heldNs) {
    TestFleet fleet = new TestFleet();
    fleet.preset = "6.12";
    fleet.horizonNs = SECOND;
    Step[] once = {
      new Step.Lock("l"),
      new Step.GuestKernel(new Fixed((double) heldNs)),
      new Step.Unlock(),
      new Step.Exit()
    };
    fleet.vcpusOf("vm", "holder", 1, TestFleet.on(0), arch, once);
    fleet.vmStart = fixed(1); // behind the holder
    return fleet
        .vcpusOf("vm", "spinner", 1, TestFleet.on(1), arch, once)
        .lock("l", kind, 1)
        .knob(KernelKnob.COST_VM_EXIT_NS, 0)
        .measure("host.vm vm.spin_exits", "host.vm vm.directed_yield_attempted");
  }

  private static long exits(TestFleet fleet) {
    return fleet.run().measure(0);
  }

  @ParameterizedTest
  @CsvSource({
    "X86, SPIN, 9", // floor(log2(1 ms * 2.5 GHz / 4096 + 1))
    "X86, QUEUE, 9",
    "X86, USER, 0", // Intel counts in kernel mode only
    "AMD, SPIN, 4", // floor(log2(1 ms / 48 us + 1))
    "AMD, USER, 4",
    "S390, SPIN, 62", // 1 ms / (1000 rounds of 16 ns)
    "ARM64, SPIN, 0",
  })
  void windowsDoubleUntilTheLockIsReleased(VcpuArch arch, LockSpec.Kind kind, long expected) {
    assertEquals(expected, exits(spin(arch, kind, MS)));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 4294967295, 610", // stays at 1638 ns
    "8192, 4294967295, 24", // not below the base: added; n windows take 4096 n^2 cycles
    "2, 8192, 305", // one of 4096 cycles, then all of 8192
  })
  void growthIsAFactorOrAnAddendUpToTheMaximum(int grow, double most, long expected) {
    TestFleet fleet =
        spin(VcpuArch.X86, LockSpec.Kind.SPIN, MS)
            .knob(KernelKnob.PLE_WINDOW_GROW, grow)
            .knob(KernelKnob.PLE_WINDOW_MAX, most);
    assertEquals(expected, exits(fleet));
  }

  @Test
  void noGapAndNoFilterTurnExitsOff() {
    assertEquals(0, exits(spin(VcpuArch.X86, LockSpec.Kind.SPIN, MS).knob(KernelKnob.PLE_GAP, 0)));
    TestFleet amd = spin(VcpuArch.AMD, LockSpec.Kind.SPIN, MS);
    assertEquals(0, exits(amd.knob(KernelKnob.PAUSE_FILTER_COUNT, 0)));
  }

  /** The spinner shares its CPU with a FIFO task that takes 1 us of every 100 us. */
  @ParameterizedTest
  @CsvSource({"0", "2"})
  void windowShrinksWhenTheVcpuIsScheduledIn(int shrink) {
    TestFleet fleet =
        spin(VcpuArch.X86, LockSpec.Kind.SPIN, MS).knob(KernelKnob.PLE_WINDOW_SHRINK, shrink);
    fleet.task(
        "disturber",
        Policy.FIFO,
        1,
        TestFleet.on(1),
        TestFleet.sleep(99_000),
        TestFleet.compute(1_000));
    // Reset, each of ten stretches of 99 us has floor(log2(99 us / 1638 ns + 1)) = 5 exits. Halved,
    // the first has 5, the second begins with 26 us and has 2, all others begin with 52 us: 1 each.
    long count = exits(fleet);
    if (shrink == 0) {
      assertEquals(10 * 5, (double) count, 3);
    } else {
      assertEquals(15, (double) count, 3);
    }
  }

  @Test
  void paravirtualWaiterHaltsAndIsKicked() {
    TestFleet fleet = spin(VcpuArch.X86, LockSpec.Kind.PV, MS);
    fleet.measure("host.task spinner.nr_wakeups", "host.task spinner.work-time");
    HostOutcome outcome = fleet.run();
    // 2^15 rounds of 16 ns in the loop, then asleep until the kick, then 1 ms in the lock.
    assertEquals(2, outcome.measure(2));
    assertEquals((1 << 15) * 16 + MS, outcome.measure(3));
  }

  @Test
  void queueIsServedInOrderAndTestAndSetByWhoeverSpins() {
    TestFleet fleet = new TestFleet();
    fleet.preset = "6.12";
    fleet.horizonNs = 100 * MS;
    fleet.cpus = 4;
    fleet.lock("l", LockSpec.Kind.QUEUE, 1);
    fleet.vm(
        "vm",
        4,
        new CpuSelection.Each(),
        VcpuArch.X86,
        new Step.Lock("l"),
        new Step.GuestKernel(new Fixed(MS)),
        new Step.Unlock());
    for (int i = 0; i < 4; i++) {
      fleet.measure("host.task vm-" + i + ".rounds");
    }
    HostOutcome outcome = fleet.run();
    for (int i = 0; i < 4; i++) {
      assertEquals(25, (double) outcome.measure(i), 1, "vCPU " + i); // turns of 1 ms in 100 ms
    }
  }
}
