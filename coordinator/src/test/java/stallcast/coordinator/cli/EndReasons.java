package stallcast.coordinator.cli;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;

/** Why the hosts of a stored run ended, read by DuckDB. */
final class EndReasons {
  private EndReasons() {}

  /** {@code stratum reason} to hosts. */
  static Map<String, Long> of(Path run) throws SQLException {
    Map<String, Long> hosts = new TreeMap<>();
    try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duck.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT stratum || ' ' || end_reason, count(*) FROM '"
                    + run
                    + "/outcomes/*/*.parquet' GROUP BY 1")) {
      while (rows.next()) {
        hosts.put(rows.getString(1), rows.getLong(2));
      }
    }
    return hosts;
  }
}
