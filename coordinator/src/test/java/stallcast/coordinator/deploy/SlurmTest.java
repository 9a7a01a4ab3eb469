package stallcast.coordinator.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stallcast.coordinator.cli.StallcastCommand;

/** The batch script, with commands in Slurm's place that start real processes on this machine. */
class SlurmTest {
  private static final Path SCRIPT =
      DeployFolder.ROOT.resolve("slurm/stallcast.sbatch").toAbsolutePath().normalize();
  private static final Path FLEET =
      Path.of("src/test/resources/fleets/throttled.yaml").toAbsolutePath();

  @TempDir private Path folder;

  @BeforeEach
  void pretendSlurm() throws IOException {
    script("bin/scontrol", "echo 127.0.0.1");
    // Two tasks, as --nodes=2 gives; the signal of the step goes to both.
    script(
        "bin/srun",
        "shift",
        "\"$@\" & a=$!",
        "\"$@\" & b=$!",
        "trap 'kill -TERM $a $b 2>/dev/null' TERM",
        "for p in $a $b; do while wait $p || x=$?; kill -0 $p 2>/dev/null; do :; done; done",
        "exit ${x:-0}");
    script(
        "home/stallcast",
        "exec '"
            + Path.of(System.getProperty("java.home"), "bin", "java")
            + "' -Xmx256m"
            + " -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '"
            + System.getProperty("java.class.path")
            + "' "
            + StallcastCommand.class.getName()
            + " \"$@\"");
  }

  private void script(String name, String... lines) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    List<String> text = new ArrayList<>(List.of("#!/usr/bin/env bash"));
    text.addAll(Arrays.asList(lines));
    Files.write(file, text);
    assertTrue(file.toFile().setExecutable(true));
  }

  private ProcessBuilder job(Object... arguments) {
    List<String> words = new ArrayList<>(List.of("bash", SCRIPT.toString()));
    Arrays.stream(arguments).map(Object::toString).forEach(words::add);
    ProcessBuilder builder = new ProcessBuilder(words).directory(folder.toFile());
    builder.environment().put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
    long id = System.nanoTime() / 1000 % 1_000_000; // of its own, as its port follows from it
    builder.environment().put("SLURM_JOB_ID", Long.toString(id));
    builder.environment().put("SLURM_JOB_NODELIST", "n[1-2]");
    builder.environment().put("SLURM_NTASKS", "2");
    builder.environment().put("SLURM_CPUS_PER_TASK", "1");
    builder.environment().put("STALLCAST_HOME", folder.resolve("home").toString());
    builder.environment().put("STALLCAST_INSECURE_NETWORK", "yes");
    return builder;
  }

  /** The first coordinator kills itself before it completes the run. */
  @Test
  void jobRunsTheFleetThoughItsCoordinatorIsKilled() throws Exception {
    Path small = folder.resolve("fleet.yaml");
    Files.writeString(small, Files.readString(FLEET).replaceFirst("(?m)^hosts: .*$", "hosts: 40"));
    Path out = folder.resolve("run");
    Path once = folder.resolve("once");
    String launcher = Files.readString(folder.resolve("home/stallcast"));
    script(
        "home/stallcast",
        "x=",
        "if [ $1 = coordinator ] && mkdir '" + once + "' 2>/dev/null; then",
        "  x=-Dstallcast.faults=before:PUBLISH_MANIFEST:1:kill",
        "fi",
        launcher.substring(launcher.indexOf("exec ")).replace(" -Xmx256m", " $x -Xmx256m"));
    DeployFolder.Printed job = DeployFolder.end(folder.resolve("log"), job(small, out));
    assertEquals(0, job.exitCode(), job.text());
    assertTrue(Files.exists(out.resolve("_SUCCESS")), job.text());
    assertEquals(2, job.text().lines().filter(l -> l.endsWith("the run is complete")).count());
    assertFalse(job.text().contains("ended with a failure"), job.text());
    assertTrue(job.text().contains("start 1 of 5 goes on with the run"), job.text());
  }

  @Test
  void jobThatIsToldToEndStopsTheRunAndLeavesNobodyBehind() throws Exception {
    Path log = folder.resolve("log");
    Path big = folder.resolve("fleet.yaml");
    Files.writeString(
        big, Files.readString(FLEET).replaceFirst("(?m)^hosts: .*$", "hosts: 5000000"));
    Process job =
        job(big, folder.resolve("run"))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      long limitNs = System.nanoTime() + Duration.ofSeconds(DeployFolder.LIMIT_SECONDS).toNanos();
      while (!Files.readString(log).contains("working for the coordinator")) {
        assertTrue(job.isAlive() && System.nanoTime() < limitNs, Files.readString(log));
        Thread.sleep(50);
      }
      List<ProcessHandle> all = job.descendants().toList();
      job.destroy(); // SIGTERM to the batch shell alone, as --signal=B:TERM
      assertTrue(job.waitFor(DeployFolder.LIMIT_SECONDS, TimeUnit.SECONDS), Files.readString(log));
      String text = Files.readString(log);
      assertTrue(text.contains("stallcast.sbatch: told to end"), text);
      assertTrue(text.contains("the coordinator ended with 143"), text);
      assertEquals(143, job.exitValue(), text);
      assertTrue(all.stream().noneMatch(ProcessHandle::isAlive), text);
    } finally {
      job.descendants().forEach(ProcessHandle::destroyForcibly);
      job.destroyForcibly();
    }
  }

  @Test
  void everyProblemIsNamedAtOnce() throws Exception {
    ProcessBuilder builder = job("fleet.yaml");
    builder.environment().keySet().removeIf(name -> name.startsWith("S")); // SLURM_, STALLCAST_
    DeployFolder.Printed job = DeployFolder.end(folder.resolve("log"), builder);
    assertEquals(2, job.exitCode(), job.text());
    assertEquals(4, job.text().lines().count(), job.text());
    for (String words :
        List.of("give SCENARIO and OUT", "under Slurm", "STALLCAST_HOME", "STALLCAST_TLS_DIR")) {
      assertTrue(job.text().contains(words), job.text());
    }
  }

  @Test
  void scriptIsCleanBash() throws Exception {
    assertEquals(
        new DeployFolder.Printed(0, ""),
        DeployFolder.run(folder.resolve("out"), "bash", "-n", SCRIPT.toString()));
  }

  @Test
  void shellcheckFindsNothing() throws Exception {
    assumeTrue(DeployFolder.has("shellcheck"), "no shellcheck here: not checked by it");
    assertEquals(
        new DeployFolder.Printed(0, ""),
        DeployFolder.run(folder.resolve("out"), "shellcheck", SCRIPT.toString()));
  }
}
