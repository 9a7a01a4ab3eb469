package stallcast.coordinator.validate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import stallcast.coordinator.scenario.Expectation;
import stallcast.coordinator.scenario.ScenarioFile;
import stallcast.coordinator.scenario.yaml.Problem;
import stallcast.kernel.scenario.MeasureSpec;

/** Which cases of a file measure something that expectations of other cases are relative to. */
final class Lending {
  private final Map<String, Set<MeasureSpec>> byCase = new HashMap<>();

  /**
   * Finds the bases of all relative expectations.
   *
   * @param cases of one file
   * @param problems takes those that name no case, or one that does not measure the same
   */
  Lending(List<ScenarioFile> cases, Set<Problem> problems) {
    Map<String, ScenarioFile> byName = new LinkedHashMap<>();
    cases.forEach(each -> byName.put(each.spec().name(), each));
    for (ScenarioFile each : cases) {
      for (Expectation expectation : each.expectations()) {
        expectation.relativeTo().ifPresent(base -> lend(expectation, base, byName, problems));
      }
    }
  }

  private void lend(
      Expectation expectation,
      String base,
      Map<String, ScenarioFile> byName,
      Set<Problem> problems) {
    MeasureSpec measure = ValidationCase.measureOf(expectation);
    ScenarioFile lender = byName.get(base);
    if (lender == null) {
      String legal = String.join(", ", byName.keySet());
      String message = "relative-to: the file has no case '" + base + "', legal: " + legal;
      problems.add(new Problem(expectation.position(), "", message));
    } else if (!lender.spec().measures().contains(measure)) {
      String message =
          "relative-to: case '" + base + "' must measure " + measure.column() + ", too";
      problems.add(new Problem(expectation.position(), "", message));
    } else {
      byCase.computeIfAbsent(base, name -> new LinkedHashSet<>()).add(measure);
    }
  }

  /** What a case measures for others. */
  List<MeasureSpec> by(ScenarioFile each) {
    return new ArrayList<>(byCase.getOrDefault(each.spec().name(), Set.of()));
  }
}
