package stallcast.coordinator.validate;

import java.util.List;
import stallcast.coordinator.scenario.Expectation;
import stallcast.coordinator.scenario.ScenarioFile;
import stallcast.kernel.scenario.MeasureSpec;

/**
 * A scenario with what it must give.
 *
 * @param scenario the scenario; it expects something
 */
public record ValidationCase(ScenarioFile scenario) {

  /** Refuses a scenario that expects nothing. */
  public ValidationCase {
    if (scenario.expectations().isEmpty()) {
      throw new IllegalArgumentException(scenario.spec().name() + " expects nothing");
    }
  }

  /** Name of the case. */
  public String name() {
    return scenario.spec().name();
  }

  /** The file that it comes from, as the user named it. */
  public String file() {
    return scenario.source();
  }

  /** What it must give, in file order. */
  public List<Expectation> expectations() {
    return scenario.expectations();
  }

  /** Hosts to run. */
  public long hosts() {
    return scenario.spec().hosts();
  }

  /** Where the value of each expectation stands among the measures of a host: [expectation]. */
  int[] measureIndexes() {
    List<MeasureSpec> measures = scenario.spec().measures();
    int[] indexes = new int[expectations().size()];
    for (int e = 0; e < indexes.length; e++) {
      Expectation.Quantity quantity = expectations().get(e).quantity();
      indexes[e] = measures.indexOf(new MeasureSpec(quantity.metric(), quantity.atNs()));
      if (indexes[e] < 0) {
        throw new IllegalStateException(quantity.metric().text() + " is not measured");
      }
    }
    return indexes;
  }
}
