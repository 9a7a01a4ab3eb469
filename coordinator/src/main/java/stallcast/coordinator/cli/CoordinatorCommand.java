package stallcast.coordinator.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import stallcast.coordinator.scenario.ScenarioException;
import stallcast.coordinator.store.ClaimedRun;

/** {@code stallcast coordinator}: the cluster role that gives out a run to workers that join. */
@Command(
    name = "coordinator",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Gives out the fleet of a scenario to worker processes.",
    description = {
      "Listens for 'stallcast worker --seed-node HOST:PORT', hands them shards, stores their"
          + " rows and ends, workers included, when every host is in. Workers may come and go"
          + " meanwhile, and so may the coordinator: started again with --resume it goes on"
          + " with what is stored, and the workers come back to it."
    },
    footerHeading = "%n",
    footer = {
      "Examples:",
      "  stallcast coordinator fleet.yaml --out runs/fleet --resume &",
      "  stallcast worker --seed-node 127.0.0.1:25520 &",
      "  stallcast worker --seed-node 127.0.0.1:25520",
    })
public final class CoordinatorCommand extends FleetCommand implements Callable<Integer> {
  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:25520",
      description = "Where workers find it. Default: ${DEFAULT-VALUE}.")
  private String listen;

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "1",
      description = "Workers that must be there before the first shard is given out.")
  private int workers;

  @Mixin private NewRunOptions fresh = new NewRunOptions();

  @Override
  Optional<ClaimedRun> claim(int slots) throws ScenarioException {
    return fresh.claim(spec(), slots);
  }

  @Override
  public Integer call() throws ScenarioException {
    return executeListening(listen, workers);
  }
}
