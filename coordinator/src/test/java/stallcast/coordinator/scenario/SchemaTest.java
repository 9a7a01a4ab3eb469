package stallcast.coordinator.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import stallcast.coordinator.scenario.yaml.Field;
import stallcast.coordinator.scenario.yaml.SourceNode.ListNode;
import stallcast.coordinator.scenario.yaml.SourceNode.MapNode;
import stallcast.coordinator.scenario.yaml.SourceNode.ScalarNode;
import stallcast.coordinator.scenario.yaml.YamlSource;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.KernelKnob.Section;
import stallcast.kernel.scenario.MetricKind;
import stallcast.kernel.scenario.OperationSpec;
import stallcast.kernel.scenario.SoftirqVector;

/** The schema, the guide and the shipped scenarios say what the code does. */
final class SchemaTest {
  private static final Path CONFIGS = Path.of("../configs");
  private static final Path GUIDE = Path.of("../docs/scenario-language.md");

  private static MapNode at(String... keys) throws Exception {
    MapNode node = (MapNode) YamlSource.read(SchemaCheck.text(), "schema").get(0).value();
    for (String key : keys) {
      node = (MapNode) node.find(key).orElseThrow(() -> new AssertionError(key)).value();
    }
    return node;
  }

  @Test
  void everyKnobIsInTheSchemaAndNothingElseIs() throws Exception {
    for (Section section : Section.values()) {
      Set<String> knobs = new TreeSet<>();
      for (KernelKnob knob : KernelKnob.values()) {
        if (knob.section() == section) {
          knobs.add(knob.key());
        }
      }
      MapNode block =
          section == Section.KERNEL
              ? at("$defs", "kernel", "properties")
              : at("$defs", "kernel", "properties", section.key(), "properties");
      Set<String> keys = new TreeSet<>(block.fields().keySet());
      if (section == Section.KERNEL) {
        keys.remove("preset");
        for (Section other : Section.values()) {
          keys.remove(other.key());
        }
      }
      assertEquals(knobs, keys, section.name());
    }
  }

  @Test
  void schemaOffersEveryVectorOperationAndFix() throws Exception {
    assertEquals(
        Arrays.stream(SoftirqVector.values()).map(SoftirqVector::key).toList(),
        words(at("$defs", "softirq", "properties", "vector").find("enum").orElseThrow()));
    assertEquals(
        Arrays.stream(OperationSpec.Kind.values()).map(OperationSpec.Kind::key).toList(),
        List.copyOf(at("$defs", "operation", "properties").fields().keySet()));
    assertEquals(
        KernelKnob.FIX_RT_PUSH_IPI.words(),
        List.copyOf(
            at("$defs", "pushIpiFix", "properties", "categorical", "properties")
                .fields()
                .keySet()));
  }

  private static List<String> words(Field list) {
    return ((ListNode) list.value())
        .items().stream().map(item -> ((ScalarNode) item.value()).text()).toList();
  }

  @Test
  void schemaOffersEveryDistribution() throws Exception {
    Set<String> forms = new TreeSet<>(at("$defs", "whole", "properties").fields().keySet());
    assertEquals(new TreeSet<>(ScalarReader.FORMS), forms);
  }

  @Test
  void shippedScenariosAreLegal() throws Exception {
    List<Path> shipped = new ArrayList<>();
    try (Stream<Path> files = Files.walk(CONFIGS)) {
      files.filter(f -> f.toString().endsWith(".yaml")).sorted().forEach(shipped::add);
    }
    for (Path file : shipped) {
      assertTrue(!new ScenarioReader().readAll(file, List.of()).isEmpty(), file.toString());
    }
  }

  @Test
  void guideNamesEveryWordOfTheLanguage() throws IOException {
    String guide = Files.readString(GUIDE);
    List<String> missing = new ArrayList<>();
    for (KernelKnob knob : KernelKnob.values()) {
      expect(guide, knob.key(), missing);
    }
    for (MetricKind metric : MetricKind.values()) {
      expect(guide, metric.key(), missing);
    }
    for (IncidentKind kind : IncidentKind.values()) {
      expect(guide, kind.key(), missing);
    }
    for (SoftirqVector vector : SoftirqVector.values()) {
      expect(guide, vector.key(), missing);
    }
    for (OperationSpec.Kind kind : OperationSpec.Kind.values()) {
      expect(guide, kind.key(), missing);
    }
    KernelKnob.FIX_RT_PUSH_IPI.words().forEach(word -> expect(guide, word, missing));
    ScalarReader.FORMS.forEach(form -> expect(guide, form, missing));
    assertEquals(List.of(), missing);
  }

  private static void expect(String guide, String word, List<String> missing) {
    if (!guide.contains("`" + word + "`")) {
      missing.add(word);
    }
  }
}
