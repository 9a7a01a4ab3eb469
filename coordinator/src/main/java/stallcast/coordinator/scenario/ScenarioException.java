package stallcast.coordinator.scenario;

import java.util.List;
import java.util.stream.Collectors;
import stallcast.coordinator.scenario.yaml.Problem;

/** A scenario cannot be used; lists everything that is wrong with it, by position. */
public final class ScenarioException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  /**
   * Refuses a scenario.
   *
   * @param problems at least one
   */
  public ScenarioException(List<Problem> problems) {
    super(problems.stream().map(Problem::text).collect(Collectors.joining("\n")));
    this.problems = problems.stream().sorted().toList();
  }

  /** What is wrong, sorted by position. */
  public List<Problem> problems() {
    return problems;
  }
}
