package stallcast.coordinator.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stallcast.coordinator.cli.InProcess;
import stallcast.coordinator.cli.StallcastCommand;
import stallcast.coordinator.store.DatasetReader;
import stallcast.kernel.scenario.ScenarioSpec;

/** Faults that chaos does not draw, with processes, memory and disks of their own. */
class ClusterFaultsTest {
  private static final Path FLEETS = Path.of("src/test/resources/fleets");
  private static final Path THROTTLED = FLEETS.resolve("throttled.yaml");
  private static final Path HUNGRY = FLEETS.resolve("hungry.yaml");

  @TempDir private Path folder;
  private final List<OwnProcess> processes = new ArrayList<>();
  private boolean mounted;

  @AfterEach
  void cleanUp() throws Exception {
    processes.forEach(OwnProcess::kill);
    if (mounted) {
      command("umount", "-l", disk().toString()); // a file that is still open must not keep it
    }
  }

  private OwnProcess started(OwnProcess process) {
    processes.add(process);
    return process;
  }

  private OwnProcess worker(String name, String address, String... jvm) throws IOException {
    Object[] words = {"worker", "--seed-node", address, "--threads", 1};
    return started(OwnProcess.startJvm(folder, name, List.of(jvm), StallcastCommand.class, words));
  }

  private OwnProcess coordinator(Path fleet, String address, Path out, Object... more)
      throws IOException {
    List<Object> words = new ArrayList<>(List.of("coordinator", fleet, "--listen", address));
    words.addAll(List.of("--out", out, "--shard-size", 2, "--quiet"));
    words.addAll(List.of(more));
    List<String> jvm = // misses a dead worker in seconds
        List.of(
            "-Xmx256m",
            "-Dstallcast.stable-after=1s",
            "-Dpekko.cluster.failure-detector.acceptable-heartbeat-pause=4s",
            "-cp",
            classPath());
    return started(
        OwnProcess.startJvm(folder, "coordinator", jvm, StallcastCommand.class, words.toArray()));
  }

  private static String freeAddress() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "127.0.0.1:" + socket.getLocalPort();
    }
  }

  private static String classPath() {
    return System.getProperty("java.class.path");
  }

  private void assertAsLocal(Path fleet, Path dataset, Object... more) throws IOException {
    Path local = folder.resolve("local");
    List<Object> words = new ArrayList<>(List.of("run", fleet, "--out", local, "--quiet"));
    words.addAll(List.of(more));
    assertEquals(0, InProcess.run(words.toArray()).exitCode());
    assertEquals(
        new DatasetReader(local.toUri()).manifest().reproducibleText(),
        new DatasetReader(dataset.toUri()).manifest().reproducibleText());
    assertEquals(0, InProcess.run("verify", dataset).exitCode());
  }

  @Test
  void aWorkerWithoutMemoryDiesAndAnotherOneDoesItsWork() throws Exception {
    String address = freeAddress();
    Path out = folder.resolve("run");
    String onOutOfMemory = "-XX:OnOutOfMemoryError=kill -9 %p"; // as the launcher has it
    OwnProcess coordinator = coordinator(HUNGRY, address, out, "--hosts", 40, "--workers", 1);
    OwnProcess small = worker("small", address, "-Xmx40m", onOutOfMemory, "-cp", classPath());
    assertEquals(128 + 9, small.exitCode(), small.err());
    assertTrue(coordinator.isAlive(), coordinator.err());
    OwnProcess big = worker("big", address, "-Xmx400m", "-cp", classPath());
    assertEquals(0, coordinator.exitCode(), coordinator.err());
    assertEquals(0, big.exitCode(), big.err());
    assertAsLocal(HUNGRY, out, "--hosts", 40);
  }

  @Test
  void aWorkerOfAnotherBuildIsRefusedByName() throws Exception {
    String address = freeAddress();
    Path out = folder.resolve("run");
    OwnProcess coordinator = coordinator(THROTTLED, address, out, "--hosts", 40);
    OwnProcess other = worker("other", address, "-cp", classPathOfAnotherKernel());
    assertEquals(2, other.exitCode(), other.err());
    assertTrue(other.err().contains("refused by the coordinator: simulation kernel "), other.err());
    OwnProcess right = worker("right", address, "-cp", classPath());
    assertEquals(0, coordinator.exitCode(), coordinator.err());
    assertEquals(0, right.exitCode(), right.err());
    assertTrue(coordinator.err().contains("refused worker "), coordinator.err());
    assertAsLocal(THROTTLED, out, "--hosts", 40);
  }

  /** The same program with one more class in the kernel. */
  private String classPathOfAnotherKernel() throws Exception {
    Path kernel =
        Path.of(ScenarioSpec.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path copy = folder.resolve("other-kernel" + (Files.isDirectory(kernel) ? "" : ".jar"));
    try (Stream<Path> tree = Files.walk(kernel)) {
      for (Path path : tree.toList()) {
        Files.copy(path, copy.resolve(kernel.relativize(path).toString()).normalize());
      }
    }
    String more = "stallcast/kernel/More.class";
    if (Files.isDirectory(copy)) {
      Files.write(copy.resolve(more), new byte[] {1});
    } else {
      try (FileSystem jar =
          FileSystems.newFileSystem(URI.create("jar:" + copy.toUri()), Map.of())) {
        Files.write(jar.getPath(more), new byte[] {1});
      }
    }
    return copy + File.pathSeparator + classPath();
  }

  @Test
  void ofTwoRunsIntoOneFolderOneIsLeft() throws Exception {
    Path out = folder.resolve("run");
    List<OwnProcess> two = new ArrayList<>();
    for (String name : new String[] {"one", "two"}) {
      Object[] words = {"run", THROTTLED, "--hosts", 40, "--out", out, "--quiet"};
      two.add(started(OwnProcess.start(folder, name, words)));
    }
    List<Integer> codes = List.of(two.get(0).exitCode(), two.get(1).exitCode());
    assertTrue(codes.contains(0) && codes.contains(2), codes::toString);
    String refusal = two.get(codes.indexOf(2)).err();
    assertTrue(refusal.contains("belongs to a run") || refusal.contains("claimed"), refusal);
    assertAsLocal(THROTTLED, out, "--hosts", 40);
  }

  private Path disk() {
    return folder.resolve("disk");
  }

  private static int command(String... words) throws Exception {
    return new ProcessBuilder(words)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  private void mountDisk(String size) throws Exception {
    Files.createDirectories(disk());
    mounted =
        command("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", disk().toString()) == 0;
    assumeTrue(mounted, "no right to mount a small disk: the injected faults have to do");
  }

  private void remount(String option) throws Exception {
    assertEquals(0, command("mount", "-o", "remount," + option, disk().toString()));
  }

  @Test
  void aFullDiskStopsTheRunAndMoreSpaceFinishesIt() throws Exception {
    mountDisk("64k");
    Path out = disk().resolve("run");
    InProcess.Printed full = InProcess.run("run", THROTTLED, "--out", out, "--quiet");
    assertEquals(3, full.exitCode(), full.err());
    assertTrue(full.err().contains("No space left on device"), full.err());
    assertFalse(Files.exists(out.resolve("_SUCCESS")));
    remount("size=64m");
    InProcess.Printed rest = InProcess.run("resume", out, "--quiet");
    assertEquals(0, rest.exitCode(), rest.err());
    assertAsLocal(THROTTLED, out);
  }

  @Test
  void aFolderThatBecomesReadOnlyStopsTheRunAndIsGoneOnWithLater() throws Exception {
    mountDisk("64m");
    Path out = disk().resolve("run");
    OwnProcess run =
        started(
            OwnProcess.start(
                folder, "run", "run", THROTTLED, "--hosts", 1500, "--out", out, "--quiet"));
    Path journal = out.resolve("_work/owner-0001/blocks-0001-000000.journal");
    OwnProcess.await("the journal", () -> Files.exists(journal) || !run.isAlive());
    // A file that is open for writing forbids it: what is mounted above it does not.
    run.suspend();
    assertEquals(0, command("mount", "--bind", disk().toString(), disk().toString()));
    assertEquals(0, command("mount", "-o", "remount,bind,ro", disk().toString()));
    run.goOn();
    int code = run.exitCode();
    assertEquals(0, command("umount", disk().toString()));
    assertEquals(3, code, run.err());
    assertTrue(run.err().contains("Read-only file system"), run.err());
    InProcess.Printed rest = InProcess.run("resume", out, "--quiet");
    assertEquals(0, rest.exitCode(), rest.err());
    assertAsLocal(THROTTLED, out, "--hosts", 1500);
  }

  @Test
  void aReadOnlyFolderIsRefusedAtOnce() throws Exception {
    mountDisk("1m");
    remount("ro");
    Path out = disk().resolve("run");
    InProcess.Printed refused = InProcess.run("run", THROTTLED, "--hosts", 5, "--out", out);
    assertEquals(2, refused.exitCode(), refused.err());
    assertTrue(refused.err().contains("Read-only file system"), refused.err());
  }
}
