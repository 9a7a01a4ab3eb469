package stallcast.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stallcast.coordinator.cli.InProcess.Printed;

/** {@code stallcast host} as a user meets it. */
class HostCommandTest {
  private static final Path EPISODE = Path.of("src/test/resources/fleets/episode.yaml");
  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  private static void assertGolden(String name, String text) throws IOException {
    Path golden = GOLDEN.resolve(name);
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(golden, text);
    }
    assertEquals(Files.readString(golden), text);
  }

  @Test
  void timelineTellsTheEpisode() throws IOException {
    Printed printed = InProcess.run("host", EPISODE, "--host", 1);
    assertEquals(ExitCode.DONE, printed.exitCode(), printed.err());
    assertEquals("", printed.err());
    assertGolden("episode-host-1.txt", printed.out());
  }

  /** The trace of seed 001: 713 s, paid by refills of 0.3 s, to 1 ns, and the next debt. */
  @Test
  void freezeOfSeed001IsTold() {
    Path freeze = Path.of("..", "configs", "cfs-freeze-book3s.yaml");
    Printed printed = InProcess.run("host", freeze, "--host", 0);
    String group = " /machine/vm1: runtime_remaining ";
    assertTrue(printed.out().contains("cfs_held       " + group + "-213.9"), printed.out());
    assertTrue(printed.out().contains("cfs_unthrottled" + group + "0.000000001 s"), printed.out());
    Printed all = InProcess.run("host", freeze, "--host", 0, "--switches");
    assertTrue(all.out().contains("cfs_throttled  " + group + "-0.005667293 s"), "the next debt");
  }

  @Test
  void chosenCpusAreShownWithTheirSwitches() throws IOException {
    Printed printed =
        InProcess.run("host", EPISODE, "--host", 1, "--cpu", "1", "--switches", "--seed", 5);
    assertEquals(ExitCode.DONE, printed.exitCode(), printed.err());
    assertTrue(printed.out().startsWith("host 1 of episode, seed 5\n"), printed.out());
    assertTrue(printed.out().contains(" cpu001 sched_switch "), printed.out());
    assertTrue(!printed.out().contains(" cpu000 "), printed.out());
  }

  @Test
  void replayOfAFleetsHostShowsTheIncidentsOfItsRow() {
    Path fleet = Path.of("src/test/resources/fleets/throttled.yaml");
    Printed first = InProcess.run("host", fleet, "--host", 5);
    assertTrue(first.out().contains("rt-throttle-long on cpu"), first.out());
    assertEquals(first, InProcess.run("host", fleet, "--host", 5));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "3  | 0   | --host must be in 0..2, got 3;The scenario has 3 hosts.",
        "-1 | 0   | --host must be in 0..2, got -1;The scenario has 3 hosts.",
        "1  | 2   | --cpu 2 is no CPU of 0..1, no range and not 'all'",
        "1  | 1-0 | --cpu 1-0 is no CPU of 0..1, no range and not 'all'",
        "1  | x   | --cpu x is no CPU of 0..1, no range and not 'all'",
      })
  void badHostOrCpuIsRefused(String host, String cpu, String message) {
    Printed printed = InProcess.run("host", EPISODE, "--host", host, "--cpu", cpu);
    assertEquals("stallcast: " + message.replace(';', '\n') + "\n", printed.err());
    assertEquals("", printed.out());
    assertEquals(ExitCode.BAD_INPUT, printed.exitCode());
  }

  @Test
  void hostMustBeNamed() {
    Printed printed = InProcess.run("host", EPISODE);
    assertEquals(
        "stallcast: Missing required option: '--host=N'\nTry 'stallcast host --help'.\n",
        printed.err());
    assertEquals(ExitCode.BAD_INPUT, printed.exitCode());
  }
}
