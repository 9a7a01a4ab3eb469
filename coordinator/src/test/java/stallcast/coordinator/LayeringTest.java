package stallcast.coordinator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packages of the coordinator depend downwards only; each library has one home. */
final class LayeringTest {
  @Test
  void packagesDependDownwardsAndKeepLibrariesApart() {
    JavaClasses production =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("stallcast.coordinator");
    for (ArchRule rule : rules("stallcast.coordinator")) {
      rule.check(production);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PlanUsesPekko",
        "PlanUsesHadoop",
        "PlanUsesParquet",
        "PlanUsesJackson",
        "PlanUsesYaml",
        "PlanUsesPicocli",
        "Cycle detected"
      })
  void plantedViolationIsFound(String expected) {
    String found = violationsOfPlantedClasses();
    assertTrue(found.contains(expected), found);
  }

  @Test
  void libraryInItsOwnPackageIsAllowed() {
    String found = violationsOfPlantedClasses();
    assertFalse(found.contains("MayUse"), found);
  }

  private static List<ArchRule> rules(String root) {
    return List.of(
        slices().matching(root + ".(*)..").should().beFreeOfCycles().allowEmptyShould(true),
        noClasses()
            .should()
            .dependOnClassesThat()
            .haveNameMatching("java\\.io\\.Object(In|Out)put.*")
            .because("Java's own serialization can be made to run code"),
        onlyIn(
            List.of(root + ".scenario.."),
            "tools.jackson..",
            "com.fasterxml.jackson..",
            "com.networknt..",
            "org.snakeyaml.."),
        onlyIn(List.of(root + ".store.."), "org.apache.parquet..", "org.apache.hadoop.."),
        onlyIn(List.of(root + ".cluster..", root + ".cli.."), "org.apache.pekko.."),
        onlyIn(List.of(root + ".cli.."), "picocli.."));
  }

  private static ArchRule onlyIn(List<String> homes, String... libraryPackages) {
    return noClasses()
        .that()
        .resideOutsideOfPackages(homes.toArray(String[]::new))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(libraryPackages)
        .because("only " + homes + " may know this library")
        .allowEmptyShould(true);
  }

  private static String violationsOfPlantedClasses() {
    JavaClasses planted = new ClassFileImporter().importPackages("stallcast.planted.coordinator");
    return rules("stallcast.planted.coordinator").stream()
        .flatMap(rule -> rule.evaluate(planted).getFailureReport().getDetails().stream())
        .collect(Collectors.joining("\n"));
  }
}
