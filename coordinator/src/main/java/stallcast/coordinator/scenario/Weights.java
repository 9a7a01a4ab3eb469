package stallcast.coordinator.scenario;

import java.util.Collection;
import stallcast.coordinator.scenario.yaml.Field;
import stallcast.coordinator.scenario.yaml.SourceNode.ScalarNode;

/** Relative weights: any numbers &gt;= 0 that are not all zero, normalised here. */
final class Weights {
  private Weights() {}

  /**
   * Reads one weight.
   *
   * @return NaN with a problem reported
   */
  static double read(Cursor at, Field whole, String name) {
    if (at.node() instanceof ScalarNode scalar) {
      Quantity.Reading reading = Quantity.PROBABILITY.read(scalar);
      if (reading.problem().isEmpty() && reading.value() >= 0) {
        return reading.value();
      }
    }
    String got = ", got " + at.node().words();
    ScalarReader.fault(at, whole, name + " must be a number >= 0" + got);
    return Double.NaN;
  }

  /** Whether some weight is positive; a problem is reported if none is. */
  static boolean hasMass(Collection<Double> weights, Cursor at, Field whole) {
    double total = weights.stream().mapToDouble(w -> w).sum();
    if (total > 0 && !Double.isInfinite(total)) {
      return true;
    }
    ScalarReader.fault(at, whole, "the weights of " + at.name() + " must not all be zero");
    return false;
  }

  /** The weights scaled to a sum of one. */
  static double[] normalised(Collection<Double> weights) {
    double total = weights.stream().mapToDouble(w -> w).sum();
    return weights.stream().mapToDouble(w -> w / total).toArray();
  }
}
