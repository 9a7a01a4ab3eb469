package stallcast.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import stallcast.kernel.engine.RunLimits;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.TimerPriority;
import stallcast.kernel.engine.TimerQueue;

/** The kernel's clock against the engine's; times in ns. */
class KernelClockTest {
  private final TimerQueue timers = new TimerQueue();
  private final KernelClock clock = new KernelClock(timers);
  private final List<String> fired = new ArrayList<>();

  KernelClockTest() {
    timers.reset(0, 3);
    clock.reset();
  }

  private void log(String name) {
    fired.add(name + " engine " + timers.nowNs() + " kernel " + clock.nowNs());
  }

  private void runTo(long untilNs) {
    timers.run(new RunLimits(untilNs, Long.MAX_VALUE));
  }

  @Test
  void clockRunsWithTheEngineUntilTimeIsHidden() {
    runTo(100);
    assertEquals(100, clock.nowNs());
    clock.hide(30);
    assertEquals(100, clock.nowNs(), "it stands still");
    runTo(120);
    assertEquals(100, clock.nowNs());
    runTo(150);
    assertEquals(120, clock.nowNs());
    assertEquals(150, clock.toEngineNs(clock.nowNs()));
  }

  @Test
  void hiddenTimeMovesAllTimersOfTheKernelButNoOthers() {
    int outside = timers.register(i -> log("outside"), TimerPriority.OPERATION, 1);
    KernelClock late = new KernelClock(timers);
    late.reset();
    int inside = late.register(i -> log("inside"), TimerPriority.HRTIMER, 1);
    timers.arm(outside, 100);
    late.arm(inside, 100);
    runTo(50);
    late.hide(1_000);
    assertEquals(100, late.expiryNs(inside), "unchanged on the kernel's own clock");
    runTo(2_000);
    assertEquals(List.of("outside engine 100 kernel 100", "inside engine 1100 kernel 1100"), fired);
    late.arm(inside, late.nowNs() + 5);
    assertEquals(2_005, timers.expiryNs(inside));
  }

  @Test
  void hidingNothingChangesNothing() {
    runTo(10);
    clock.hide(0);
    runTo(20);
    assertEquals(20, clock.nowNs());
  }

  @Test
  void timersOfAStoppedCpuWaitForIt() {
    int first = clock.registerPerCpu(cpu -> log("cpu" + cpu), TimerPriority.HRTIMER, 2);
    clock.arm(first, 100);
    clock.arm(first + 1, 100);
    runTo(50);
    clock.stop(0, 400);
    assertTrue(clock.isStopped(0));
    assertFalse(clock.isStopped(1));
    runTo(500);
    assertEquals(List.of("cpu1 engine 100 kernel 100", "cpu0 engine 400 kernel 400"), fired);
    assertFalse(clock.isStopped(0));
  }

  @Test
  void timersOfAKernelAreOneBlock() {
    clock.register(i -> log("mine"), TimerPriority.HRTIMER, 1);
    timers.register(i -> log("other"), TimerPriority.HRTIMER, 1);
    assertThrows(
        IllegalStateException.class,
        () -> clock.register(i -> log("gap"), TimerPriority.HRTIMER, 1));
  }

  @Test
  void snapshotHoldsWhatWasHidden() {
    runTo(100);
    clock.hide(40);
    StateBuffer saved = new StateBuffer();
    clock.save(saved);
    clock.hide(7);
    saved.rewind();
    clock.restore(saved);
    runTo(200);
    assertEquals(160, clock.nowNs());
  }
}
