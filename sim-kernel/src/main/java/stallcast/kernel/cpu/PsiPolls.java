package stallcast.kernel.cpu;

import java.util.Arrays;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;

/**
 * When the threads of PSI triggers look at CPU pressure: a tenth of the window apart while it
 * changes and for one window more, then not before it changes again, one jiffy later.
 *
 * <p>Models: {@code psi_rtpoll_work()}, {@code psi_schedule_rtpoll_work()} (kernel/sched/psi.c,
 * v6.12). Pressure changes when a task becomes runnable: until it is switched in, some task waits.
 * Threads of triggers do not count, as for triggers of a group below the root. State: wake-ups, and
 * per polling task how many there were and until when it stays active.
 */
final class PsiPolls implements Stateful {
  private static final int POLLS_PER_WINDOW = 10; // UPDATES_PER_WINDOW

  /** Not before pressure changes. */
  static final long IDLE = Long.MAX_VALUE;

  private final IsolatedLoops loops;
  private int count;
  private boolean[] polls = new boolean[0]; // [task] its program polls
  private long[] seen = new long[0]; // [task] wake-ups at its last poll, or -1
  private long[] untilNs = new long[0]; // [task] active until
  private boolean[] idle = new boolean[0]; // [task]
  private long wakeups;
  private int idleCount;

  PsiPolls(IsolatedLoops loops) {
    this.loops = loops;
  }

  void reset(int taskCount) {
    count = taskCount;
    if (polls.length < count) {
      polls = new boolean[count];
      seen = new long[count];
      untilNs = new long[count];
      idle = new boolean[count];
    }
    Arrays.fill(polls, 0, count, false);
    Arrays.fill(seen, 0, count, -1);
    Arrays.fill(untilNs, 0, count, Long.MIN_VALUE);
    Arrays.fill(idle, 0, count, false);
    wakeups = 0;
    idleCount = 0;
  }

  /** A task becomes runnable. @return whether idle pollers are to be woken */
  boolean onWakeup(int task) {
    if (task < count && polls[task]) {
      return false;
    }
    wakeups++;
    return idleCount > 0;
  }

  /** How long a task sleeps that has polled now, ns, or {@link #IDLE}. */
  long sleepNs(int task, long nowNs, long windowNs) {
    polls[task] = true;
    boolean changed = seen[task] != wakeups || loops.roundsPerNs() > 0;
    seen[task] = wakeups;
    if (changed) {
      untilNs[task] = nowNs + windowNs;
    }
    if (nowNs <= untilNs[task]) {
      return Math.max(1, windowNs / POLLS_PER_WINDOW);
    }
    idle[task] = true;
    idleCount++;
    return IDLE;
  }

  /** Takes a task out of the idle ones. @return whether it was idle */
  boolean takeIdle(int task) {
    boolean was = idle[task];
    idle[task] = false;
    idleCount -= was ? 1 : 0;
    return was;
  }

  int count() {
    return count;
  }

  @Override
  public void save(StateBuffer out) {
    out.put(wakeups);
    out.put(idleCount);
    out.put(polls, count);
    out.put(seen, count);
    out.put(untilNs, count);
    out.put(idle, count);
  }

  @Override
  public void restore(StateBuffer in) {
    wakeups = in.take();
    idleCount = in.takeInt();
    in.take(polls, count);
    in.take(seen, count);
    in.take(untilNs, count);
    in.take(idle, count);
  }
}
