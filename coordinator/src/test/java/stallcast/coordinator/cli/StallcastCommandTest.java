package stallcast.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** What every command has in common: help, version, messages and exit codes. */
final class StallcastCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void versionNamesReleaseAndCommit() {
    assertEquals(0, execute("--version"));
    assertTrue(
        out.toString()
            .matches("stallcast \\S+ \\(commit ([0-9a-f]{7,40}|unknown)(, modified)?\\)\\R"),
        out.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "-h", "help"})
  void helpShowsExamplesAndExitCodes(String argument) {
    assertEquals(0, execute(argument));
    assertTrue(out.toString().contains("Usage: stallcast"), out.toString());
    assertTrue(out.toString().contains("stallcast help COMMAND"), out.toString());
    assertTrue(out.toString().contains("3   finished with failed hosts"), out.toString());
    assertEquals("", err.toString());
  }

  @Test
  void everyCommandExplainsItself() {
    for (CommandLine command : StallcastCommand.commandLine().getSubcommands().values()) {
      String name = command.getCommandName();
      out.getBuffer().setLength(0);
      assertEquals(0, execute(name, "--help"), name + " needs mixinStandardHelpOptions = true");
      assertTrue(out.toString().contains("Usage: stallcast " + name), out.toString());
    }
  }

  @Test
  void missingCommandIsUsageError() {
    assertEquals(2, execute());
    assertTrue(err.toString().contains("Usage: stallcast"), err.toString());
    assertTrue(err.toString().contains("Missing command"), err.toString());
    assertEquals("", out.toString());
  }

  @Test
  void misspeltCommandIsAnsweredWithTheRightOne() {
    assertEquals(2, execute("complete"));
    assertTrue(
        err.toString().contains("unknown command 'complete'\nDid you mean completion?"),
        err.toString());
    assertTrue(err.toString().contains("Try 'stallcast --help'"), err.toString());
  }

  @Test
  void misspeltOptionIsAnsweredWithTheRightOne() {
    assertEquals(2, execute("completion", "--hlp"));
    assertTrue(
        err.toString().contains("unknown option '--hlp'\nDid you mean --help?"), err.toString());
    assertTrue(err.toString().contains("Try 'stallcast completion --help'"), err.toString());
  }

  @Test
  void badInputShowsMessageAndHintOnly() {
    assertEquals(
        2,
        executeThrowing(
            () -> {
              throw new BadInputException("no hosts in fleet.yaml", "Add 'hosts: 1000'.");
            }));
    assertEquals("stallcast: no hosts in fleet.yaml\nAdd 'hosts: 1000'.\n", errLines());
  }

  @Test
  void missingFileIsBadInput() {
    assertEquals(
        2,
        executeThrowing(
            () -> {
              throw new NoSuchFileException("fleet.yaml");
            }));
    assertEquals("stallcast: there is no file fleet.yaml\n", errLines());
  }

  @Test
  void defectIsNamedWithoutStackTrace() {
    assertEquals(70, executeThrowing(StallcastCommandTest::fail));
    assertTrue(errLines().startsWith("stallcast: internal error: "), errLines());
    assertTrue(errLines().contains("--stacktrace"), errLines());
    assertFalse(errLines().contains("\tat "), errLines());
  }

  @Test
  void stackTraceIsShownOnRequest() {
    assertEquals(70, executeThrowing(StallcastCommandTest::fail, "--stacktrace"));
    assertTrue(errLines().contains("\tat stallcast.coordinator.cli"), errLines());
  }

  @Test
  void errorOfTheJvmIsNotMistakenForFailedCheck() {
    assertEquals(
        70,
        executeThrowing(
            () -> {
              throw new StackOverflowError();
            }));
    assertTrue(errLines().contains("StackOverflowError"), errLines());
  }

  private static int fail() {
    throw new IllegalStateException("rt_time is negative");
  }

  private int execute(String... args) {
    return execute(StallcastCommand.commandLine(), args);
  }

  private int executeThrowing(Callable<Integer> body, String... options) {
    CommandLine root = StallcastCommand.commandLine();
    root.addSubcommand("planted", new Planted(body));
    root.setExecutionExceptionHandler(FailureMessages::onException);
    String[] args = new String[options.length + 1];
    args[0] = "planted";
    System.arraycopy(options, 0, args, 1, options.length);
    return execute(root, args);
  }

  private int execute(CommandLine root, String... args) {
    root.setOut(new PrintWriter(out, true));
    root.setErr(new PrintWriter(err, true));
    return StallcastCommand.execute(root, args);
  }

  private String errLines() {
    return err.toString().replace("\r\n", "\n");
  }

  /** A subcommand that does what the test says. */
  @Command(name = "planted")
  static final class Planted implements Callable<Integer> {
    private final Callable<Integer> body;

    Planted(Callable<Integer> body) {
      this.body = body;
    }

    @Override
    public Integer call() throws Exception {
      return body.call();
    }
  }
}
