package stallcast.coordinator.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stallcast.coordinator.aggregate.EstimateColumn;
import stallcast.coordinator.fleet.MadeUpFleet;
import stallcast.worker.shard.OutcomeBlock;

class DatasetReaderTest {
  private static final String FIRST_PART = "outcomes/arm=base/part-0000000000-0000000299.parquet";

  @TempDir Path folder;
  private final List<OutcomeBlock> blocks = TestRun.FLEET.blocks(TestRun.HOSTS, 250);
  private DatasetReader reader;

  @BeforeEach
  void writeRun() {
    TestRun.write(folder, blocks);
    reader = new DatasetReader(TestRun.uri(folder));
  }

  @Test
  void estimatesComeBackAsTheyWere() {
    assertEquals(TestRun.estimates(blocks), reader.estimates());
  }

  @Test
  void outcomesComeBackInHostOrder() {
    OutcomeBlock all = TestRun.FLEET.block(0, TestRun.HOSTS);
    List<DatasetRow> rows = new ArrayList<>();
    reader.forEach(TableName.OUTCOMES, rows::add);
    assertEquals(TestRun.HOSTS, rows.size());
    for (int row = 0; row < TestRun.HOSTS; row++) {
      DatasetRow read = rows.get(row);
      assertEquals(row, read.whole("host_index").orElseThrow());
      assertEquals(-42, read.whole("seed").orElseThrow());
      boolean failed = row % MadeUpFleet.FAILED_EVERY == MadeUpFleet.FAILED_EVERY - 1;
      assertEquals(failed ? "failed" : "horizon", read.text("end_reason").orElseThrow());
      assertEquals(failed, read.text("message").isPresent());
      if (failed) {
        assertEquals("IllegalStateException: host " + row, read.text("message").orElseThrow());
        assertTrue(read.whole("soft_lockup_count").isEmpty());
        assertTrue(read.whole("cpus").isEmpty());
      } else {
        assertEquals(
            all.counts()[MadeUpFleet.LOCKUP.ordinal()][row],
            read.whole("soft_lockup_count").orElseThrow());
        assertEquals((long) all.config()[0][row], read.whole("cpus").orElseThrow());
        assertEquals(
            all.config()[2][row], read.real("op0_live_migration_rate_per_day").orElseThrow());
      }
    }
  }

  @Test
  void incidentsNameTheirCause() {
    List<String> chains = new ArrayList<>();
    reader.forEach(TableName.INCIDENTS, r -> chains.add(r.text("cause_chain").orElseThrow()));
    assertTrue(chains.contains("live-migration>rt-throttle-long"));
    assertTrue(chains.contains("live-migration>rt-throttle-long>soft-lockup"));
    assertTrue(chains.contains("soft-lockup"));
    reader.forEach(
        TableName.INCIDENTS,
        r -> {
          assertEquals("nm-sending-1", r.text("task").orElseThrow());
          boolean throttle = r.text("kind").orElseThrow().equals("rt-throttle-long");
          assertEquals(throttle, r.text("branch").isPresent());
        });
  }

  @Test
  void manifestComesBack() {
    RunManifest manifest = reader.manifest();
    assertEquals(TestRun.description().runId(), manifest.runId());
    assertEquals("name: made-up\n", manifest.run().get("scenario"));
    assertEquals("-42", manifest.run().get("master_seed"));
  }

  @Test
  void unknownColumnsAreLeftAloneAndMissingOnesAbsent() throws IOException {
    TableColumns<String> columns =
        new TableColumns<String>("estimates")
            .text("metric", r -> r)
            .text("invented_later", r -> "x");
    replaceEstimates(columns, "estimates/1", List.of("m"));
    assertEquals("m", reader.estimates().get(0).text(EstimateColumn.METRIC));
    assertEquals(1, reader.estimates().get(0).values().size() - 1); // and the list of flags
  }

  @Test
  void aNewerSchemaIsRefusedByName() throws IOException {
    replaceEstimates(
        new TableColumns<String>("estimates").text("metric", r -> r), "estimates/2", List.of("m"));
    assertFailure("has schema estimates/2; this Stallcast reads up to estimates/1");
  }

  @Test
  void aForeignFileIsRefused() throws IOException {
    replaceEstimates(
        new TableColumns<String>("estimates").text("metric", r -> r), "other", List.of("m"));
    assertFailure("is no estimates of Stallcast");
  }

  private void replaceEstimates(TableColumns<String> columns, String schema, List<String> rows)
      throws IOException {
    Files.delete(folder.resolve("estimates/part-0.parquet"));
    RunFolder run = RunFolder.at(TestRun.uri(folder));
    run.takeOver();
    try (TableFile<String> file =
        new TableFile<>(run, columns, "x.inprogress", Map.of("stallcast.schema", schema))) {
      for (String row : rows) {
        file.write(row);
      }
      file.publish("estimates/part-0.parquet");
    }
  }

  private void assertFailure(String message) {
    StoreException failure = assertThrows(StoreException.class, () -> reader.estimates());
    assertTrue(failure.getMessage().contains(message), failure.getMessage());
    assertEquals(StoreException.Reason.CONTENT, failure.reason());
  }

  /** Every byte of the pages is under some check: a flip is an error, never another value. */
  @Test
  void aFlippedByteIsNeverReadAsAnotherValue() throws IOException {
    Path part = folder.resolve(FIRST_PART);
    byte[] good = Files.readAllBytes(part);
    List<String> expected = outcomes();
    int detected = 0;
    for (int at = 4; at < good.length - 8; at += 37) {
      byte[] bad = good.clone();
      bad[at] ^= 0x10;
      Files.write(part, bad);
      try {
        List<String> read = outcomes();
        assertEquals(expected, read, "flip at " + at + " changed a value");
      } catch (StoreException e) {
        assertTrue(e.getMessage().contains(FIRST_PART), e.getMessage());
        detected++;
      }
    }
    assertTrue(detected > 100, detected + " flips detected");
  }

  private List<String> outcomes() {
    List<String> rows = new ArrayList<>();
    reader.forEach(
        TableName.OUTCOMES,
        row -> {
          StringBuilder text = new StringBuilder();
          text.append(row.whole("host_index")).append(row.text("stratum"));
          text.append(row.whole("cpus")).append(row.whole("soft_lockup_count"));
          text.append(row.whole("events")).append(row.text("end_reason"));
          rows.add(text.toString());
        });
    return rows;
  }

  @Test
  void aTruncatedFileIsNamed() throws IOException {
    Path part = folder.resolve(FIRST_PART);
    byte[] good = Files.readAllBytes(part);
    Files.write(part, java.util.Arrays.copyOf(good, good.length / 2));
    StoreException failure =
        assertThrows(StoreException.class, () -> reader.forEach(TableName.OUTCOMES, r -> {}));
    assertTrue(failure.getMessage().contains(FIRST_PART), failure.getMessage());
  }

  @Test
  void anErrorOfTheVisitorIsNoDamage() {
    assertThrows(
        ArithmeticException.class,
        () ->
            reader.forEach(
                TableName.OUTCOMES,
                r -> {
                  throw new ArithmeticException();
                }));
  }

  @Test
  void anUnfinishedRunHasNoManifest() throws IOException {
    Files.delete(folder.resolve("_SUCCESS"));
    Files.delete(folder.resolve("_manifest.json"));
    assertFalse(reader.isComplete());
    StoreException failure = assertThrows(StoreException.class, () -> reader.manifest());
    assertTrue(failure.getMessage().endsWith("no such file or folder"), failure.getMessage());
  }

  @Test
  void aNewerManifestIsRefused() throws IOException {
    Path file = folder.resolve("_manifest.json");
    String text = Files.readString(file);
    Files.writeString(file, text.replace("\"manifest_version\": 1", "\"manifest_version\": 2"));
    StoreException failure = assertThrows(StoreException.class, () -> reader.manifest());
    assertTrue(failure.getMessage().contains("has version 2"), failure.getMessage());
    Files.write(file, "{".getBytes(StandardCharsets.UTF_8));
    assertThrows(StoreException.class, () -> reader.manifest());
  }
}
