package stallcast.kernel;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.PackageOrder.layer;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stallcast.kernel.PackageOrder.Layer;

/**
 * Packages of sim-kernel depend downwards only; mechanisms never import each other.
 *
 * <p>Sampled values lie below {@code cpu}, because the core builds its tasks and programs from
 * them.
 */
final class LayeringTest {
  private static final String[] BELOW_A_MECHANISM = {"engine", "random", "cpu", "scenario"};

  private static final List<Layer> ORDER =
      List.of(
          layer("engine"),
          layer("random"),
          layer("scenario", "random"),
          layer("cpu", "engine", "random", "scenario"),
          layer("trace", "engine", "cpu", "scenario"),
          layer("rt", BELOW_A_MECHANISM),
          layer("fair", BELOW_A_MECHANISM),
          layer("softirq", BELOW_A_MECHANISM),
          layer("virt", BELOW_A_MECHANISM),
          layer("watchdog", BELOW_A_MECHANISM),
          layer(
              "host",
              "engine",
              "random",
              "cpu",
              "scenario",
              "trace",
              "rt",
              "fair",
              "softirq",
              "virt",
              "watchdog"));

  @TestFactory
  List<DynamicTest> packagesOfTheKernelDependDownwardsOnly() {
    JavaClasses kernel =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("stallcast.kernel");
    return new PackageOrder("stallcast.kernel", ORDER)
        .rules().stream()
            .map(rule -> DynamicTest.dynamicTest(rule.getDescription(), () -> rule.check(kernel)))
            .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"EngineKnowsRt", "RtKnowsFair", "ScenarioKnowsRt", "HasNoPlace"})
  void plantedViolationIsFound(String simpleName) {
    String found = violationsOfPlantedClasses();
    assertTrue(found.contains(simpleName), found);
  }

  @Test
  void hostMayWireEveryMechanism() {
    String found = violationsOfPlantedClasses();
    assertFalse(found.contains("HostKnowsAll"), found);
  }

  private static String violationsOfPlantedClasses() {
    JavaClasses planted = new ClassFileImporter().importPackages("stallcast.planted.kernel");
    return new PackageOrder("stallcast.planted.kernel", ORDER)
        .rules().stream()
            .flatMap(rule -> rule.evaluate(planted).getFailureReport().getDetails().stream())
            .collect(Collectors.joining("\n"));
  }
}
