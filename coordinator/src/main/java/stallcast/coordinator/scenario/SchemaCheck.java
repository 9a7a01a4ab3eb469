package stallcast.coordinator.scenario;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.path.NodePath;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import stallcast.coordinator.scenario.yaml.Field;
import stallcast.coordinator.scenario.yaml.JsonText;
import stallcast.coordinator.scenario.yaml.Problem;
import stallcast.coordinator.scenario.yaml.SourceException;
import stallcast.coordinator.scenario.yaml.SourceNode;
import stallcast.coordinator.scenario.yaml.SourceNode.ListNode;
import stallcast.coordinator.scenario.yaml.SourceNode.MapNode;
import stallcast.coordinator.scenario.yaml.SourceNode.ScalarNode;
import stallcast.coordinator.scenario.yaml.YamlSource;

/**
 * Judges the shape of a scenario by the published JSON Schema and says in the user's words what is
 * wrong. What the schema states as alternatives ({@code anyOf}, {@code oneOf}) is for editors; the
 * readers judge it, with better messages.
 */
final class SchemaCheck {
  private static final String RESOURCE = "scenario.schema.json";
  private static final Map<String, String> TYPES =
      Map.of(
          "object", "a map",
          "array", "a list",
          "string", "a text",
          "number", "a number",
          "integer", "a whole number",
          "boolean", "true or false",
          "null", "nothing");

  private final Schema schema;
  private final Field tree;

  /** Loads the schema. */
  SchemaCheck() {
    String text = text();
    schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(text, InputFormat.JSON);
    try {
      tree = YamlSource.read(text, RESOURCE).get(0);
    } catch (SourceException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The published schema. */
  static String text() {
    try (InputStream in = SchemaCheck.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reports every fault of shape.
   *
   * @param document a scenario, or a file of cases
   * @return whether there is none
   */
  boolean check(Field document, Problems problems) {
    List<Error> errors = schema.validate(JsonText.of(document.value()), InputFormat.JSON);
    for (Error error : errors) {
      boolean alternative =
          error.getEvaluationPath().contains("anyOf")
              || error.getEvaluationPath().contains("oneOf");
      if (alternative || error.getEvaluationPath().contains("propertyNames")) {
        continue;
      }
      if (error.getKeyword().endsWith("Properties") && error.getProperty() == null) {
        problems.addCount(problem(error, document, problems));
      } else if (error.getKeyword().equals("required")) {
        problems.addMissingShape(problem(error, document, problems));
      } else {
        problems.addShape(problem(error, document, problems));
      }
    }
    return errors.isEmpty();
  }

  private Problem problem(Error error, Field document, Problems problems) {
    Field at = find(document, error.getInstanceLocation());
    String key = error.getProperty();
    return switch (error.getKeyword()) {
      case "additionalProperties" -> unknown(at, key, error, problems);
      case "required" -> {
        String message = at.name() + " needs the key '" + key + "'";
        yield new Problem(at.position(), at.pathOf(key), message);
      }
      default -> new Problem(at.position(), at.path(), at.name() + " " + words(error, at));
    };
  }

  private String words(Error error, Field at) {
    String got = ", got " + at.value().words();
    return switch (error.getKeyword()) {
      case "type" -> "must be " + types(error) + got;
      case "enum" -> enumeration(error, at);
      case "pattern" -> "must be " + description(error) + got;
      case "minItems", "minLength" -> "must not be empty";
      case "minProperties", "maxProperties" ->
          "must have exactly one of the keys " + String.join(", ", legalKeys(error));
      default -> "must be " + description(error) + got;
    };
  }

  private Problem unknown(Field at, String key, Error error, Problems problems) {
    Optional<Field> found = at.value() instanceof MapNode map ? map.find(key) : Optional.empty();
    Field child = found.orElse(at);
    String path = found.map(Field::path).orElse(at.pathOf(key));
    if (Unmodelled.contains(key)) {
      return new Problem(child.position(), path, Unmodelled.message(key));
    }
    Suggestion.nearest(key, legalKeys(error)).stream()
        .findFirst()
        .map(at::pathOf)
        .ifPresent(problems::addMisspelt);
    String message = Suggestion.unknown("key", key, legalKeys(error));
    return new Problem(child.position(), path, message);
  }

  private String enumeration(Error error, Field at) {
    List<String> legal = new ArrayList<>();
    siblings(error)
        .flatMap(s -> s.find("enum"))
        .filter(e -> e.value() instanceof ListNode)
        .ifPresent(e -> ((ListNode) e.value()).items().forEach(i -> legal.add(scalarText(i))));
    String word = scalarText(at);
    if (Unmodelled.contains(word)) {
      return Unmodelled.message(word);
    }
    String got = ", got " + at.value().words();
    return "must be one of " + String.join(", ", legal) + got;
  }

  private static String scalarText(Field field) {
    return field.value() instanceof ScalarNode scalar ? scalar.text() : "";
  }

  private String types(Error error) {
    List<String> names = new ArrayList<>();
    siblings(error)
        .flatMap(s -> s.find("type"))
        .ifPresent(
            t -> {
              if (t.value() instanceof ListNode list) {
                list.items().forEach(i -> names.add(scalarText(i)));
              } else {
                names.add(scalarText(t));
              }
            });
    return String.join(" or ", names.stream().map(n -> TYPES.getOrDefault(n, n)).toList());
  }

  private String description(Error error) {
    return siblings(error)
        .flatMap(s -> s.find("description"))
        .map(SchemaCheck::scalarText)
        .orElse("something else");
  }

  private List<String> legalKeys(Error error) {
    return siblings(error)
        .flatMap(s -> s.find("properties"))
        .filter(p -> p.value() instanceof MapNode)
        .map(p -> List.copyOf(((MapNode) p.value()).fields().keySet()))
        .orElse(List.of());
  }

  /** The part of the schema that holds the keyword which failed. */
  private Optional<MapNode> siblings(Error error) {
    String location = error.getSchemaLocation().toString();
    String pointer = location.substring(location.indexOf('#') + 1);
    SourceNode node = tree.value();
    String[] words = pointer.split("/", -1);
    for (int i = 1; i < words.length - 1; i++) {
      String word = words[i].replace("~1", "/").replace("~0", "~");
      Optional<Field> next =
          node instanceof MapNode map
              ? map.find(word)
              : Optional.of(((ListNode) node).items().get(Integer.parseInt(word)));
      if (next.isEmpty()) {
        return Optional.empty();
      }
      node = next.get().value();
    }
    return node instanceof MapNode map ? Optional.of(map) : Optional.empty();
  }

  private static Field find(Field document, NodePath path) {
    Field at = document;
    for (int i = 0; i < path.getNameCount(); i++) {
      Object element = path.getElement(i);
      if (at.value() instanceof MapNode map) {
        at = map.find(String.valueOf(element)).orElse(at);
      } else if (at.value() instanceof ListNode list && element instanceof Integer index) {
        at = list.items().get(index);
      }
    }
    return at;
  }
}
