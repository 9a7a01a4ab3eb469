package stallcast.kernel.host;

import java.util.Arrays;
import java.util.List;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerPriority;
import stallcast.kernel.engine.TimerQueue;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.MeasureSpec;

/**
 * Reads measures: those with an instant by a timer of their own, the others at the end of the run.
 * With windows, an instant outside every window is not read.
 *
 * <p>State: [measure] values.
 */
final class Probes implements Stateful {
  private final List<MeasureSpec> measures;
  private final TimerQueue timers;
  private final HostMetrics metrics;
  private final long[] values; // [measure], HostOutcome.NONE if not read
  private int timer; // first of [measure]

  Probes(List<MeasureSpec> measures, TimerQueue timers, Machine machine) {
    this.measures = measures;
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
      if (measures.get(m).atNs().isPresent() && measures.get(m).atNs().getAsLong() >= startNs) {
        timers.arm(timer + m, measures.get(m).atNs().getAsLong());
      }
    }
  }

  private void read(int measure) {
    values[measure] = metrics.read(measures.get(measure).metric());
  }

  /** Reads what is read at the end, and hands all values over. */
  void finish(HostOutcome into) {
    for (int m = 0; m < values.length; m++) {
      if (measures.get(m).atNs().isEmpty()) {
        read(m);
      }
      into.measure(m, values[m]);
    }
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
