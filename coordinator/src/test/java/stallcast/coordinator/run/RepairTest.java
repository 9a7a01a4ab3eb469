package stallcast.coordinator.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stallcast.coordinator.cli.InProcess;
import stallcast.coordinator.cli.InProcess.Printed;

/** Damaged files of a complete dataset come back with their bytes. */
class RepairTest {
  private static final Path FLEET = Path.of("src/test/resources/fleets/throttled.yaml");
  private static final String PART = "outcomes/arm=base/part-0000000000-0000000149.parquet";

  @TempDir private Path folder;
  private Path run;
  private Map<String, byte[]> before;

  @BeforeEach
  void runFleet() throws IOException {
    run = folder.resolve("run");
    assertEquals(
        0, InProcess.run("run", FLEET, "--hosts", 150, "--out", run, "--quiet").exitCode());
    before = files();
  }

  private Map<String, byte[]> files() throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> tree = Files.walk(run)) {
      for (Path path : tree.filter(Files::isRegularFile).toList()) {
        files.put(run.relativize(path).toString(), Files.readAllBytes(path));
      }
    }
    return files;
  }

  private Printed repair(Object... more) {
    Object[] words =
        Stream.concat(Stream.of("repair", FLEET, run, "--hosts", 150), Stream.of(more)).toArray();
    return InProcess.run(words);
  }

  private void assertAsBefore() throws IOException {
    Map<String, byte[]> now = files();
    assertEquals(before.keySet(), now.keySet());
    before.forEach((name, bytes) -> assertArrayEquals(bytes, now.get(name), name));
  }

  @Test
  void flippedTruncatedAndDeletedFilesComeBack() throws IOException {
    byte[] flipped = before.get(PART).clone();
    flipped[flipped.length / 2] ^= 1;
    Files.write(run.resolve(PART), flipped);
    Files.delete(run.resolve(PART.replace("outcomes", "incidents")));
    Path estimates = run.resolve("estimates/part-0.parquet");
    Files.write(estimates, new byte[] {1, 2, 3});
    assertEquals(1, InProcess.run("verify", run).exitCode());
    Printed printed = repair();
    assertEquals(0, printed.exitCode(), printed.out() + printed.err());
    assertTrue(printed.out().contains("hosts 0 to 149 are run again"), printed.out());
    assertTrue(printed.out().contains("all hosts are run again for the estimates"), printed.out());
    assertAsBefore();
    assertFalse(repair().out().contains("again"), "nothing was left to do");
  }

  @Test
  void anotherRunIsRefusedAndNothingIsTouched() throws IOException {
    Files.write(run.resolve(PART), new byte[] {1});
    Printed printed = repair("--seed", 8);
    assertEquals(2, printed.exitCode());
    assertTrue(printed.err().contains("is another one: run_id"), printed.err());
    assertEquals(1, Files.size(run.resolve(PART)));
    assertEquals(2, InProcess.run("repair", FLEET, folder.resolve("nothing")).exitCode());
  }

  @Test
  void whatCannotBeMadeAgainIsSaid() throws IOException {
    Files.delete(run.resolve("shards/part-0.parquet"));
    Printed printed = repair();
    assertEquals(1, printed.exitCode(), printed.err());
    assertTrue(printed.out().contains("says how the run went: it is lost"), printed.out());
    assertTrue(printed.out().contains("shards/part-0.parquet: is missing"), printed.out());
  }

  /** As after a kill between the last two steps of a run. */
  @Test
  void whatIsLeftBesideACompleteDatasetIsTidiedUp() throws IOException {
    for (String command : new String[] {"resume", "run"}) {
      Files.createDirectories(run.resolve("_work/owner-0001"));
      Files.createFile(run.resolve("_manifest.json.lock"));
      Printed printed =
          command.equals("resume")
              ? InProcess.run("resume", run)
              : InProcess.run("run", FLEET, "--hosts", 150, "--out", run, "--resume");
      assertEquals(0, printed.exitCode(), printed.err());
      assertAsBefore();
    }
  }
}
