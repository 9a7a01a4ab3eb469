package stallcast.coordinator.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import stallcast.coordinator.cli.InProcess;
import stallcast.coordinator.cli.InProcess.Printed;
import stallcast.coordinator.store.DatasetReader;
import stallcast.coordinator.store.RunManifest;

/** One scenario, however it is run: the same bytes. */
class DatasetDeterminismTest {
  private static final Path FLEET = Path.of("src/test/resources/fleets/throttled.yaml");

  @TempDir private static Path folder;
  private static Dataset reference;

  private final List<OwnProcess> workers = new ArrayList<>();

  /**
   * What equal runs share.
   *
   * @param runId as in the manifest
   * @param files path to SHA-256 of every file with rows that is reproducible
   * @param manifest the part of the manifest that is
   */
  private record Dataset(String runId, Map<String, String> files, String manifest) {
    static Dataset of(Path run) throws IOException {
      assertTrue(Files.exists(run.resolve("_SUCCESS")), run + " is unfinished");
      Map<String, String> files = new TreeMap<>();
      try (Stream<Path> tree = Files.walk(run)) {
        for (Path file : tree.filter(Files::isRegularFile).toList()) {
          String path = run.relativize(file).toString();
          if (path.endsWith(".parquet") && !path.startsWith("shards")) {
            files.put(path, sha256(file));
          }
        }
      }
      RunManifest manifest = new DatasetReader(run.toUri()).manifest();
      return new Dataset(manifest.runId(), files, manifest.reproducibleText());
    }

    private static String sha256(Path file) throws IOException {
      try {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
        return HexFormat.of().formatHex(digest);
      } catch (NoSuchAlgorithmException e) {
        throw new AssertionError(e);
      }
    }
  }

  @BeforeAll
  static void runOnOneThread() throws IOException {
    Path out = folder.resolve("reference");
    reference = embedded(out, 1, 100);
    assertTrue(Files.size(onlyFileOf(out.resolve("incidents/arm=base"))) > 5000, "few incidents");
    assertEquals(
        List.of("estimates/part-0.parquet", "incidents/arm=base/", "outcomes/arm=base/"),
        reference.files().keySet().stream().map(f -> f.replaceFirst("part-00.*", "")).toList());
  }

  @AfterEach
  void endWorkers() {
    workers.forEach(OwnProcess::kill);
  }

  private static Path onlyFileOf(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found = files.toList();
      assertEquals(1, found.size(), found::toString);
      return found.get(0);
    }
  }

  private static Dataset embedded(Path out, int threads, int shard) throws IOException {
    Printed printed =
        InProcess.run("run", FLEET, "--out", out, "--threads", threads, "--shard-size", shard);
    assertEquals(0, printed.exitCode(), printed.err());
    return Dataset.of(out);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "2,7", "2,500"})
  void threadsAndShardsChangeNoByte(int threads, int shard) throws IOException {
    assertEquals(reference, embedded(folder.resolve(threads + "-" + shard), threads, shard));
  }

  @Test
  void anotherSeedGivesOtherBytes() throws IOException {
    Path out = folder.resolve("seed");
    assertEquals(0, InProcess.run("run", FLEET, "--out", out, "--seed", 8).exitCode());
    Dataset other = Dataset.of(out);
    assertNotEquals(reference.runId(), other.runId());
    assertEquals(reference.files().keySet(), other.files().keySet());
    other.files().forEach((file, sha) -> assertNotEquals(reference.files().get(file), sha, file));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void workerProcessesChangeNoByte(int count) throws Exception {
    Path out = folder.resolve("workers-" + count);
    Printed printed = end(coordinator(out, count, 7));
    assertEquals(0, printed.exitCode(), printed.err());
    assertEquals(reference, Dataset.of(out));
    for (OwnProcess worker : workers) {
      assertEquals(0, worker.exitCode(), worker.err());
    }
  }

  @Test
  void aKilledWorkerChangesNoByte() throws Exception {
    Path out = folder.resolve("killed");
    CompletableFuture<Printed> run = coordinator(out, 3, 1);
    Path firstRows = out.resolve("_work/owner-0001/outcomes-0.inprogress");
    OwnProcess.await("the first row", () -> Files.exists(firstRows) || run.isDone());
    OwnProcess victim = workers.get(1);
    victim.kill();
    assertEquals(128 + 9, victim.exitCode(), victim.err());
    assertFalse(Files.exists(out.resolve("_SUCCESS")), "killed after the end");
    Printed printed = end(run);
    assertEquals(0, printed.exitCode(), printed.err());
    assertEquals(reference, Dataset.of(out));
    assertEquals(0, workers.get(0).exitCode(), workers.get(0).err());
    assertEquals(0, workers.get(2).exitCode(), workers.get(2).err());
  }

  /** Starts a coordinator in this process and workers in theirs. */
  private CompletableFuture<Printed> coordinator(Path out, int count, int shard)
      throws IOException {
    String address = "127.0.0.1:" + freePort();
    CompletableFuture<Printed> run =
        CompletableFuture.supplyAsync(
            () ->
                InProcess.run(
                    "coordinator",
                    FLEET,
                    "--out",
                    out,
                    "--listen",
                    address,
                    "--workers",
                    count,
                    "--shard-size",
                    shard),
            command -> new Thread(command, "coordinator").start());
    for (int i = 0; i < count; i++) {
      String name = out.getFileName() + "-worker-" + i;
      workers.add(OwnProcess.start(folder, name, "worker", "--seed-node", address, "--threads", 1));
    }
    return run;
  }

  private static Printed end(CompletableFuture<Printed> run) throws Exception {
    return run.get(OwnProcess.LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
