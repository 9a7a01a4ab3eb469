package stallcast.kernel.fair;

import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.engine.TimerPriority;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * The timer that ends a slice where the tick would be late (feature HRTICK): armed while more than
 * one fair task is queued on a CPU.
 *
 * <p>Models: {@code hrtick_start_fair()}, {@code hrtick_update()} (kernel/sched/fair.c, core.c,
 * v6.12). State: one timer per CPU. Drives: {@link Scheduler#resched}.
 */
final class HrTick {
  private static final long SHORTEST_NS = 10_000; // hrtick_start()

  private final KernelClock clock;
  private final Scheduler scheduler;
  private final FairClass fair;
  private boolean enabled;
  private int timer; // first of [cpu]

  HrTick(KernelCore core, FairClass fair) {
    clock = core.clock();
    scheduler = core.scheduler();
    this.fair = fair;
  }

  void reset(HostConfig config) {
    enabled = config.isOn(KernelKnob.HRTICK);
    timer = clock.registerPerCpu(this::onTimer, TimerPriority.HRTIMER, config.cpus());
  }

  /** The number of tasks of a CPU has changed. */
  void update(int cpu) {
    if (enabled && scheduler.runsRank(cpu, KernelCore.RANK_FAIR)) {
      start(cpu, scheduler.current(cpu));
    }
  }

  /** A task is picked, or goes on. */
  void start(int cpu, int task) {
    if (!enabled) {
      return;
    }
    if (fair.queued(cpu) > 1) {
      long leftNs = Math.max(SHORTEST_NS, fair.sliceLeftNs(task));
      clock.arm(timer + cpu, clock.nowNs() + leftNs);
    } else {
      clock.cancel(timer + cpu);
    }
  }

  /** No fair task runs on a CPU any more. */
  void stop(int cpu) {
    if (enabled) {
      clock.cancel(timer + cpu);
    }
  }

  private void onTimer(int cpu) {
    if (scheduler.runsRank(cpu, KernelCore.RANK_FAIR)) {
      fair.updateCurr(cpu);
      scheduler.resched(cpu);
    }
  }
}
