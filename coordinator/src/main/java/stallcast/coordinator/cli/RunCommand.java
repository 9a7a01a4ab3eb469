package stallcast.coordinator.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import stallcast.coordinator.scenario.ScenarioException;
import stallcast.coordinator.store.ClaimedRun;

/** {@code stallcast run}: Monte Carlo over a fleet, in this process or with workers that join. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Simulates the fleet of a scenario and estimates its incident rates.",
    description = {
      "Coordinator and worker run in this process, on all cores, unless --workers or"
          + " --seed-node ask for workers of their own (started with"
          + " 'stallcast worker --seed-node HOST:PORT').",
      "The dataset is the same, byte for byte, for any number of workers, threads and" + " shards.",
      "Progress goes to stderr, the result to stdout."
    },
    footerHeading = "%n",
    footer = {
      "Examples:",
      "  stallcast run configs/quickstart.yaml",
      "  stallcast run fleet.yaml --hosts 100000 --set kernel.sched_rt_runtime_us=-1",
      "  stallcast run fleet.yaml --seed-node 127.0.0.1:25520 --workers 2",
    })
public final class RunCommand extends FleetCommand implements Callable<Integer> {
  @Mixin private PlaceOptions place = new PlaceOptions();
  @Mixin private NewRunOptions fresh = new NewRunOptions();

  @Override
  Optional<ClaimedRun> claim(int slots) throws ScenarioException {
    return fresh.claim(spec(), slots);
  }

  @Override
  public Integer call() throws ScenarioException {
    return place.execute(this);
  }
}
