package stallcast.coordinator.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import stallcast.coordinator.cluster.ClusterOptions;
import stallcast.coordinator.scenario.ScenarioException;

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
  private static final String SEED_NODE_DEFAULT = "127.0.0.1:25520";

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "Start when N worker processes have joined; none of them runs in here.")
  private Optional<Integer> workers;

  @Option(
      names = "--seed-node",
      paramLabel = "HOST:PORT",
      description = "Where this process listens for workers. Default: " + SEED_NODE_DEFAULT + ".")
  private Optional<String> seedNode;

  @Override
  public Integer call() throws ScenarioException {
    if (workers.isEmpty() && seedNode.isEmpty()) {
      int threads = options().threads().orElse(Runtime.getRuntime().availableProcessors());
      if (threads < 1) {
        throw new ParameterException(spec().commandLine(), "--threads must be 1 or more here");
      }
      return execute(ClusterOptions.embedded(threads), threads);
    }
    return executeListening(seedNode.orElse(SEED_NODE_DEFAULT), workers.orElse(1));
  }
}
