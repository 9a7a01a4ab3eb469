package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.US;
import static stallcast.kernel.host.TestFleet.compute;
import static stallcast.kernel.host.TestFleet.fixed;
import static stallcast.kernel.host.TestFleet.on;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import stallcast.kernel.random.Exponential;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.Fidelity;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.PushIpiFix;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec.Policy;

/**
 * Rates of the RT_PUSH_IPI walker over CPUs that cannot leave softirq (softirq-lockup.md section
 * 3), with requests from many loops that together are a Poisson process.
 */
class PushIpiTest {
  private static final long DELIVERY_NS = 600;
  private static final long ENTRY_NS = 400;
  private static final long HANDLER_NS = 1_200;
  private static final long EXIT_NS = 900;
  private static final long VISIT_NS = ENTRY_NS + HANDLER_NS + EXIT_NS;
  private static final double HOP_NS = DELIVERY_NS + ENTRY_NS + HANDLER_NS;
  private static final int LOOPS = 60;
  private static final long HORIZON_NS = SECOND / 2;

  /** Softirq begins at 100 us, the waiting RT task exists from 200 us on. */
  private static final double STORM_NS = HORIZON_NS - 200.0 * US;

  private static TestFleet storm(int overloaded, double sleepNs) {
    TestFleet fleet = new TestFleet();
    fleet.cpus = overloaded + LOOPS;
    fleet.preset = "6.12.80";
    fleet.horizonNs = HORIZON_NS;
    fleet.fidelity = Fidelity.EXACT;
    fleet.knob(KernelKnob.COST_IPI_DELIVERY_NS, DELIVERY_NS);
    fleet.knob(KernelKnob.COST_IPI_ENTRY_NS, ENTRY_NS);
    fleet.knob(KernelKnob.COST_PUSH_HANDLER_NS, HANDLER_NS);
    fleet.knob(KernelKnob.COST_IPI_EXIT_NS, EXIT_NS);
    List<Integer> targets = IntStream.range(0, overloaded).boxed().toList();
    fleet.tasklets(new CpuSelection.Listed(targets), 100 * US, 1, 1_000 * SECOND);
    fleet.tasks(
        "waiting",
        overloaded,
        Policy.FIFO,
        1,
        new CpuSelection.MigrationDisabled(targets),
        fixed(200 * US),
        compute(MS));
    fleet.tasks(
        "loop",
        LOOPS,
        Policy.FIFO,
        50,
        new CpuSelection.EachOf(IntStream.range(overloaded, fleet.cpus).boxed().toList()),
        fixed(0),
        compute(1),
        new Step.Sleep(new Exponential(sleepNs)));
    return fleet;
  }

  /** Time between two visits of a CPU, ns. */
  private static double gapNs(TestFleet fleet, int overloaded) {
    fleet.measure("host.machine.walker-visits");
    return STORM_NS * overloaded / fleet.run().measure(0);
  }

  private static double requestsPerNs(double sleepNs) {
    return LOOPS / (sleepNs + 1);
  }

  @ParameterizedTest
  @CsvSource({"2, 20", "3, 20", "4, 20", "6, 20", "2, 300", "2, 3000", "3, 600"})
  void oneTokenIsDilutedAndRequestsMerge(int overloaded, int sleepUs) {
    double sleepNs = sleepUs * 1e3;
    double round = overloaded * HOP_NS;
    double rate = requestsPerNs(sleepNs);
    double none = Math.exp(-rate * round);
    double expected = round + none / (1 + none) / rate;
    assertEquals(expected, gapNs(storm(overloaded, sleepNs), overloaded), 0.015 * expected);
  }

  @ParameterizedTest
  @CsvSource({"20", "300", "3000"})
  void skippedSelfEndsEachWalkOfOneCpu(int sleepUs) {
    double sleepNs = sleepUs * 1e3;
    TestFleet fleet = storm(1, sleepNs).knob(KernelKnob.FIX_RTO_SKIP_SELF, 1);
    double rate = requestsPerNs(sleepNs);
    double late = EXIT_NS - DELIVERY_NS; // a request that comes earlier waits for the exit
    double expected = HOP_NS + late + Math.exp(-rate * late) / rate;
    assertEquals(expected, gapNs(fleet, 1), 0.015 * expected);
  }

  @Test
  void endlessSelfInterruptsLeaveTheCpuNothing() {
    TestFleet fleet = storm(1, 5e3).knob(KernelKnob.FIX_RTO_SKIP_SELF, 0);
    double gap = gapNs(fleet, 1);
    assertEquals(VISIT_NS, gap, 0.02 * VISIT_NS, "the next one is there when one ends");
  }

  @Test
  void interruptsStretchTheWorkByTheirTime() {
    TestFleet fleet = storm(2, 20e3);
    fleet.softirq.clear();
    fleet.tasklets(on(0, 1), 100 * US, 1, 200 * MS);
    fleet.horizonNs = SECOND;
    fleet.measure("host.cpu 0.batch-item-time");
    double share = VISIT_NS / (2 * HOP_NS + 0.0001);
    double expected = 200e6 / (1 - share);
    assertEquals(expected, (double) fleet.run().measure(0), 0.01 * expected);
  }

  @ParameterizedTest
  @EnumSource(PushIpiFix.class)
  void fixesActAsTheirVariantsSay(PushIpiFix fix) {
    TestFleet fleet = storm(2, 20e3).knob(KernelKnob.FIX_RT_PUSH_IPI, fix.ordinal());
    fleet.tasks.remove(0);
    fleet.cpus += 2; // with nothing to do
    fleet.tasks(
        "waiting",
        2,
        Policy.FIFO,
        1,
        on(0, 1, fleet.cpus - 2, fleet.cpus - 1),
        fixed(200 * US),
        compute(MS),
        new Step.Exit());
    fleet.measure("host.machine.walker-visits", "host.task waiting.sum_exec_runtime");
    HostOutcome outcome = fleet.run();
    long visits = outcome.measure(0);
    long worked = outcome.measure(1);
    switch (fix) {
      case NONE -> assertTrue(visits > 100_000 && worked == 0, visits + " visits");
      case NOT_PULL -> assertTrue(visits >= 1 && visits <= 10 && worked >= 2 * MS, "" + visits);
      case LIMIT_16 -> assertTrue(visits > 16 && visits <= 80 && worked >= 2 * MS, "" + visits);
      default -> assertTrue(visits == 0 && worked == 0, visits + " visits");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "4.19, 1", "5.10.260, 1", "5.10.261, 0", "5.15.211, 1", "5.15.212, 0", "6.1.177, 1",
    "6.1.178, 0", "6.6.144, 1", "6.6.145, 0", "6.12.95, 1", "6.12.96, 0", "6.18.38, 1",
    "6.18.39, 0", "7.1.3, 1", "7.1.4, 0", "7.2, 0"
  })
  void versionsWithTheFixHaveTheFeatureOff(String preset, int storms) {
    TestFleet fleet = storm(2, 20e3);
    fleet.preset = preset;
    fleet.horizonNs = 20 * MS;
    // Two waiting tasks, because before 6.7 one alone does not overload a CPU.
    fleet.tasks.add(fleet.tasks.get(0));
    fleet.tasks.set(
        0,
        new TestFleet()
            .tasks(
                "second",
                2,
                Policy.FIFO,
                1,
                new CpuSelection.MigrationDisabled(List.of(0, 1)),
                fixed(200 * US),
                compute(MS))
            .tasks
            .get(0));
    fleet.measure("host.machine.walker-visits");
    assertEquals(storms == 1, fleet.run().measure(0) > 1_000);
  }

  @ParameterizedTest
  @CsvSource({"6.6, 0", "6.7, 1", "6.12, 1", "5.15, 0"})
  void oneWaitingTaskOverloadsFromVersion67On(String preset, int storms) {
    TestFleet fleet = storm(2, 20e3);
    fleet.preset = preset;
    fleet.horizonNs = 20 * MS;
    fleet.measure("host.machine.walker-visits");
    assertEquals(storms == 1, fleet.run().measure(0) > 1_000);
  }

  @Test
  void pullsByLockWaitForEachOther() {
    TestFleet fleet = storm(1, 20e3).knob(KernelKnob.RT_PUSH_IPI, 0);
    fleet.knob(KernelKnob.COST_PULL_LOCK_NS, 2_600);
    fleet.measure("host.task loop.rounds", "host.machine.walker-visits");
    HostOutcome outcome = fleet.run();
    assertEquals(0, outcome.measure(1));
    // The lock serves one after another: no more rounds than it has turns.
    double turns = HORIZON_NS / 2_600.0;
    assertEquals(turns, (double) outcome.measure(0), 0.02 * turns);
  }
}
