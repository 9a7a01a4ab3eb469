package stallcast.coordinator.scenario;

/**
 * What a scenario takes for granted.
 *
 * @param id short token
 * @param grade how well it is founded
 * @param text what is assumed
 * @param source where it comes from; may be empty
 */
public record Assumption(String id, Grade grade, String text, String source) {

  /** How well an input is founded (fleet-priors.md). */
  public enum Grade {
    /** Stated in a public source. */
    A,
    /** Derived from a public source. */
    B,
    /** Assumed, so that there is a runnable default. */
    C
  }
}
