package stallcast.kernel.fair;

import java.util.Arrays;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.cpu.Picker;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.TimerPriority;
import stallcast.kernel.engine.TimerQueue;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * The fair server: a deferrable deadline reservation per CPU that puts fair tasks before real-time
 * ones when they have been starved for so long that their share of the period is due.
 *
 * <p>Models: {@code dl_server_start()}, {@code dl_server_timer()}, {@code update_curr_dl_se()},
 * {@code replenish_dl_entity()} for {@code rq->fair_server} (kernel/sched/deadline.c, v6.12). It is
 * asked before the real-time class and owns no task: what it picks is a fair task. State: per CPU
 * runtime, deadline and phase. Leaves out: SCHED_DEADLINE tasks, time used up while idle.
 *
 * <p>When the share is used up, a new period starts at that moment and the server waits again; so
 * measured on 6.12.95 and 6.18 (950 ms of RT, then the share, for as long as both are busy).
 */
public final class FairServer implements Picker {
  private static final int OFF = 0; // no fair task
  private static final int DEFERRED = 1; // waits until its share of the period is due
  private static final int RUNNING = 2; // fair tasks go first

  private final KernelClock clock;
  private final Scheduler scheduler;
  private KernelObserver observer = new KernelObserver() {};
  private FairClass fair;
  private int cpuCount;
  private boolean enabled;
  private long budgetNs;
  private long periodNs;
  private int[] phase = new int[0]; // [cpu]
  private long[] runtimeNs = new long[0]; // [cpu] left in this period
  private long[] deadlineNs = new long[0]; // [cpu]
  private int timer; // first of [cpu]

  /** The servers of one kernel. */
  public FairServer(KernelCore core) {
    clock = core.clock();
    scheduler = core.scheduler();
  }

  /** Starts with no fair task anywhere. */
  public void reset(HostConfig config, FairClass served, KernelObserver newObserver) {
    fair = served;
    observer = newObserver;
    cpuCount = config.cpus();
    budgetNs = config.knob(KernelKnob.FAIR_SERVER_RUNTIME_NS);
    periodNs = config.knob(KernelKnob.FAIR_SERVER_PERIOD_NS);
    enabled = config.isOn(KernelKnob.FAIR_SERVER) && budgetNs > 0;
    if (phase.length < cpuCount) {
      phase = new int[cpuCount];
      runtimeNs = new long[cpuCount];
      deadlineNs = new long[cpuCount];
    }
    Arrays.fill(phase, 0, cpuCount, OFF);
    Arrays.fill(runtimeNs, 0, cpuCount, 0);
    Arrays.fill(deadlineNs, 0, cpuCount, Long.MIN_VALUE);
    timer = clock.registerPerCpu(this::onTimer, TimerPriority.HRTIMER, cpuCount);
  }

  /** {@code dl_server_start()}: the CPU's first fair task became runnable. */
  void onFirstTask(int cpu) {
    if (!enabled) {
      return;
    }
    long now = clock.nowNs();
    if (deadlineNs[cpu] < now || isOverflowing(cpu, now)) {
      startPeriod(cpu, now);
    }
    defer(cpu);
  }

  /** {@code dl_server_stop()}: no fair task is left. */
  void onNoTask(int cpu) {
    if (phase[cpu] != OFF) {
      leaveRunning(cpu);
      phase[cpu] = OFF;
      clock.cancel(timer + cpu);
    }
  }

  /** {@code dl_server_update()}: fair tasks got time, as a server or in the background. */
  void onFairTime(int cpu, long deltaNs) {
    if (phase[cpu] == OFF) {
      return;
    }
    runtimeNs[cpu] -= deltaNs;
    if (runtimeNs[cpu] <= 0) {
      if (phase[cpu] == RUNNING) {
        scheduler.resched(cpu);
      }
      startPeriod(cpu, clock.nowNs());
      defer(cpu);
    }
  }

  /** From when on a tick may use up the share, kernel time. */
  long shareEndNs(int cpu, long execStartNs) {
    return phase[cpu] == OFF ? TimerQueue.NEVER : execStartNs + Math.max(0, runtimeNs[cpu]);
  }

  private void onTimer(int cpu) {
    long now = clock.nowNs();
    scheduler.settleTicks(cpu);
    long dueNs = deadlineNs[cpu] - runtimeNs[cpu];
    if (now < dueNs) {
      clock.arm(timer + cpu, dueNs); // time had in the background has moved the due point
      return;
    }
    if (deadlineNs[cpu] < now) {
      startPeriod(cpu, now); // "DL replenish lagged too much"
    }
    phase[cpu] = RUNNING;
    observer.onFairServer(cpu, true);
    scheduler.resched(cpu);
  }

  /**
   * {@code dl_entity_overflow()}: the rest of the runtime is too much for the rest of the period.
   */
  private boolean isOverflowing(int cpu, long now) {
    double left = (double) (deadlineNs[cpu] - now) * budgetNs;
    return (double) periodNs * runtimeNs[cpu] > left;
  }

  private void startPeriod(int cpu, long now) {
    deadlineNs[cpu] = now + periodNs;
    runtimeNs[cpu] = budgetNs;
  }

  private void defer(int cpu) {
    leaveRunning(cpu);
    phase[cpu] = DEFERRED;
    armAt(cpu, deadlineNs[cpu] - runtimeNs[cpu]);
  }

  private void leaveRunning(int cpu) {
    if (phase[cpu] == RUNNING) {
      observer.onFairServer(cpu, false);
    }
  }

  private void armAt(int cpu, long atNs) {
    clock.arm(timer + cpu, Math.max(atNs, clock.nowNs()));
  }

  @Override
  public int pick(int cpu) {
    return phase[cpu] == RUNNING ? fair.pick(cpu) : Scheduler.IDLE;
  }

  @Override
  public void balance(int cpu, int prev) {
    // Fair tasks are balanced by their own class.
  }

  @Override
  public void save(StateBuffer out) {
    out.put(phase, cpuCount);
    out.put(runtimeNs, cpuCount);
    out.put(deadlineNs, cpuCount);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(phase, cpuCount);
    in.take(runtimeNs, cpuCount);
    in.take(deadlineNs, cpuCount);
  }
}
