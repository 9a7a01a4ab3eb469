package stallcast.coordinator.scenario;

import java.util.Optional;
import stallcast.kernel.scenario.KernelKnob;

/**
 * Which values of a scalar are legal.
 *
 * @param min smallest; negative infinity if there is none
 * @param minOpen whether {@code min} itself is illegal
 * @param max largest; positive infinity if there is none
 * @param maxOpen whether {@code max} itself is illegal
 * @param knob the kernel setting whose own rule applies as well
 */
record Bounds(double min, boolean minOpen, double max, boolean maxOpen, Optional<KernelKnob> knob) {
  static final Bounds NONE = of(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
  static final Bounds NOT_NEGATIVE = of(0, Double.POSITIVE_INFINITY);
  static final Bounds POSITIVE = above(0, Double.POSITIVE_INFINITY);

  static Bounds of(double min, double max) {
    return new Bounds(min, false, max, false, Optional.empty());
  }

  /** Without the smallest value itself. */
  static Bounds above(double min, double max) {
    return new Bounds(min, true, max, false, Optional.empty());
  }

  /** Without the ends themselves. */
  static Bounds between(double min, double max) {
    return new Bounds(min, true, max, true, Optional.empty());
  }

  static Bounds of(KernelKnob knob) {
    return new Bounds(knob.min(), false, knob.max(), false, Optional.of(knob));
  }

  /** Whether a value may be drawn. */
  boolean allows(double value) {
    boolean inside =
        (minOpen ? value > min : value >= min) && (maxOpen ? value < max : value <= max);
    boolean finite = !Double.isInfinite(value);
    return inside
        && (knob.isEmpty() || (finite && knob.get().problem(Math.round(value)).isEmpty()));
  }

  /** Whether all values between the bounds are legal, so that a continuous law can be. */
  boolean isRange() {
    return knob.isEmpty() || knob.get() != KernelKnob.HZ;
  }

  /** What is legal, in words: {@code in 1..99}, {@code >= 0s}. */
  String words(Quantity quantity) {
    if (!isRange()) {
      return "one of 100, 250, 300, 1000";
    }
    String low = quantity.format(min);
    String high = quantity.format(max);
    if (Double.isInfinite(max)) {
      return (minOpen ? "> " : ">= ") + low;
    }
    if (maxOpen) {
      return "> " + low + " and < " + high;
    }
    return minOpen ? "> " + low + " and <= " + high : "in " + low + ".." + high;
  }
}
