package stallcast.kernel.scenario;

import java.util.OptionalLong;

/**
 * A metric to be stored for every host.
 *
 * @param metric which metric
 * @param atNs simulated time at which it is read, ns; empty reads it at the end of the run
 */
public record MeasureSpec(MetricName metric, OptionalLong atNs) {

  /** The column name of this measure: the metric, and {@code @<ns>} when it is read earlier. */
  public String column() {
    return atNs.isPresent() ? metric.text() + "@" + atNs.getAsLong() : metric.text();
  }
}
