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
import stallcast.coordinator.store.DatasetDiff;
import stallcast.coordinator.store.StoreException;

/** {@code stallcast diff}: where two datasets differ. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Shows the first differences between two datasets by table, host and column.",
    description = {
      "Compared is the content of outcomes, incidents and estimates, value by value and whatever"
          + " build wrote it. Bytes of files are equal for equal builds only, and the table"
          + " 'shards' differs between any two runs.",
      "How the two runs are described (scenario, seed, build) is shown, and is no difference in"
          + " itself."
    },
    footerHeading = "%n",
    footer = {
      "Examples:",
      "  stallcast diff runs/before runs/after",
      "  stallcast diff runs/a runs/b --first 100 --format json",
      "",
      "Exit codes: 0 the same; 1 different; 2 one of them is no complete dataset.",
    })
public final class DiffCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "A", description = "Folder of a run.")
  private String left;

  @Parameters(index = "1", paramLabel = "B", description = "Folder of another run.")
  private String right;

  @Option(
      names = "--first",
      paramLabel = "N",
      defaultValue = "10",
      description = "Differences shown per table. Default: ${DEFAULT-VALUE}.")
  private int shown;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "${COMPLETION-CANDIDATES}; json is stable for scripts.")
  private OutputFormat format;

  @Override
  public Integer call() {
    if (shown < 0) {
      throw new BadInputException("--first must be 0 or more, got " + shown, "");
    }
    try {
      DatasetDiff.Report report =
          DatasetDiff.of(DatasetAddress.parse("A", left), DatasetAddress.parse("B", right), shown);
      PrintWriter out = spec.commandLine().getOut();
      out.print(format == OutputFormat.JSON ? json(report) : table(report));
      out.flush();
      return report.isSame() ? ExitCode.DONE : ExitCode.CHECK_FAILED;
    } catch (StoreException e) {
      throw new BadInputException(e.getMessage(), "");
    }
  }

  private static String table(DatasetDiff.Report report) {
    StringBuilder text = new StringBuilder();
    report.descriptions().forEach(line -> text.append("described: ").append(line).append('\n'));
    for (DatasetDiff.Difference each : report.first()) {
      text.append(each.table()).append(", ").append(each.row());
      text.append(each.column().isEmpty() ? "" : ", " + each.column());
      text.append(": ").append(each.left()).append(" | ").append(each.right()).append('\n');
    }
    for (String table : report.totals().keySet().stream().sorted().toList()) {
      long count = report.totals().get(table);
      text.append(table).append(": ").append(count == 0 ? "the same" : count + " differences");
      text.append('\n');
    }
    return text.toString();
  }

  private static String json(DatasetDiff.Report report) {
    return CanonicalJson.page(
        Map.of(
            "same", report.isSame(),
            "described", report.descriptions(),
            "totals", report.totals(),
            "first",
                report.first().stream()
                    .map(
                        d ->
                            Map.of(
                                "table", d.table(),
                                "row", d.row(),
                                "column", d.column(),
                                "a", d.left(),
                                "b", d.right()))
                    .toList()));
  }
}
