package stallcast.coordinator.cli;

import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import stallcast.coordinator.plan.ShardPlan;
import stallcast.coordinator.run.FleetRun;
import stallcast.coordinator.scenario.Notice;
import stallcast.coordinator.scenario.ScenarioException;
import stallcast.coordinator.scenario.ScenarioFile;
import stallcast.coordinator.scenario.ScenarioReader;
import stallcast.coordinator.store.ClaimedRun;
import stallcast.coordinator.store.DatasetReader;
import stallcast.coordinator.store.RunRecord;

/** What is run and where its dataset goes: shared by {@code run} and {@code coordinator}. */
final class NewRunOptions {
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

  @Mixin private ScenarioOptions scenario = new ScenarioOptions();

  @Option(
      names = "--out",
      paramLabel = "URI",
      description = {
        "Folder of the dataset: a path, file: or hdfs:; it must be new or empty.",
        "Default: runs/<scenario>-<date>-<time>."
      })
  private Optional<String> out;

  @Option(
      names = "--resume",
      description = {
        "Go on if the folder of --out holds an interrupted run of this very scenario, and end",
        "at once if it is complete: for supervisors that start the same command again."
      })
  private boolean resume;

  @Option(
      names = "--shard-size",
      paramLabel = "HOSTS",
      description = {
        "Hosts handed out at a time; changes nothing in the results.",
        "Default: from the fleet and the threads."
      })
  private Optional<Integer> shardSize;

  /**
   * Claims the folder of the run.
   *
   * @param spec the command, for messages
   * @param slots hosts that are likely simulated at once, for the size of shards
   * @return the run, or empty if it is complete already
   */
  Optional<ClaimedRun> claim(CommandSpec spec, int slots) throws ScenarioException {
    PrintWriter err = spec.commandLine().getErr();
    if (resume && out.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "--resume needs --out");
    }
    ScenarioFile file = new ScenarioReader().read(scenario.scenario(), scenario.overrides());
    file.notices().stream().map(Notice::text).forEach(err::println);
    List<String> words = spec.commandLine().getParseResult().originalArgs();
    RunRecord record = FleetRun.record(file, plan(file, slots, spec), words);
    URI folder = folder(file.spec().name());
    if (!resume) {
      return Optional.of(ClaimedRun.start(folder, record));
    }
    return switch (ClaimedRun.contentOf(folder)) {
      case NOTHING -> Optional.of(ClaimedRun.start(folder, record));
      case UNFINISHED ->
          ClaimedRun.takeOver(
              folder,
              false,
              Optional.of(record),
              stored -> refuseOther(folder, stored.differencesTo(record.run())));
      case COMPLETE -> {
        refuseOther(folder, differences(folder, record));
        ClaimedRun.tidy(folder);
        yield Optional.empty();
      }
    };
  }

  private static List<String> differences(URI folder, RunRecord record) {
    String id = new DatasetReader(folder).manifest().runId();
    return id.equals(record.run().runId())
        ? List.of()
        : List.of("run_id: " + id + " there, " + record.run().runId() + " here");
  }

  private static void refuseOther(URI folder, List<String> differences) {
    if (!differences.isEmpty()) {
      throw new BadInputException(
          "the run in " + folder + " is another one:\n  " + String.join("\n  ", differences),
          "Choose another folder, or 'stallcast resume " + folder + "' to finish that run.");
    }
  }

  private ShardPlan plan(ScenarioFile file, int slots, CommandSpec spec) {
    long hosts = file.spec().hosts();
    shardSize
        .filter(n -> n < 1)
        .ifPresent(
            n -> {
              throw new BadInputException("--shard-size must be 1 or more, got " + n, "");
            });
    try {
      return shardSize
          .map(size -> ShardPlan.ofSize(hosts, size))
          .orElseGet(() -> ShardPlan.forSlots(hosts, Math.max(1, slots)));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private URI folder(String name) {
    String stamp = LocalDateTime.now(ZoneId.systemDefault()).format(STAMP);
    return DatasetAddress.parse(
        "--out", out.orElseGet(() -> Path.of("runs", name + "-" + stamp).toString()));
  }
}
