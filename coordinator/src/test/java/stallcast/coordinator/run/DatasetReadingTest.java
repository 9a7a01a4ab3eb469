package stallcast.coordinator.run;

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
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stallcast.coordinator.cli.InProcess;
import stallcast.coordinator.cli.InProcess.Printed;
import stallcast.coordinator.store.CanonicalJson;
import stallcast.kernel.scenario.IncidentKind;

/** DuckDB reads the dataset of a real run and counts what the run itself printed as JSON. */
class DatasetReadingTest {
  private static final Path FLEET = Path.of("src/test/resources/fleets/throttled.yaml");
  private static final String PROBABILITY = ".probability-per-host";

  @TempDir private static Path folder;
  private static Connection duck;
  private static Map<String, Object> json;

  @BeforeAll
  static void runFleet() throws SQLException {
    Printed printed = InProcess.run("run", FLEET, "--out", folder, "--format", "json", "--quiet");
    assertEquals(0, printed.exitCode(), printed.err());
    json = CanonicalJson.parse(printed.out());
    duck = DriverManager.getConnection("jdbc:duckdb:");
  }

  @AfterAll
  static void close() throws SQLException {
    duck.close();
  }

  private static List<List<String>> query(String sql) throws SQLException {
    List<List<String>> rows = new ArrayList<>();
    try (Statement statement = duck.createStatement();
        ResultSet result = statement.executeQuery(sql.replace("RUN/", folder + "/"))) {
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

  /** {@code stratum metric} to {@code [n, k]}, as the command printed it. */
  private static Map<String, List<String>> printedCounts() {
    Map<String, List<String>> counts = new TreeMap<>();
    for (Object entry : (List<?>) json.get("estimates")) {
      Map<?, ?> row = (Map<?, ?>) entry;
      String metric = (String) row.get("metric");
      if (metric.endsWith(PROBABILITY)) {
        counts.put(
            row.get("stratum") + " " + metric,
            List.of(row.get("n_hosts").toString(), row.get("n_events").toString()));
      }
    }
    return counts;
  }

  @Test
  void hostsAndHitsPerKindAndStratumAreThoseThatTheRunPrinted() throws SQLException {
    Map<String, List<String>> counted = new TreeMap<>();
    for (IncidentKind kind : IncidentKind.values()) {
      if (kind.isIncident()) {
        query(
                """
                SELECT coalesce(stratum, 'FLEET'), count(K), sum((K > 0)::int)
                FROM 'RUN/outcomes/*/*.parquet' GROUP BY GROUPING SETS ((stratum), ())
                """
                    .replace("K", kind.column() + "_count"))
            .forEach(r -> counted.put(r.get(0) + " " + kind.key() + PROBABILITY, r.subList(1, 3)));
      }
    }
    assertEquals(printedCounts(), counted);
    assertTrue(counted.values().stream().filter(nk -> !nk.get(1).equals("0")).count() > 12);
  }

  @Test
  void incidentRowsAddUpToTheCountsOfTheirHosts() throws SQLException {
    for (IncidentKind kind : IncidentKind.values()) {
      if (kind.isIncident()) {
        String column = kind.column();
        assertEquals(
            List.of(),
            query(
                """
                SELECT host_index FROM 'RUN/outcomes/*/*.parquet' LEFT JOIN
                  (SELECT host_index, count(*) n, min(start_ns) first,
                     max(end_ns - start_ns) longest,
                     count(*) - count(end_ns) still_open
                   FROM 'RUN/incidents/*/*.parquet' WHERE kind = '%s' GROUP BY host_index)
                USING (host_index)
                WHERE coalesce(n, 0) <> %s_count OR first IS DISTINCT FROM %s_first_ns
                  OR (longest IS DISTINCT FROM %s_longest_ns AND still_open = 0)
                  OR coalesce(longest, 0) > %s_longest_ns -- an open one lasts to the end
                """
                    .formatted(kind.key(), column, column, column, column)),
            kind.key());
      }
    }
  }

  @Test
  void everyHostIsThereOnceInOrder() throws SQLException {
    assertEquals(
        List.of(List.of("600", "600", "0", "599", "7", "7")),
        query(
            "SELECT count(*), count(DISTINCT host_index), min(host_index), max(host_index),"
                + " min(seed), max(seed) FROM 'RUN/outcomes/*/*.parquet'"));
    assertEquals(
        List.of(List.of("0")),
        query(
            "SELECT count(*) FROM 'RUN/outcomes/*/*.parquet' WHERE file_row_number <> host_index"));
  }

  /** results-dataset.md section 2: few types, which all readers know; the name says the unit. */
  @Test
  void columnTypesAreTheOnesThatAllReadersKnow() throws SQLException {
    Set<String> allowed =
        Set.of("BIGINT", "INTEGER", "SMALLINT", "BOOLEAN", "DOUBLE", "VARCHAR", "VARCHAR[]");
    for (String table : List.of("outcomes/*", "incidents/*", "estimates", "shards")) {
      for (List<String> column : query("DESCRIBE SELECT * FROM 'RUN/" + table + "/*.parquet'")) {
        String name = column.get(0);
        String type = column.get(1);
        boolean isClock = table.equals("shards") && type.equals("TIMESTAMP WITH TIME ZONE");
        assertTrue(allowed.contains(type) || isClock, table + " " + column);
        assertTrue(name.matches("[a-z][a-z0-9_]*"), table + " " + name);
        if (name.endsWith("_ns")) {
          assertEquals("BIGINT", type, name);
        }
        if (name.endsWith("_count") || name.equals("operations")) {
          assertEquals("INTEGER", type, name);
        }
      }
    }
  }

  @Test
  void drawnConfigurationIsInColumns() throws SQLException {
    Map<String, String> types = new TreeMap<>();
    query("DESCRIBE SELECT * FROM 'RUN/outcomes/*/*.parquet'")
        .forEach(r -> types.put(r.get(0), r.get(1)));
    assertEquals("BIGINT", types.get("host_index"));
    assertEquals("BIGINT", types.get("seed"));
    assertEquals("VARCHAR", types.get("stratum"));
    assertEquals("BIGINT", types.get("cpus"));
    assertEquals("VARCHAR", types.get("kernel_preset"));
    assertEquals("BIGINT", types.get("events"));
    assertEquals("VARCHAR", types.get("end_reason"));
    Set<String> strata = new TreeSet<>();
    query("SELECT DISTINCT stratum, kernel_preset FROM 'RUN/outcomes/*/*.parquet'")
        .forEach(r -> strata.add(String.join(" ", r)));
    assertEquals(Set.of("new 6.12", "old 5.15", "told 5.15"), strata);
  }
}
