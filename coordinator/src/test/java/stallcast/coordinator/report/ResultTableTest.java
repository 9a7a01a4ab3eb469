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
import stallcast.coordinator.aggregate.EstimateRow;
import stallcast.coordinator.aggregate.EstimateTable;
import stallcast.coordinator.aggregate.IncidentTally;
import stallcast.coordinator.fleet.MadeUpFleet;
import stallcast.coordinator.fleet.OneHost;
import stallcast.coordinator.store.Assumption;
import stallcast.coordinator.store.CanonicalJson;
import stallcast.coordinator.store.DatasetReader;
import stallcast.coordinator.store.Execution;
import stallcast.coordinator.store.RunDescription;
import stallcast.coordinator.store.RunOutput;
import stallcast.coordinator.store.ShardRecord;
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

  @Test
  void strataHaveTheirOwnLines() {
    long lines =
        table(fleet.block(0, HOSTS)).text().lines().filter(l -> l.startsWith("freeze ")).count();
    assertEquals(3, lines); // the fleet and two strata; no operation led to one
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
    try (RunOutput output = RunOutput.open(uri, run)) {
      output.accept(ShardRecord.of(0, block, 1, "worker", 1, 1), block);
      Instant now = Instant.now();
      output.finish(rows, new Execution(List.of(), HOSTS, 1, now, now, "complete", List.of()));
      DatasetReader reader = new DatasetReader(uri);
      RunHeader header = RunHeader.of(reader.manifest());
      assertEquals(RunHeader.of(run), header);
      String live = new ResultTable(RunHeader.of(run), rows, output.uri()).text();
      assertEquals(live, new ResultTable(header, reader.estimates(), output.uri()).text());
    }
  }
}
