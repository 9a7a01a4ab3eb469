package stallcast.kernel.scenario;

/** What a knob's number means. */
public enum Unit {
  /** A plain rate in 1/s. */
  PER_SECOND,
  /** A time that scenarios write with a unit; held in ns. */
  TIME_NS,
  /** A plain number of seconds, as the kernel takes it. */
  SECONDS,
  /** A plain number of milliseconds. */
  MILLISECONDS,
  /** A plain number of microseconds. */
  MICROSECONDS,
  /** true or false, held as 1 or 0. */
  FLAG,
  /** A plain whole number. */
  COUNT,
  /** A whole number of hundredths. */
  PERCENT,
  /** One of {@link KernelKnob#words}, held as its index. */
  VARIANT
}
