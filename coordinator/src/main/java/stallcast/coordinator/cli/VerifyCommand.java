package stallcast.coordinator.cli;

import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import stallcast.coordinator.store.CanonicalJson;
import stallcast.coordinator.store.DatasetCheck;
import stallcast.coordinator.store.StoreException;

/** {@code stallcast verify}: whether a dataset is what was written. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Checks a dataset: every file, page, row range and sum; lists every problem.",
    description = {
      "Compared are: the manifest with its own checksum and with the hashes of run and scenario;"
          + " every file with its length, SHA-256, footer, number of rows and page checksums;"
          + " outcomes and shards with the fleet, without gaps or doubles; estimates and"
          + " incidents with the outcomes. Nothing is simulated and nothing is changed."
    },
    footerHeading = "%n",
    footer = {
      "Examples:",
      "  stallcast verify runs/fleet",
      "  stallcast verify hdfs://nn:8020/runs/fleet --format json",
      "",
      "Exit codes: 0 nothing is wrong; 1 something is; 2 there is no dataset.",
    })
public final class VerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "DATASET", description = "Folder of the run.")
  private String dataset;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "${COMPLETION-CANDIDATES}; json is stable for scripts.")
  private OutputFormat format;

  @Override
  public Integer call() {
    try {
      DatasetCheck.Report report = DatasetCheck.of(DatasetAddress.parse("DATASET", dataset));
      PrintWriter out = spec.commandLine().getOut();
      out.print(format == OutputFormat.JSON ? json(report) : table(report));
      out.flush();
      return report.isSound() ? ExitCode.DONE : ExitCode.CHECK_FAILED;
    } catch (StoreException e) {
      throw new BadInputException(e.getMessage(), "");
    }
  }

  private static String table(DatasetCheck.Report report) {
    StringBuilder text = new StringBuilder();
    for (DatasetCheck.Problem problem : report.problems()) {
      String file = problem.file().isEmpty() ? "the dataset" : problem.file();
      text.append(file).append(": ").append(problem.what()).append('\n');
    }
    text.append(report.dataset())
        .append(report.isSound() ? ": sound, " : ": " + report.problems().size() + " problems, ")
        .append(report.files())
        .append(" files, ")
        .append(report.rows())
        .append(" rows\n");
    return text.toString();
  }

  private static String json(DatasetCheck.Report report) {
    return CanonicalJson.page(
        Map.of(
            "dataset", report.dataset().toString(),
            "sound", report.isSound(),
            "files", report.files(),
            "rows", report.rows(),
            "problems",
                report.problems().stream()
                    .map(p -> Map.of("file", p.file(), "what", p.what()))
                    .toList()));
  }
}
