package stallcast.coordinator.run;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import stallcast.coordinator.cli.StallcastCommand;

/** The command line in a JVM of its own, with what it prints in files. */
final class OwnProcess {
  /** Limit of everything that a process does, on a loaded machine. */
  static final long LIMIT_SECONDS = 80;

  private static final int LOOK_EVERY_MS = 5;

  private final Process process;
  private final Path out;
  private final Path err;

  private OwnProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /**
   * Starts a command.
   *
   * @param folder where its output goes
   * @param name of the files
   * @param args as typed after {@code stallcast}
   */
  static OwnProcess start(Path folder, String name, Object... args) throws IOException {
    return startMain(folder, name, StallcastCommand.class, args);
  }

  /** Starts another main class; otherwise as {@link #start}. */
  static OwnProcess startMain(Path folder, String name, Class<?> main, Object... args)
      throws IOException {
    List<String> jvm = List.of("-Xmx256m", "-cp", System.getProperty("java.class.path"));
    return startJvm(folder, name, jvm, main, args);
  }

  /**
   * Starts a main class in a JVM with options, the class path among them; otherwise as {@link
   * #start}.
   */
  static OwnProcess startJvm(
      Path folder, String name, List<String> jvm, Class<?> main, Object... args)
      throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    words.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    words.addAll(jvm);
    words.add(main.getName());
    Arrays.stream(args).map(Object::toString).forEach(words::add);
    Path out = folder.resolve(name + ".out");
    Path err = folder.resolve(name + ".err");
    ProcessBuilder builder =
        new ProcessBuilder(words).redirectOutput(out.toFile()).redirectError(err.toFile());
    return new OwnProcess(builder.start(), out, err);
  }

  /** Waits for something, looking often. */
  static void await(String what, BooleanSupplier holds) throws InterruptedException {
    long limitNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() > limitNs) {
        fail(what + " does not come");
      }
      Thread.sleep(LOOK_EVERY_MS);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Ends it by SIGKILL. */
  void kill() {
    process.destroyForcibly();
  }

  /** Sends it SIGINT, as Ctrl-C does. */
  void interrupt() throws IOException, InterruptedException {
    signal("INT");
  }

  /** Sends it SIGSTOP. */
  void suspend() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** Sends it SIGCONT. */
  void goOn() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /** Its exit code, once it has ended. */
  int exitCode() throws InterruptedException {
    assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), "does not end");
    return process.exitValue();
  }

  String out() throws IOException {
    return Files.readString(out);
  }

  String err() throws IOException {
    return Files.readString(err);
  }
}
