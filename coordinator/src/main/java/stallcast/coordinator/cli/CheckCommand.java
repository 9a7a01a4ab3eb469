package stallcast.coordinator.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import stallcast.coordinator.scenario.ScenarioException;
import stallcast.coordinator.scenario.ScenarioFile;
import stallcast.coordinator.scenario.ScenarioPlan;
import stallcast.coordinator.scenario.ScenarioReader;

/** {@code stallcast check}: everything that is wrong with a scenario, or what it will do. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Finds every problem of a scenario, or shows what it will do.",
    description = {
      "Problems go to stderr as file:line:column: message, with exit code 2.",
      "A good scenario gives its plan: hosts, strata, operations, what varies, assumptions."
    })
public final class CheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ScenarioOptions scenario = new ScenarioOptions();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "${COMPLETION-CANDIDATES}; json is stable for scripts.")
  private OutputFormat format;

  @Override
  public Integer call() throws ScenarioException {
    ScenarioFile file = new ScenarioReader().read(scenario.scenario(), scenario.overrides());
    PrintWriter out = spec.commandLine().getOut();
    ScenarioPlan plan = ScenarioPlan.of(file);
    out.print(format == OutputFormat.JSON ? plan.json() : plan.table());
    out.flush();
    return ExitCode.DONE;
  }
}
