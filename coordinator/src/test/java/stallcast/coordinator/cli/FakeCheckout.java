package stallcast.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The real launcher in a folder with a few sources, a Maven that only touches files and a Java that
 * only prints what it was given.
 */
final class FakeCheckout {
  /** What the launcher may use; Java and Maven are left out on purpose. */
  private static final List<String> TOOLS =
      List.of(
          "basename",
          "bash",
          "cat",
          "dirname",
          "env",
          "find",
          "grep",
          "head",
          "ln",
          "mkdir",
          "ps",
          "readlink",
          "rm",
          "rmdir",
          "sed",
          "sleep",
          "tail",
          "touch",
          "uname");

  private static final String FAKE_MAVEN =
      """
      #!/usr/bin/env bash
      echo built >> "$BUILDS"
      [ -z "${BUILD_SLEEPS:-}" ] || exec sleep "$BUILD_SLEEPS"
      sleep 0.3
      [ -z "${BUILD_FAILS:-}" ] || { echo "cannot find symbol"; exit 1; }
      mkdir -p coordinator/target/launcher/lib
      touch coordinator/target/launcher/lib/complete
      """;

  private static final String FAKE_JAVA =
      """
      #!/usr/bin/env bash
      echo "cwd=$PWD"
      printf 'arg=%s\\n' "$@"
      [ -z "${JAVA_SLEEPS:-}" ] || exec sleep "$JAVA_SLEEPS"
      exit "${JAVA_EXITS:-0}"
      """;

  final Path root;
  private final Path tools;
  private final Path javaHome;
  private final Map<String, String> environment = new TreeMap<>();

  /** How one run of the launcher ended. */
  record Ending(int exitCode, String out, String err) {}

  FakeCheckout(Path folder) throws IOException {
    root = folder.resolve("a checkout");
    tools = folder.resolve("tools");
    javaHome = folder.resolve("the jdk");
    for (String module : List.of("sim-kernel", "worker", "coordinator")) {
      Files.createDirectories(root.resolve(module).resolve("src/main/java"));
      Files.writeString(root.resolve(module).resolve("pom.xml"), "<project/>");
    }
    Files.writeString(root.resolve("pom.xml"), "<project/>");
    Files.writeString(source(), "class A {}");
    Files.copy(realLauncher(), root.resolve("stallcast"));
    wrapTools();
    script(tools.resolve("mvn"), FAKE_MAVEN);
    installJava("17.0.15");
    environment.put("PATH", tools.toString());
    environment.put("BUILDS", folder.resolve("builds").toString());
  }

  Path source() {
    return root.resolve("sim-kernel/src/main/java/A.java");
  }

  Path lock() {
    return root.resolve("target/launcher/lock");
  }

  long builds() throws IOException {
    Path builds = Path.of(environment.get("BUILDS"));
    return Files.exists(builds) ? Files.readAllLines(builds).size() : 0;
  }

  void installJava(String version) throws IOException {
    script(javaHome.resolve("bin/java"), FAKE_JAVA);
    script(javaHome.resolve("bin/javac"), "");
    Files.writeString(javaHome.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    environment.put("JAVA_HOME", javaHome.toString());
  }

  void removeJava() {
    environment.remove("JAVA_HOME");
  }

  void removeMaven() throws IOException {
    Files.delete(tools.resolve("mvn"));
  }

  void set(String variable, String value) {
    environment.put(variable, value);
  }

  Ending run(String... arguments) throws IOException, InterruptedException {
    return end(start(root.resolve("stallcast"), root, arguments));
  }

  Process start(Path launcher, Path cwd, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(cwd.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder.start();
  }

  /** Waits for the end; what the launcher prints fits into the pipes. */
  static Ending end(Process process) throws IOException, InterruptedException {
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the launcher hangs");
    return new Ending(
        process.exitValue(),
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8),
        new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
  }

  private static Path realLauncher() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(folder.resolve(".mvn"))) {
      folder = folder.getParent();
    }
    return folder.resolve("stallcast");
  }

  private void wrapTools() throws IOException {
    for (String tool : TOOLS) {
      Optional<Path> real =
          Stream.of(System.getenv("PATH").split(File.pathSeparator))
              .map(bin -> Path.of(bin, tool))
              .filter(Files::isExecutable)
              .findFirst();
      if (real.isPresent()) { // "ps" may be missing; the launcher copes
        script(tools.resolve(tool), "#!/bin/sh\nexec " + real.get() + " \"$@\"\n");
      }
    }
  }

  private static void script(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    assertTrue(file.toFile().setExecutable(true));
  }
}
