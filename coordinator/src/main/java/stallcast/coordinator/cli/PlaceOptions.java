package stallcast.coordinator.cli;

import java.util.Optional;
import picocli.CommandLine.Option;
import stallcast.coordinator.scenario.ScenarioException;

/** In this process, or on workers that join: shared by {@code run} and {@code resume}. */
final class PlaceOptions {
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

  /** Runs a fleet where the user wants it. */
  int execute(FleetCommand command) throws ScenarioException {
    return workers.isEmpty() && seedNode.isEmpty()
        ? command.executeEmbedded()
        : command.executeListening(seedNode.orElse(SEED_NODE_DEFAULT), workers.orElse(1));
  }
}
