package stallcast.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** {@code stallcast check} as a user meets it: exit code, stdout, stderr. */
final class CheckCommandTest {
  private static final Path BAD = Path.of("src/test/resources/bad-scenarios");
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path folder;

  /** What a command printed. */
  record Printed(int exitCode, String out, String err) {}

  static Printed run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine root = StallcastCommand.commandLine();
    root.setOut(new PrintWriter(out));
    root.setErr(new PrintWriter(err));
    int exitCode = assertTimeoutPreemptively(PATIENCE, () -> StallcastCommand.execute(root, args));
    return new Printed(exitCode, out.toString(), err.toString());
  }

  static List<String> badScenarios() throws IOException {
    try (Stream<Path> files = Files.list(BAD)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".yaml"))
          .map(name -> name.substring(0, name.length() - ".yaml".length()))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("badScenarios")
  void badScenarioIsRefusedWithEveryProblem(String name) throws IOException {
    Printed printed = run("check", BAD.resolve(name + ".yaml").toString());
    String problems = printed.err().replace(BAD + "/", "");
    Path expected = BAD.resolve(name + ".expected");
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(expected, problems);
    }
    assertEquals(Files.readString(expected), problems);
    assertEquals("", printed.out());
    assertEquals(ExitCode.BAD_INPUT, printed.exitCode());
  }

  @Test
  void thereAreManyBadScenarios() throws IOException {
    assertTrue(badScenarios().size() >= 25);
  }

  @Test
  void missingFileIsNamed() {
    assertRefused(folder.resolve("none.yaml"), "no such file");
  }

  @Test
  void directoryIsRefused() {
    assertRefused(folder, "is a directory, not a scenario file");
  }

  @Test
  void deviceIsRefusedWithoutReadingIt() {
    Path device = Path.of("/dev/zero");
    assumeTrue(Files.exists(device));
    assertRefused(device, "is not a regular file (a pipe or a device)");
  }

  @Test
  void pipeIsRefusedWithoutWaitingForAWriter() throws Exception {
    Path pipe = folder.resolve("pipe.yaml");
    assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
    assertRefused(pipe, "is not a regular file (a pipe or a device)");
  }

  @Test
  void fileWithoutPermissionIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("secret.yaml"), "name: x\n");
    assumeTrue(file.toFile().setReadable(false));
    assumeTrue(!Files.isReadable(file), "root may read everything");
    assertRefused(file, "permission denied");
  }

  @Test
  void loopOfLinksIsRefused() throws IOException {
    Path link = folder.resolve("loop.yaml");
    Files.createSymbolicLink(link, link);
    Printed printed = run("check", link.toString());
    assertEquals(ExitCode.BAD_INPUT, printed.exitCode());
    assertTrue(printed.err().startsWith(link + ": cannot be read: "), printed.err());
    assertEquals(1, printed.err().lines().count());
  }

  @Test
  void longFileIsRefused() throws IOException {
    Path file = folder.resolve("long.yaml");
    Files.writeString(file, "# comment\n".repeat(110_000));
    assertRefused(file, "is longer than 1 MiB; scenarios are small");
  }

  @Test
  void overrideThatIsWrongIsBlamedOnTheOption() throws IOException {
    Path file = starter();
    Printed printed = run("check", file.toString(), "--set", "host.cpsu=4", "--set", "host.cpus=0");
    assertEquals(
        """
        --set host.cpsu=4: unknown key 'cpsu', did you mean 'cpus'?
        --set host.cpus=0: cpus must be in 1..4096, got 0
        """,
        printed.err());
    assertEquals(ExitCode.BAD_INPUT, printed.exitCode());
  }

  @Test
  void overrideWithoutValueIsAUsageError() throws IOException {
    Printed printed = run("check", starter().toString(), "--set", "host.cpus");
    assertEquals(ExitCode.BAD_INPUT, printed.exitCode());
    assertTrue(printed.err().contains("must be path=value"), printed.err());
  }

  @Test
  void starterIsLegalAndItsPlanIsShown() throws IOException {
    Printed printed = run("check", starter().toString(), "--hosts", "7", "--seed", "42");
    assertEquals("", printed.err());
    assertEquals(ExitCode.DONE, printed.exitCode());
    assertTrue(printed.out().contains("hosts        7 of 1d each, seed 42\n"), printed.out());
    assertTrue(printed.out().contains("2 expected per host-day"), printed.out());
    assertTrue(printed.out().contains("cpus, tasks_sensor"), printed.out());
    assertTrue(printed.out().contains("C  blackout-tail"), printed.out());
  }

  @Test
  void planAsJsonIsOneLine() throws IOException {
    Printed printed = run("check", starter().toString(), "--format", "json");
    assertEquals(ExitCode.DONE, printed.exitCode());
    assertEquals(1, printed.out().lines().count());
    assertTrue(printed.out().startsWith("{\"name\":\"starter\",\"hosts\":1000,"), printed.out());
  }

  @Test
  void initRefusesToOverwriteUnlessForced() throws IOException {
    Path file = starter();
    Files.writeString(file, "mine");
    Printed refused = run("init", file.toString());
    assertEquals(ExitCode.BAD_INPUT, refused.exitCode());
    assertEquals("mine", Files.readString(file));
    assertEquals(ExitCode.DONE, run("init", file.toString(), "--force").exitCode());
    assertTrue(Files.readString(file).contains("name: starter"));
  }

  private Path starter() throws IOException {
    Path file = folder.resolve("starter.yaml");
    Printed printed = run("init", file.toString());
    assertEquals(ExitCode.DONE, printed.exitCode(), printed.err());
    return file;
  }

  private static void assertRefused(Path file, String message) {
    Printed printed = run("check", file.toString());
    assertEquals(file + ": " + message + "\n", printed.err());
    assertEquals("", printed.out());
    assertEquals(ExitCode.BAD_INPUT, printed.exitCode());
  }
}
