package stallcast.kernel.host;

import java.util.Arrays;
import java.util.List;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerPriority;
import stallcast.kernel.engine.TimerQueue;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.MeasureSpec;
import stallcast.kernel.scenario.MetricKind;
import stallcast.kernel.scenario.MetricName;
import stallcast.kernel.scenario.MetricScope;
import stallcast.kernel.scenario.ScenarioSpec;

/**
 * Reads measures: those with an instant by a timer of their own, the others at the end of the run.
 * With windows, counts and times add up over the windows, maxima are taken over them, states are
 * those at the end of the last one, and an instant outside every window is not read.
 *
 * <p>State: [measure] values.
 */
final class Probes implements Stateful {
  private final List<MeasureSpec> measures;
  private final long horizonNs;
  private final TimerQueue timers;
  private final HostMetrics metrics;
  private final long[] values; // [measure], HostOutcome.NONE if not read
  private int timer; // first of [measure]

  Probes(ScenarioSpec spec, TimerQueue timers, Machine machine) {
    measures = spec.measures();
    horizonNs = spec.horizonNs();
    this.timers = timers;
    metrics = new HostMetrics(machine);
    values = new long[measures.size()];
  }

  void begin(HostConfig config) {
    Arrays.fill(values, HostOutcome.NONE);
    metrics.begin(config);
  }

  void arm(long startNs) {
    timer = timers.register(this::read, TimerPriority.PROBE, values.length);
    for (int m = 0; m < values.length; m++) {
      if (!isReadAtEnd(m) && measures.get(m).atNs().getAsLong() >= startNs) {
        timers.arm(timer + m, measures.get(m).atNs().getAsLong());
      }
    }
  }

  private void read(int measure) {
    values[measure] = metrics.read(measures.get(measure).metric());
  }

  /** Reads what is read at the end of a run, and joins it with earlier runs of the host. */
  void finishRun() {
    for (int m = 0; m < values.length; m++) {
      MetricName metric = measures.get(m).metric();
      if (isReadAtEnd(m) && metric.scope() != MetricScope.INCIDENT) {
        values[m] = join(metric.what(), values[m], metrics.read(metric));
      }
    }
  }

  private static long join(MetricKind what, long earlier, long latest) {
    if (earlier == HostOutcome.NONE || latest == HostOutcome.NONE) {
      return latest;
    }
    return switch (what) {
      case CGROUP_RUNTIME_REMAINING_MIN -> Math.min(earlier, latest);
      case TASK_MAX_OFF_CPU,
          TASK_MAX_WAKEUP_LATENCY,
          TASK_THIRD_PARTY_WAIT,
          VM_THIRD_PARTY_WAIT,
          MACHINE_THIRD_PARTY_WAIT,
          CPU_LONGEST_SOFTIRQ,
          CPU_LARGEST_BATCH,
          CPU_BATCH_ITEM_TIME ->
          Math.max(earlier, latest);
      case CPU_FIRST_FULL_BATCH -> earlier;
      case CPU_RT_TIME,
          CPU_RT_RUNTIME,
          CPU_RT_THROTTLED,
          CPU_RT_NR_RUNNING,
          CPU_CLOCK_TASK,
          CPU_SOFTIRQ_BACKLOG,
          TASK_WAKEUP_P50,
          TASK_WAKEUP_P90,
          TASK_WAKEUP_P99,
          TASK_WAKEUP_P999,
          CGROUP_RUNTIME,
          CGROUP_PERIOD,
          CGROUP_RUNTIME_REMAINING,
          CGROUP_THROTTLED,
          VM_ROUNDS_PER_SECOND ->
          latest;
      default -> earlier + latest;
    };
  }

  /** Hands all values over. Incidents are read here: their log spans all runs of the host. */
  void finish(HostOutcome into) {
    for (int m = 0; m < values.length; m++) {
      MetricScope scope = measures.get(m).metric().scope();
      if (isReadAtEnd(m) && scope == MetricScope.INCIDENT) {
        read(m);
      } else if (isReadAtEnd(m) && scope == MetricScope.MACHINE) {
        values[m] = Math.max(0, values[m]); // a host without any run had no operation
      }
      into.measure(m, values[m]);
    }
  }

  private boolean isReadAtEnd(int measure) {
    return measures.get(measure).atNs().orElse(horizonNs) >= horizonNs;
  }

  @Override
  public void save(StateBuffer out) {
    out.put(values, values.length);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(values, values.length);
  }
}
