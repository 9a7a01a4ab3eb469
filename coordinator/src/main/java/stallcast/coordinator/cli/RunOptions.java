package stallcast.coordinator.cli;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How a run is carried out: shared by every command that runs a fleet. */
final class RunOptions {
  @Option(
      names = "--threads",
      paramLabel = "N",
      description = {
        "Hosts simulated at once in this process.",
        "Default: all cores; 0 where workers are waited for."
      })
  private Optional<Integer> threads;

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

  @Option(
      names = "--status",
      paramLabel = "HOST:PORT",
      description = "Answer /metrics, /health/live and /health/ready here, over HTTP, to anybody.")
  private Optional<String> status;

  /** Where metrics and health are told; empty if nowhere. */
  Optional<String> status() {
    return status;
  }

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

  private static void refuse(String option, int value, String legal) {
    throw new BadInputException(option + " must be " + legal + ", got " + value, "");
  }
}
