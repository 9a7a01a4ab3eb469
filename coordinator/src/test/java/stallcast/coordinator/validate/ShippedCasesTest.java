package stallcast.coordinator.validate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import stallcast.coordinator.scenario.Expectation;
import stallcast.coordinator.scenario.ScenarioOverride;
import stallcast.coordinator.validate.Verdict.Result;

/** What Stallcast ships as known to be true comes out true, and is the same on any machine. */
final class ShippedCasesTest {
  private static final Path SHIPPED = Path.of("../configs/validation");

  @Test
  void everythingHoldsAndNamesItsSource() throws Exception {
    List<ValidationCase> cases = CaseFiles.read(List.of(SHIPPED), List.of());
    assertTrue(cases.size() >= 80, "only " + cases.size() + " cases");
    for (ValidationCase each : cases) {
      for (Expectation expectation : each.expectations()) {
        assertFalse(expectation.source().isEmpty(), expectation.position().text());
      }
    }
    int threads = Runtime.getRuntime().availableProcessors();
    ValidationReport report = new ValidationReport(new CaseRunner(threads, hosts -> {}).run(cases));
    assertEquals(0, report.count(Result.FAIL) + report.count(Result.ERROR), report.table());
  }

  @Test
  void threadsDoNotChangeTheReport() throws Exception {
    Path file = SHIPPED.resolve("incidents-1-1.yaml");
    List<ScenarioOverride> few = List.of(new ScenarioOverride("--hosts 200", "hosts", "200"));
    List<ValidationCase> cases = CaseFiles.read(List.of(file), few);
    ValidationReport one = new ValidationReport(new CaseRunner(1, hosts -> {}).run(cases));
    ValidationReport three = new ValidationReport(new CaseRunner(3, hosts -> {}).run(cases));
    assertEquals(one.json(), three.json());
  }
}
