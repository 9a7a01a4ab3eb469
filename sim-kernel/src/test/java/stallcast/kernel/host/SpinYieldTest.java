package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.US;
import static stallcast.kernel.host.TestFleet.fixed;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import stallcast.kernel.random.Fixed;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.LockSpec;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec.Policy;
import stallcast.kernel.scenario.VcpuArch;
import stallcast.kernel.scenario.YieldTargeting;

/**
 * Whom a spinner yields to. vCPU 0 spins on CPU 0; the others wait on CPU 1, which a FIFO task has
 * taken for good: vCPUs 1 and 2 were preempted in user mode of their guests, vCPU 3 in a critical
 * section.
 */
class SpinYieldTest {
  private static final int EXITS = 0;
  private static final int SUCCESSFUL = 1;
  private static final int AWAITED = 2;
  private static final int TRACKED = 3;

  private static TestFleet machine(YieldTargeting targeting, Step... spinner) {
    TestFleet fleet = new TestFleet();
    fleet.preset = "7.1+yield-v3";
    fleet.horizonNs = SECOND;
    fleet
        .knob(KernelKnob.YIELD_TARGETING, targeting.ordinal())
        .knob(KernelKnob.YIELD_TO_LAG_CREDIT, 0)
        .knob(KernelKnob.FAIR_SERVER, 0)
        .knob(KernelKnob.APICV, 0)
        .knob(KernelKnob.ENABLE_RELAXED_BOOST, 0)
        .lock("l", LockSpec.Kind.SPIN, 1);
    fleet.vmStart = fixed(20 * MS);
    fleet.vcpusOf("vm", "spinner", 1, TestFleet.on(0), VcpuArch.X86, spinner);
    fleet.vmStart = fixed(0);
    Step forever = new Step.Guest(new Fixed(3600.0 * SECOND));
    fleet.vcpusOf("vm", "user", 2, TestFleet.on(1), VcpuArch.X86, forever);
    fleet.vcpusOf(
        "vm",
        "holder",
        1,
        TestFleet.on(1),
        VcpuArch.X86,
        new Step.Lock("l"),
        new Step.GuestKernel(new Fixed(3600.0 * SECOND)),
        new Step.Unlock());
    fleet.tasks(
        "hog", 1, Policy.FIFO, 1, TestFleet.on(1), fixed(15 * MS), TestFleet.compute(2 * SECOND));
    return fleet.measure(
        "host.vm vm.spin_exits",
        "host.vm vm.directed_yield_successful",
        "host.vm vm.directed_yield_awaited",
        "host.vm vm.directed_yield_tracked");
  }

  private static TestFleet waitingForTheLock(YieldTargeting targeting) {
    return machine(targeting, new Step.Lock("l"), new Step.Unlock(), TestFleet.sleep(MS));
  }

  private static TestFleet waitingForAnIpi(YieldTargeting targeting) {
    return machine(
        targeting, new Step.Guest(new Fixed(US)), new Step.Ipi(fixed(1)), new Step.WaitIpi());
  }

  @ParameterizedTest
  @EnumSource(YieldTargeting.class)
  void spinnerInKernelModePassesOverThosePreemptedInUserMode(YieldTargeting targeting) {
    HostOutcome outcome = waitingForTheLock(targeting).run();
    assertTrue(outcome.measure(EXITS) > 10, outcome.measure(EXITS) + " exits");
    assertEquals(outcome.measure(EXITS), outcome.measure(SUCCESSFUL));
    assertEquals(outcome.measure(SUCCESSFUL), outcome.measure(AWAITED));
  }

  @Test
  void withoutThatRuleTheyTakeTurnsBehindTheOneBoostedLast() {
    TestFleet fleet = waitingForTheLock(YieldTargeting.KVM).knob(KernelKnob.YIELD_IN_KERNEL, 0);
    HostOutcome outcome = fleet.knob(KernelKnob.PLE_WINDOW_GROW, 0).run();
    assertTrue(outcome.measure(SUCCESSFUL) > 1_000, outcome.measure(SUCCESSFUL) + " yields");
    assertEquals(outcome.measure(SUCCESSFUL) / 3.0, (double) outcome.measure(AWAITED), 1);
  }

  @Test
  void receiverOfAnIpiInUserModeIsFoundOnlyByItsRecordOrPendingInterrupt() {
    HostOutcome blind = waitingForAnIpi(YieldTargeting.KVM).run();
    HostOutcome hinted = waitingForAnIpi(YieldTargeting.KVM).knob(KernelKnob.APICV, 1).run();
    HostOutcome recorded = waitingForAnIpi(YieldTargeting.IPI_FILTER).run();
    // The only one in kernel mode is the holder of the lock, which nobody waits for, unless it is
    // the receiver.
    assertTrue(blind.measure(SUCCESSFUL) > 0);
    assertEquals(0, blind.measure(AWAITED));
    assertTrue(hinted.measure(AWAITED) > 0);
    assertTrue(recorded.measure(AWAITED) > 0);
    assertEquals(recorded.measure(TRACKED), recorded.measure(AWAITED));
  }

  @Test
  void recordComesFirstInTheThirdPosting() {
    HostOutcome outcome = waitingForAnIpi(YieldTargeting.IPI_PRIORITY).run();
    long within = outcome.measure(TRACKED);
    assertTrue(within > 0);
    assertEquals(within, outcome.measure(AWAITED));
    // The record is valid for 50 ms of the 980 ms; then the only one in kernel mode is boosted.
    assertTrue(outcome.measure(SUCCESSFUL) > within);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 1"})
  void relaxedPassBoostsAnyPreemptedVcpu(int relaxed, int any) {
    TestFleet fleet = new TestFleet();
    fleet.preset = "7.1+yield-v3";
    fleet.horizonNs = SECOND;
    fleet.knob(KernelKnob.FAIR_SERVER, 0).knob(KernelKnob.APICV, 0);
    fleet.knob(KernelKnob.ENABLE_RELAXED_BOOST, relaxed).knob(KernelKnob.IPI_WINDOW_NS, 0);
    Step forever = new Step.Guest(new Fixed(3600.0 * SECOND));
    fleet.vcpusOf("vm", "user", 2, TestFleet.on(1), VcpuArch.X86, forever);
    fleet.tasks(
        "hog", 1, Policy.FIFO, 1, TestFleet.on(1), fixed(15 * MS), TestFleet.compute(2 * SECOND));
    fleet.vmStart = fixed(20 * MS);
    fleet.vcpusOf(
        "vm",
        "spinner",
        1,
        TestFleet.on(0),
        VcpuArch.X86,
        new Step.Guest(new Fixed(US)),
        new Step.Ipi(fixed(2)),
        new Step.WaitIpi());
    long successful = fleet.measure("host.vm vm.directed_yield_successful").run().measure(0);
    assertEquals(any == 1, successful > 0, successful + " yields");
  }

  @Test
  void namedHolderIsYieldedToOnlyWhileItIsPreempted() {
    TestFleet fleet = new TestFleet();
    fleet.preset = "7.1";
    fleet.horizonNs = SECOND;
    fleet.lock("l", LockSpec.Kind.SPIN, 1);
    Step[] round = {
      new Step.Lock("l"),
      new Step.GuestKernel(new Fixed(MS)),
      new Step.Unlock(),
      new Step.Guest(new Fixed(US))
    };
    fleet.vm("vm", 2, new CpuSelection.Each(), VcpuArch.S390, round);
    HostOutcome alone =
        fleet.measure("host.vm vm.spin_exits", "host.vm vm.directed_yield_attempted").run();
    assertTrue(alone.measure(0) > 1_000);
    assertEquals(0, alone.measure(1)); // the holder runs all the time
  }
}
