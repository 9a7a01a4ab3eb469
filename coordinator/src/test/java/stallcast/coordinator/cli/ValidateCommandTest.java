package stallcast.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stallcast.coordinator.cli.CheckCommandTest.Printed;

/** {@code stallcast validate} as a user meets it: exit code, stdout, stderr. */
final class ValidateCommandTest {
  private static final String HOG =
      """
      name: hog
      horizon: 10s
      host:
        cpus: 1
        kernel: {preset: "5.15", hz: 1000}
        tasks: [{name: hog, policy: fifo, priority: 1, program: [{compute: 100s}]}]
      expect:
        - metric: host.task hog.max-off-cpu
          equals: %s
          tolerance: 1us
          source: arithmetic
        - {probability-of: {metric: host.incident freeze.count}, agrees-with: 0}
      """;

  @TempDir private Path folder;

  @Test
  void caseThatHoldsIsDone() throws IOException {
    Path file = write("good.yaml", HOG.formatted("50ms"));
    Printed printed = CheckCommandTest.run("validate", file.toString());
    assertEquals("", printed.err());
    assertEquals(
        """
        case  metric  expected  simulated  tolerance  verdict  source
        hog   host.task hog.max-off-cpu  50ms  50ms  ±1us  PASS  arithmetic
        hog   P(host.incident freeze.count > 0)  0  0 [0, 0.9995]  in 99.9 % interval  PASS
        """
            .replaceAll(" +", " "),
        printed.out().substring(0, printed.out().indexOf("\n\n") + 1).replaceAll(" +", " "));
    assertTrue(printed.out().matches("(?s).*\\nall +1 +2 +0 +0\\n"), printed.out());
    assertEquals(ExitCode.DONE, printed.exitCode());
  }

  @Test
  void caseThatDoesNotHoldFails() throws IOException {
    Path file = write("wrong.yaml", HOG.formatted("51ms"));
    Printed printed = CheckCommandTest.run("validate", file.toString());
    assertTrue(printed.out().contains("FAIL     arithmetic"), printed.out());
    assertTrue(printed.out().matches("(?s).*\\nall +1 +1 +1 +0\\n"), printed.out());
    assertEquals(ExitCode.CHECK_FAILED, printed.exitCode());
  }

  private static final String PAIR =
      """
      common:
        horizon: 1s
        host: {cpus: 1, kernel: {preset: "6.12"}}
      cases:
        - name: one
          measure: [host.task a.sum_exec_runtime]
          host: {tasks: [{name: a, program: [{compute: 1h}]}]}
        - name: two
          host: {tasks: [{name: a, program: &hog [{compute: 1h}]}, {name: b, program: *hog}]}
          expect:
            - metric: &time host.task a.sum_exec_runtime
              relative-to: %s
              between: [-51%%, -49%%]
              source: half
            - {metric: *time, relative-to: one, published: -52%%, source: near}
            - {metric: *time, relative-to: one, published: 10%%, source: far}
            - {metric: host.task b.nr_wakeups, published: 1, source: exact}
      """;

  @Test
  void publishedFiguresAreShownAndDoNotFail() throws IOException {
    Path file = write("published.yaml", PAIR.formatted("one"));
    Printed printed = CheckCommandTest.run("validate", file.toString(), "--filter", "two");
    assertEquals("", printed.err());
    String metric = "two host.task a.sum_exec_runtime against one ";
    assertEquals(
        """
        case metric expected simulated tolerance verdict source
        %s-51.00 %% to -49.00 %% -50.00 %% PASS half
        %spublished -52.00 %% -50.00 %% ±5.00 %% supported by the model near
        %spublished +10.00 %% -50.00 %% ±5.00 %% not supported by the model far
        two host.task b.nr_wakeups published 1 1 ±0 supported by the model exact
        """
            .formatted(metric, metric, metric),
        printed.out().substring(0, printed.out().indexOf("\n\n") + 1).replaceAll(" +", " "));
    assertTrue(
        printed
            .out()
            .endsWith(
                "\npublished figures: the model supports 2 of 3, it does not support 1;"
                    + " that is no failure\n"),
        printed.out());
    assertEquals(ExitCode.DONE, printed.exitCode());
  }

  @Test
  void baseThatIsNotThereOrDoesNotMeasureTheSameIsRefused() throws IOException {
    Path file = write("none.yaml", PAIR.formatted("three"));
    Printed printed = CheckCommandTest.run("validate", file.toString());
    assertEquals(
        file + ":11:9: relative-to: the file has no case 'three', legal: one, two\n",
        printed.err());
    assertEquals(ExitCode.BAD_INPUT, printed.exitCode());
    Path silent =
        write("silent.yaml", PAIR.formatted("one").replace("sum_exec_runtime]", "rounds]"));
    printed = CheckCommandTest.run("validate", silent.toString());
    assertTrue(printed.err().contains("relative-to: case 'one' must measure "), printed.err());
    assertEquals(ExitCode.BAD_INPUT, printed.exitCode());
  }

  @Test
  void caseThatCannotFinishIsAnError() throws IOException {
    Path file = write("long.yaml", "max-events: 5\n" + HOG.formatted("50ms"));
    Printed printed = CheckCommandTest.run("validate", file.toString());
    assertTrue(printed.out().contains("host 0 ended as event-limit"), printed.out());
    assertTrue(printed.out().matches("(?s).*\\nall +1 +0 +0 +2\\n"), printed.out());
    assertEquals(ExitCode.CHECK_FAILED, printed.exitCode());
  }

  @Test
  void allProblemsOfAllFilesAreListed() throws IOException {
    Path bad = write("a.yaml", HOG.formatted("soon") + "hotss: 3\n");
    Path silent = write("b.yaml", HOG.substring(0, HOG.indexOf("expect:")));
    Path many = write("c.yaml", "hosts: 20000000\n" + HOG.formatted("1s"));
    Printed printed =
        CheckCommandTest.run("validate", folder.toString(), folder.resolve("none").toString());
    String err = printed.err();
    assertTrue(err.contains(bad + ":9:5: equals must be a time"), err);
    assertTrue(err.contains(bad + ":13:1: unknown key 'hotss', did you mean 'hosts'?"), err);
    assertTrue(err.contains(silent + ": case 'hog' has no 'expect'"), err);
    assertTrue(err.contains(many + ":"), err);
    assertTrue(err.contains(folder.resolve("none") + ": no such file"), err);
    assertEquals("", printed.out());
    assertEquals(ExitCode.BAD_INPUT, printed.exitCode());
  }

  @Test
  void caseThatDoesNotFitIntoMemoryIsRefused() throws IOException {
    String fleet = "hosts: 20000000\n" + HOG.substring(0, HOG.indexOf("expect:"));
    String expectations =
        """
        expect:
          - {probability-of: {metric: host.incident freeze.count}, agrees-with: 0}
          - {probability-of: {metric: host.machine.operations}, agrees-with: 0}
        """;
    Path file = write("big.yaml", fleet + expectations);
    Printed printed = CheckCommandTest.run("validate", file.toString());
    assertEquals(
        file
            + ": case 'hog' has 20000000 hosts for 2 expectations;"
            + " 'validate' keeps at most 20000000 values of a case\n",
        printed.err());
    assertEquals(ExitCode.BAD_INPUT, printed.exitCode());
  }

  @Test
  void emptyFolderIsRefused() {
    Printed printed = CheckCommandTest.run("validate", folder.toString());
    assertEquals(folder + ": the folder has no .yaml file\n", printed.err());
    assertEquals(ExitCode.BAD_INPUT, printed.exitCode());
  }

  @Test
  void jsonIsStable() throws IOException {
    Path file = write("good.yaml", HOG.formatted("50ms"));
    String[] command = {"validate", file.toString(), "--format", "json", "--seed", "7"};
    Printed printed = CheckCommandTest.run(command);
    assertEquals(
        """
        {
          "errors": 0,
          "failed": 0,
          "files": [
            {
              "cases": 1,
              "errors": 0,
              "failed": 0,
              "file": "FILE",
              "passed": 2,
              "published_not_supported": 0,
              "published_supported": 0
            }
          ],
        """,
        printed
            .out()
            .replace(file.toString(), "FILE")
            .replace("  \"cases\": 1,\n  \"err", "  \"err")
            .lines()
            .limit(14)
            .reduce("", (a, b) -> a + b + "\n"));
    assertTrue(printed.out().contains("\"seed\": 7,"), printed.out());
    assertTrue(printed.out().contains("\"simulated\": 50000000,"), printed.out());
    assertEquals(printed.out(), CheckCommandTest.run(command).out());
  }

  @Test
  void filterChoosesCases() throws IOException {
    String second = "---\n" + HOG.formatted("1s").replace("name: hog\nh", "name: pig\nh");
    Path file = write("two.yaml", HOG.formatted("50ms") + second);
    assertEquals(1, CheckCommandTest.run("validate", file.toString()).exitCode());
    assertEquals(
        0, CheckCommandTest.run("validate", file.toString(), "--filter", "h*g").exitCode());
    Printed none = CheckCommandTest.run("validate", file.toString(), "--filter", "cow");
    assertEquals(
        "stallcast: no case matches --filter cow\nThere are 2 cases, such as 'hog'.\n", none.err());
    assertEquals(ExitCode.BAD_INPUT, none.exitCode());
  }

  @Test
  void threadsMustBePositive() {
    Printed printed = CheckCommandTest.run("validate", "--threads", "0");
    assertEquals("stallcast: --threads must be at least 1, got 0\n", printed.err());
    assertEquals(ExitCode.BAD_INPUT, printed.exitCode());
  }

  @Test
  void everyMetricIsListed() {
    Printed printed = CheckCommandTest.run("validate", "--list-metrics");
    assertTrue(printed.out().contains("host.cpu N.rt_time"), printed.out());
    assertTrue(printed.out().contains("host.machine.events"), printed.out());
    assertTrue(printed.out().contains("rt-throttle-long"), printed.out());
    assertEquals(ExitCode.DONE, printed.exitCode());
    Printed json = CheckCommandTest.run("validate", "--list-metrics", "--format", "json");
    assertTrue(json.out().contains("\"metric\": \"host.task NAME.max-off-cpu\""), json.out());
  }

  @Test
  void shippedCasesAreTheDefault() {
    Printed printed = CheckCommandTest.run("validate", "--filter", "crash-dump");
    assertTrue(printed.out().contains("rt-throttle-section-7.yaml"), printed.out());
    assertEquals(ExitCode.DONE, printed.exitCode());
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }
}
