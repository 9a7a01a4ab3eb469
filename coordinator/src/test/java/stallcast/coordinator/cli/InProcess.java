package stallcast.coordinator.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import picocli.CommandLine;

/** The command line in this process, for tests of any package. */
public final class InProcess {
  private InProcess() {}

  /**
   * What a command left behind.
   *
   * @param exitCode its exit code
   * @param out what it printed to stdout
   * @param err what it printed to stderr
   */
  public record Printed(int exitCode, String out, String err) {}

  /** Executes as if typed after {@code stallcast}. */
  public static Printed run(Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine root = StallcastCommand.commandLine();
    root.setOut(new PrintWriter(out));
    root.setErr(new PrintWriter(err));
    String[] words = new String[args.length];
    for (int i = 0; i < args.length; i++) {
      words[i] = args[i].toString();
    }
    int exitCode = StallcastCommand.execute(root, words);
    return new Printed(exitCode, out.toString(), err.toString());
  }

  /**
   * Checks a command line without executing it.
   *
   * @throws picocli.CommandLine.ParameterException if it would be refused
   */
  public static void parse(List<String> words) {
    StallcastCommand.commandLine().parseArgs(words.toArray(String[]::new));
  }
}
