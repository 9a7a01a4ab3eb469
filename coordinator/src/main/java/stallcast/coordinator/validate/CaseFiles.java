package stallcast.coordinator.validate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import stallcast.coordinator.scenario.Expectation;
import stallcast.coordinator.scenario.ScenarioException;
import stallcast.coordinator.scenario.ScenarioFile;
import stallcast.coordinator.scenario.ScenarioOverride;
import stallcast.coordinator.scenario.ScenarioReader;
import stallcast.coordinator.scenario.yaml.Position;
import stallcast.coordinator.scenario.yaml.Problem;
import stallcast.kernel.scenario.MeasureSpec;

/** Finds validation files and reads their cases, or refuses them with everything that is wrong. */
public final class CaseFiles {
  /** Most values that one case may keep in memory: hosts times expectations. */
  static final long VALUES_MAX = 20_000_000;

  private CaseFiles() {}

  /**
   * Reads the cases of files and folders.
   *
   * @param paths files, and folders in which every {@code .yaml} and {@code .yml} file is one, in
   *     order of their names
   * @param overrides values that replace those of the cases
   * @throws ScenarioException with all problems of all files
   */
  public static List<ValidationCase> read(List<Path> paths, List<ScenarioOverride> overrides)
      throws ScenarioException {
    Set<Problem> problems = new TreeSet<>();
    Set<Path> files = new LinkedHashSet<>();
    for (Path path : paths) {
      files.addAll(find(path, problems));
    }
    List<ValidationCase> cases = new ArrayList<>();
    ScenarioReader reader = new ScenarioReader();
    for (Path file : files) {
      try {
        List<ScenarioFile> scenarios = reader.readAll(file, overrides);
        Lending lending = new Lending(scenarios, problems);
        for (ScenarioFile scenario : scenarios) {
          add(scenario, lending.by(scenario), cases, problems);
        }
      } catch (ScenarioException e) {
        problems.addAll(e.problems());
      }
    }
    if (!problems.isEmpty()) {
      throw new ScenarioException(List.copyOf(problems));
    }
    return cases;
  }

  /** Some cases, with those that their expectations are relative to. */
  public static List<ValidationCase> withBases(
      List<ValidationCase> cases, Predicate<ValidationCase> wanted) {
    Set<List<String>> bases = new HashSet<>();
    for (ValidationCase each : cases) {
      for (Expectation expectation :
          wanted.test(each) ? each.expectations() : List.<Expectation>of()) {
        expectation.relativeTo().ifPresent(base -> bases.add(List.of(each.file(), base)));
      }
    }
    return cases.stream()
        .filter(each -> wanted.test(each) || bases.contains(List.of(each.file(), each.name())))
        .toList();
  }

  private static void add(
      ScenarioFile scenario,
      List<MeasureSpec> lent,
      List<ValidationCase> cases,
      Set<Problem> problems) {
    String name = "case '" + scenario.spec().name() + "'";
    long hosts = scenario.spec().hosts();
    long expectations = (long) scenario.expectations().size() + lent.size();
    if (expectations == 0) {
      problems.add(problem(scenario.source(), name + " has no 'expect': nothing to validate"));
    } else if (hosts > VALUES_MAX / expectations) {
      String size = " has " + hosts + " hosts for " + expectations + " expectations; ";
      String limit = "'validate' keeps at most " + VALUES_MAX + " values of a case";
      problems.add(problem(scenario.source(), name + size + limit));
    } else {
      cases.add(new ValidationCase(scenario, lent));
    }
  }

  private static List<Path> find(Path path, Set<Problem> problems) {
    if (!Files.isDirectory(path)) {
      return List.of(path); // the reader says what is wrong with it
    }
    try (Stream<Path> entries = Files.list(path)) {
      List<Path> files = entries.filter(CaseFiles::isYaml).sorted().toList();
      if (files.isEmpty()) {
        problems.add(problem(path.toString(), "the folder has no .yaml file"));
      }
      return files;
    } catch (IOException e) {
      problems.add(problem(path.toString(), "cannot be read: " + e.getMessage()));
      return List.of();
    }
  }

  private static boolean isYaml(Path path) {
    String name = path.getFileName().toString();
    return (name.endsWith(".yaml") || name.endsWith(".yml")) && !name.startsWith(".");
  }

  private static Problem problem(String source, String message) {
    return new Problem(Position.of(source), "", message);
  }
}
