package stallcast.coordinator.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import stallcast.coordinator.chaos.Chaos;
import stallcast.coordinator.chaos.ChaosOutcome;
import stallcast.coordinator.chaos.ChaosSettings;
import stallcast.coordinator.scenario.ScenarioException;
import stallcast.coordinator.scenario.ScenarioReader;
import stallcast.coordinator.store.CanonicalJson;

/** {@code stallcast chaos}: hurts clusters and looks whether anything is lost. */
@Command(
    name = "chaos",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Runs a scenario on clusters that are hurt, and compares the bytes.",
    description = {
      "Each run starts a coordinator and uses workers, all processes of their own on this"
          + " machine, with a network between them that can be cut. One to three faults strike:"
          + " processes killed, told to end, paused or slow; the network cut, reset or late; the"
          + " coordinator killed, or its disk full or read-only, at a step of the commit"
          + " protocol; a second coordinator; the dataset's folder moved away. What ends is"
          + " started again, as by a supervisor. At the end every SHA-256 must be that of a run"
          + " that nobody hurt.",
      "The same seed draws the same faults; when exactly they strike depends on the machine."
    },
    footerHeading = "%n",
    footer = {
      "Examples:",
      "  stallcast chaos configs/quickstart.yaml --hosts 300 --runs 20 --seed 1",
      "  stallcast chaos fleet.yaml --runs 200 --seed 7 --dir /var/tmp/chaos",
      "",
      "Exit codes: 0 every run has the same bytes; 1 one has not, hangs or ended badly.",
    })
public final class ChaosCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "SCENARIO", description = "The scenario file (YAML).")
  private Path scenario;

  @Option(
      names = "--hosts",
      paramLabel = "N",
      description = "Hosts of the fleet, instead of the scenario's.")
  private Optional<Long> hosts;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "20",
      description = "Clusters to hurt. Default: ${DEFAULT-VALUE}.")
  private int runs;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Seed of the faults. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "2",
      description = "Worker processes, of one thread each. Default: ${DEFAULT-VALUE}.")
  private int workers;

  @Option(
      names = "--shard-size",
      paramLabel = "HOSTS",
      defaultValue = "5",
      description = "Hosts handed out at a time. Default: ${DEFAULT-VALUE}.")
  private int shardHosts;

  @Option(
      names = "--parallel",
      paramLabel = "N",
      defaultValue = "1",
      description = "Clusters at once; much of their time is waiting. Default: ${DEFAULT-VALUE}.")
  private int parallel;

  @Option(
      names = "--network",
      paramLabel = "KIND",
      defaultValue = "doors",
      description = {
        "${COMPLETION-CANDIDATES}: doors on the loopback device that close; network namespaces",
        "whose cables are cut, which needs root and iproute2; both, for clusters at once.",
        "Default: ${DEFAULT-VALUE}."
      })
  private ChaosSettings.Network network;

  @Option(
      names = "--limit",
      paramLabel = "SECONDS",
      defaultValue = "300",
      description = "A run that takes longer hangs. Default: ${DEFAULT-VALUE}.")
  private long limit;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = {
        "Where datasets and logs go; those of good runs are removed.",
        "Default: a new folder for temporary files."
      })
  private Optional<Path> dir;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "${COMPLETION-CANDIDATES}; json is stable for scripts.")
  private OutputFormat format;

  @Override
  public Integer call() throws IOException, InterruptedException, ScenarioException {
    new ScenarioReader().read(scenario, List.of()); // its problems are the user's, not chaos
    Chaos chaos = new Chaos(settings());
    List<ChaosOutcome> outcomes =
        chaos.run(outcome -> print(format == OutputFormat.JSON ? "" : line(outcome)));
    long good = outcomes.stream().filter(ChaosOutcome::isGood).count();
    print(
        format == OutputFormat.JSON
            ? json(outcomes)
            : good + " of " + outcomes.size() + " runs have the bytes of the undisturbed one\n");
    return good == outcomes.size() ? ExitCode.DONE : ExitCode.CHECK_FAILED;
  }

  private ChaosSettings settings() throws IOException {
    List<String> words = new ArrayList<>(List.of(scenario.toAbsolutePath().toString()));
    hosts.ifPresent(count -> words.addAll(List.of("--hosts", Long.toString(count))));
    Path folder =
        dir.isPresent()
            ? Files.createDirectories(dir.get()).toAbsolutePath()
            : Files.createTempDirectory("stallcast-chaos");
    try {
      return new ChaosSettings(
          words,
          StallcastCommand.class.getName(),
          folder,
          runs,
          seed,
          workers,
          shardHosts,
          parallel,
          network,
          limit);
    } catch (IllegalArgumentException e) {
      throw new BadInputException("numbers must be 1 or more: " + e.getMessage(), "");
    }
  }

  private void print(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.print(text);
    out.flush();
  }

  private static String line(ChaosOutcome outcome) {
    return String.format(
        Locale.ROOT,
        "run %3d  %-9s %5.1f s  %s  [%s]%n",
        outcome.run(),
        outcome.verdict().name().toLowerCase(Locale.ROOT),
        outcome.seconds(),
        String.join(", ", outcome.faults()),
        outcome.details());
  }

  private static String json(List<ChaosOutcome> outcomes) {
    return CanonicalJson.page(
        Map.of(
            "good", outcomes.stream().allMatch(ChaosOutcome::isGood),
            "runs",
                outcomes.stream()
                    .map(
                        o ->
                            Map.of(
                                "run", o.run(),
                                "faults", o.faults(),
                                "verdict", o.verdict().name().toLowerCase(Locale.ROOT),
                                "details", o.details(),
                                "seconds", o.seconds()))
                    .toList()));
  }
}
