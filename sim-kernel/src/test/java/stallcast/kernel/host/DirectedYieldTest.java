package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.US;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stallcast.kernel.random.Exponential;
import stallcast.kernel.random.Fixed;
import stallcast.kernel.random.Uniform;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.LockSpec;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec.Policy;
import stallcast.kernel.scenario.VcpuArch;

/** Two vCPUs on one CPU of eight hand over to each other every 20 us, beside a CPU-bound task. */
class DirectedYieldTest {
  private static final int HOG_NS = 0;
  private static final int HOG_WAIT = 1;
  private static final int FORCED = 2;
  private static final int CREDITS = 3;
  private static final int ROUNDS = 4;
  private static final int ATTEMPTED = 5;

  private static TestFleet exchange(String preset) {
    TestFleet fleet = new TestFleet();
    fleet.preset = preset;
    fleet.horizonNs = SECOND;
    fleet.cpus = 8;
    fleet.knob(KernelKnob.HZ, 1000).knob(KernelKnob.COST_VM_EXIT_NS, 0);
    return fleet
        .vm(
            "pair",
            2,
            TestFleet.on(0),
            VcpuArch.X86,
            new Step.Guest(new Fixed(20 * US)),
            new Step.YieldTo("pair"))
        .task("hog", Policy.OTHER, 0, TestFleet.on(0), TestFleet.compute(3600 * SECOND))
        .measure(
            "host.task hog.sum_exec_runtime",
            "host.task hog.max-third-party-wait",
            "host.cpu 0.nr_forced_resched",
            "host.cpu 0.nr_lag_credits",
            "host.task pair.rounds",
            "host.vm pair.directed_yield_attempted");
  }

  @ParameterizedTest
  @CsvSource({"6000000, 167", "1000000, 1000", "0, 49998"})
  void forcedReschedulesAreLimitedAndCreditsAreNot(int intervalNs, int forced) {
    TestFleet fleet = exchange("7.1+yield-v3");
    fleet.knob(KernelKnob.FORCED_RESCHED_INTERVAL_NS, intervalNs);
    HostOutcome outcome = fleet.run();
    assertEquals(forced, (double) outcome.measure(FORCED), 2);
    assertEquals(
        50_000, (double) outcome.measure(CREDITS), 10); // each of 1 s / 20 us but the first
    assertEquals(50_000, (double) outcome.measure(ROUNDS), 10);
  }

  @ParameterizedTest
  @CsvSource({"2", "10", "50"})
  void strangersGetNothingWhileCreditIsGiven(int margin) {
    TestFleet fleet = exchange("7.1+yield-v3");
    HostOutcome outcome = fleet.knob(KernelKnob.LAG_CREDIT_MARGIN_PERCENT, margin).run();
    assertEquals(0, (double) outcome.measure(HOG_NS), 100_000);
    assertEquals((double) SECOND, (double) outcome.measure(HOG_WAIT), 100_000);
  }

  @Test
  void strangersGetNearlyAllWithoutCredit() {
    HostOutcome outcome = exchange("7.1").run();
    assertTrue(outcome.measure(HOG_NS) > 0.98 * SECOND, outcome.measure(HOG_NS) + " ns");
    assertTrue(outcome.measure(HOG_WAIT) < MS, outcome.measure(HOG_WAIT) + " ns");
    assertEquals(0, outcome.measure(FORCED) + outcome.measure(CREDITS));
  }

  @Test
  void deboosterPunishesTheYielderOnceInAWhile() {
    HostOutcome plain = exchange("7.1").run();
    HostOutcome pushed = exchange("7.1+yield-v2").run();
    assertTrue(pushed.measure(HOG_NS) > plain.measure(HOG_NS));
    assertEquals(0, pushed.measure(FORCED));
  }

  /** The pair shares its CPU with nobody; another machine's vCPU is elsewhere. */
  @Test
  void yieldBetweenCpusOfOneTaskEachIsRefused() {
    TestFleet fleet = new TestFleet();
    fleet.preset = "7.1";
    fleet.horizonNs = SECOND;
    fleet.vm(
        "pair",
        2,
        new CpuSelection.Each(),
        VcpuArch.X86,
        new Step.Guest(new Fixed(MS)),
        new Step.YieldTo("pair"));
    fleet.measure(
        "host.vm pair.directed_yield_attempted", "host.vm pair.directed_yield_successful");
    HostOutcome outcome = fleet.run();
    assertEquals(2_000, (double) outcome.measure(0), 4);
    assertEquals(0, outcome.measure(1));
  }

  @Test
  void nobodyWaitsForAYieldThatIsNotThere() {
    TestFleet fleet = new TestFleet();
    fleet.preset = "7.1";
    fleet.horizonNs = SECOND;
    fleet.tasks(
        "a", 3, Policy.OTHER, 0, TestFleet.on(0), new Fixed(0), TestFleet.compute(3600 * SECOND));
    fleet.measure("host.machine.max-third-party-wait", "host.task a.max-off-cpu");
    HostOutcome outcome = fleet.run();
    assertEquals(0, outcome.measure(0));
    assertTrue(outcome.measure(1) > 0);
  }

  /** A machine's own vCPUs are no third parties: only the hog's wait counts. */
  @Test
  void waitOfTheSameMachineDoesNotCount() {
    TestFleet fleet = exchange("7.1+yield-v3");
    fleet.measure("host.vm pair.max-third-party-wait", "host.machine.max-third-party-wait");
    HostOutcome outcome = fleet.run();
    assertEquals(0, outcome.measure(ATTEMPTED + 1));
    assertEquals(outcome.measure(HOG_WAIT), outcome.measure(ATTEMPTED + 2));
  }

  /** Nothing says that a holder is preempted: it happens if and only if CPUs are shared. */
  @ParameterizedTest
  @CsvSource({"1, false", "2, true"})
  void holdersArePreemptedOnlyWhereCpusAreShared(int machines, boolean preempted) {
    TestFleet fleet = new TestFleet();
    fleet.preset = "7.1";
    fleet.horizonNs = SECOND;
    fleet.cpus = 4;
    fleet.lock("l", LockSpec.Kind.SPIN, 1);
    fleet.vmStart = new Uniform(0, 10 * MS);
    for (int vm = 0; vm < machines; vm++) {
      fleet.vm(
          "vm" + vm,
          4,
          new CpuSelection.Shuffled(),
          VcpuArch.X86,
          new Step.Guest(new Exponential(100 * US)),
          new Step.Lock("l"),
          new Step.GuestKernel(new Fixed(10 * US)),
          new Step.Unlock());
    }
    HostOutcome outcome = fleet.measure("host.vm vm0.directed_yield_awaited").run();
    assertEquals(preempted, outcome.measure(0) > 0, outcome.measure(0) + " yields to holders");
  }
}
