package stallcast.kernel.random;

/** Checks of parameters; each refusal names the parameter, its value and what is legal. */
final class Parameter {
  private Parameter() {}

  static void inRange(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw illegal(name, value, "an integer in [" + min + ", " + max + "]");
    }
  }

  /** Refuses NaN, infinities and everything outside [min, max]. */
  static void inRange(String name, double value, double min, double max) {
    if (!(value >= min && value <= max && Double.isFinite(value))) {
      throw illegal(name, value, "a finite number in [" + min + ", " + max + "]");
    }
  }

  static void finite(String name, double value) {
    if (!Double.isFinite(value)) {
      throw illegal(name, value, "a finite number");
    }
  }

  static void positive(String name, double value) {
    if (!(value > 0 && Double.isFinite(value))) {
      throw illegal(name, value, "a finite number > 0");
    }
  }

  /** Refuses NaN; infinities pass. */
  static void number(String name, double value) {
    if (Double.isNaN(value)) {
      throw illegal(name, value, "a number");
    }
  }

  /** Refuses an upper end that is not a finite number above the lower end. */
  static void above(String name, double value, String lowerName, double lower) {
    if (!(value > lower && Double.isFinite(value))) {
      throw illegal(name, value, "a finite number > " + lowerName + " = " + lower);
    }
  }

  static IllegalArgumentException illegal(String name, Object value, String legal) {
    return new IllegalArgumentException(name + " = " + value + ": must be " + legal);
  }
}
