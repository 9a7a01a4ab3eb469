package stallcast.coordinator.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stallcast.coordinator.aggregate.EstimateColumn;
import stallcast.coordinator.aggregate.EstimateRow;
import stallcast.coordinator.aggregate.EstimateTable;
import stallcast.coordinator.aggregate.IncidentTally;
import stallcast.coordinator.fleet.MadeUpFleet;
import stallcast.coordinator.fleet.OneHost;
import stallcast.coordinator.plan.ShardPlan;
import stallcast.coordinator.store.Assumption;
import stallcast.coordinator.store.CanonicalJson;
import stallcast.coordinator.store.ClaimedRun;
import stallcast.coordinator.store.DatasetReader;
import stallcast.coordinator.store.Execution;
import stallcast.coordinator.store.RunDescription;
import stallcast.coordinator.store.RunOutput;
import stallcast.coordinator.store.RunRecord;
import stallcast.coordinator.store.ShardRecord;
import stallcast.worker.protocol.WireCodec;
import stallcast.worker.shard.OutcomeBlock;

class ResultTableTest {
  private static final int HOSTS = 1000;
  private static final URI DATASET = URI.create("file:///runs/made-up");

  private final MadeUpFleet fleet = new MadeUpFleet(HOSTS);
  private final RunDescription run =
      new RunDescription(
          fleet.spec(),
          "name: made-up\n",
          List.of(
              new Assumption("smt", "A", "2", "measured"),
              new Assumption("migrations", "C", "2/day", "nobody knows")),
          RunDescription.BASE_ARM,
          Map.of(),
          "test",
          "s/1");

  private ResultTable table(OutcomeBlock block) {
    IncidentTally tally = new IncidentTally(fleet.spec());
    tally.fold(block);
    List<EstimateRow> rows =
        new EstimateTable(fleet.spec(), run.identity()).rows(tally, "planned-hosts");
    return new ResultTable(RunHeader.of(run), rows, DATASET);
  }

  private String line(String start) {
    return table(fleet.block(0, HOSTS))
        .text()
        .lines()
        .filter(l -> l.startsWith(start))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void headerNamesScenarioSeedHostsAndHorizon() {
    assertEquals("made-up   seed -42   1,000 hosts x 1d", line("made-up"));
  }

  @Test
  void incidentLineHasProbabilityRateAndLongest() {
    assertEquals(
        "rt-throttle-long FLEET 990 98 0.0990 (0.0819 .. 0.119) wilson"
            + " 98 0.0990 (0.0804 .. 0.121) garwood 99 s",
        line("rt-throttle-long").replaceAll(" +", " "));
  }

  @Test
  void zeroEventsAreAnUpperLimit() {
    assertEquals(
        "hung-task FLEET 990 0 <= 0.00372 clopper-pearson 0 <= 0.00373 garwood -",
        line("hung-task").replaceAll(" +", " "));
    assertTrue(table(fleet.block(0, HOSTS)).text().contains("! no event was seen"));
  }

  private long lines(String start) {
    String text = table(fleet.block(0, HOSTS)).text();
    return text.lines().filter(l -> l.startsWith(start)).count();
  }

  @Test
  void strataHaveTheirOwnLines() {
    assertEquals(2 * 3, lines("rt-throttle-long ")); // per host and per operation
  }

  @Test
  void whatHitNobodyHasOneLinePerTable() {
    assertEquals(2, lines("freeze "));
    assertEquals(2, lines("freeze FLEET".replace(" ", "             ")));
  }

  /** The rows that a remark is about; no remark stands without them. */
  private static String about(String text, String remark) {
    String line = text.lines().filter(l -> l.startsWith("! " + remark)).findFirst().orElseThrow();
    return line.substring(line.lastIndexOf('['));
  }

  @Test
  void remarksNameTheRowsThatTheyAreAbout() {
    String text = table(fleet.block(0, HOSTS)).text();
    assertEquals("[all rows]", about(text, "some hosts failed"));
    assertEquals(
        "[probability, rate, per operation: hard-lockup, rcu-stall, workqueue-lockup, hung-task,"
            + " rt-throttle-short, rt-throttle-micro, cfs-debt, softirq-trap, freeze, vm-blackout]",
        about(text, "no event was seen"));
    assertFalse(text.contains("events come in clusters"), "only in rows that no table shows");
  }

  @Test
  void remarksNameStrataWhereNotAllAreConcerned() {
    String text = table(new OneHost().lockup(100, 22).block()).text();
    assertEquals(
        "[probability, rate: hard-lockup, rcu-stall, workqueue-lockup, hung-task, rt-throttle-long,"
            + " rt-throttle-short, rt-throttle-micro, cfs-debt, softirq-trap, freeze, vm-blackout,"
            + " soft-lockup (storage)]",
        about(text, "no event was seen"));
  }

  private static EstimateRow meanRow(String stratum, double low, long min) {
    return new EstimateRow()
        .set(EstimateColumn.METRIC, "host.machine.operations.mean")
        .set(EstimateColumn.STRATUM, stratum)
        .set(EstimateColumn.UNIT, "count")
        .set(EstimateColumn.N_EVENTS, 9)
        .set(EstimateColumn.ESTIMATE, 0.5)
        .set(EstimateColumn.CI_METHOD, "student-t")
        .set(EstimateColumn.CI_LEVEL, 0.95)
        .set(EstimateColumn.CI_LOW, low)
        .set(EstimateColumn.CI_HIGH, 1.25)
        .set(EstimateColumn.MIN, min)
        .set(EstimateColumn.MAX, 4);
  }

  @Test
  void meanOfWhatIsNeverNegativeHasNoNegativeLimit() {
    List<EstimateRow> rows =
        List.of(meanRow("FLEET", 0.25, 0), meanRow("web", -0.25, 0), meanRow("odd", -0.25, -3));
    ResultTable table = new ResultTable(RunHeader.of(run), rows, DATASET);
    String text = table.text().replaceAll(" +", " ");
    assertTrue(text.contains("FLEET 9 0 0.500 (0.250 .. 1.25) student-t 4\n"), text);
    assertTrue(text.contains("web 9 0 0.500 (0 .. 1.25) student-t 4\n"), text);
    assertTrue(text.contains("odd 9 -3 0.500 (-0.250 .. 1.25) student-t 4\n"), text);
    assertEquals(
        "[mean: host.machine.operations (web)]", about(table.text(), "the lower limit is below 0"));
    assertTrue(table.json().contains("\"ci_low\": -0.25"), "json keeps what the method gave");
  }

  @Test
  void measuresHaveTheirUnit() {
    assertEquals(
        "host.task nm-sending.max-off-cpu@90s FLEET 653 16.6 ms 3.59 s (3.44 s .. 3.74 s)"
            + " student-t 6.99 s",
        line("host.task nm-sending.max-off-cpu").replaceAll(" +", " "));
  }

  @Test
  void footerNamesGuessesAndDataset() {
    String text = table(fleet.block(0, HOSTS)).text();
    assertTrue(text.contains("assumed (class C): migrations: 2/day  [nobody knows]\n"), text);
    assertFalse(text.contains("measured]"));
    assertTrue(text.endsWith("dataset: file:///runs/made-up\n"), text);
    assertTrue(text.contains("! some hosts failed"), text);
  }

  @Test
  void oneHostIsReportedToo() {
    String text = table(new OneHost().lockup(100, 22).block()).text();
    assertTrue(text.contains("22 s"), text);
    assertTrue(text.contains("1.00 (0.0250 .. 1.00)"), text);
  }

  @Test
  void jsonHasStableKeysAndNoRounding() {
    Map<String, Object> json = CanonicalJson.parse(table(fleet.block(0, HOSTS)).json());
    assertEquals(
        java.util.Set.of(
            "dataset",
            "estimates",
            "flags",
            "assumptions_class_c",
            "horizon_ns",
            "hosts",
            "scenario",
            "seed"),
        json.keySet());
    assertEquals("-42", json.get("seed"));
    Map<?, ?> first = (Map<?, ?>) ((List<?>) json.get("estimates")).get(0);
    assertEquals("soft-lockup.probability-per-host", first.get("metric"));
    assertEquals("FLEET", first.get("stratum"));
    assertEquals(990L, first.get("n_hosts"));
    assertEquals((Long) first.get("n_events") / 990.0, first.get("estimate"));
    assertFalse(first.containsKey("work_cpu_ns"));
  }

  /** The way of the command {@code report}: everything from the dataset, nothing from the run. */
  @Test
  void aStoredRunIsReportedAsTheRunItself(@TempDir Path folder) {
    OutcomeBlock block = fleet.block(0, HOSTS);
    IncidentTally tally = new IncidentTally(fleet.spec());
    tally.fold(block);
    List<EstimateRow> rows =
        new EstimateTable(fleet.spec(), run.identity()).rows(tally, "planned-hosts");
    URI uri = URI.create(folder.toString());
    Instant now = Instant.now();
    RunRecord record = new RunRecord(run, ShardPlan.ofSize(HOSTS, HOSTS), List.of(), now);
    try (RunOutput output = new RunOutput(ClaimedRun.start(uri, record), rowsSeen -> {})) {
      byte[] packed = WireCodec.pack(block).bytes();
      output.accept(ShardRecord.of(0, block, 1, "worker", 1, 1), block, packed);
      output.finish(rows, new Execution(List.of(), HOSTS, 1, now, now, "complete", List.of()));
      DatasetReader reader = new DatasetReader(uri);
      RunHeader header = RunHeader.of(reader.manifest());
      assertEquals(RunHeader.of(run), header);
      String live = new ResultTable(RunHeader.of(run), rows, output.uri()).text();
      assertEquals(live, new ResultTable(header, reader.estimates(), output.uri()).text());
    }
  }
}
