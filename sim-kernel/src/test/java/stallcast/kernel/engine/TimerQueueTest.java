package stallcast.kernel.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Order, moving, lanes and snapshots of the future event list; times in ns. */
class TimerQueueTest {
  private static final RunLimits ALL = new RunLimits(1_000_000, Long.MAX_VALUE);

  private final TimerQueue timers = new TimerQueue();
  private final List<String> fired = new ArrayList<>();

  TimerQueueTest() {
    timers.reset(0, 3);
  }

  private int register(String name, TimerPriority priority, int count) {
    return timers.register(i -> fired.add(timers.nowNs() + " " + name + i), priority, count);
  }

  @Test
  void earlierRunsFirstThenPriorityThenOrderOfArming() {
    int hrtimer = register("h", TimerPriority.HRTIMER, 3);
    int completion = register("c", TimerPriority.COMPLETION, 1);
    timers.arm(hrtimer + 2, 50);
    timers.arm(hrtimer, 50);
    timers.arm(completion, 50);
    timers.arm(hrtimer + 1, 49);
    timers.run(ALL);
    assertEquals(List.of("49 h1", "50 c0", "50 h2", "50 h0"), fired);
    assertEquals(4, timers.expiries());
  }

  @Test
  void periodicTimersOfOneInstantRunInOrderOfRegistration() {
    int tick = register("t", TimerPriority.TICK, 3);
    timers.arm(tick + 2, 10);
    timers.arm(tick, 10);
    timers.arm(tick + 1, 10);
    timers.run(ALL);
    assertEquals(List.of("10 t0", "10 t1", "10 t2"), fired);
  }

  @Test
  void prioritiesOfOneInstantRunAsDeclared() {
    TimerPriority[] priorities = TimerPriority.values();
    List<String> expected = new ArrayList<>();
    for (TimerPriority priority : priorities) {
      expected.add("7 " + priority + 0);
    }
    for (int p = priorities.length - 1; p >= 0; p--) {
      timers.arm(register(priorities[p].name(), priorities[p], 1), 7);
    }
    timers.run(ALL);
    assertEquals(expected, fired);
  }

  @Test
  void cancelledTimerDoesNotRunAndMayBeCancelledTwice() {
    int h = register("h", TimerPriority.HRTIMER, 2);
    timers.arm(h, 5);
    timers.arm(h + 1, 6);
    timers.cancel(h);
    timers.cancel(h);
    assertFalse(timers.isArmed(h));
    assertEquals(TimerQueue.NEVER, timers.expiryNs(h));
    timers.run(ALL);
    assertEquals(List.of("6 h1"), fired);
  }

  @Test
  void armingAgainMovesTheOneExpiry() {
    int h = register("h", TimerPriority.HRTIMER, 2);
    timers.arm(h, 5);
    timers.arm(h + 1, 6);
    timers.arm(h, 8);
    timers.arm(h + 1, 3);
    timers.run(ALL);
    assertEquals(List.of("3 h1", "8 h0"), fired);
  }

  @Test
  void pastIsRefused() {
    int h = register("h", TimerPriority.HRTIMER, 1);
    timers.arm(h, 5);
    timers.run(ALL);
    assertEquals(1_000_000, timers.nowNs());
    assertThrows(IllegalStateException.class, () -> timers.arm(h, 999_999));
    timers.arm(h, 1_000_000);
  }

  @Test
  void limitIsExclusiveAndLeavesTheRestArmed() {
    int h = register("h", TimerPriority.HRTIMER, 2);
    timers.arm(h, 10);
    timers.arm(h + 1, 20);
    assertTrue(timers.run(new RunLimits(20, Long.MAX_VALUE)));
    assertEquals(List.of("10 h0"), fired);
    assertEquals(20, timers.nowNs());
    assertFalse(timers.run(new RunLimits(30, 1)), "only one expiry allowed in all");
    assertTrue(timers.run(new RunLimits(30, 2)));
    assertEquals(List.of("10 h0", "20 h1"), fired);
  }

  @Test
  void stopEndsTheRunAfterTheExpiry() {
    int h = timers.register(i -> timers.stop(), TimerPriority.HRTIMER, 1);
    timers.arm(h, 10);
    timers.arm(register("later", TimerPriority.HRTIMER, 1), 11);
    assertFalse(timers.run(ALL));
    assertEquals(10, timers.nowNs());
    assertFalse(timers.run(ALL));
    assertEquals(List.of(), fired);
  }

  @Test
  void stoppedLanePutsExpiriesOffInTheOrderInWhichTheyWereDue() {
    int tick = register("tick", TimerPriority.TICK, 1);
    int h = register("h", TimerPriority.HRTIMER, 4);
    int resume = register("resume", TimerPriority.RESUME, 1);
    timers.assign(tick, 1);
    timers.assign(h, 1);
    timers.assign(h + 1, 1);
    timers.assign(h + 2, 1);
    timers.block(1, 100);
    timers.arm(h, 60);
    timers.arm(tick, 40);
    timers.arm(h + 1, 40);
    timers.arm(h + 2, 100); // due when the lane goes on: not overdue, so behind those that are
    timers.arm(h + 3, 50); // lane 0
    timers.arm(resume, 100);
    timers.run(ALL);
    assertEquals(List.of("50 h3", "100 resume0", "100 h1", "100 tick0", "100 h0", "100 h2"), fired);
  }

  @Test
  void delayMovesTheArmedTimersOfARange() {
    int h = register("h", TimerPriority.HRTIMER, 4);
    for (int i = 0; i < 3; i++) {
      timers.arm(h + i, 10 + i);
    }
    timers.delay(h, h + 2, 100);
    assertEquals(110, timers.expiryNs(h));
    assertEquals(TimerQueue.NEVER, timers.expiryNs(h + 3));
    timers.run(ALL);
    assertEquals(List.of("12 h2", "110 h0", "111 h1"), fired);
  }

  @Test
  void restoredQueueRunsOnAsTheSavedOne() {
    int h = register("h", TimerPriority.HRTIMER, 6);
    timers.assign(h + 3, 2);
    for (int i = 0; i < 6; i++) {
      timers.arm(h + i, 10L * (1 + i % 3));
    }
    timers.block(2, 15);
    timers.run(new RunLimits(11, Long.MAX_VALUE));
    StateBuffer saved = new StateBuffer();
    timers.save(saved);
    timers.run(ALL);
    List<String> whole = List.copyOf(fired);
    saved.rewind();
    timers.restore(saved);
    assertTrue(saved.isExhausted());
    assertEquals(11, timers.nowNs());
    fired.clear();
    fired.add(whole.get(0)); // before the snapshot
    timers.run(ALL);
    assertEquals(whole, fired);
    assertEquals(List.of("10 h0", "15 h3", "20 h1", "20 h4", "30 h2", "30 h5"), fired);
  }

  @Test
  void snapshotOfAnotherHostIsRefused() {
    register("h", TimerPriority.HRTIMER, 1);
    StateBuffer saved = new StateBuffer();
    timers.save(saved);
    register("more", TimerPriority.HRTIMER, 1);
    saved.rewind();
    assertThrows(IllegalStateException.class, () -> timers.restore(saved));
  }

  /** Naive queue: a list that is searched for its least element. */
  private static final class Oracle {
    record Entry(long atNs, int priority, long sequence, int timer) implements Comparable<Entry> {
      @Override
      public int compareTo(Entry other) {
        int byTime = Long.compare(atNs, other.atNs);
        int byPriority = byTime != 0 ? byTime : Integer.compare(priority, other.priority);
        return byPriority != 0 ? byPriority : Long.compare(sequence, other.sequence);
      }
    }

    final List<Entry> entries = new ArrayList<>();
    long sequence;

    void arm(int timer, long atNs, TimerPriority priority) {
      cancel(timer);
      boolean periodic =
          priority == TimerPriority.PERIOD
              || priority == TimerPriority.TICK
              || priority == TimerPriority.WATCHDOG;
      entries.add(new Entry(atNs, priority.ordinal(), periodic ? timer : sequence++, timer));
    }

    void cancel(int timer) {
      entries.removeIf(e -> e.timer() == timer);
    }

    void delay(int first, int end, long ns) {
      entries.replaceAll(
          e ->
              e.timer() >= first && e.timer() < end
                  ? new Entry(e.atNs() + ns, e.priority(), e.sequence(), e.timer())
                  : e);
    }

    List<String> runUntil(long untilNs) {
      List<String> ran = new ArrayList<>();
      Collections.sort(entries);
      while (!entries.isEmpty() && entries.get(0).atNs() < untilNs) {
        Entry entry = entries.remove(0);
        ran.add(entry.atNs() + " " + entry.timer());
      }
      return ran;
    }
  }

  @Test
  void whatHasPassedAtAnInstantStaysPassedUntilTimeMovesOn() {
    List<Boolean> passed = new ArrayList<>();
    int look =
        timers.register(
            i -> passed.add(timers.hasPassed(TimerPriority.PERIOD)), TimerPriority.COMPLETION, 2);
    int tick = timers.register(i -> timers.arm(look + 1, 7), TimerPriority.TICK, 1);
    timers.arm(look, 7);
    timers.arm(tick, 7);
    timers.run(new RunLimits(8, Long.MAX_VALUE)); // a completion that a tick has caused comes last
    timers.arm(look, 9);
    timers.run(new RunLimits(10, Long.MAX_VALUE));
    assertEquals(List.of(false, true, false), passed);
  }

  @Test
  void tenThousandRandomOperationsMatchASortedList() {
    SplittableRandom random = new SplittableRandom(4);
    TimerPriority[] priorities = TimerPriority.values();
    int perPriority = 12;
    for (TimerPriority priority : priorities) {
      int first = timers.timerCount();
      timers.register(i -> fired.add(timers.nowNs() + " " + (first + i)), priority, perPriority);
    }
    int count = timers.timerCount();
    Oracle oracle = new Oracle();
    for (int operation = 0; operation < 10_000; operation++) {
      int timer = random.nextInt(count);
      long now = timers.nowNs();
      switch (random.nextInt(10)) {
        case 0, 1 -> {
          timers.cancel(timer);
          oracle.cancel(timer);
        }
        case 2 -> {
          int end = timer + random.nextInt(count - timer + 1);
          long ns = random.nextInt(20);
          timers.delay(timer, end, ns);
          oracle.delay(timer, end, ns);
        }
        case 3 -> {
          long untilNs = now + random.nextInt(20);
          fired.clear();
          timers.run(new RunLimits(untilNs, Long.MAX_VALUE));
          assertEquals(oracle.runUntil(untilNs), fired, "operation " + operation);
        }
        default -> {
          long atNs = now + random.nextInt(60);
          timers.arm(timer, atNs);
          oracle.arm(timer, atNs, priorities[timer / perPriority]);
        }
      }
    }
  }
}
