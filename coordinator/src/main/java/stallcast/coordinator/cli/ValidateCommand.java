package stallcast.coordinator.cli;

import java.io.PrintWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import stallcast.coordinator.scenario.ScenarioException;
import stallcast.coordinator.scenario.ScenarioOverride;
import stallcast.coordinator.validate.CaseFiles;
import stallcast.coordinator.validate.CaseResult;
import stallcast.coordinator.validate.CaseRunner;
import stallcast.coordinator.validate.MetricList;
import stallcast.coordinator.validate.ValidationCase;
import stallcast.coordinator.validate.ValidationReport;

/** {@code stallcast validate}: does the simulator give what is known to be true? */
@Command(
    name = "validate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Runs cases whose answer is known, and compares.",
    description = {
      "Prints what each case expects, what came out, and the verdict. Exit code 0 if everything",
      "holds, 1 if not, 2 if a file cannot be used (all problems are listed, as by 'check')."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  stallcast validate                              everything that Stallcast ships",
      "  stallcast validate my-cases/ measured.yaml      your own cases",
      "  stallcast validate --filter 'timer-first-*'     some cases",
      "  stallcast validate --seed 7 --format json       another draw, for a script",
      "  stallcast validate --list-metrics               what cases can expect",
    })
public final class ValidateCommand implements Callable<Integer> {
  private static final Path SHIPPED = Path.of("configs", "validation");

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = "FILE|DIR",
      description = "Validation files, or folders of them (default: configs/validation).")
  private List<Path> paths = new ArrayList<>();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "${COMPLETION-CANDIDATES}; json is stable for scripts.")
  private OutputFormat format;

  @Option(
      names = "--filter",
      paramLabel = "TEXT",
      description = "Only cases whose name contains TEXT; * stands for anything.")
  private String filter;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Hosts simulated at once (default: one per core).")
  private Integer threads;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Master seed of all random streams, instead of the cases' own.")
  private String seed;

  @Option(
      names = "--list-metrics",
      description = "List every metric that a case can expect, and do nothing else.")
  private boolean listMetrics;

  @Override
  public Integer call() throws InterruptedException, ScenarioException {
    if (listMetrics) {
      print(format == OutputFormat.JSON ? MetricList.json() : MetricList.table());
      return ExitCode.DONE;
    }
    if (threads != null && threads < 1) {
      throw new BadInputException("--threads must be at least 1, got " + threads, "");
    }
    List<Path> from = paths.isEmpty() ? List.of(shipped()) : paths;
    List<ValidationCase> cases = filtered(CaseFiles.read(from, overrides()));
    ValidationReport report = new ValidationReport(run(cases));
    print(format == OutputFormat.JSON ? report.json() : report.table());
    return report.isPass() ? ExitCode.DONE : ExitCode.CHECK_FAILED;
  }

  private List<CaseResult> run(List<ValidationCase> cases) throws InterruptedException {
    int cores = Runtime.getRuntime().availableProcessors();
    int used = threads == null ? cores : threads;
    if (!ProgressLine.isTerminal()) {
      return new CaseRunner(used, hosts -> {}).run(cases);
    }
    PrintWriter err = spec.commandLine().getErr();
    long total = cases.stream().mapToLong(ValidationCase::hosts).sum();
    AtomicLong done = new AtomicLong();
    try {
      return new CaseRunner(used, hosts -> show(done.addAndGet(hosts), total, err)).run(cases);
    } finally {
      err.print("\r\033[K"); // the line gives way to the result
      err.flush();
    }
  }

  private static void show(long done, long total, PrintWriter err) {
    err.print("\rvalidate: " + done + " of " + total + " hosts");
    err.flush();
  }

  private void print(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.print(text);
    out.flush();
  }

  private List<ScenarioOverride> overrides() {
    return seed == null ? List.of() : List.of(new ScenarioOverride("--seed " + seed, "seed", seed));
  }

  private List<ValidationCase> filtered(List<ValidationCase> cases) {
    if (filter == null) {
      return cases;
    }
    String[] parts = filter.split("\\*", -1);
    List<String> quoted = new ArrayList<>();
    for (String part : parts) {
      quoted.add(Pattern.quote(part));
    }
    Pattern pattern = Pattern.compile(String.join(".*", quoted));
    List<ValidationCase> chosen = CaseFiles.withBases(cases, c -> pattern.matcher(c.name()).find());
    if (chosen.isEmpty()) {
      throw new BadInputException(
          "no case matches --filter " + filter,
          "There are " + cases.size() + " cases, such as '" + cases.get(0).name() + "'.");
    }
    return chosen;
  }

  /** The cases of the working folder, or else those beside the launcher. */
  private static Path shipped() {
    if (Files.isDirectory(SHIPPED)) {
      return SHIPPED;
    }
    Optional<Path> found = Optional.empty();
    try {
      Path code =
          Path.of(
              ValidateCommand.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      for (Path at = code; at != null && found.isEmpty(); at = at.getParent()) {
        found = Optional.of(at.resolve(SHIPPED)).filter(Files::isDirectory);
      }
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the program does not know where it is", e);
    }
    return found.orElseThrow(
        () ->
            new BadInputException(
                "there is no folder " + SHIPPED + " here or beside the program",
                "Name the validation files or folders to run."));
  }
}
