package stallcast.coordinator.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import stallcast.coordinator.cli.InProcess;
import stallcast.coordinator.cli.InProcess.Printed;
import stallcast.coordinator.store.CanonicalJson;

/**
 * Twenty clusters are hurt in every way that there is; {@code -Dstallcast.chaos.runs=200} hurts as
 * many, and {@code -Dstallcast.chaos.seed} differently.
 */
class ChaosTest {
  private static final Path FLEET = Path.of("src/test/resources/fleets/throttled.yaml");
  private static final int RUNS = Integer.getInteger("stallcast.chaos.runs", 20);
  private static final long SEED = Long.getLong("stallcast.chaos.seed", 20261120);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path folder;

  @Test
  void nothingIsLost() throws InterruptedException {
    // Where namespaces cannot be made, doors have to do.
    String network = Namespaces.areAvailable() ? "both" : "doors";
    List<Object> words = new ArrayList<>(List.of("chaos", FLEET, "--hosts", 120));
    words.addAll(List.of("--runs", RUNS, "--seed", SEED, "--parallel", 3, "--network", network));
    words.addAll(List.of("--limit", 600)); // a hang is for ever, a loaded machine is not
    words.addAll(List.of("--dir", folder));
    Printed printed = InProcess.run(words.toArray());
    System.out.print(printed.out()); // the list of faults and outcomes belongs into the log
    assertEquals(0, printed.exitCode(), printed.out() + printed.err());
    String out = printed.out();
    for (FaultKind kind : FaultKind.values()) {
      String name = kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
      assertTrue(out.contains(name), name + " is not among the faults");
    }
    assertEquals(RUNS, out.lines().filter(l -> l.contains("  identical")).count());
  }

  /** A judge that finds everything good would be of no use. */
  @Test
  void anotherByteOrAnotherManifestIsNoticed() throws IOException {
    Path one = folder.resolve("one");
    Path other = folder.resolve("other");
    for (Path out : List.of(one, other)) {
      assertEquals(0, InProcess.run("run", FLEET, "--hosts", 20, "--out", out).exitCode());
    }
    Fingerprint expected = Fingerprint.of(one);
    assertEquals(expected, Fingerprint.of(other));
    Path part = other.resolve("outcomes/arm=base/part-0000000000-0000000019.parquet");
    byte[] bytes = Files.readAllBytes(part);
    bytes[bytes.length / 2] ^= 1;
    Files.write(part, bytes);
    assertFalse(expected.equals(Fingerprint.of(other)));
    bytes[bytes.length / 2] ^= 1;
    Files.write(part, bytes);
    assertEquals(expected, Fingerprint.of(other));
    Files.delete(part);
    assertFalse(expected.equals(Fingerprint.of(other)));
  }

  @Test
  void aScenarioThatCannotBeReadIsBadInput() {
    assertEquals(2, InProcess.run("chaos", folder.resolve("no.yaml"), "--dir", folder).exitCode());
    assertEquals(2, InProcess.run("chaos", FLEET, "--runs", 0, "--dir", folder).exitCode());
  }

  @Test
  void resultsForScriptsAreJson() {
    Printed printed =
        InProcess.run(
            "chaos",
            FLEET,
            "--hosts",
            20,
            "--runs",
            1,
            "--workers",
            1,
            "--dir",
            folder,
            "--format",
            "json");
    Map<String, Object> json = CanonicalJson.parse(printed.out());
    assertEquals(true, json.get("good"), printed.out());
    Map<?, ?> run = (Map<?, ?>) ((List<?>) json.get("runs")).get(0);
    assertEquals("identical", run.get("verdict"));
  }

  @Test
  void faultsFollowFromTheSeed() {
    for (FaultKind kind : FaultKind.values()) {
      Fault fault = Fault.draw(kind, 3, new Random(7));
      assertEquals(fault, Fault.draw(kind, 3, new Random(7)));
      assertTrue(fault.worker() < 3);
    }
    TreeSet<String> steps = new TreeSet<>();
    for (int i = 0; i < 2000; i++) {
      steps.add(Fault.draw(FaultKind.STEP_KILL, 1, new Random(i)).step().replaceAll("[0-9]", ""));
    }
    assertEquals(20, steps.size(), steps::toString); // before and after each of ten
  }
}
