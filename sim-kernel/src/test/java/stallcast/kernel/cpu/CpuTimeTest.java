package stallcast.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import stallcast.kernel.engine.RunLimits;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.TimerQueue;

/** Work and class times of one CPU; times in ns. */
class CpuTimeTest {
  private final TimerQueue timers = new TimerQueue();
  private final KernelClock clock = new KernelClock(timers);
  private final TaskTable tasks = new TaskTable();
  private final CpuTime time = new CpuTime(clock, tasks);
  private final List<Long> completedNs = new ArrayList<>();

  CpuTimeTest() {
    timers.reset(0, 2);
    clock.reset();
    tasks.reset(1, 1);
    tasks.define(0, 0, KernelCore.RANK_FAIR, false, 0);
    time.reset(1, cpu -> completedNs.add(clock.nowNs()));
  }

  private void runTo(long untilNs) {
    timers.run(new RunLimits(untilNs, Long.MAX_VALUE));
  }

  @Test
  void workCompletesWhenItsTimeHasRun() {
    tasks.setRemainingNs(0, 100);
    runTo(10);
    time.start(0, 0);
    runTo(60);
    assertEquals(50, time.workNs(0, 0, true));
    time.stop(0, 0);
    assertEquals(50, tasks.workNs(0));
    assertEquals(50, tasks.remainingNs(0));
    runTo(200);
    assertEquals(List.of(), completedNs);
    time.start(0, 0);
    runTo(400);
    assertEquals(List.of(250L), completedNs);
  }

  @Test
  void stopStretchesTheWork() {
    tasks.setRemainingNs(0, 100);
    time.start(0, 0);
    runTo(40);
    time.stretch(0, 0, 40, 1_040);
    time.goOnAt(0, 0, 1_040);
    runTo(500);
    assertEquals(40, time.workNs(0, 0, true), "no work while it stands still");
    runTo(2_000);
    assertEquals(List.of(1_100L), completedNs);
    assertEquals(1_000, time.stoppedSinceNs(0, 40));
    assertEquals(0, time.stoppedSinceNs(0, 41));
  }

  @Test
  void stoppedIdleCpuHasNoWorkToStretch() {
    time.stretch(0, Scheduler.IDLE, 0, 1_000);
    time.goOnAt(0, Scheduler.IDLE, 1_000);
    runTo(2_000);
    assertEquals(List.of(), completedNs);
    assertEquals(0, time.lastStopNs(0));
  }

  @Test
  void classTimesAddUpToTheClock() {
    runTo(10);
    time.account(0, KernelCore.RANK_RT, clock.nowNs());
    runTo(30);
    time.account(0, KernelCore.RANK_FAIR, clock.nowNs());
    runTo(35);
    assertEquals(10, time.classNs(0, CpuTime.IDLE_TIME));
    assertEquals(20, time.classNs(0, KernelCore.RANK_RT));
    assertEquals(5, time.classNs(0, KernelCore.RANK_FAIR), "up to now");
    assertEquals(2, time.switches(0));
  }

  @Test
  void snapshotRestoresAccounts() {
    runTo(10);
    time.account(0, KernelCore.RANK_RT, clock.nowNs());
    StateBuffer saved = new StateBuffer();
    time.save(saved);
    runTo(30);
    time.account(0, CpuTime.IDLE_TIME, clock.nowNs());
    saved.rewind();
    time.restore(saved);
    assertEquals(20, time.classNs(0, KernelCore.RANK_RT));
    assertEquals(1, time.switches(0));
  }
}
