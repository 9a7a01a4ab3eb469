package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.compute;
import static stallcast.kernel.host.TestFleet.fixed;
import static stallcast.kernel.host.TestFleet.on;

import java.util.List;
import org.junit.jupiter.api.Test;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec.Policy;

/** FIFO and RR order, push and pull; times in ms. */
class RtClassTest {
  private final TestFleet fleet = new TestFleet();

  RtClassTest() {
    fleet.horizonNs = 3 * SECOND;
  }

  private void task(
      String name, Policy policy, int priority, CpuSelection cpus, long startMs, long runMs) {
    fleet.tasks(
        name,
        1,
        policy,
        priority,
        cpus,
        fixed((double) (startMs * MS)),
        compute(runMs * MS),
        new Step.Exit());
  }

  @Test
  void roundRobinPeersChangeEvery100Ms() {
    fleet.cpus = 1;
    task("a", Policy.RR, 5, on(0), 0, 250);
    task("b", Policy.RR, 5, on(0), 0, 250);
    Watched run = Watched.run(fleet);
    assertEquals(
        List.of("0 a", "100 b", "200 a", "300 b", "400 a", "450 b", "500 -"),
        run.switches(0, MS, 9, "a", "b"));
  }

  @Test
  void sliceFollowsTheSysctl() {
    fleet.cpus = 1;
    fleet.knob(KernelKnob.SCHED_RR_TIMESLICE_MS, 20);
    task("a", Policy.RR, 5, on(0), 0, 50);
    task("b", Policy.RR, 5, on(0), 0, 30);
    Watched run = Watched.run(fleet);
    assertEquals(
        List.of("0 a", "20 b", "40 a", "60 b", "70 a", "80 -"), run.switches(0, MS, 9, "a", "b"));
  }

  @Test
  void equalFifoTasksRunInOrderOfArrivalToTheirEnd() {
    fleet.cpus = 1;
    task("a", Policy.FIFO, 5, on(0), 0, 300);
    task("b", Policy.FIFO, 5, on(0), 2, 300);
    task("c", Policy.FIFO, 5, on(0), 1, 300);
    Watched run = Watched.run(fleet);
    assertEquals(List.of("0 a", "300 c", "600 b", "900 -"), run.switches(0, MS, 9, "a", "b", "c"));
  }

  @Test
  void preemptedTaskKeepsItsPlaceAtTheHead() {
    fleet.cpus = 1;
    task("a", Policy.FIFO, 5, on(0), 0, 300);
    task("b", Policy.FIFO, 5, on(0), 10, 300);
    task("urgent", Policy.FIFO, 6, on(0), 100, 50);
    Watched run = Watched.run(fleet);
    assertEquals(
        List.of("0 a", "100 urgent", "150 a", "350 b", "650 -"),
        run.switches(0, MS, 9, "a", "b", "urgent"));
  }

  @Test
  void displacedTaskIsPushedToACpuWithLowerPriority() {
    task("movable", Policy.FIFO, 40, on(0, 1), 0, 300);
    task("pinned", Policy.FIFO, 50, on(0), 100, 300);
    Watched run = Watched.run(fleet);
    assertEquals(List.of("0 m", "100 p", "400 -"), run.switches(0, MS, 9, "m", "p"));
    assertEquals(List.of("100 m", "300 -"), run.switches(1, MS, 9, "m", "p"));
    assertEquals(1, run.machine().core().tasks().migrations(0));
  }

  @Test
  void freedCpuPullsWhatWaitsElsewhere() {
    fleet.knob(KernelKnob.RT_PUSH_IPI, 0).knob(KernelKnob.COST_PULL_LOCK_NS, 0);
    task("pinned", Policy.FIFO, 50, on(0), 0, 500);
    task("high", Policy.FIFO, 60, on(1), 0, 200);
    task("movable", Policy.FIFO, 40, on(0, 1), 100, 100);
    Watched run = Watched.run(fleet);
    assertEquals(List.of("0 p", "500 -"), run.switches(0, MS, 9, "p", "h", "m"));
    assertEquals(List.of("0 h", "200 m", "300 -"), run.switches(1, MS, 9, "p", "h", "m"));
  }

  @Test
  void wakingTaskGoesToTheCpuWithTheLowestPriority() {
    fleet.cpus = 3;
    task("a", Policy.FIFO, 50, on(0), 0, 500);
    task("b", Policy.FIFO, 20, on(1), 0, 500);
    task("c", Policy.FIFO, 10, on(2), 0, 500);
    task("mover", Policy.FIFO, 30, on(0, 1, 2), 100, 100);
    Watched run = Watched.run(fleet);
    assertEquals(
        List.of("0 c", "100 mover", "200 c", "600 -"),
        run.switches(2, MS, 9, "a", "b", "c", "mover"));
  }

  @Test
  void throttledCpuKeepsItsTasks() {
    fleet.knob(KernelKnob.HZ, 1000);
    task("hog", Policy.FIFO, 50, on(0), 0, 5_000);
    task("high", Policy.FIFO, 60, on(1), 100, 870);
    task("movable", Policy.FIFO, 40, on(0, 1), 200, 100);
    Watched run = Watched.run(fleet);
    // CPU 1 is free from 970 ms and would like to pull; "movable" outranks idle CPU 0, so it stays
    // until CPU 0 may run again and pushes it away.
    assertEquals(
        List.of("0 hog", "951 -", "1000 hog"), run.switches(0, MS, 3, "hog", "high", "movable"));
    assertEquals(
        List.of("100 high", "970 -", "1000 movable", "1100 -"),
        run.switches(1, MS, 9, "hog", "high", "movable"));
  }

  @Test
  void pushFromAThrottledCpuOnlyAsksForAReschedule() {
    fleet.knob(KernelKnob.HZ, 1000);
    task("hog", Policy.FIFO, 50, on(0), 0, 5_000);
    task("movable", Policy.FIFO, 40, on(0, 1), 960, 100);
    task("fair", Policy.OTHER, 0, on(0), 0, 5_000);
    Watched run = Watched.run(fleet);
    // It wakes on a CPU whose current task is fair, and stays although CPU 1 is idle.
    assertEquals(
        List.of("0 hog", "951 fair", "1000 hog"), run.switches(0, MS, 3, "hog", "movable", "fair"));
    assertEquals(
        List.of("1000 movable", "1100 -"), run.switches(1, MS, 9, "hog", "movable", "fair"));
  }
}
