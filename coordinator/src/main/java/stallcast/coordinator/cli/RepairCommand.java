package stallcast.coordinator.cli;

import java.io.PrintWriter;
import java.net.URI;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import stallcast.coordinator.plan.ShardPlan;
import stallcast.coordinator.run.FleetRun;
import stallcast.coordinator.run.Repair;
import stallcast.coordinator.scenario.ScenarioException;
import stallcast.coordinator.scenario.ScenarioFile;
import stallcast.coordinator.scenario.ScenarioReader;
import stallcast.coordinator.store.ClaimedRun;
import stallcast.coordinator.store.DatasetCheck;
import stallcast.coordinator.store.DatasetReader;
import stallcast.coordinator.store.DatasetRepair;
import stallcast.coordinator.store.RunDescription;
import stallcast.coordinator.store.StoreException;
import stallcast.coordinator.store.StoredFile;

/** {@code stallcast repair}: computes damaged files of a dataset again. */
@Command(
    name = "repair",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Computes damaged files of a complete dataset again, with the same bytes.",
    description = {
      "Only the hosts of damaged or missing parts are simulated; for the table of estimates all"
          + " are. The scenario, its seed and its hosts must be those of the run, and so must the"
          + " build: otherwise nothing is touched. Files that do not belong to the run stay; a"
          + " damaged manifest cannot be repaired."
    },
    footerHeading = "%n",
    footer = {
      "Examples:",
      "  stallcast verify runs/fleet || stallcast repair fleet.yaml runs/fleet",
      "",
      "Exit codes: 0 the dataset is sound now; 1 something stays wrong; 2 another run.",
    })
public final class RepairCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ScenarioOptions scenario = new ScenarioOptions();

  @Parameters(index = "1", paramLabel = "DATASET", description = "Folder of the run.")
  private String dataset;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Hosts simulated at once. Default: all cores.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Override
  public Integer call() throws ScenarioException {
    URI uri = DatasetAddress.parse("DATASET", dataset);
    if (threads < 1) {
      throw new BadInputException("--threads must be 1 or more, got " + threads, "");
    }
    ScenarioFile file = new ScenarioReader().read(scenario.scenario(), scenario.overrides());
    RunDescription run =
        FleetRun.record(file, ShardPlan.forSlots(file.spec().hosts(), 1), List.of()).run();
    PrintWriter out = spec.commandLine().getOut();
    try {
      if (ClaimedRun.contentOf(uri) != ClaimedRun.Content.COMPLETE) {
        throw new BadInputException("there is no complete dataset in " + dataset, "");
      }
      refuseOther(new DatasetReader(uri).manifest().runId(), run.runId());
      List<StoredFile> damaged = DatasetRepair.damaged(uri);
      if (!damaged.isEmpty()) {
        new Repair(uri, run, threads).of(damaged, out::println);
      }
      DatasetCheck.Report report = DatasetCheck.of(uri);
      report.problems().forEach(p -> out.println(p.file() + ": " + p.what()));
      out.println(report.dataset() + (report.isSound() ? ": sound" : ": not sound"));
      out.flush();
      return report.isSound() ? ExitCode.DONE : ExitCode.CHECK_FAILED;
    } catch (StoreException e) {
      throw new BadInputException(e.getMessage(), "");
    }
  }

  private void refuseOther(String there, String here) {
    if (!there.equals(here)) {
      throw new BadInputException(
          "the run in "
              + dataset
              + " is another one: run_id "
              + there
              + " there, "
              + here
              + " here",
          "Its scenario, seed, hosts and build must be the same; its manifest says which.");
    }
  }
}
