package stallcast.coordinator.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import stallcast.coordinator.scenario.yaml.Field;
import stallcast.coordinator.scenario.yaml.Position;
import stallcast.coordinator.scenario.yaml.Problem;

/**
 * Problems and notices found so far. A part of the file that is read twice, as the base of two
 * strata is, reports once.
 */
final class Problems {
  private final Set<Problem> problems = new TreeSet<>();
  private final Set<Notice> notices = new TreeSet<>();
  private final List<String> settled = new ArrayList<>(); // paths of values judged whole
  private final Set<Problem> absences = new TreeSet<>(); // keys that are missing
  private final Set<String> misspelt = new TreeSet<>(); // paths of keys that were meant
  private final List<Problem> shapes = new ArrayList<>();
  private final Set<Problem> counts = new TreeSet<>(); // shapes that a part's problem explains

  /** Adds a problem of a value. */
  void add(Field field, String message) {
    problems.add(new Problem(field.position(), field.path(), message));
  }

  /** Adds a problem of a value that lies in another file. */
  void addElsewhere(Field field, Position position, String message) {
    problems.add(new Problem(position, field.path(), message));
  }

  /**
   * Adds the problem of a scalar or a distribution. The reader of scalars judges these completely,
   * so that what the schema says about the same value is dropped.
   */
  void addScalar(Field field, Field whole, String message) {
    add(field, message);
    settled.add(whole.path());
  }

  /** Adds what the schema found; kept only where no scalar was judged. */
  void addShape(Problem problem) {
    if (shapes.stream().noneMatch(p -> p.path().equals(problem.path()))) {
      shapes.add(problem); // the first fault of a value says enough
    }
  }

  /** Adds that a map has too many or too few keys; a problem of one of its keys says it better. */
  void addCount(Problem problem) {
    addShape(problem);
    counts.add(problem);
  }

  /** Adds that a key is missing. */
  void addMissing(Problem problem) {
    problems.add(problem);
    absences.add(problem);
  }

  /** Adds that a key is missing, as the schema sees it. */
  void addMissingShape(Problem problem) {
    addShape(problem);
    absences.add(problem);
  }

  /** Says that a key which is missing is there, misspelt: that it is missing is not told. */
  void addMisspelt(String path) {
    misspelt.add(path);
  }

  /** Adds a notice. */
  void note(Field field, String message) {
    notices.add(new Notice(field.position(), message));
  }

  /** Whether anything is wrong at or below a value. */
  boolean isBroken(Field field) {
    return problems.stream().anyMatch(p -> isWithin(p.path(), field.path()))
        || shapes.stream().anyMatch(p -> isWithin(p.path(), field.path()));
  }

  /** Everything that is wrong, sorted. */
  List<Problem> list() {
    Set<Problem> all = new TreeSet<>(problems);
    all.removeIf(problem -> absences.contains(problem) && misspelt.contains(problem.path()));
    for (Problem shape : shapes) {
      boolean judged = settled.stream().anyMatch(path -> isWithin(shape.path(), path));
      boolean repeated = problems.stream().anyMatch(p -> p.path().equals(shape.path()));
      boolean explained =
          counts.contains(shape)
              && shapes.stream().anyMatch(p -> p.path().startsWith(shape.path() + "/"));
      boolean meant = absences.contains(shape) && misspelt.contains(shape.path());
      if (!judged && !repeated && !explained && !meant) {
        all.add(shape);
      }
    }
    return List.copyOf(all);
  }

  /** All notices, sorted. */
  List<Notice> notices() {
    return List.copyOf(notices);
  }

  private static boolean isWithin(String path, String ancestor) {
    return path.equals(ancestor) || path.startsWith(ancestor + "/");
  }
}
