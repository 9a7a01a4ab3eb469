package stallcast.coordinator.aggregate;

/**
 * A confidence interval.
 *
 * @param method how it was made, as tables print it
 * @param level two-sided confidence level, in (0, 1)
 * @param low lower limit
 * @param high upper limit
 */
public record Interval(String method, double level, double low, double high) {

  /** Level of every interval that a user did not choose. */
  public static final double LEVEL_DEFAULT = 0.95;

  /** Whether a value lies inside, limits included. */
  public boolean contains(double value) {
    return low <= value && value <= high;
  }
}
