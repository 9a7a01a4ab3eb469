package stallcast.kernel;

import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What code of the kernel must not touch, because the same host would then not give the same row.
 *
 * <p>Each rule has a name, by which {@link DeterminismTest} pairs it with planted violations.
 */
final class DeterminismRules {
  /** Functions of {@code Math} whose last bit may differ between JVMs and processors. */
  private static final Set<String> INEXACT_MATH =
      Set.of(
          "sin",
          "cos",
          "tan",
          "asin",
          "acos",
          "atan",
          "atan2",
          "sinh",
          "cosh",
          "tanh",
          "exp",
          "expm1",
          "log",
          "log10",
          "log1p",
          "pow",
          "cbrt",
          "hypot",
          "IEEEremainder");

  private DeterminismRules() {}

  /** The rules by name, in the order in which they are checked. */
  static Map<String, ArchRule> byName() {
    Map<String, ArchRule> rules = new LinkedHashMap<>();
    rules.put("clock", noCall("nanoTime|currentTimeMillis", System.class.getName()));
    rules.put("date", noCall("now|systemUTC|systemDefaultZone|systemDefault", "java\\.time\\..*"));
    rules.put(
        "library-random",
        noUse(
            nameMatching(
                "java\\.util\\.(Random|SplittableRandom|concurrent\\.ThreadLocalRandom)"
                    + "|java\\.util\\.random\\..*|java\\.security\\..*")));
    rules.put("math-random", noCall("random", "java\\.lang\\.(Strict)?Math"));
    rules.put("uuid", noCall("randomUUID", "java\\.util\\.UUID"));
    rules.put(
        "threads",
        noUse(
            nameMatching(
                "java\\.lang\\.(Thread.*|Runtime|Process.*)|java\\.util\\.Timer"
                    + "|java\\.util\\.concurrent\\.(?!TimeUnit$).*")));
    rules.put("io", noUse(nameMatching("java\\.(io|net|nio\\.file|nio\\.channels)\\..*")));
    rules.put("environment", noCall("getenv|getProperty|getProperties", System.class.getName()));
    rules.put(
        "logging",
        noUse(nameMatching("java\\.util\\.logging\\..*|java\\.lang\\.System\\$Logger.*")));
    rules.put(
        "hash-order",
        noUse(
            nameMatching("java\\.util\\.(HashMap|HashSet|IdentityHashMap|WeakHashMap|Hashtable)")));
    rules.put("salted-order", noCall("of|ofEntries|copyOf", "java\\.util\\.(Set|Map)"));
    rules.put(
        "hashing-collector",
        noCall(
            "toSet|toMap|groupingBy|partitioningBy|toUnmodifiableSet|toUnmodifiableMap",
            "java\\.util\\.stream\\.Collectors"));
    rules.put("identity", noCall("identityHashCode", System.class.getName()));
    rules.put("parallel", noCall("parallel.*", "java\\.util\\..*"));
    rules.put("inexact-math", noCall(String.join("|", INEXACT_MATH), Math.class.getName()));
    return rules;
  }

  private static ArchRule noCall(String methods, String owners) {
    return noClasses()
        .should()
        .accessTargetWhere(call(methods, owners))
        .because("a host depends on scenario, seed and index only")
        .allowEmptyShould(true);
  }

  private static ArchRule noUse(DescribedPredicate<? super JavaClass> types) {
    return noClasses()
        .should()
        .dependOnClassesThat(types)
        .because("a host depends on scenario, seed and index only")
        .allowEmptyShould(true);
  }

  /** Method references count as accesses too, which plain "call method" rules would miss. */
  private static DescribedPredicate<JavaAccess<?>> call(String methods, String owners) {
    return new DescribedPredicate<>("target is " + owners + "#" + methods) {
      @Override
      public boolean test(JavaAccess<?> access) {
        AccessTarget target = access.getTarget();
        return target.getName().matches(methods) && target.getOwner().getName().matches(owners);
      }
    };
  }
}
