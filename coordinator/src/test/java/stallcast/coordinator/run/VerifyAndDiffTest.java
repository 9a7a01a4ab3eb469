package stallcast.coordinator.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stallcast.coordinator.cli.InProcess;
import stallcast.coordinator.cli.InProcess.Printed;
import stallcast.coordinator.store.CanonicalJson;

/** The commands that judge datasets, on one that a run wrote. */
class VerifyAndDiffTest {
  private static final Path FLEET = Path.of("src/test/resources/fleets/throttled.yaml");
  private static final int HOSTS = 300;

  @TempDir private static Path original;
  @TempDir private static Path otherSeed;

  @TempDir private Path run;
  private Path outcomes;

  @BeforeAll
  static void runFleet() {
    runInto(original, "--seed", "7");
    runInto(otherSeed, "--seed", "8");
  }

  private static void runInto(Path out, String... more) {
    Object[] words =
        Stream.concat(
                Stream.of("run", FLEET, "--hosts", HOSTS, "--out", out, "--quiet"), Stream.of(more))
            .toArray();
    Printed printed = InProcess.run(words);
    assertEquals(0, printed.exitCode(), printed.err());
  }

  @BeforeEach
  void copy() throws IOException {
    try (Stream<Path> tree = Files.walk(original)) {
      for (Path path : tree.toList()) {
        Path target = run.resolve(original.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.copy(path, target);
        }
      }
    }
    outcomes = run.resolve("outcomes/arm=base/part-0000000000-0000000299.parquet");
  }

  private static void assertSays(int code, List<String> words, Printed printed) {
    assertEquals(code, printed.exitCode(), printed.out() + printed.err());
    for (String word : words) {
      assertTrue(printed.out().contains(word), printed.out());
    }
  }

  private void assertProblem(String... words) {
    assertSays(1, List.of(words), InProcess.run("verify", run));
  }

  @Test
  void aDatasetAsItWasWrittenIsSound() {
    assertSays(0, List.of(": sound, 4 files"), InProcess.run("verify", run));
    Map<String, Object> json =
        CanonicalJson.parse(InProcess.run("verify", run, "--format", "json").out());
    assertEquals(true, json.get("sound"));
    assertEquals(List.of(), json.get("problems"));
  }

  @Test
  void aFlippedBitIsFoundAndItsFileNamed() throws IOException {
    byte[] bytes = Files.readAllBytes(outcomes);
    bytes[bytes.length / 3] ^= 4;
    Files.write(outcomes, bytes);
    assertProblem("part-0000000000-0000000299.parquet: has another SHA-256");
  }

  @Test
  void aTruncatedFileIsFound() throws IOException {
    byte[] bytes = Files.readAllBytes(outcomes);
    Files.write(outcomes, java.util.Arrays.copyOf(bytes, bytes.length - 9));
    assertProblem("has " + (bytes.length - 9) + " bytes, not " + bytes.length, "cannot be read");
  }

  @Test
  void aMissingFileIsFound() throws IOException {
    Files.delete(outcomes);
    assertProblem("part-0000000000-0000000299.parquet: is missing", "outcomes end before host 0");
  }

  @Test
  void aCopyOfAFileIsFound() throws IOException {
    Files.copy(outcomes, outcomes.resolveSibling("part-0000000300-0000000599.parquet"));
    assertProblem("part-0000000300-0000000599.parquet: is not in the manifest");
  }

  @Test
  void aChangedManifestIsFound() throws IOException {
    Path manifest = run.resolve("_manifest.json");
    String text = Files.readString(manifest);
    Files.writeString(manifest, text.replace("\"hosts\": 300", "\"hosts\": 301"));
    assertProblem("its checksum differs", "run_id is not the hash", "outcomes end before host 300");
  }

  @Test
  void filesOfAnotherRunAreFound() throws IOException {
    for (String table : List.of("estimates", "outcomes", "incidents")) {
      copyTable(otherSeed, table);
    }
    assertProblem("stallcast.run is ", "stallcast.master-seed is 8, not 7");
  }

  @Test
  void sumsThatDoNotAgreeAreFound() throws IOException {
    copyTable(otherSeed, "estimates");
    assertProblem("estimates say n and k are ");
  }

  private void copyTable(Path from, String table) throws IOException {
    try (Stream<Path> tree = Files.walk(from.resolve(table))) {
      for (Path path : tree.filter(Files::isRegularFile).toList()) {
        Files.write(run.resolve(from.relativize(path).toString()), Files.readAllBytes(path));
      }
    }
  }

  @Test
  void anUnfinishedRunIsSaidToBeUnfinished() throws IOException {
    Files.delete(run.resolve("_SUCCESS"));
    Files.createDirectory(run.resolve("_work"));
    assertProblem("it has no _SUCCESS", "resume");
  }

  @Test
  void whereThereIsNoDatasetIsBadInput() {
    Printed printed = InProcess.run("verify", run.resolve("nothing"));
    assertEquals(2, printed.exitCode());
    assertTrue(printed.err().contains("there is no dataset in"), printed.err());
    assertEquals(2, InProcess.run("diff", run, run.resolve("nothing")).exitCode());
    assertEquals(2, InProcess.run("verify", "s3a://bucket/run").exitCode());
  }

  @Test
  void equalRunsDoNotDiffer() {
    assertSays(
        0,
        List.of("outcomes: the same", "incidents: the same", "estimates: the same"),
        InProcess.run("diff", original, run));
  }

  @Test
  void theFirstDifferencesAreShownByHostAndColumn() {
    Printed printed = InProcess.run("diff", run, otherSeed, "--first", 3);
    assertSays(
        1, List.of("described: master_seed: 7 | 8", "outcomes, host 0, seed: 7 | 8"), printed);
    long shown = printed.out().lines().filter(l -> l.startsWith("outcomes, host")).count();
    assertEquals(3, shown, printed.out());
    Map<String, Object> json =
        CanonicalJson.parse(InProcess.run("diff", run, otherSeed, "--format", "json").out());
    assertEquals(false, json.get("same"));
    assertTrue((Long) ((Map<?, ?>) json.get("totals")).get("outcomes") >= HOSTS);
    assertFalse(((List<?>) json.get("first")).isEmpty());
  }
}
