package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.US;
import static stallcast.kernel.host.TestFleet.compute;
import static stallcast.kernel.host.TestFleet.on;
import static stallcast.kernel.host.TestFleet.sleep;

import java.util.List;
import org.junit.jupiter.api.Test;
import stallcast.kernel.cpu.CpuTime;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec.Policy;

/** What differs between versions, features and policies of the fair class. */
class FairVersionsTest {
  private static final Step FOREVER = compute(1_000 * SECOND);

  private static TestFleet fleet(String preset, int cpus) {
    TestFleet fleet = new TestFleet();
    fleet.preset = preset;
    fleet.cpus = cpus;
    fleet.horizonNs = 4 * SECOND;
    return fleet;
  }

  private static TestFleet hogs(String preset, int cpus, int count) {
    TestFleet fleet = fleet(preset, cpus);
    for (int t = 0; t < count; t++) {
      fleet.task("hog" + t, Policy.OTHER, 0, on(0), FOREVER);
    }
    return fleet;
  }

  private static double share(TestFleet fleet, int task) {
    Watched run = Watched.run(fleet);
    run.machine().core().scheduler().settleTicks(0);
    return run.machine().core().tasks().sumExecNs(task) / (double) fleet.horizonNs;
  }

  /** Longest wake-up to run once everybody has started. */
  private static long longestWakeNs(TestFleet fleet, int task) {
    return Watched.run(fleet).longestWakeNs(task, 500 * MS);
  }

  /** Instants of the first switches of two hogs, us. */
  private static List<String> turns(TestFleet fleet) {
    return Watched.run(fleet).switches(0, US, 4, "a", "b");
  }

  @Test
  void hrtickEndsSlicesAtTheirDeadline() {
    // The first slice of a new task is half a slice.
    assertEquals(List.of("0 a", "1400 b", "2800 a", "5600 b"), turns(hogs("7.2", 8, 2)));
    assertEquals(List.of("0 a", "350 b", "700 a", "1400 b"), turns(hogs("7.2", 1, 2)));
    TestFleet old = hogs("6.6", 8, 2).knob(KernelKnob.HRTICK, 1);
    assertEquals(List.of("0 a", "1500 b", "3000 a", "6000 b"), turns(old));
    TestFleet set = hogs("7.2", 8, 2).knob(KernelKnob.BASE_SLICE_NS, 5_000_000);
    assertEquals(List.of("0 a", "2500 b", "5000 a", "10000 b"), turns(set));
  }

  @Test
  void withoutHrtickTurnsEndAtTicks() {
    assertEquals(List.of("0 a", "4000 b", "8000 a", "12000 b"), turns(hogs("6.18", 8, 2)));
    assertEquals(List.of("0 a", "4000 b", "8000 a", "12000 b"), turns(hogs("6.1", 1, 2)));
  }

  @Test
  void cfsTurnIsAShareOfTheLatencyPeriod() {
    // 24 ms for two tasks on eight CPUs: 12 ms each, found over at the tick behind it.
    assertEquals(List.of("0 a", "16000 b", "32000 a"), turns(hogs("6.1", 8, 2)).subList(0, 3));
  }

  @Test
  void yieldForfeitsTheRestOfTheSliceFrom619On() {
    for (String preset : new String[] {"6.19", "6.18.2", "6.12.63", "6.18", "6.12"}) {
      TestFleet fleet =
          hogs(preset, 1, 1)
              .task("yields", Policy.OTHER, 0, on(0), compute(10 * US), new Step.Yield());
      boolean forfeits = preset.contains(".1") && !preset.equals("6.18") && !preset.equals("6.12");
      double share = share(fleet, 1);
      assertTrue(forfeits ? share < 0.02 : share > 0.2, preset + ": " + share);
    }
  }

  @Test
  void debtOfALongSleeperIsWorkedOffOnlyWithDelayedDequeue() {
    Step[] program = {compute(20 * MS), sleep(700 * MS)};
    TestFleet kept = hogs("6.6", 1, 1).task("s", Policy.OTHER, 0, on(0), program);
    TestFleet forgiven = hogs("6.12", 1, 1).task("s", Policy.OTHER, 0, on(0), program);
    TestFleet off = hogs("6.12", 1, 1).task("s", Policy.OTHER, 0, on(0), program);
    off.knob(KernelKnob.DELAY_DEQUEUE, 0);
    assertTrue(longestWakeNs(kept, 1) > MS);
    assertTrue(longestWakeNs(off, 1) > MS);
    assertEquals(0, longestWakeNs(forgiven, 1));
  }

  @Test
  void batchWaitsForTheTickAndIdleIsPreemptedAtOnce() {
    for (String preset : new String[] {"5.15", "6.6", "6.12", "6.18"}) {
      Step[] light = {compute(10 * US), sleep(9_500 * US)};
      TestFleet batch = hogs(preset, 1, 1).task("b", Policy.BATCH, 0, on(0), light);
      assertTrue(longestWakeNs(batch, 1) > MS, preset);
      TestFleet idle =
          fleet(preset, 1)
              .task("i", Policy.IDLE, 0, on(0), FOREVER)
              .task("n", Policy.OTHER, 0, on(0), compute(10 * US), sleep(9_500 * US));
      assertEquals(0, longestWakeNs(idle, 1), preset);
      TestFleet busy =
          fleet(preset, 1)
              .task("i", Policy.IDLE, 0, on(0), FOREVER)
              .task("n", Policy.OTHER, 0, on(0), FOREVER);
      assertEquals(3.0 / 1027, share(busy, 0), 0.002, preset);
    }
  }

  @Test
  void shortSliceBreaksTheProtectionOfALongOne() {
    TestFleet fleet = fleet("6.12", 1);
    fleet.sliceNs = 50 * MS;
    fleet.task("a", Policy.OTHER, 0, on(0), FOREVER).task("b", Policy.OTHER, 0, on(0), FOREVER);
    fleet.sliceNs = 200 * US;
    fleet.task("s", Policy.OTHER, 0, on(0), sleep(33 * MS), compute(100 * US));
    long broken = longestWakeNs(fleet, 2);
    long held = longestWakeNs(fleet.knob(KernelKnob.PREEMPT_SHORT, 0), 2);
    long ignored = longestWakeNs(fleet.knob(KernelKnob.CUSTOM_SLICES, 0), 2);
    assertTrue(broken <= 12 * MS, "with PREEMPT_SHORT " + broken);
    assertTrue(held > 20 * MS, "without " + held);
    assertTrue(ignored <= 12 * MS, "base slices " + ignored);
  }

  @Test
  void wakeUpsOfACfsSleeperPreemptUnlessTheFeatureIsOff() {
    Step[] light = {compute(100 * US), sleep(9_700 * US)};
    TestFleet on = hogs("6.1", 1, 2).task("s", Policy.OTHER, 0, on(0), light);
    assertEquals(0, longestWakeNs(on, 2) / MS);
    assertTrue(longestWakeNs(on.knob(KernelKnob.WAKEUP_PREEMPTION, 0), 2) > MS);
  }

  @Test
  void idleCpusTakeWaitingTasksAcrossNodes() {
    TestFleet fleet = fleet("6.12", 8);
    fleet.numaNodes = 2;
    fleet.tasks("hog", 8, Policy.OTHER, 0, new CpuSelection.All(), TestFleet.fixed(0), FOREVER);
    Watched run = Watched.run(fleet);
    for (int cpu = 0; cpu < 8; cpu++) {
      assertTrue(
          run.machine().core().cpuTime().classNs(cpu, CpuTime.IDLE_TIME) < 200 * MS, "idle " + cpu);
    }
  }
}
