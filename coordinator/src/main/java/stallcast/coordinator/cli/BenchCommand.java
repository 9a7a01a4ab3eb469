package stallcast.coordinator.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import stallcast.coordinator.bench.DispatchBenchmark;
import stallcast.coordinator.bench.DispatchBenchmark.Round;
import stallcast.coordinator.scenario.ScenarioException;
import stallcast.coordinator.scenario.ScenarioFile;
import stallcast.coordinator.scenario.ScenarioReader;

/** {@code stallcast bench}: what giving hosts to workers costs. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Compares clusters with a plain loop over the same hosts.",
    description = {
      "Each round simulates the fleet three times on the same cores: in a plain loop, in an"
          + " embedded run, and on one worker process per thread with the coordinator beside"
          + " them. The latter two store their datasets, which are removed. The first quarter"
          + " of the hosts is not timed: it is the compiler's."
    },
    footerHeading = "%n",
    footer = {"Examples:", "  stallcast bench configs/quickstart.yaml --hosts 20000 --threads 2"})
public final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ScenarioOptions scenario = new ScenarioOptions();

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Hosts simulated at once. Default: all cores.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Rounds; the median counts. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Override
  public Integer call() throws ScenarioException, IOException, InterruptedException {
    if (threads < 1 || rounds < 1) {
      throw new BadInputException("--threads and --rounds must be 1 or more", "");
    }
    ScenarioFile file = new ScenarioReader().read(scenario.scenario(), scenario.overrides());
    Path folder = Files.createTempDirectory("stallcast-bench");
    DispatchBenchmark benchmark =
        new DispatchBenchmark(file, threads, StallcastCommand.class.getName(), folder);
    print("%-8s %12s %12s %12s %10s %10s%n", "hosts/s", "loop", "embedded", "cluster", "", "");
    List<Round> all = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      Round round = benchmark.round();
      all.add(round);
      print(
          "round %-2d %12.1f %12.1f %12.1f %9.1f%% %9.1f%%%n",
          i + 1,
          round.loop(),
          round.embedded(),
          round.cluster(),
          percent(round.embedded(), round),
          percent(round.cluster(), round));
    }
    Files.delete(folder);
    print(
        "of the loop, median: embedded %.1f %%, cluster %.1f %%; a host takes %.2f ms%n",
        median(all, r -> percent(r.embedded(), r)),
        median(all, r -> percent(r.cluster(), r)),
        1000.0 * threads / median(all, Round::loop));
    return ExitCode.DONE;
  }

  private static double percent(double rate, Round round) {
    return 100 * rate / round.loop();
  }

  private static double median(List<Round> rounds, ToDoubleFunction<Round> value) {
    return DispatchBenchmark.median(rounds.stream().mapToDouble(value).toArray());
  }

  private void print(String format, Object... values) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(Locale.ROOT, format, values);
    out.flush();
  }
}
