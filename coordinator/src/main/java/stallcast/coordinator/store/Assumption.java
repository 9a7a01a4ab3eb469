package stallcast.coordinator.store;

/**
 * Something that a run took for granted, as its manifest keeps it.
 *
 * @param id short token
 * @param grade how well it is founded: A stated in a public source, B derived from one, C assumed
 * @param text what is assumed
 * @param source where it comes from; may be empty
 */
public record Assumption(String id, String grade, String text, String source) {

  /** Whether it is only assumed, which every report says. */
  public boolean isGuess() {
    return grade.equals("C");
  }
}
