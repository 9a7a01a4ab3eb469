package stallcast.coordinator.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import stallcast.coordinator.scenario.ScenarioException;
import stallcast.coordinator.store.ClaimedRun;

/** {@code stallcast resume}: finishes what an interrupted run left. */
@Command(
    name = "resume",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Finishes an interrupted run; the dataset is that of a run that was left alone.",
    description = {
      "Every result that was stored is kept, checked and not computed again. The scenario, its"
          + " seed and its recordings are in the dataset's folder: no other file is needed."
          + " Only the build that began the run can finish it.",
      "Like 'run' it works in this process unless --workers or --seed-node ask for workers.",
      "A run whose coordinator is still at work is refused."
    },
    footerHeading = "%n",
    footer = {
      "Examples:",
      "  stallcast resume runs/fleet",
      "  stallcast resume hdfs://nn:8020/runs/fleet --seed-node 10.0.0.7:25520 --workers 20",
      "",
      "Exit codes: 0 complete now, or before; 2 no run that can be resumed; else as 'run'.",
    })
public final class ResumeCommand extends FleetCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "DATASET", description = "Folder of the run.")
  private String dataset;

  @Mixin private PlaceOptions place = new PlaceOptions();

  @Option(
      names = "--take-over",
      description = {
        "Take the run from a coordinator that seems to be at work but does not answer any",
        "more. It can store nothing from then on, even if it wakes up."
      })
  private boolean takeOver;

  @Override
  Optional<ClaimedRun> claim(int slots) {
    var uri = DatasetAddress.parse("DATASET", dataset);
    return switch (ClaimedRun.contentOf(uri)) {
      case NOTHING -> throw new BadInputException("there is no run in " + dataset, "");
      case UNFINISHED -> ClaimedRun.takeOver(uri, takeOver, Optional.empty(), stored -> {});
      case COMPLETE -> {
        ClaimedRun.tidy(uri);
        yield Optional.empty();
      }
    };
  }

  @Override
  public Integer call() throws ScenarioException {
    return place.execute(this);
  }
}
