package stallcast.coordinator.scenario;

import java.util.Optional;
import java.util.OptionalLong;
import stallcast.coordinator.scenario.yaml.Position;
import stallcast.kernel.scenario.MetricName;

/**
 * What a validation case must give. Metrics that are times are compared in ns.
 *
 * @param name what tables call it
 * @param quantity what is looked at
 * @param comparison what it must be
 * @param relativeTo name of the case of the same file whose value it is compared with: the number
 *     is then value / value there - 1; empty for the value itself
 * @param source where the expected value comes from; may be empty
 * @param position where in the file it stands
 */
public record Expectation(
    String name,
    Quantity quantity,
    Comparison comparison,
    Optional<String> relativeTo,
    String source,
    Position position) {

  /** What is looked at. */
  public sealed interface Quantity {

    /** The metric that is stored per host. */
    MetricName metric();

    /** When it is read, ns; empty reads it at the end of the run. */
    OptionalLong atNs();
  }

  /**
   * A statistic of a metric over the hosts of the case.
   *
   * @param metric which metric
   * @param atNs when it is read
   * @param statistic how hosts are summed up
   */
  public record OfMetric(MetricName metric, OptionalLong atNs, Statistic statistic)
      implements Quantity {}

  /**
   * The probability that a host's metric lies above a threshold; a host without the metric does
   * not.
   *
   * @param metric which metric
   * @param atNs when it is read
   * @param above threshold, in the unit of the metric
   * @param level confidence level of the interval that {@link AgreesWith} looks at
   */
  public record ProbabilityOf(MetricName metric, OptionalLong atNs, double above, double level)
      implements Quantity {}

  /** How the hosts of a case are summed up. */
  public sealed interface Statistic {

    /** A statistic that takes no number. */
    enum Plain implements Statistic {
      /** The value of the only host. */
      VALUE,
      /** Arithmetic mean. */
      MEAN,
      /** Median. */
      MEDIAN,
      /** Smallest. */
      MIN,
      /** Largest. */
      MAX,
      /** Share of hosts whose value is above zero. */
      FRACTION_POSITIVE
    }

    /**
     * A percentile.
     *
     * @param percent in (0, 100)
     */
    record Percentile(double percent) implements Statistic {}
  }

  /** What the number must be. */
  public sealed interface Comparison {}

  /**
   * Equal within a tolerance.
   *
   * @param value expected
   * @param tolerance largest distance, &gt;= 0
   */
  public record Equals(double value, double tolerance) implements Comparison {}

  /**
   * Inside a closed range.
   *
   * @param low lower end
   * @param high upper end, &gt;= low
   */
  public record Between(double low, double high) implements Comparison {}

  /**
   * At least a value.
   *
   * @param low smallest legal value
   */
  public record AtLeast(double low) implements Comparison {}

  /**
   * At most a value.
   *
   * @param high largest legal value
   */
  public record AtMost(double high) implements Comparison {}

  /**
   * A published figure that the model need not meet: a target to calibrate by. It is shown beside
   * the simulated one, with the verdict whether the model supports it.
   *
   * @param value published
   * @param tolerance largest distance that counts as supported, &gt;= 0
   */
  public record Published(double value, double tolerance) implements Comparison {}

  /** The metric has no value, such as the start of an incident that never came. */
  public record Absent() implements Comparison {}

  /**
   * The interval of the estimated probability contains a known one.
   *
   * @param probability the known probability, 0..1
   */
  public record AgreesWith(double probability) implements Comparison {}
}
