package stallcast.coordinator.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C in the middle of a run. */
class InterruptTest {
  private static final Path FLEET = Path.of("src/test/resources/fleets/throttled.yaml");
  private static final long PROMPT_SECONDS = 15; // the hook waits 20 s for a run that does not stop
  private static final long SIGINT_BIT = 1L << (2 - 1);

  @TempDir private Path folder;

  /** A JVM that inherits an ignored SIGINT, as behind {@code &} in a script, never sees one. */
  private static boolean isSigintIgnored() throws IOException {
    Path status = Path.of("/proc/self/status");
    return Files.exists(status)
        && Files.readAllLines(status).stream()
            .filter(l -> l.startsWith("SigIgn:"))
            .map(l -> Long.parseUnsignedLong(l.substring("SigIgn:".length()).strip(), 16))
            .anyMatch(mask -> (mask & SIGINT_BIT) != 0);
  }

  @Test
  void ctrlCEndsTheRunPromptlyAndSaysWhatIsThere() throws Exception {
    assumeTrue(!isSigintIgnored(), "SIGINT is ignored here");
    Path out = folder.resolve("dataset");
    OwnProcess run =
        OwnProcess.start(
            folder, "run", "run", FLEET, "--hosts", 5_000_000, "--shard-size", 5, "--out", out);
    try {
      Path firstRows = out.resolve("_work/owner-0001/outcomes-0.inprogress");
      OwnProcess.await("the first row", () -> Files.exists(firstRows) || !run.isAlive());
      assertTrue(run.isAlive(), run.err());
      long startNs = System.nanoTime();
      run.interrupt();
      assertEquals(130, run.exitCode(), run.err());
      long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNs);
      assertTrue(seconds < PROMPT_SECONDS, () -> "took " + seconds + " s");
      assertFalse(Files.exists(out.resolve("_SUCCESS")));
      assertEquals("", run.out());
      assertTrue(
          run.err()
              .contains(
                  "stallcast: unfinished: interrupted\n"
                      + "stallcast: what is done is kept; stallcast resume file://"
                      + out),
          run.err());
    } finally {
      run.kill();
    }
  }
}
