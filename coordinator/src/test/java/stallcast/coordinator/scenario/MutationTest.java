package stallcast.coordinator.scenario;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import stallcast.coordinator.scenario.yaml.Problem;

/** Whatever becomes of a good scenario, reading it gives a scenario or placed problems. */
final class MutationTest {
  private static final int SEEDS = Integer.getInteger("stallcast.seeds", 400);
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Path CONFIGS = Path.of("../configs");
  private static final String[] PIECES = {
    ":",
    "-",
    "{",
    "}",
    "[",
    "]",
    "&a ",
    "*a",
    "!!x ",
    "\"",
    "'",
    "#",
    "\n",
    "  ",
    "\t",
    "? ",
    "|",
    ".nan",
    "null",
    "~",
    "0",
    "-1",
    "1e999",
    "99999999999999999999",
    "true",
    "{categorical: {}}",
    "{uniform: [1, 2]}",
    "{truncated: {of: 5}}",
    "name",
    "µ",
    "\uFFFD",
    "---\n",
    "<<: ",
    "%",
    "cpus",
    "0s",
    "-1us",
    "1e9/s",
    "trace: arrivals.csv",
    "trace: /dev/zero",
    "{every: 1ns}",
    "{poisson: 0/s}",
  };

  private final ScenarioReader reader = new ScenarioReader();

  private static List<String> goodTexts() throws IOException {
    List<String> texts = new ArrayList<>();
    texts.add(
        Files.readString(Path.of("src/main/resources/stallcast/coordinator/cli/starter.yaml")));
    for (Path folder : List.of(Path.of("src/test/resources/good-scenarios"), CONFIGS)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList()) {
          texts.add(Files.readString(file));
        }
      }
    }
    return texts;
  }

  @Test
  void mutatedScenarioIsReadOrRefusedAtALineOfTheFile() throws IOException {
    List<String> texts = goodTexts();
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      String text = mutated(texts.get(random.nextInt(texts.size())), random);
      int number = seed;
      assertTimeoutPreemptively(PATIENCE, () -> check(text, number), "seed " + seed);
    }
  }

  @Test
  void randomBytesAreRefused() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      StringBuilder text = new StringBuilder();
      int length = random.nextInt(200);
      for (int i = 0; i < length; i++) {
        text.append((char) (random.nextInt(4) == 0 ? random.nextInt(0x3000) : random.nextInt(128)));
      }
      check(text.toString(), seed);
    }
  }

  private void check(String text, int seed) {
    try {
      reader.readText(text, "src/test/resources/good-scenarios/mutant.yaml", List.of());
    } catch (ScenarioException e) {
      assertFalse(e.problems().isEmpty(), "seed " + seed);
      long lines = Math.max(1, text.lines().count());
      for (Problem problem : e.problems()) {
        int line = problem.position().line();
        String shown = "seed " + seed + ", " + lines + " lines: " + problem.text();
        assertTrue(line >= 1 && line <= lines, shown);
        assertTrue(problem.position().column() >= 1, shown);
        assertFalse(problem.message().isBlank() || problem.message().contains("\n"), shown);
        assertFalse(problem.message().contains("does not match the schema"), shown);
      }
    } catch (RuntimeException | StackOverflowError e) {
      throw new AssertionError("seed " + seed + ": " + e + "\n" + text, e);
    }
  }

  /** One to four edits: a piece inserted, a stretch removed, a line repeated, a word replaced. */
  private static String mutated(String text, Random random) {
    String mutant = text;
    int edits = 1 + random.nextInt(4);
    for (int i = 0; i < edits && !mutant.isEmpty(); i++) {
      int at = random.nextInt(mutant.length());
      int length = Math.min(mutant.length() - at, 1 + random.nextInt(12));
      String piece = PIECES[random.nextInt(PIECES.length)];
      mutant =
          switch (random.nextInt(4)) {
            case 0 -> mutant.substring(0, at) + piece + mutant.substring(at);
            case 1 -> mutant.substring(0, at) + mutant.substring(at + length);
            case 2 -> replacedValue(mutant, at, piece);
            default -> repeatedLine(mutant, at);
          };
    }
    return mutant;
  }

  private static String replacedValue(String text, int at, String piece) {
    int colon = text.indexOf(": ", at);
    int end = colon < 0 ? -1 : text.indexOf('\n', colon);
    return end < 0 ? text : text.substring(0, colon + 2) + piece + text.substring(end);
  }

  private static String repeatedLine(String text, int at) {
    int start = text.lastIndexOf('\n', at) + 1;
    int end = text.indexOf('\n', at);
    return end < 0 ? text : text.substring(0, end + 1) + text.substring(start);
  }
}
