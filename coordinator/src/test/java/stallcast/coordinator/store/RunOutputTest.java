package stallcast.coordinator.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stallcast.worker.shard.OutcomeBlock;

class RunOutputTest {
  @TempDir Path folder;

  private static List<OutcomeBlock> blocks(int size) {
    return TestRun.FLEET.blocks(TestRun.HOSTS, size);
  }

  private static Map<String, byte[]> files(Path run) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> tree = Files.walk(run)) {
      for (Path path : tree.filter(Files::isRegularFile).toList()) {
        files.put(run.relativize(path).toString(), Files.readAllBytes(path));
      }
    }
    return files;
  }

  @Test
  void layoutIsTheDocumentedOneAndNothingElse() throws IOException {
    Path run = folder.resolve("run");
    TestRun.write(run, blocks(128));
    assertEquals(
        List.of(
            "_SUCCESS",
            "_manifest.json",
            "estimates/part-0.parquet",
            "incidents/arm=base/part-0000000000-0000000299.parquet",
            "incidents/arm=base/part-0000000300-0000000599.parquet",
            "incidents/arm=base/part-0000000600-0000000899.parquet",
            "incidents/arm=base/part-0000000900-0000000999.parquet",
            "outcomes/arm=base/part-0000000000-0000000299.parquet",
            "outcomes/arm=base/part-0000000300-0000000599.parquet",
            "outcomes/arm=base/part-0000000600-0000000899.parquet",
            "outcomes/arm=base/part-0000000900-0000000999.parquet",
            "shards/part-0.parquet"),
        new ArrayList<>(files(run).keySet()));
    assertEquals(0, Files.size(run.resolve("_SUCCESS")));
    assertFalse(Files.exists(run.resolve("_work")));
  }

  /** Shard sizes, orders, spills and repetition leave every byte but those of {@code shards}. */
  @Test
  void bytesDependOnTheRowsOnly() throws IOException {
    Path reference = folder.resolve("reference");
    String manifest = TestRun.write(reference, blocks(TestRun.HOSTS)).reproducibleText();
    Map<String, byte[]> expected = reproducible(reference);
    int[] sizes = {TestRun.HOSTS, 1, 7, 64, 300, 301, 999};
    for (int i = 0; i < sizes.length; i++) {
      List<OutcomeBlock> shuffled = new ArrayList<>(blocks(sizes[i]));
      Collections.shuffle(shuffled, new Random(i));
      Path run = folder.resolve("run-" + i);
      assertEquals(manifest, TestRun.write(run, shuffled).reproducibleText(), "size " + sizes[i]);
      Map<String, byte[]> actual = reproducible(run);
      assertEquals(expected.keySet(), actual.keySet());
      expected.forEach((name, bytes) -> assertArrayEquals(bytes, actual.get(name), name));
    }
  }

  private static Map<String, byte[]> reproducible(Path run) throws IOException {
    Map<String, byte[]> files = files(run);
    files.remove("shards/part-0.parquet");
    files.remove("_manifest.json");
    return files;
  }

  @Test
  void earlyBlocksBeyondTheLimitWaitInTheJournal() {
    RunFolder run = RunFolder.at(TestRun.uri(folder.resolve("run")));
    try (RunOutput output = TestRun.open(run, 60)) {
      List<OutcomeBlock> late = blocks(60);
      Collections.reverse(late);
      for (OutcomeBlock block : late.subList(0, late.size() - 1)) {
        TestRun.accept(output, block, 60);
      }
      assertEquals(0, output.watermark());
      assertEquals(2, output.earlyInMemory()); // 100 rows are one of 40 and one of 60
      TestRun.accept(output, late.get(late.size() - 1), 60);
      assertEquals(TestRun.HOSTS, output.watermark());
      assertEquals(0, output.earlyInMemory());
    }
  }

  @Test
  void manifestListsEveryFileWithItsHash() throws IOException {
    Path run = folder.resolve("run");
    RunManifest manifest = TestRun.write(run, blocks(100));
    for (StoredFile file : manifest.files()) {
      byte[] bytes = Files.readAllBytes(run.resolve(file.path()));
      assertEquals(bytes.length, file.bytes());
      assertEquals(
          java.util.HexFormat.of().formatHex(TableFile.sha256().digest(bytes)), file.sha256());
    }
    long hosts =
        manifest.files().stream()
            .filter(f -> f.table().equals("outcomes"))
            .mapToLong(StoredFile::rows)
            .sum();
    assertEquals(TestRun.HOSTS, hosts);
    assertEquals(manifest.text(), Files.readString(run.resolve("_manifest.json")));
  }

  @Test
  void runIdFollowsFromWhatDecidesTheRows() {
    RunDescription run = TestRun.description();
    assertEquals(run.runId(), TestRun.description().runId());
    RunDescription other =
        new RunDescription(
            run.spec(), "name: other\n", run.assumptions(), "base", Map.of(), "0.1.0-test", "s/1");
    assertNotEquals(run.runId(), other.runId());
    assertThrows(
        IllegalArgumentException.class,
        () -> new RunDescription(run.spec(), "", List.of(), "007", Map.of(), "", ""));
  }

  @Test
  void anEmptyFolderIsTaken() {
    TestRun.write(folder, blocks(500));
    assertTrue(new DatasetReader(TestRun.uri(folder)).isComplete());
  }

  @Test
  void aFolderThatHoldsAnythingIsRefusedAndLeftAlone() throws IOException {
    Path complete = folder.resolve("complete");
    TestRun.write(complete, blocks(500));
    assertRefused(complete, "holds the complete dataset of an earlier run");

    Path interrupted = folder.resolve("interrupted");
    ClaimedRun.start(TestRun.uri(interrupted), TestRun.record(100)).close();
    assertRefused(interrupted, "belongs to a run that is under way or was interrupted");

    Path other = Files.createDirectory(folder.resolve("other"));
    Files.writeString(other.resolve("thesis.tex"), "precious");
    assertRefused(other, "it holds thesis.tex");
    assertEquals("precious", Files.readString(other.resolve("thesis.tex")));
  }

  private static void assertRefused(Path path, String why) {
    StoreException refusal =
        assertThrows(
            StoreException.class, () -> ClaimedRun.start(TestRun.uri(path), TestRun.record(100)));
    assertEquals(StoreException.Reason.FOLDER, refusal.reason());
    assertTrue(refusal.getMessage().contains(why), refusal.getMessage());
  }

  @Test
  void theAddressIsTheSameBeforeAndAfterTheFolderExists() throws IOException {
    Path path = folder.resolve("a run");
    RunFolder run = RunFolder.at(path.toUri());
    assertEquals("file://" + folder + "/a%20run", run.uri().toString());
    run.claim();
    assertEquals("file://" + folder + "/a%20run", run.uri().toString());
  }

  @Test
  void onlyOneOfTwoClaimsWins() throws IOException {
    RunFolder first = RunFolder.at(TestRun.uri(folder));
    RunFolder second = RunFolder.at(TestRun.uri(folder));
    first.claim();
    assertThrows(java.nio.file.FileAlreadyExistsException.class, () -> second.claim());
  }

  @Test
  void missingHostsLeaveTheRunUnfinished() {
    Path path = folder.resolve("run");
    try (RunOutput output = TestRun.open(RunFolder.at(TestRun.uri(path)), 100)) {
      accept(output, TestRun.FLEET.block(0, 100));
      accept(output, TestRun.FLEET.block(200, 100));
      StoreException gap =
          assertThrows(StoreException.class, () -> output.finish(List.of(), TestRun.execution()));
      assertTrue(gap.getMessage().contains("hosts from 100 on are missing"), gap.getMessage());
    }
    assertFalse(new DatasetReader(TestRun.uri(path)).isComplete());
  }

  @Test
  void shardsThatComeTwiceOrAreNoneAreABug() {
    try (RunOutput output = TestRun.open(RunFolder.at(TestRun.uri(folder)), 100)) {
      accept(output, TestRun.FLEET.block(0, 100));
      accept(output, TestRun.FLEET.block(200, 100));
      assertThrows(IllegalStateException.class, () -> accept(output, TestRun.FLEET.block(50, 10)));
      assertThrows(IllegalStateException.class, () -> accept(output, TestRun.FLEET.block(150, 51)));
      assertThrows(IllegalStateException.class, () -> accept(output, TestRun.FLEET.block(299, 5)));
      assertThrows(IllegalStateException.class, () -> accept(output, TestRun.FLEET.block(0, 100)));
    }
  }

  private static void accept(RunOutput output, OutcomeBlock block) {
    TestRun.accept(output, block, 100);
  }

  /** The journal is a link to the device that is always full. */
  @Test
  void aFullDiskIsAClearErrorAndNoResult() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full));
    try (RunOutput output = TestRun.open(RunFolder.at(TestRun.uri(folder)), 1000)) {
      Path journal = folder.resolve("_work/owner-0001/blocks-0001-000000.journal");
      Files.createSymbolicLink(journal, full);
      StoreException failure =
          assertThrows(
              StoreException.class,
              () -> TestRun.accept(output, TestRun.FLEET.block(0, 1000), 1000));
      assertTrue(failure.getMessage().contains("No space left on device"), failure.getMessage());
      assertTrue(failure.getMessage().contains(folder.toString()), failure.getMessage());
      assertEquals(StoreException.Reason.INPUT_OUTPUT, failure.reason());
    }
    assertFalse(new DatasetReader(TestRun.uri(folder)).isComplete());
  }

  @Test
  void aFolderThatCannotBeMadeIsAClearError() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    StoreException failure =
        assertThrows(
            StoreException.class,
            () -> ClaimedRun.start(TestRun.uri(file.resolve("run")), TestRun.record(100)));
    assertTrue(failure.getMessage().startsWith("cannot use the folder"), failure.getMessage());
  }

  @Test
  void anUnknownFileSystemIsAClearError() {
    StoreException failure =
        assertThrows(
            StoreException.class,
            () -> ClaimedRun.start(java.net.URI.create("nofs://x/run"), TestRun.record(100)));
    assertTrue(failure.getMessage().contains("nofs"), failure.getMessage());
  }

  /** Hadoop's view of the local disk, which puts checksum files beside what it writes. */
  @Test
  void hadoopWritesTheSameBytes() throws IOException {
    Path local = folder.resolve("local");
    Path hadoop = folder.resolve("hadoop");
    TestRun.write(local, blocks(100));
    TestRun.write(new HadoopRunFolder(hadoop.toUri()), blocks(100));
    Map<String, byte[]> expected = reproducible(local);
    Map<String, byte[]> actual = reproducible(hadoop);
    expected.forEach((name, bytes) -> assertArrayEquals(bytes, actual.get(name), name));
    assertFalse(Files.exists(hadoop.resolve("_work")));
    assertFalse(Files.exists(hadoop.resolve("_manifest.json.lock")));
  }
}
