package stallcast.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import stallcast.coordinator.cli.InProcess.Printed;
import stallcast.coordinator.store.CanonicalJson;

/** {@code stallcast run} and {@code stallcast coordinator} as a user meets them. */
class FleetCommandTest {
  private static final Path FLEETS = Path.of("src/test/resources/fleets");
  private static final Path FLEET = FLEETS.resolve("throttled.yaml");

  @TempDir private Path folder;

  private Printed run(Object... more) {
    List<Object> args = new ArrayList<>(List.of("run", FLEET, "--hosts", 20));
    args.addAll(List.of(more));
    if (!args.contains("--out")) {
      args.addAll(List.of("--out", folder.resolve("run")));
    }
    return InProcess.run(args.toArray());
  }

  private static void assertRefused(String message, Printed printed) {
    assertEquals(message, printed.err().replaceFirst("\nTry '[^']*'\\.\n$", ""));
    assertEquals("", printed.out());
    assertEquals(ExitCode.BAD_INPUT, printed.exitCode());
  }

  @ParameterizedTest
  @CsvSource({
    "run, stallcast run configs/quickstart.yaml",
    "run, --set kernel.sched_rt_runtime_us=-1",
    "run, byte for byte",
    "run, Default: runs/<scenario>-<date>-<time>.",
    "coordinator, stallcast worker --seed-node 127.0.0.1:25520",
    "coordinator, Workers may come and go meanwhile",
    "host, stallcast host configs/quickstart.yaml --host 7",
    "host, SELECT host_index FROM 'run/outcomes/*/*.parquet'",
  })
  void helpTeachesByExample(String command, String taught) {
    Printed printed = InProcess.run(command, "--help");
    assertEquals(ExitCode.DONE, printed.exitCode());
    assertTrue(printed.out().contains("Examples:"), printed.out());
    String words = printed.out().replaceAll("\\s+", " ");
    assertTrue(words.contains(taught), printed.out());
    assertFalse(words.contains("null"), printed.out());
    assertEquals("", printed.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--threads    | 0    | --threads must be 1 or more here",
        "--threads    | -1   | --threads must be 0..4096, got -1",
        "--threads    | 5000 | --threads must be 0..4096, got 5000",
        "--threads    | x    | Invalid value for option '--threads': 'x' is not an int",
        "--shard-size | 0    | --shard-size must be 1 or more, got 0",
        "--shard-size | -7   | --shard-size must be 1 or more, got -7",
        "--seed-node  | here | 'here' is no HOST:PORT",
        "--workers    | 0    | --workers must be 1 or more",
      })
  void badPlaceIsRefused(String option, String value, String message) {
    Path out = folder.resolve("run");
    assertRefused("stallcast: " + message, withoutEnd(run(option, value, "--out", out)));
    assertFalse(Files.exists(out), "a refused run claims no folder");
  }

  /** Messages without a usage hint end in a line feed too. */
  private static Printed withoutEnd(Printed printed) {
    String err = printed.err().contains("\nTry ") ? printed.err() : printed.err().strip();
    return new Printed(printed.exitCode(), printed.out(), err);
  }

  @Test
  void addressThatOthersCanReachIsRefusedWithoutTlsBeforeTheFolderIsClaimed() {
    Path out = folder.resolve("run");
    Printed printed =
        InProcess.run("coordinator", FLEET, "--listen", "192.0.2.1:25520", "--out", out);
    assertEquals(ExitCode.BAD_INPUT, printed.exitCode());
    assertTrue(
        printed.err().startsWith("stallcast: will not listen on 192.0.2.1:25520 in clear: give"),
        printed.err());
    assertFalse(Files.exists(out), "the corrected command must not find a claimed folder");
  }

  @Test
  void shardsThatAreTooManyAreRefused() {
    Path out = folder.resolve("run");
    assertRefused(
        "stallcast: 100000000000 hosts in shards of 1 are more than 10000000 shards;"
            + " use shards of 10000 or more",
        InProcess.run("run", FLEET, "--hosts", 100_000_000_000L, "--shard-size", 1, "--out", out));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://127.0.0.1/runs", "s3a://bucket/run", "C:/runs"})
  void otherAddressesAreNoFolder(String out) {
    assertRefused(
        "stallcast: --out "
            + out
            + " is no folder or URI: only a path, file: and hdfs: can hold a dataset\n",
        run("--out", out));
  }

  @Test
  void folderWithSomethingInItIsRefusedAndLeftAlone() throws IOException {
    Path file = Files.writeString(folder.resolve("thesis.txt"), "mine");
    assertRefused(
        "stallcast: the folder file://"
            + folder
            + " is not empty: it holds thesis.txt; nothing is overwritten, choose another one\n",
        run("--out", folder));
    assertEquals("mine", Files.readString(file));
    assertRefused(
        "stallcast: the folder file://"
            + file
            + " is a file; nothing is overwritten, choose another one\n",
        run("--out", file));
  }

  @Test
  void datasetIsNeverOverwritten() {
    assertEquals(ExitCode.DONE, run().exitCode());
    assertRefused(
        "stallcast: the folder file://"
            + folder.resolve("run")
            + " holds the complete dataset of an earlier run; nothing is overwritten,"
            + " choose another one\n",
        run());
  }

  @Test
  void jsonIsAllOfStdoutAndHasStableKeys() {
    Printed printed = run("--format", "json");
    assertEquals(ExitCode.DONE, printed.exitCode(), printed.err());
    Map<String, Object> json = CanonicalJson.parse(printed.out());
    assertEquals(
        Set.of(
            "scenario",
            "seed",
            "hosts",
            "horizon_ns",
            "dataset",
            "estimates",
            "flags",
            "assumptions_class_c"),
        json.keySet());
    assertEquals(20L, json.get("hosts"));
    assertEquals("file://" + folder.resolve("run"), json.get("dataset"));
    List<?> rows = (List<?>) json.get("estimates");
    for (Object row : rows) {
      Set<?> keys = ((Map<?, ?>) row).keySet();
      assertTrue(
          keys.containsAll(
              Set.of("metric", "stratum", "unit", "n_hosts", "n_events", "ci_level", "flags")),
          () -> keys.toString());
    }
    long strata = rows.stream().map(r -> ((Map<?, ?>) r).get("stratum")).distinct().count();
    assertEquals(4, strata, "json keeps the strata in which nothing happened");
  }

  @Test
  void progressGoesToStderrAndTheResultToStdout() {
    Printed printed = run();
    assertEquals(ExitCode.DONE, printed.exitCode());
    assertTrue(printed.err().matches("(?s).*done in [0-9.]+ s\n"), printed.err());
    assertTrue(printed.out().startsWith("throttled   seed 7   20 hosts x 1h\n"), printed.out());
    assertTrue(
        printed.out().endsWith("dataset: file://" + folder.resolve("run") + "\n"), printed.out());
    assertFalse(printed.out().contains("done in"), printed.out());
  }

  @Test
  void quietSaysNothingButTheResult() {
    Printed printed = run("--quiet");
    assertEquals(ExitCode.DONE, printed.exitCode());
    assertEquals("", printed.err());
    assertTrue(printed.out().startsWith("throttled   seed 7"), printed.out());
  }

  @Test
  void poisonedHostsAreRowsWithTheReasonAndNoFailure() throws Exception {
    Path out = folder.resolve("poisoned");
    Printed printed = InProcess.run("run", FLEETS.resolve("poisoned.yaml"), "--out", out);
    assertEquals(ExitCode.DONE, printed.exitCode(), printed.err());
    assertTrue(printed.out().contains("! some hosts hit a simulator limit"), printed.out());
    Map<String, Long> ends = EndReasons.of(out);
    assertEquals(
        Set.of("fine horizon", "spinning program-spin", "busy event-limit"), ends.keySet());
    assertEquals(40, ends.values().stream().mapToLong(Long::longValue).sum());
  }

  @Test
  void failedHostsAreRowsAndTheExitCodeSaysSo() throws Exception {
    Path out = folder.resolve("failed");
    Printed printed = InProcess.run("run", FLEETS.resolve("overflow.yaml"), "--out", out);
    Map<String, Long> ends = new TreeMap<>(EndReasons.of(out));
    long failed = ends.get("all failed");
    assertEquals(30 - failed, ends.get("all horizon"));
    assertEquals(ExitCode.HOSTS_FAILED, printed.exitCode());
    assertTrue(
        printed
            .err()
            .endsWith(
                "stallcast: the simulator failed on "
                    + failed
                    + " hosts; they are rows with end_reason 'failed' and count in no estimate\n"),
        printed.err());
    assertTrue(printed.out().contains("! some hosts failed in the simulator"), printed.out());
    assertTrue(Files.exists(out.resolve("_SUCCESS")), "a failed host is a result");
  }
}
