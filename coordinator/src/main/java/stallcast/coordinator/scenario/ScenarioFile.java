package stallcast.coordinator.scenario;

import java.util.List;
import stallcast.kernel.scenario.ScenarioSpec;

/**
 * A scenario that was read and found good.
 *
 * @param spec what workers simulate
 * @param description the user's words about it; may be empty
 * @param expectations what a validation case must give
 * @param assumptions what is taken for granted, defaults of class C included
 * @param notices legal, but worth knowing
 * @param canonicalJson the scenario with overrides and common keys merged, in one line with sorted
 *     keys; reading it again gives the same scenario
 * @param source the file as the user named it
 */
public record ScenarioFile(
    ScenarioSpec spec,
    String description,
    List<Expectation> expectations,
    List<Assumption> assumptions,
    List<Notice> notices,
    String canonicalJson,
    String source) {

  /** Copies the lists. */
  public ScenarioFile {
    expectations = List.copyOf(expectations);
    assumptions = List.copyOf(assumptions);
    notices = List.copyOf(notices);
  }
}
