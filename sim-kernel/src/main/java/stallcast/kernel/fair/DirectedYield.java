package stallcast.kernel.fair;

import static stallcast.kernel.fair.FairQueues.DELAYED;
import static stallcast.kernel.fair.FairQueues.IDLE;
import static stallcast.kernel.fair.FairQueues.NONE;
import static stallcast.kernel.fair.FairQueues.ON_RQ;

import java.util.Arrays;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * A fair task gives way to another one, which is nominated on the queue it waits in.
 *
 * <p>Models: {@code yield_to_task_fair()}, {@code set_next_buddy()} (kernel/sched/fair.c, v6.12,
 * v7.2). With the third posting of the series of seed 003 the nominated task gets lag at every
 * level at which it is not eligible, so that the next pick follows the nomination, and the yielder
 * loses its slice protection at every level, but not more often than once in a while per CPU. The
 * second posting pushes the yielder back instead: {@link Debooster}.
 *
 * <p>State: last forced reschedule and counters [cpu]. Leaves out: what a conserving variant would
 * do; the public text of the series does not say that lag is taken from anybody.
 */
public final class DirectedYield implements Stateful {
  private static final long PERCENT = 100;
  private static final long NEVER_YET = Long.MIN_VALUE;

  private final FairClass fair;
  private final FairQueues queues;
  private final Eevdf eevdf;
  private final CfsBandwidth bandwidth;
  private final KernelClock clock;
  private final TaskTable tasks;
  private final Scheduler scheduler;
  private final LagCredit lagCredit;
  private final Debooster debooster;
  private final ThirdParties thirdParties;
  private boolean credits;
  private boolean creditsAnywhere;
  private long marginPercent;
  private long intervalNs;
  private int cpuCount;
  private long[] forcedNs = new long[0]; // [cpu] last forced reschedule, or NEVER_YET
  private long[] forced = new long[0]; // [cpu] forced reschedules
  private long[] credited = new long[0]; // [cpu] credits to what is queued there

  DirectedYield(
      FairClass fair, FairQueues queues, Eevdf eevdf, CfsBandwidth bandwidth, KernelCore core) {
    this.fair = fair;
    this.queues = queues;
    this.eevdf = eevdf;
    this.bandwidth = bandwidth;
    clock = core.clock();
    tasks = core.tasks();
    scheduler = core.scheduler();
    lagCredit = new LagCredit(queues, eevdf);
    debooster = new Debooster(queues, eevdf, core);
    thirdParties = new ThirdParties(core);
  }

  void reset(HostConfig config) {
    cpuCount = config.cpus();
    boolean lags = config.isOn(KernelKnob.EEVDF);
    credits = lags && config.isOn(KernelKnob.YIELD_TO_LAG_CREDIT);
    creditsAnywhere = config.knob(KernelKnob.LAG_CREDIT_SCOPE) == 1;
    marginPercent = config.knob(KernelKnob.LAG_CREDIT_MARGIN_PERCENT);
    intervalNs = config.knob(KernelKnob.FORCED_RESCHED_INTERVAL_NS);
    if (forced.length < cpuCount) {
      forcedNs = new long[cpuCount];
      forced = new long[cpuCount];
      credited = new long[cpuCount];
    }
    Arrays.fill(forcedNs, 0, cpuCount, NEVER_YET);
    Arrays.fill(forced, 0, cpuCount, 0);
    Arrays.fill(credited, 0, cpuCount, 0);
    debooster.reset(config);
    thirdParties.reset(config);
  }

  /** A task is picked, and has not been switched in yet. */
  void onPicked(int cpu, int task) {
    thirdParties.onPicked(cpu, task);
  }

  /** Longest wait of a task beside directed yields of others up to now, ns. */
  public long thirdPartyWaitNs(int task) {
    return thirdParties.maxWaitNs(task);
  }

  /** Reschedules of a CPU that a credit forced. */
  public long forced(int cpu) {
    return forced[cpu];
  }

  /** Credits of lag, one per level, to what was queued on a CPU. */
  public long credited(int cpu) {
    return credited[cpu];
  }

  /** See {@link stallcast.kernel.cpu.SchedClass#yieldTo}. */
  boolean yieldTo(int cpu, int target) {
    int targetCpu = tasks.cpu(target);
    boolean waits = queues.is(target, ON_RQ) && !queues.is(target, DELAYED);
    if (!waits
        || (!bandwidth.isByTaskWork()
            && bandwidth.isThrottledHierarchy(tasks.group(target), targetCpu))) {
      return false;
    }
    int me = scheduler.current(cpu);
    nominate(target);
    if (cpu == targetCpu) {
      debooster.pushBack(cpu, me, target, fair);
    }
    fair.yieldCurrent(cpu);
    if (credits && (creditsAnywhere || cpu == targetCpu)) {
      credit(targetCpu, target);
      forceResched(cpu, me);
    }
    thirdParties.onYield(cpu, me);
    thirdParties.onYield(targetCpu, me);
    return true;
  }

  /** {@code set_next_buddy()}. */
  private void nominate(int task) {
    for (int e = task; e != NONE; e = queues.parentOf(e)) {
      if (!queues.is(e, ON_RQ) || queues.is(e, IDLE)) {
        return;
      }
      queues.buddy[queues.queue[e]] = e;
    }
  }

  private void credit(int cpu, int task) {
    fair.chargeIfFair(cpu);
    for (int e = task; e != NONE && queues.is(e, ON_RQ); e = queues.parentOf(e)) {
      int q = queues.queue[e];
      long marginNs = eevdf.baseSliceNs() * queues.count[q] * marginPercent / PERCENT;
      if (lagCredit.give(q, e, marginNs)) {
        credited[cpu]++;
      }
    }
  }

  private void forceResched(int cpu, int task) {
    long now = clock.nowNs();
    if (forcedNs[cpu] != NEVER_YET && now - forcedNs[cpu] < intervalNs) {
      return;
    }
    forcedNs[cpu] = now;
    forced[cpu]++;
    for (int e = task; e != NONE; e = queues.parentOf(e)) {
      if (queues.current[queues.queue[e]] == e) {
        eevdf.endProtection(e);
      }
    }
    scheduler.resched(cpu);
  }

  @Override
  public void save(StateBuffer out) {
    out.put(forcedNs, cpuCount);
    out.put(forced, cpuCount);
    out.put(credited, cpuCount);
    debooster.save(out);
    thirdParties.save(out);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(forcedNs, cpuCount);
    in.take(forced, cpuCount);
    in.take(credited, cpuCount);
    debooster.restore(in);
    thirdParties.restore(in);
  }
}
