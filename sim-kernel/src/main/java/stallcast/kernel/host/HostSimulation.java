package stallcast.kernel.host;

import java.util.List;
import java.util.function.Function;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.engine.RunLimits;
import stallcast.kernel.engine.TimerQueue;
import stallcast.kernel.scenario.ConfigColumn;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.HostSampler;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.kernel.scenario.WindowSpec;

/**
 * One host from its index to its outcome: a pure function of (scenario, master seed, index). Not
 * thread-safe: one instance per thread, reused from host to host.
 *
 * <p>Without windows the machine runs from 0 to the horizon. With windows it is booted {@code
 * before} ahead of each operation, on the grid of the RT period, and runs until {@code after} past
 * the end of the stop, longer while an incident is open, and through operations whose windows would
 * overlap.
 */
public final class HostSimulation {
  private static final long NS_PER_US = 1_000;

  private final ScenarioSpec spec;
  private final HostSampler sampler;
  private final HostOutcome outcome;
  private final Machine machine;
  private long events;
  private int operations;
  private long endNs;

  /** A simulation of hosts of one scenario. */
  public HostSimulation(ScenarioSpec spec) {
    this.spec = spec;
    sampler = new HostSampler(spec);
    outcome = new HostOutcome(spec.measures().size());
    machine = new Machine(spec);
  }

  /** The configuration values stored with every host. */
  public List<ConfigColumn> columns() {
    return sampler.columns();
  }

  /** Draws a host without running it. */
  public HostConfig sample(long hostIndex) {
    return sampler.sample(hostIndex);
  }

  /** Lets somebody watch all following runs. */
  public void watch(Function<Machine, KernelObserver> observer) {
    machine.watch(observer.apply(machine));
  }

  /** Name of a task of the host that ran last, of the scenario or of the kernel's own. */
  public String taskName(int task) {
    return machine.taskName(task);
  }

  /**
   * Runs one host.
   *
   * @param hostIndex global index, &gt;= 0
   * @return its outcome, valid until the next call
   */
  public HostOutcome run(long hostIndex) {
    HostConfig config = sampler.sample(hostIndex);
    machine.begin(config);
    outcome.begin(config, machine.incidents());
    events = 0;
    operations = 0;
    endNs = 0;
    EndReason reason = runAll(config);
    if (reason == EndReason.HORIZON && machine.incidents().isOverflowing()) {
      reason = EndReason.INCIDENT_LIMIT;
    }
    machine.probes().finish(outcome);
    outcome.finish(reason, events, operations, endNs);
    return outcome;
  }

  private EndReason runAll(HostConfig config) {
    if (spec.window().isEmpty()) {
      machine.boot(config, 0, 0, 0);
      return finish(runTo(spec.horizonNs()));
    }
    WindowSpec window = spec.window().get();
    EndReason reason = EndReason.HORIZON;
    int occurrence = 0;
    int replicate = 0;
    while (occurrence < machine.plan().size() && reason == EndReason.HORIZON) {
      long atNs = machine.plan().atNs(occurrence);
      machine.boot(config, bootNs(config, atNs - window.beforeNs()), occurrence, replicate++);
      reason = finish(runWindow(window, atNs));
      occurrence = machine.operations().nextOccurrence();
    }
    return reason;
  }

  /**
   * When to boot for a window: at a whole number of RT periods, as a run from 0 does. What starts
   * with the boot, the period timer above all, then meets the operation at the phase at which that
   * run would have met it, and at any phase if the operation is random.
   */
  private long bootNs(HostConfig config, long latestNs) {
    long periodNs = config.knob(KernelKnob.SCHED_RT_PERIOD_US) * NS_PER_US;
    return Math.max(endNs, Math.floorDiv(latestNs, periodNs) * periodNs);
  }

  private boolean runWindow(WindowSpec window, long firstNs) {
    TimerQueue timers = machine.timers();
    long untilNs = firstNs + 1;
    while (true) {
      if (!runTo(Math.min(untilNs, spec.horizonNs()))) {
        return false;
      }
      long now = timers.nowNs();
      long effectEndNs = machine.operations().endOfEffectNs();
      int next = machine.operations().nextOccurrence();
      if (now >= spec.horizonNs()) {
        return true;
      } else if (next < machine.plan().size()
          && machine.plan().atNs(next) - window.beforeNs() <= now) {
        untilNs = Math.max(machine.plan().atNs(next), effectEndNs) + 1; // its window would overlap
      } else if (now < effectEndNs + window.afterNs()) {
        untilNs = effectEndNs + window.afterNs();
      } else if (machine.recorder().isAnyOpen()) {
        untilNs = now + window.afterNs();
      } else {
        return true;
      }
    }
  }

  private boolean runTo(long untilNs) {
    return machine.timers().run(new RunLimits(untilNs, spec.maxEvents() - events));
  }

  private EndReason finish(boolean reached) {
    machine.recorder().finish();
    machine.probes().finishRun();
    events += machine.timers().expiries();
    operations += machine.operations().carriedOut();
    endNs = machine.timers().nowNs();
    if (machine.isPanicked()) {
      return EndReason.PANIC;
    }
    if (machine.core().runner().spinningTask() >= 0) {
      return EndReason.PROGRAM_SPIN;
    }
    return reached ? EndReason.HORIZON : EndReason.EVENT_LIMIT;
  }
}
