package stallcast.coordinator.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the script that lets a shell complete commands and options. */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    header = "Print a script that completes commands and options.",
    footerHeading = "%n",
    footer = {
      "For this session:  source <(stallcast completion bash)",
      "For every one:     stallcast completion bash > ~/.stallcast-completion",
      "                   echo 'source ~/.stallcast-completion' >> ~/.bashrc",
    })
final class CompletionCommand implements Runnable {
  /** Shells that can read the script; it adapts itself, so both get the same text. */
  enum Shell {
    BASH,
    ZSH
  }

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "SHELL",
      defaultValue = "BASH",
      description = "bash or zsh; the same script serves both.")
  Shell shell; // not read: accepted because other tools want it named

  @Override
  public void run() {
    String script = AutoComplete.bash("stallcast", spec.root().commandLine());
    spec.commandLine().getOut().print(script);
    spec.commandLine().getOut().flush();
  }
}
