package stallcast.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import stallcast.kernel.PlantedNondeterminism.Breaks;

/** The kernel is a pure function: no clock, thread, file, foreign randomness or hash order. */
final class DeterminismTest {
  private static final Map<String, ArchRule> RULES = DeterminismRules.byName();

  @TestFactory
  List<DynamicTest> kernelObeysRule() {
    JavaClasses kernel =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("stallcast.kernel");
    return RULES.entrySet().stream()
        .map(rule -> DynamicTest.dynamicTest(rule.getKey(), () -> rule.getValue().check(kernel)))
        .toList();
  }

  @TestFactory
  List<DynamicTest> plantedClassBreaksExactlyTheRulesItNames() {
    return planted().stream()
        .map(
            type ->
                DynamicTest.dynamicTest(
                    type.getSimpleName(),
                    () -> assertEquals(rulesNamedBy(type), rulesBrokenBy(type))))
        .toList();
  }

  @Test
  void everyRuleHasPlantedViolation() {
    Set<String> planted = new TreeSet<>();
    planted().forEach(type -> planted.addAll(rulesNamedBy(type)));
    assertEquals(new TreeSet<>(RULES.keySet()), planted);
  }

  private static List<Class<?>> planted() {
    return List.of(PlantedNondeterminism.class.getDeclaredClasses()).stream()
        .filter(type -> !type.isAnnotation())
        .toList();
  }

  private static Set<String> rulesNamedBy(Class<?> type) {
    return new TreeSet<>(List.of(type.getAnnotation(Breaks.class).value()));
  }

  private static Set<String> rulesBrokenBy(Class<?> type) {
    JavaClasses one = new ClassFileImporter().importClasses(type);
    Set<String> broken = new TreeSet<>();
    RULES.forEach(
        (name, rule) -> {
          if (rule.evaluate(one).hasViolation()) {
            broken.add(name);
          }
        });
    return broken;
  }
}
