package stallcast.coordinator.validate;

import java.util.List;
import stallcast.coordinator.scenario.Expectation;
import stallcast.coordinator.scenario.ScenarioFile;
import stallcast.kernel.scenario.MeasureSpec;

/**
 * A scenario with what it must give.
 *
 * @param scenario the scenario
 * @param lent what it measures for expectations of other cases, without repetitions
 */
public record ValidationCase(ScenarioFile scenario, List<MeasureSpec> lent) {

  /** Copies the list; refuses a scenario that is of no use. */
  public ValidationCase {
    lent = List.copyOf(lent);
    if (scenario.expectations().isEmpty() && lent.isEmpty()) {
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

  /**
   * Where what is kept of a host stands among its measures: a value for each expectation, then
   * those that are lent.
   */
  int[] measureIndexes() {
    List<MeasureSpec> measures = scenario.spec().measures();
    int own = expectations().size();
    int[] indexes = new int[own + lent.size()];
    for (int e = 0; e < indexes.length; e++) {
      MeasureSpec kept = e < own ? measureOf(expectations().get(e)) : lent.get(e - own);
      indexes[e] = measures.indexOf(kept);
      if (indexes[e] < 0) {
        throw new IllegalStateException(kept.metric().text() + " is not measured");
      }
    }
    return indexes;
  }

  /** What an expectation looks at. */
  static MeasureSpec measureOf(Expectation expectation) {
    return new MeasureSpec(expectation.quantity().metric(), expectation.quantity().atNs());
  }

  /** Index of a lent measure among what is kept of a host. */
  int indexOfLent(MeasureSpec measure) {
    return expectations().size() + lent.indexOf(measure);
  }
}
