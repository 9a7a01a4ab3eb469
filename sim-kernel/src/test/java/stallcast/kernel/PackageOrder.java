package stallcast.kernel;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;

/**
 * The one way down inside a module: which of its packages each package may use.
 *
 * <p>A package that is missing from the table is a fault as well, so that a new one has to be given
 * its place here. Packages that do not exist yet may be listed.
 */
final class PackageOrder {
  private final String root;
  private final List<Layer> layers;

  /** One package below the root, with its subpackages, and the packages that it may use. */
  record Layer(String name, List<String> mayUse) {}

  PackageOrder(String root, List<Layer> layers) {
    this.root = root;
    this.layers = List.copyOf(layers);
  }

  static Layer layer(String name, String... mayUse) {
    return new Layer(name, List.of(mayUse));
  }

  List<ArchRule> rules() {
    List<ArchRule> rules = new ArrayList<>();
    for (Layer layer : layers) {
      rules.add(usesOnlyWhatItMay(layer));
    }
    rules.add(everyPackageHasItsPlace());
    return rules;
  }

  private ArchRule usesOnlyWhatItMay(Layer layer) {
    String[] allowed = new String[layer.mayUse().size() + 1];
    allowed[0] = subtree(layer.name());
    for (int i = 0; i < layer.mayUse().size(); i++) {
      allowed[i + 1] = subtree(layer.mayUse().get(i));
    }
    return noClasses()
        .that()
        .resideInAPackage(subtree(layer.name()))
        .should()
        .dependOnClassesThat(resideInAPackage(root + "..").and(resideOutsideOfPackages(allowed)))
        .because(layer.name() + " may use only " + layer.mayUse())
        .allowEmptyShould(true);
  }

  private ArchRule everyPackageHasItsPlace() {
    String[] known = layers.stream().map(layer -> subtree(layer.name())).toArray(String[]::new);
    return classes()
        .that()
        .resideInAPackage(root + ".*..")
        .should()
        .resideInAnyPackage(known)
        .because("every package has a place in the order of LayeringTest")
        .allowEmptyShould(true);
  }

  private String subtree(String name) {
    return root + "." + name + "..";
  }
}
