package stallcast.kernel.watchdog;

import java.util.Arrays;
import stallcast.kernel.cpu.CpuTime;
import stallcast.kernel.cpu.InterruptListener;
import stallcast.kernel.cpu.Interrupts;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.cpu.KernelThreads;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerPriority;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.IncidentKind;

/**
 * Finds CPUs on which no task makes progress for the freeze threshold, because softirqs and hard
 * interrupts have them. No kernel looks for that; its other reports follow from it.
 *
 * <p>A trap begins when task context is left for the last time before it, and ends at the first
 * instant at which a task executes, or idle does. Time of a stop does not count. State: trap under
 * way [cpu]; when to look next by the queue, which starved interrupts do not delay. Drives:
 * nothing.
 */
public final class SoftirqTraps implements Stateful, InterruptListener {
  private final KernelClock clock;
  private final CpuTime cpuTime;
  private final Scheduler scheduler;
  private final Interrupts interrupts;
  private final KernelThreads threads;
  private KernelObserver observer = new KernelObserver() {};
  private int cpuCount;
  private long thresholdNs;
  private boolean[] trapped = new boolean[0]; // [cpu]
  private int look; // first of [cpu] timers

  /** The search on one kernel. */
  public SoftirqTraps(KernelCore core) {
    clock = core.clock();
    cpuTime = core.cpuTime();
    scheduler = core.scheduler();
    interrupts = core.interrupts();
    threads = core.threads();
    interrupts.addListener(this);
  }

  /** Starts with every CPU free. */
  public void reset(HostConfig config, long freezeThresholdNs, KernelObserver newObserver) {
    observer = newObserver;
    cpuCount = config.cpus();
    thresholdNs = freezeThresholdNs;
    if (trapped.length < cpuCount) {
      trapped = new boolean[cpuCount];
    }
    Arrays.fill(trapped, 0, cpuCount, false);
    look = clock.register(this::onLook, TimerPriority.WATCHDOG, cpuCount);
  }

  @Override
  public void onHold(int cpu) {
    if (threads.has(cpu)) {
      expect(cpu);
    }
  }

  @Override
  public void onStarve(int cpu) {
    expect(cpu);
  }

  private void expect(int cpu) {
    if (!trapped[cpu] && !clock.isArmed(look + cpu)) {
      long dueNs = interrupts.starvedSinceNs(cpu) + thresholdNs;
      clock.arm(look + cpu, Math.max(clock.nowNs(), dueNs));
    }
  }

  @Override
  public void onRelease(int cpu) {
    if (trapped[cpu]) {
      clock.arm(look + cpu, clock.nowNs()); // once the scheduler has done its work
    }
  }

  private void onLook(int cpu) {
    long now = clock.nowNs();
    long sinceNs = interrupts.starvedSinceNs(cpu);
    if (trapped[cpu]) {
      lookForEnd(cpu, now, sinceNs);
    } else if (sinceNs < now) {
      long dueNs = sinceNs + thresholdNs + cpuTime.stoppedSinceNs(cpu, sinceNs);
      if (dueNs <= now) {
        trapped[cpu] = true;
        observer.onSoftirqTrap(cpu, sinceNs);
      } else {
        clock.arm(look + cpu, dueNs);
      }
    }
  }

  private void lookForEnd(int cpu, long now, long sinceNs) {
    boolean idle = scheduler.current(cpu) == Scheduler.IDLE;
    if (sinceNs == now) {
      trapped[cpu] = false;
      observer.onReportEnd(
          IncidentKind.SOFTIRQ_TRAP, cpu, idle ? now : cpuTime.executesFromNs(cpu));
    } else if (!scheduler.isHeld(cpu)) {
      clock.arm(look + cpu, Math.max(now, cpuTime.executesFromNs(cpu)) + 1);
    }
  }

  @Override
  public void save(StateBuffer out) {
    out.put(trapped, cpuCount);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(trapped, cpuCount);
  }
}
