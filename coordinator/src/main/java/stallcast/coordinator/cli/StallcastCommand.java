package stallcast.coordinator.cli;

import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import stallcast.worker.CodeVersion;
import stallcast.worker.cli.WorkerCommand;

/** The root of the command line: the list of subcommands and what they have in common. */
@Command(
    name = "stallcast",
    mixinStandardHelpOptions = true,
    versionProvider = StallcastCommand.Version.class,
    sortOptions = false,
    header = "How often do rare scheduler incidents strike a fleet of Linux hosts?",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = { // new subcommands are added here, in the order in which --help lists them
      RunCommand.class,
      ResumeCommand.class,
      HostCommand.class,
      CheckCommand.class,
      VerifyCommand.class,
      RepairCommand.class,
      DiffCommand.class,
      ValidateCommand.class,
      CoordinatorCommand.class,
      WorkerCommand.class,
      ChaosCommand.class,
      BenchCommand.class,
      InitCommand.class,
      CertsCommand.class,
      CompletionCommand.class,
      HelpCommand.class,
    },
    footerHeading = "%n",
    footer = {
      "Examples:",
      "  stallcast --version                   which release and commit this is",
      "  stallcast help COMMAND                every option of one command",
      "  source <(stallcast completion bash)   complete commands and options with the Tab key",
      "",
      "Exit codes:",
      "    0   done",
      "    1   a check or threshold failed",
      "    2   usage or bad input",
      "    3   finished with failed hosts or shards",
      "   70   internal error: a defect in Stallcast",
      "  130   interrupted",
    })
public final class StallcastCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT,
      description = "Show where in the code a failure comes from.")
  private boolean stacktrace;

  /**
   * Runs one command and ends the process with its exit code.
   *
   * @param args the arguments as typed
   */
  public static void main(String[] args) {
    // Numbers look the same on every machine: in results, traces and messages alike.
    Locale.setDefault(Locale.ROOT);
    System.exit(execute(commandLine(), args));
  }

  /** The parser of the whole command line, ready to execute. */
  static CommandLine commandLine() {
    CommandLine root = new CommandLine(new StallcastCommand());
    root.setCaseInsensitiveEnumValuesAllowed(true);
    root.setExpandAtFiles(false);
    root.setUsageHelpAutoWidth(true);
    root.setParameterExceptionHandler(FailureMessages::onUsageError);
    root.setExecutionExceptionHandler(FailureMessages::onException);
    for (CommandLine command : root.getSubcommands().values()) {
      command.getCommandSpec().versionProvider(new Version());
    }
    return root;
  }

  /** Executes, and turns even an {@code Error} into a message and an exit code of ours. */
  static int execute(CommandLine root, String... args) {
    try {
      return root.execute(args);
    } catch (Error e) {
      return FailureMessages.onError(e, root);
    }
  }

  boolean showsStacktrace() {
    return stacktrace;
  }

  @Override
  public void run() {
    PrintWriter err = spec.commandLine().getErr();
    spec.commandLine().usage(err);
    throw new ParameterException(spec.commandLine(), "Missing command");
  }

  /** Reads the version only when it is asked for. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"stallcast " + CodeVersion.current()};
    }
  }
}
