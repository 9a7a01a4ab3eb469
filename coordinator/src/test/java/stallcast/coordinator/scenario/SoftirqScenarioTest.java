package stallcast.coordinator.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import stallcast.kernel.scenario.HostSpec;

/** The reproducer that users run is the one whose bands are validated. */
class SoftirqScenarioTest {
  private static final Path CONFIGS = Path.of("..", "configs");

  private static HostSpec host(ScenarioFile file) {
    return file.spec().strata().get(0).host();
  }

  @Test
  void validatedStormIsTheReproducer() throws ScenarioException {
    ScenarioReader reader = new ScenarioReader();
    HostSpec reproducer =
        host(reader.read(CONFIGS.resolve("softirq-lockup-reproducer.yaml"), List.of()));
    Path cases = CONFIGS.resolve("validation-long").resolve("softirq-lockup-section-10.yaml");
    HostSpec validated =
        reader.readAll(cases, List.of()).stream()
            .filter(file -> file.spec().name().equals("storm-without-fix"))
            .map(SoftirqScenarioTest::host)
            .findFirst()
            .orElseThrow();
    assertEquals(reproducer, validated);
  }
}
