package stallcast.coordinator.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

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
    for (String cases :
        List.of(
            "validation/softirq-lockup-section-10.yaml",
            "validation-long/softirq-lockup-section-10-200-seeds.yaml")) {
      List<ScenarioFile> storms =
          reader.readAll(CONFIGS.resolve(cases), List.of()).stream()
              .filter(file -> file.spec().name().startsWith("storm-"))
              .toList();
      assertFalse(storms.isEmpty(), cases);
      storms.forEach(storm -> assertEquals(reproducer, host(storm), cases));
    }
  }
}
