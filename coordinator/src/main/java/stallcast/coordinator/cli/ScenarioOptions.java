package stallcast.coordinator.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import stallcast.coordinator.scenario.ScenarioOverride;

/** Which scenario, and what is different about it: shared by every command that takes one. */
final class ScenarioOptions {
  @Parameters(index = "0", paramLabel = "SCENARIO", description = "The scenario file (YAML).")
  private Path scenario;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Master seed of all random streams, instead of the scenario's.")
  private String seed;

  @Option(
      names = "--hosts",
      paramLabel = "N",
      description = "Hosts of the fleet, instead of the scenario's.")
  private String hosts;

  @Option(
      names = "--set",
      paramLabel = "PATH=VALUE",
      description = {
        "Replaces any scalar of the scenario, such as",
        "host.cpus=64, kernel.sched_rt_runtime_us=-1 or",
        "strata.web.weight=0.5; repeatable."
      })
  private List<String> set = new ArrayList<>();

  /** The scenario file as the user named it. */
  Path scenario() {
    return scenario;
  }

  /**
   * What the command line says about the scenario.
   *
   * @throws BadInputException if a value is not of the form {@code path=value}
   */
  List<ScenarioOverride> overrides() {
    List<ScenarioOverride> overrides = new ArrayList<>();
    for (String text : set) {
      try {
        overrides.add(ScenarioOverride.parse("--set", text));
      } catch (IllegalArgumentException e) {
        throw new BadInputException(e.getMessage(), "");
      }
    }
    Optional.ofNullable(seed)
        .ifPresent(s -> overrides.add(new ScenarioOverride("--seed " + s, "seed", s)));
    Optional.ofNullable(hosts)
        .ifPresent(h -> overrides.add(new ScenarioOverride("--hosts " + h, "hosts", h)));
    return overrides;
  }
}
