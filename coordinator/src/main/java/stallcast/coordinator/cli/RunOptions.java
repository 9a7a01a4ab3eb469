package stallcast.coordinator.cli;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Option;

/**
 * Where a run happens and where its dataset goes: shared by {@code run} and {@code coordinator}.
 */
final class RunOptions {
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");
  private static final Set<String> SCHEMES = Set.of("file", "hdfs");

  @Option(
      names = "--out",
      paramLabel = "URI",
      description = {
        "Folder of the dataset: a path, file: or hdfs:; it must be new or empty.",
        "Default: runs/<scenario>-<date>-<time>."
      })
  private Optional<String> out;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = {
        "Hosts simulated at once in this process.",
        "Default: all cores; 0 where workers are waited for."
      })
  private Optional<Integer> threads;

  @Option(
      names = "--shard-size",
      paramLabel = "HOSTS",
      description = {
        "Hosts handed out at a time; changes nothing in the results.",
        "Default: from the fleet and the threads."
      })
  private Optional<Integer> shardSize;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "${COMPLETION-CANDIDATES}; json is stable for scripts.")
  private OutputFormat format;

  @Option(names = "--quiet", description = "No progress on stderr.")
  private boolean quiet;

  @Option(
      names = "--tls-dir",
      paramLabel = "DIR",
      description = "Folder with tls.key, tls.crt and ca.crt for mutual TLS.")
  private Optional<Path> tlsDir;

  @Option(
      names = "--insecure-network",
      description = "Allow plain TCP beyond this machine: everybody there must be trusted.")
  private boolean insecureNetwork;

  OutputFormat format() {
    return format;
  }

  boolean isQuiet() {
    return quiet;
  }

  Optional<Path> tlsDir() {
    return tlsDir;
  }

  boolean isInsecureNetwork() {
    return insecureNetwork;
  }

  /** Hosts at once in this process; empty if the user did not say. */
  Optional<Integer> threads() {
    threads.filter(n -> n < 0 || n > 4096).ifPresent(n -> refuse("--threads", n, "0..4096"));
    return threads;
  }

  /** Hosts per shard; empty if the user did not say. */
  Optional<Integer> shardSize() {
    shardSize.filter(n -> n < 1).ifPresent(n -> refuse("--shard-size", n, "1 or more"));
    return shardSize;
  }

  private static void refuse(String option, int value, String legal) {
    throw new BadInputException(option + " must be " + legal + ", got " + value, "");
  }

  /**
   * Folder of the dataset.
   *
   * @param scenario name of the scenario, for the default
   */
  URI outFor(String scenario) {
    String text =
        out.orElseGet(
            () ->
                Path.of(
                        "runs",
                        scenario + "-" + LocalDateTime.now(ZoneId.systemDefault()).format(STAMP))
                    .toString());
    try {
      URI uri = text.contains(":") ? new URI(text) : Path.of(text).toAbsolutePath().toUri();
      if (!SCHEMES.contains(uri.getScheme())) {
        throw new IllegalArgumentException("only a path, file: and hdfs: can hold a dataset");
      }
      return uri;
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw new BadInputException("--out " + text + " is no folder or URI: " + e.getMessage(), "");
    }
  }
}
