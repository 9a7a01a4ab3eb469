package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.compute;
import static stallcast.kernel.host.TestFleet.fixed;
import static stallcast.kernel.host.TestFleet.on;
import static stallcast.kernel.host.TestFleet.sleep;

import java.util.List;
import org.junit.jupiter.api.Test;
import stallcast.kernel.cpu.CpuTime;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.OperationSpec;
import stallcast.kernel.scenario.OperationSpec.Blackout;
import stallcast.kernel.scenario.OperationSpec.ClockVisibility;
import stallcast.kernel.scenario.OperationSpec.Occurrence;
import stallcast.kernel.scenario.OperationSpec.ResumeOrder;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec.Policy;

/** What a stop does to work, accounts and timers of a machine; times in ms. */
class StopsTest {
  private final TestFleet fleet = new TestFleet();

  StopsTest() {
    fleet.horizonNs = 2 * SECOND;
  }

  private void stop(CpuSelection cpus, long atMs, long ms, double shown, long skewNs) {
    fleet.operations.add(
        new OperationSpec(
            OperationSpec.Kind.PAUSE,
            new Occurrence.At(List.of(fixed((double) (atMs * MS)))),
            new OperationSpec.Effect.Stop(
                cpus,
                new Blackout.Drawn(fixed((double) (ms * MS))),
                new ClockVisibility.Share(fixed(shown)),
                fixed(0),
                fixed((double) skewNs),
                ResumeOrder.INDEX)));
  }

  @Test
  void workWaitsForTheResumeButIsChargedForTheStop() {
    fleet.task("t", Policy.OTHER, 0, on(0), compute(10 * MS), new Step.Exit());
    stop(new CpuSelection.All(), 4, 100, 1, 0);
    Watched run = Watched.run(fleet);
    assertEquals(List.of("0 t", "110 -"), run.switches(0, MS, 9, "t"));
    TaskTable tasks = run.machine().core().tasks();
    assertEquals(10 * MS, tasks.workNs(0));
    assertEquals(110 * MS, tasks.sumExecNs(0));
    CpuTime time = run.machine().core().cpuTime();
    assertEquals(110 * MS, time.classNs(0, KernelCore.RANK_FAIR));
    assertEquals(4 * MS, time.lastStopNs(0));
    assertEquals(100 * MS, time.stoppedSinceNs(0, 4 * MS));
    assertEquals(0, time.stoppedSinceNs(0, 4 * MS + 1), "only stops that began since");
  }

  @Test
  void hiddenPartIsNeitherChargedNorSeenByTimers() {
    fleet.task("t", Policy.OTHER, 0, on(0), compute(10 * MS), new Step.Exit());
    fleet.task("s", Policy.OTHER, 0, on(1), sleep(50 * MS), compute(MS), new Step.Exit());
    stop(new CpuSelection.All(), 4, 100, 0.3, 0);
    Watched run = Watched.run(fleet);
    // Kernel times: 30 of the 100 ms are shown.
    assertEquals(List.of("0 t", "40 -"), run.switches(0, MS, 9, "t", "s"));
    assertEquals(List.of("0 s", "0 -", "50 s", "51 -"), run.switches(1, MS, 9, "t", "s"));
    assertEquals(40 * MS, run.machine().core().tasks().sumExecNs(0));
    assertEquals(10 * MS, run.machine().core().tasks().workNs(0));
    assertEquals(2 * SECOND - 70 * MS, run.machine().core().clock().nowNs());
    assertEquals(100 * MS, run.machine().operations().totalStopNs());
  }

  @Test
  void sleeperThatIsDueDuringTheStopWakesAtTheResume() {
    fleet.task("s", Policy.OTHER, 0, on(0), sleep(50 * MS), compute(MS), new Step.Exit());
    stop(new CpuSelection.All(), 4, 100, 1, 0);
    assertEquals(
        List.of("0 s", "0 -", "104 s", "105 -"), Watched.run(fleet).switches(0, MS, 9, "s"));
  }

  @Test
  void otherCpusGoOnWhenOnlySomeStop() {
    fleet.task("a", Policy.FIFO, 5, on(0), compute(10 * MS), new Step.Exit());
    fleet.task("b", Policy.FIFO, 5, on(1), compute(10 * MS), new Step.Exit());
    stop(on(0), 4, 100, 1, 0);
    Watched run = Watched.run(fleet);
    assertEquals(List.of("0 a", "110 -"), run.switches(0, MS, 9, "a", "b"));
    assertEquals(List.of("0 b", "10 -"), run.switches(1, MS, 9, "a", "b"));
  }

  @Test
  void taskThatIsWokenOntoAStoppedCpuRunsAtItsResume() {
    fleet.tasks("b", 1, Policy.OTHER, 0, on(0), fixed(20 * MS), compute(MS), new Step.Exit());
    stop(on(0), 4, 100, 1, 0);
    assertEquals(List.of("104 b", "105 -"), Watched.run(fleet).switches(0, MS, 9, "b"));
  }

  @Test
  void cpusGoOnInIndexOrderByTheirSummedDelays() {
    stop(new CpuSelection.All(), 4, 100, 1, 2 * MS);
    Watched run = Watched.run(fleet);
    assertEquals(List.of(106L), run.times("resume", 0, MS, 9));
    assertEquals(List.of(108L), run.times("resume", 1, MS, 9));
  }

  @Test
  void operationThatIsDueDuringAStopWaitsForItsEnd() {
    fleet.task("t", Policy.OTHER, 0, on(0), compute(10 * MS), new Step.Exit());
    stop(new CpuSelection.All(), 4, 100, 1, 0);
    stop(new CpuSelection.All(), 50, 100, 1, 0);
    Watched run = Watched.run(fleet);
    assertEquals(List.of(104L, 204L), run.times("resume", 0, MS, 9));
    assertEquals(List.of("0 t", "210 -"), run.switches(0, MS, 9, "t"));
  }

  @Test
  void stopDuringEveryPhaseOfATaskKeepsItsWork() {
    for (int atMs = 0; atMs < 40; atMs++) {
      TestFleet one = new TestFleet();
      one.cpus = 1;
      one.horizonNs = SECOND;
      one.task("t", Policy.FIFO, 5, on(0), compute(3 * MS), sleep(2 * MS));
      one.stopAt(atMs * MS, 7 * MS, false, 0, ResumeOrder.INDEX);
      Watched run = Watched.run(one);
      TaskTable tasks = run.machine().core().tasks();
      CpuTime time = run.machine().core().cpuTime();
      long openNs = tasks.workNs(0) - 3 * MS * tasks.rounds(0);
      assertTrue(openNs >= 0 && openNs <= 3 * MS, "at " + atMs + ": " + openNs);
      assertEquals(
          SECOND,
          time.classNs(0, KernelCore.RANK_RT) + time.classNs(0, CpuTime.IDLE_TIME),
          "every nanosecond is either busy or idle");
    }
  }
}
