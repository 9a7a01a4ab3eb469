package stallcast.coordinator.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stallcast.coordinator.cli.InProcess;

/** The units in {@code deploy/systemd}. */
class SystemdTest {
  private static final String LAUNCHER = "/opt/stallcast/stallcast";

  @TempDir private Path folder;

  private static List<String> lines(String unit) throws IOException {
    return Files.readAllLines(DeployFolder.ROOT.resolve("systemd").resolve(unit));
  }

  private static String value(String unit, String key) throws IOException {
    return lines(unit).stream()
        .filter(line -> line.startsWith(key + "="))
        .map(line -> line.substring(key.length() + 1))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"stallcast-worker.service", "stallcast-coordinator@.service"})
  void commandIsOurs(String unit) throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of(
                value(unit, "ExecStart")
                    .replace("${STALLCAST_WORKERS}", "3")
                    .replaceAll("\\$\\{[A-Z_]+\\}", "192.0.2.7:25520")
                    .replace("%i", "name")
                    .split(" ")));
    assertEquals(LAUNCHER, words.remove(0));
    InProcess.parse(words);
    assertTrue(words.contains("--tls-dir"));
    assertFalse(words.contains("--insecure-network"));
  }

  @Test
  void aKilledCoordinatorGoesOnByItself() throws IOException {
    String unit = "stallcast-coordinator@.service";
    assertTrue(value(unit, "ExecStart").contains(" --resume "));
    assertEquals("on-failure", value(unit, "Restart"));
    assertEquals("2 3 70", value(unit, "RestartPreventExitStatus"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"stallcast-worker.service", "stallcast-coordinator@.service"})
  void serviceHasNoRightsThatItDoesNotNeed(String unit) throws IOException {
    assertEquals("stallcast", value(unit, "User"));
    assertEquals("yes", value(unit, "NoNewPrivileges"));
    assertEquals("strict", value(unit, "ProtectSystem"));
    assertEquals("", value(unit, "CapabilityBoundingSet"));
    assertTrue(Integer.parseInt(value(unit, "TimeoutStopSec")) > 25, "a drain takes up to 25 s");
  }

  @Test
  void systemdAcceptsTheUnits() throws Exception {
    assumeTrue(DeployFolder.has("systemd-analyze"), "no systemd-analyze here: not checked by it");
    Path launcher = Files.createFile(folder.resolve("stallcast"));
    assertTrue(launcher.toFile().setExecutable(true));
    List<String> words = new ArrayList<>(List.of("systemd-analyze", "verify", "--man=no"));
    for (Path unit : DeployFolder.files("systemd", ".service")) {
      Path copy = folder.resolve(unit.getFileName().toString());
      String text = Files.readString(unit);
      assertTrue(text.contains("ExecStart=" + LAUNCHER + " "));
      Files.writeString(copy, text.replace(LAUNCHER, launcher.toString()));
      words.add(copy.toString());
    }
    assertEquals(5, words.size());
    DeployFolder.Printed verdict =
        DeployFolder.run(folder.resolve("out"), words.toArray(String[]::new));
    assertEquals("", verdict.text().replaceAll("(?m)^.*(Cannot|Failed to) (open|prepare).*\n", ""));
    assertEquals(0, verdict.exitCode());
  }
}
