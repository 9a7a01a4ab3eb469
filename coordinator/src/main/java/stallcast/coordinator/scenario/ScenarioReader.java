package stallcast.coordinator.scenario;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import stallcast.coordinator.scenario.yaml.Field;
import stallcast.coordinator.scenario.yaml.JsonText;
import stallcast.coordinator.scenario.yaml.Position;
import stallcast.coordinator.scenario.yaml.Problem;
import stallcast.coordinator.scenario.yaml.SourceException;
import stallcast.coordinator.scenario.yaml.SourceNode;
import stallcast.coordinator.scenario.yaml.SourceNode.ListNode;
import stallcast.coordinator.scenario.yaml.SourceNode.MapNode;
import stallcast.coordinator.scenario.yaml.SourceText;
import stallcast.coordinator.scenario.yaml.TreeMerge;
import stallcast.coordinator.scenario.yaml.YamlSource;

/**
 * Reads scenario files, or refuses them with everything that is wrong.
 *
 * <p>A text becomes a tree ({@link YamlSource}); the values of the command line are put into it;
 * its shape is judged by the schema ({@link SchemaCheck}) and its meaning by {@link SpecReader}.
 */
public final class ScenarioReader {
  static final TreeMerge MERGE = new TreeMerge(ScalarReader::isDistribution);

  private final SchemaCheck schema = new SchemaCheck();

  /**
   * Reads the one scenario of a file.
   *
   * @param overrides values that replace those of the file
   * @throws ScenarioException with all problems
   */
  public ScenarioFile read(Path path, List<ScenarioOverride> overrides) throws ScenarioException {
    return readText(fileText(path), path.toString(), overrides);
  }

  /**
   * Reads the one scenario of a text, such as {@link ScenarioFile#canonicalJson}.
   *
   * @param source what messages call it; relative names of other files start in its folder
   */
  public ScenarioFile readText(String text, String source, List<ScenarioOverride> overrides)
      throws ScenarioException {
    List<Field> documents = documents(text, source);
    Problems problems = new Problems();
    Field first = documents.get(0);
    if (documents.size() > 1) {
      String count = documents.size() + " documents";
      problems.add(documents.get(1), "the file has " + count + "; only 'validate' takes several");
    } else if (isCases(first)) {
      problems.add(
          ((MapNode) first.value()).find("cases").orElseThrow(),
          "the file has a list of cases; only 'validate' takes several");
    }
    refuse(problems);
    return scenario(first, source, overrides);
  }

  /**
   * Reads every case of a validation file: one scenario, several YAML documents, or a map with
   * {@code cases}. What stands under {@code common} holds for each case that does not say
   * otherwise.
   *
   * @throws ScenarioException with all problems of all cases
   */
  public List<ScenarioFile> readAll(Path path, List<ScenarioOverride> overrides)
      throws ScenarioException {
    String source = path.toString();
    List<Field> documents = documents(fileText(path), source);
    List<ScenarioFile> files = new ArrayList<>();
    Set<Problem> found = new TreeSet<>();
    Set<String> names = new HashSet<>();
    Problems outer = new Problems();
    List<Field> cases = cases(documents, outer);
    // What is common is judged with each case, once the case has had its say.
    outer.list().stream().filter(p -> !p.path().startsWith("/common/")).forEach(found::add);
    for (Field each : cases) {
      try {
        ScenarioFile file = scenario(each, source, overrides);
        if (!names.add(file.spec().name())) {
          String message = "two cases have the name '" + file.spec().name() + "'";
          found.add(new Problem(each.position(), each.path(), message));
        }
        files.add(file);
      } catch (ScenarioException e) {
        found.addAll(e.problems());
      }
    }
    if (!found.isEmpty()) {
      throw new ScenarioException(List.copyOf(found));
    }
    return files;
  }

  private List<Field> cases(List<Field> documents, Problems problems) {
    List<Field> cases = new ArrayList<>();
    Optional<Field> shared = Optional.empty();
    for (Field document : documents) {
      if (!isCases(document)) {
        Optional<Field> common = find(document, "common");
        boolean alone = common.isPresent() && ((MapNode) document.value()).fields().size() == 1;
        if (alone) {
          shared = common;
        } else {
          cases.add(merged(shared, document));
        }
        continue;
      }
      schema.check(document, problems);
      Optional<Field> common = find(document, "common");
      Field list = find(document, "cases").orElseThrow();
      if (list.value() instanceof ListNode items) {
        Optional<Field> base = common.isPresent() ? common : shared;
        items.items().forEach(item -> cases.add(merged(base, item)));
      }
    }
    if (cases.isEmpty() && problems.list().isEmpty()) {
      problems.add(documents.get(0), "the file has no case");
    }
    return cases;
  }

  private static Field merged(Optional<Field> common, Field over) {
    return common
        .map(c -> new Field(over.position(), over.path(), MERGE.merge(c.value(), over.value())))
        .orElse(over);
  }

  private ScenarioFile scenario(Field document, String source, List<ScenarioOverride> overrides)
      throws ScenarioException {
    Problems problems = new Problems();
    if (!(document.value() instanceof MapNode)) {
      problems.add(document, "a scenario must be a map of keys, got " + document.value().words());
      refuse(problems);
    }
    Field resolved = document;
    for (ScenarioOverride override : overrides) {
      resolved = overridden(resolved, override, problems);
    }
    TraceFiles traces = new TraceFiles(folder(source));
    resolved = traces.pinned(resolved);
    boolean shaped = schema.check(withPlainStrata(resolved), problems);
    SpecReader reader = new SpecReader(new Cursor(resolved, problems), traces);
    Optional<ScenarioFile> file = reader.read(JsonText.of(resolved.value()), source);
    refuse(problems);
    if (!shaped || file.isEmpty()) {
      // The schema is stricter than the readers somewhere: never let that pass unseen.
      problems.add(resolved, "the scenario does not match the schema configs/scenario.schema.json");
      refuse(problems);
    }
    return file.orElseThrow();
  }

  private static Field overridden(Field root, ScenarioOverride override, Problems problems) {
    Field place = new Field(override.position(), "", root.value());
    List<Field> values;
    try {
      values = YamlSource.read(override.value(), override.position().source());
    } catch (SourceException e) {
      problems.add(place, e.problem().message());
      return root;
    }
    if (values.size() != 1) {
      problems.add(place, "has no value");
      return root;
    }
    Field value = placed(values.get(0), override);
    OverridePath path = new OverridePath(override.path(), value);
    Optional<SourceNode> changed = path.set(root.value());
    if (changed.isEmpty()) {
      problems.add(place, "there is nothing called '" + override.path() + "' that can be set");
      return root;
    }
    MapNode map = (MapNode) changed.get();
    Optional<Field> strata = map.find("strata");
    if (strata.isPresent() && strata.get().value() instanceof ListNode list) {
      Field hidden = new Field(strata.get().position(), "/strata", replaced(list, path));
      map = map.with("strata", hidden);
    }
    return new Field(root.position(), root.path(), map);
  }

  /** In a stratum {@code null} removes a key, which is no fault of shape. */
  private static Field withPlainStrata(Field root) {
    MapNode map = (MapNode) root.value();
    Optional<Field> strata = map.find("strata");
    if (strata.isEmpty() || !(strata.get().value() instanceof ListNode list)) {
      return root;
    }
    List<Field> items = new ArrayList<>();
    for (Field item : list.items()) {
      Optional<Field> host = find(item, "host").filter(h -> h.value() instanceof MapNode);
      Field plain = item;
      if (host.isPresent()) {
        SourceNode value = TreeMerge.withoutNulls(host.get().value());
        Field shown = new Field(host.get().position(), host.get().path(), value);
        MapNode changed = ((MapNode) item.value()).with("host", shown);
        plain = new Field(item.position(), item.path(), changed);
      }
      items.add(plain);
    }
    Field changed = new Field(strata.get().position(), strata.get().path(), new ListNode(items));
    return new Field(root.position(), root.path(), map.with("strata", changed));
  }

  /** What a stratum says about the same place gives way, too. */
  private static ListNode replaced(ListNode strata, OverridePath path) {
    List<Field> items = new ArrayList<>();
    for (Field item : strata.items()) {
      Optional<Field> host = find(item, "host");
      Optional<SourceNode> changed = host.flatMap(h -> path.replace(h.value(), "host"));
      items.add(
          changed
              .map(
                  node -> {
                    Field hidden = new Field(host.get().position(), host.get().path(), node);
                    MapNode map = ((MapNode) item.value()).with("host", hidden);
                    return new Field(item.position(), item.path(), map);
                  })
              .orElse(item));
    }
    return new ListNode(items);
  }

  /** A value with all its parts placed at the option it came from. */
  private static Field placed(Field field, ScenarioOverride override) {
    SourceNode node = field.value();
    if (node instanceof MapNode map) {
      MapNode moved = map;
      for (var entry : map.fields().entrySet()) {
        moved = moved.with(entry.getKey(), placed(entry.getValue(), override));
      }
      node = moved;
    } else if (node instanceof ListNode list) {
      node = new ListNode(list.items().stream().map(i -> placed(i, override)).toList());
    }
    return new Field(override.position(), field.path(), node);
  }

  private static List<Field> documents(String text, String source) throws ScenarioException {
    try {
      List<Field> documents = YamlSource.read(text, source);
      if (documents.isEmpty()) {
        throw new SourceException(new Position(source, 1, 1), "the file is empty");
      }
      return documents;
    } catch (SourceException e) {
      throw new ScenarioException(List.of(e.problem()));
    }
  }

  private static Path folder(String source) {
    Path folder = Path.of(source).getParent();
    return folder == null ? Path.of("") : folder;
  }

  private static String fileText(Path path) throws ScenarioException {
    try {
      return SourceText.read(path);
    } catch (SourceException e) {
      throw new ScenarioException(List.of(e.problem()));
    }
  }

  private static boolean isCases(Field document) {
    return find(document, "cases").isPresent();
  }

  private static Optional<Field> find(Field document, String key) {
    return document.value() instanceof MapNode map ? map.find(key) : Optional.empty();
  }

  private static void refuse(Problems problems) throws ScenarioException {
    if (!problems.list().isEmpty()) {
      throw new ScenarioException(problems.list());
    }
  }
}
