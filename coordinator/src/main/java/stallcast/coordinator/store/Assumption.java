package stallcast.coordinator.store;

/**
 * A value that the scenario took from somewhere else than the user.
 *
 * @param path which value, as a path of the scenario
 * @param value its value
 * @param grade how well it is founded: A measured, B published, C a guess
 * @param source where it comes from
 */
public record Assumption(String path, String value, String grade, String source) {

  /** Whether it is a guess, which every report names. */
  public boolean isGuess() {
    return grade.equals("C");
  }
}
