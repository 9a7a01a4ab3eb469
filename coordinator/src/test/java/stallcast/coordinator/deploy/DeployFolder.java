package stallcast.coordinator.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The folder {@code deploy/} and the tools that know its files. */
final class DeployFolder {
  static final Path ROOT = Path.of("..").resolve("deploy");
  static final long LIMIT_SECONDS = 240; // on a machine that many share

  private DeployFolder() {}

  /**
   * What a tool printed.
   *
   * @param exitCode its exit code
   * @param text stdout and stderr
   */
  record Printed(int exitCode, String text) {}

  /** Whether a tool is installed; checks that need it are skipped otherwise. */
  static boolean has(String tool) {
    return Stream.of(System.getenv("PATH").split(":"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
  }

  /** Runs a tool. */
  static Printed run(Path output, String... words) throws IOException, InterruptedException {
    return end(output, new ProcessBuilder(words));
  }

  /** Runs a tool as prepared. */
  static Printed end(Path output, ProcessBuilder builder) throws IOException, InterruptedException {
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      throw new IOException(builder.command() + " does not end:\n" + Files.readString(output));
    }
    return new Printed(process.exitValue(), Files.readString(output));
  }

  static List<Path> files(String folder, String end) throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
      return files.filter(file -> file.toString().endsWith(end)).sorted().toList();
    }
  }
}
