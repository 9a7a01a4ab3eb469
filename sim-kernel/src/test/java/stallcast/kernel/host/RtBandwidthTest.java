package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.compute;
import static stallcast.kernel.host.TestFleet.fixed;
import static stallcast.kernel.host.TestFleet.on;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stallcast.kernel.scenario.CgroupSpec;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec;
import stallcast.kernel.scenario.TaskSpec.Policy;

/** Ordinary throttling, without any stop (rt-throttle.md sections 4, 8 and 9). */
class RtBandwidthTest {
  private static final Step FOREVER = compute(10_000 * SECOND);

  private static TestFleet fleet(int cpus) {
    TestFleet fleet = new TestFleet();
    fleet.cpus = cpus;
    fleet.horizonNs = 10 * SECOND;
    return fleet.knob(KernelKnob.HZ, 1000);
  }

  private static TestFleet hog(int cpus) {
    return fleet(cpus).task("hog", Policy.FIFO, 50, on(0), FOREVER);
  }

  @Test
  void hogRuns950MsAndRests50MsOfEverySecond() {
    Watched run = Watched.run(hog(1));
    // The tick at 951 ms is the first that finds more than 950 ms on the books; the surplus stays.
    assertEquals(List.of(951L, 1950L, 2950L, 3950L), run.times("throttle", 0, MS, 4));
    assertEquals(List.of(1L, 2L, 3L, 4L), run.times("unthrottle", 0, SECOND, 4));
    assertEquals(951 * MS, run.all("throttle").get(3).other());
    assertEquals(MS, run.all("unthrottle").get(3).other());
    assertEquals(9, run.outcome().count(IncidentKind.RT_THROTTLE_STEADY), "ended before 10 s");
    assertEquals(0, run.outcome().incidents().size());
  }

  @Test
  void periodTimerStopsWhenIdleAndRestartsWithTheNextEnqueue() {
    TestFleet fleet = fleet(1);
    fleet.tasks(
        "early", 1, Policy.FIFO, 5, on(0), fixed(300 * MS), compute(10 * MS), new Step.Exit());
    fleet.tasks("late", 1, Policy.FIFO, 5, on(0), fixed(5_400 * MS), FOREVER);
    Watched run = Watched.run(fleet);
    // On the grid of the first timer, 0.3 s + n s, the hog would have been refilled at 6.3 s.
    assertEquals(List.of(6_400L, 7_400L), run.times("unthrottle", 0, MS, 2));
    assertEquals(List.of(6_351L, 7_350L), run.times("throttle", 0, MS, 2));
  }

  @ParameterizedTest
  @CsvSource({"0, 1000000", "1000000, 1000000", "-1, 1000000", "500, 500"})
  void budgetsWithoutEffectNeverThrottle(long runtimeUs, long periodUs) {
    TestFleet fleet = hog(1);
    fleet.knob(KernelKnob.SCHED_RT_RUNTIME_US, (double) runtimeUs);
    fleet.knob(KernelKnob.SCHED_RT_PERIOD_US, (double) periodUs);
    Watched run = Watched.run(fleet);
    assertEquals(List.of("0 hog"), run.switches(0, MS, 9, "hog"));
    assertEquals(List.of(), run.all("throttle"));
  }

  @Test
  void elevenIdleNeighboursLendTheMissing50Ms() {
    TestFleet fleet = fleet(192);
    fleet.preset = "5.4"; // RT_RUNTIME_SHARE on
    fleet.knob(KernelKnob.HZ, 1000);
    fleet.task("hog", Policy.FIFO, 50, on(5), FOREVER);
    Watched run = Watched.run(fleet);
    assertEquals(List.of(), run.all("throttle"));
    assertEquals(1, run.all("borrow").size());
    assertEquals(951 * MS, run.all("borrow").get(0).atNs());
    assertEquals(SECOND, run.all("borrow").get(0).other());
    long lentNs = 950 * MS / 192;
    assertEquals(4_947_916, lentNs);
    for (int cpu = 0; cpu < 192; cpu++) {
      long expected = 950 * MS;
      if (cpu == 5) {
        expected = SECOND;
      } else if (cpu <= 10) {
        expected -= lentNs; // ten neighbours, the hog's own CPU left out
      } else if (cpu == 11) {
        expected -= 50 * MS - 10 * lentNs; // the eleventh gives the rest
      }
      assertEquals(expected, run.machine().bandwidth().budgetNs(cpu, 0), "CPU " + cpu);
    }
  }

  private static TestFleet grouped(CgroupSpec outer, CgroupSpec inner) {
    TestFleet fleet = fleet(1);
    fleet.knob(KernelKnob.RT_GROUP_SCHED, 1);
    fleet.cgroups.add(outer);
    fleet.cgroups.add(inner);
    fleet.tasks.add(
        new TaskSpec(
            "hog",
            new TaskSpec.TaskCount(fixed(1), false),
            Policy.FIFO,
            fixed(50),
            fixed(0),
            fixed(0),
            on(0),
            "/a/b",
            fixed(0),
            List.of(FOREVER)));
    return fleet;
  }

  @Test
  void innerGroupIsThrottledByItsOwnBudget() {
    Watched run =
        Watched.run(
            grouped(
                TestFleet.cgroup("/a", 400_000, 1_000_000, 100),
                TestFleet.cgroup("/a/b", 20_000, 100_000, 100)));
    assertEquals(List.of(21L, 120L, 220L, 320L), run.times("throttle", 0, MS, 4));
    assertEquals(List.of(100L, 200L, 300L), run.times("unthrottle", 0, MS, 3));
    assertTrue(run.all("throttle").stream().allMatch(e -> e.value() == 2), "group /a/b only");
  }

  @Test
  void outerGroupThrottlesTheTasksOfTheInnerOne() {
    Watched run =
        Watched.run(
            grouped(
                TestFleet.cgroup("/a", 100_000, 1_000_000, 100),
                TestFleet.cgroup("/a/b", 90_000, 100_000, 100)));
    List<Watched.Event> throttles = run.all("throttle");
    assertEquals(2, throttles.get(0).value());
    assertEquals(91 * MS, throttles.get(0).atNs());
    assertEquals(1, throttles.get(1).value());
    assertEquals(110 * MS, throttles.get(1).atNs());
    // Off from 110 ms to the outer group's period end, whatever the inner group's timer does.
    assertEquals(
        List.of("0 hog", "91 -", "100 hog", "110 -", "1000 hog"), run.switches(0, MS, 5, "hog"));
  }

  @Test
  void rootTasksOfAGroupKernelUseTheRootBudget() {
    TestFleet fleet = hog(1);
    fleet.preset = "6.12";
    fleet.knob(KernelKnob.RT_GROUP_SCHED, 1);
    Watched run = Watched.run(fleet);
    assertEquals(List.of(951L, 1950L), run.times("throttle", 0, MS, 2));
  }
}
