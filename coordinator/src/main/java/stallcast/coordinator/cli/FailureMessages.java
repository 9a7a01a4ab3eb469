package stallcast.coordinator.cli;

import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;
import stallcast.coordinator.scenario.ScenarioException;
import stallcast.coordinator.scenario.Suggestion;
import stallcast.coordinator.scenario.yaml.Problem;

/** Says what went wrong in words: message, hint, and a stack trace only if asked for. */
final class FailureMessages {
  private static final String DEFECT_HINT =
      "This is a defect in Stallcast. Run again with --stacktrace and report what it shows.";

  private FailureMessages() {}

  /** Handles arguments that do not parse. */
  static int onUsageError(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    if (e instanceof UnmatchedArgumentException unmatched) {
      reportUnmatched(unmatched.getUnmatched().get(0), command, err);
    } else {
      err.println("stallcast: " + e.getMessage());
    }
    err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    err.flush();
    return ExitCode.BAD_INPUT;
  }

  private static void reportUnmatched(String argument, CommandLine command, PrintWriter err) {
    boolean isOption = argument.startsWith("-");
    boolean isCommand = !isOption && !command.getSubcommands().isEmpty();
    String kind = isOption ? "option" : isCommand ? "command" : "argument";
    err.println("stallcast: unknown " + kind + " '" + argument + "'");
    List<String> close =
        Suggestion.nearest(
            argument, isOption ? optionsOf(command) : command.getSubcommands().keySet());
    if (!close.isEmpty()) {
      err.println("Did you mean " + String.join(" or ", close) + "?");
    }
  }

  private static List<String> optionsOf(CommandLine command) {
    return command.getCommandSpec().options().stream()
        .flatMap(option -> Stream.of(option.names()))
        .toList();
  }

  /** Handles what a command throws. */
  static int onException(Exception e, CommandLine command, ParseResult parsed) {
    if (e instanceof BadInputException bad) {
      return report(bad, bad.getMessage(), bad.hint(), ExitCode.BAD_INPUT, command);
    }
    if (e instanceof ScenarioException scenario) {
      return onProblems(scenario, command.getErr());
    }
    if (e instanceof FileSystemException file) {
      return report(file, fileMessage(file), "", ExitCode.BAD_INPUT, command);
    }
    return report(e, "internal error: " + e, DEFECT_HINT, ExitCode.INTERNAL_ERROR, command);
  }

  /** Problems of a scenario stand alone, each with its place, as compilers print them. */
  private static int onProblems(ScenarioException e, PrintWriter err) {
    e.problems().stream().map(Problem::text).forEach(err::println);
    err.flush();
    return ExitCode.BAD_INPUT;
  }

  /** Handles what no command is expected to survive. */
  static int onError(Error e, CommandLine command) {
    String hint =
        e instanceof LinkageError
            ? "Was Stallcast rebuilt while this command ran? If so, run it again."
            : DEFECT_HINT;
    return report(e, "internal error: " + e, hint, ExitCode.INTERNAL_ERROR, command);
  }

  private static int report(
      Throwable thrown, String message, String hint, int exitCode, CommandLine command) {
    PrintWriter err = command.getErr();
    err.println("stallcast: " + message);
    if (!hint.isEmpty()) {
      err.println(hint);
    }
    if (rootOf(command).showsStacktrace()) {
      thrown.printStackTrace(err);
    }
    err.flush();
    return exitCode;
  }

  private static String fileMessage(FileSystemException e) {
    String file = e.getFile() == null ? "a file" : e.getFile();
    if (e instanceof NoSuchFileException) {
      return "there is no file " + file;
    }
    if (e instanceof AccessDeniedException) {
      return "no permission to use " + file;
    }
    return e.getReason() == null ? e.toString() : file + ": " + e.getReason();
  }

  private static StallcastCommand rootOf(CommandLine command) {
    return (StallcastCommand) command.getCommandSpec().root().userObject();
  }
}
