package stallcast.coordinator.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stallcast.coordinator.aggregate.EstimateColumn;
import stallcast.coordinator.aggregate.EstimateRow;
import stallcast.coordinator.aggregate.IncidentTally;
import stallcast.coordinator.aggregate.StratumTally;
import stallcast.coordinator.fleet.MadeUpFleet;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.worker.shard.OutcomeBlock;

/** An independent reader, written in another language, sees the same rows. */
class DuckDbReadingTest {
  @TempDir static Path folder;
  private static Connection duck;
  private static StratumTally fleet;

  @BeforeAll
  static void writeRun() throws SQLException {
    List<OutcomeBlock> blocks = TestRun.FLEET.blocks(TestRun.HOSTS, 77);
    TestRun.write(folder, blocks);
    IncidentTally tally = new IncidentTally(TestRun.FLEET.spec());
    blocks.forEach(tally::fold);
    fleet = tally.fleet();
    duck = DriverManager.getConnection("jdbc:duckdb:");
  }

  @AfterAll
  static void close() throws SQLException {
    duck.close();
  }

  /** One statement per query: the driver closes a statement at its first error. */
  private static List<List<String>> query(String sql) throws SQLException {
    List<List<String>> rows = new ArrayList<>();
    String located = sql.replace("RUN/", folder + "/");
    try (Statement statement = duck.createStatement();
        ResultSet result = statement.executeQuery(located)) {
      while (result.next()) {
        List<String> row = new ArrayList<>();
        for (int c = 1; c <= result.getMetaData().getColumnCount(); c++) {
          row.add(result.getString(c));
        }
        rows.add(row);
      }
    }
    return rows;
  }

  private static Map<String, String> types(String glob) throws SQLException {
    Map<String, String> types = new TreeMap<>();
    query("DESCRIBE SELECT * FROM '" + glob + "'").forEach(r -> types.put(r.get(0), r.get(1)));
    return types;
  }

  @Test
  void countsAreThoseOfTheTally() throws SQLException {
    for (IncidentKind kind : IncidentKind.values()) {
      String count = kind.column() + "_count";
      List<String> row =
          query(
                  "SELECT count(%s), sum((%s > 0)::int), sum(%s), max(%s) FROM '%s'"
                      .formatted(
                          count,
                          count,
                          count,
                          kind.column() + "_longest_ns",
                          "RUN/outcomes/*/*.parquet"))
              .get(0);
      assertEquals(Long.toString(fleet.hosts()), row.get(0), kind.key());
      assertEquals(Long.toString(fleet.hit(kind).k()), row.get(1), kind.key());
      assertEquals(Long.toString(fleet.kind(kind).records().events()), row.get(2), kind.key());
    }
  }

  @Test
  void everyHostIsThereOnceAndInItsArm() throws SQLException {
    assertEquals(
        List.of(List.of("base", "1000", "1000", "0", "999", "10")),
        query(
            "SELECT arm, count(*), count(DISTINCT host_index), min(host_index), max(host_index),"
                + " count(message) FROM 'RUN/outcomes/*/*.parquet' GROUP BY arm"));
  }

  @Test
  void incidentsJoinTheirHosts() throws SQLException {
    List<List<String>> differing =
        query(
            "SELECT host_index FROM 'RUN/outcomes/*/*.parquet' o LEFT JOIN (SELECT host_index,"
                + " count(*) n, max(end_ns - start_ns) longest FROM 'RUN/incidents/*/*.parquet'"
                + " WHERE kind = 'soft-lockup' GROUP BY host_index) i USING (host_index)"
                + " WHERE coalesce(soft_lockup_count, 0) <> coalesce(n, 0)"
                + " OR soft_lockup_longest_ns IS DISTINCT FROM longest");
    assertEquals(List.of(), differing);
  }

  @Test
  void estimatesAgreeWithOutcomes() throws SQLException {
    List<String> row =
        query(
                "SELECT n_hosts, n_events, estimate, len(flags) FROM 'RUN/estimates/*.parquet'"
                    + " WHERE stratum = 'FLEET' AND metric = 'soft-lockup.probability-per-host'")
            .get(0);
    List<String> counted =
        query(
                "SELECT count(soft_lockup_count), sum((soft_lockup_count > 0)::int)"
                    + " FROM 'RUN/outcomes/*/*.parquet'")
            .get(0);
    assertEquals(counted, row.subList(0, 2));
    assertEquals(fleet.hit(MadeUpFleet.LOCKUP).estimate(), Double.parseDouble(row.get(2)));
    assertEquals("1", row.get(3));
    List<EstimateRow> rows = new DatasetReader(TestRun.uri(folder)).estimates();
    assertEquals(
        List.of(List.of(Integer.toString(rows.size()))),
        query("SELECT count(*) FROM 'RUN/estimates/*.parquet'"));
  }

  @Test
  void outcomeColumnsHaveTheDocumentedTypes() throws SQLException {
    Map<String, String> types = types("RUN/outcomes/*/*.parquet");
    assertEquals("BIGINT", types.get("host_index"));
    assertEquals("BIGINT", types.get("seed"));
    assertEquals("VARCHAR", types.get("stratum"));
    assertEquals("BIGINT", types.get("cpus"));
    assertEquals("VARCHAR", types.get("kernel_preset"));
    assertEquals("DOUBLE", types.get("op0_live_migration_rate_per_day"));
    assertEquals("INTEGER", types.get("soft_lockup_count"));
    assertEquals("BIGINT", types.get("soft_lockup_first_ns"));
    assertEquals("BIGINT", types.get("soft_lockup_longest_ns"));
    assertEquals("BIGINT", types.get("host_task_nm_sending_max_off_cpu_at_90s_ns"));
    assertEquals("BIGINT", types.get("host_machine_operations"));
    assertEquals("INTEGER", types.get("operations"));
    assertEquals("VARCHAR", types.get("end_reason"));
    assertEquals("VARCHAR", types.get("message"));
    assertEquals("BIGINT", types.get("events"));
    assertEquals("VARCHAR", types.get("arm"));
  }

  @Test
  void otherTablesHaveTheDocumentedTypes() throws SQLException {
    Map<String, String> incidents = types("RUN/incidents/*/*.parquet");
    assertEquals("VARCHAR", incidents.get("cause_chain"));
    assertEquals("BIGINT", incidents.get("end_ns"));
    assertEquals("INTEGER", incidents.get("printed_seconds"));
    Map<String, String> estimates = types("RUN/estimates/*.parquet");
    for (EstimateColumn column : EstimateColumn.values()) {
      String expected =
          switch (column.type()) {
            case TEXT -> "VARCHAR";
            case LONG -> "BIGINT";
            case DOUBLE -> "DOUBLE";
            case TEXT_LIST -> "VARCHAR[]";
          };
      assertEquals(expected, estimates.get(column.column()), column.column());
    }
    Map<String, String> shards = types("RUN/shards/*.parquet");
    assertEquals("TIMESTAMP WITH TIME ZONE", shards.get("arrived"));
    assertEquals("BIGINT", shards.get("compute_ns"));
  }

  @Test
  void footerSaysWhatTheFileIs() throws SQLException {
    Map<String, String> footer = new TreeMap<>();
    query(
            "SELECT decode(key), decode(value) FROM"
                + " parquet_kv_metadata('RUN/outcomes/*/part-0000000300-*.parquet')")
        .forEach(r -> footer.put(r.get(0), r.get(1)));
    assertEquals("outcomes/1", footer.get("stallcast.schema"));
    assertEquals(TestRun.description().runId(), footer.get("stallcast.run"));
    assertEquals(TestRun.description().scenarioHash(), footer.get("stallcast.scenario-hash"));
    assertEquals("-42", footer.get("stallcast.master-seed"));
    assertEquals("0.1.0-test", footer.get("stallcast.kernel-version"));
    assertEquals("base", footer.get("stallcast.arm"));
    assertEquals("300-599", footer.get("stallcast.hosts"));
    assertEquals("300", footer.get("stallcast.rows"));
  }

  @Test
  void filesAreCompressedAsDocumented() throws SQLException {
    assertEquals(
        List.of(List.of("ZSTD")),
        query("SELECT DISTINCT compression FROM parquet_metadata('RUN/outcomes/*/*.parquet')"));
    List<List<String>> creators =
        query("SELECT DISTINCT created_by FROM parquet_file_metadata('RUN/outcomes/*/*.parquet')");
    assertTrue(creators.get(0).get(0).startsWith("parquet-mr version 1.18.1"), "" + creators);
  }
}
