package stallcast.coordinator.run;

import java.net.URI;
import stallcast.coordinator.report.ResultTable;

/** How a run ended without an error of its own. */
public sealed interface RunEnd {

  /**
   * Every host is stored and the dataset is complete.
   *
   * @param table the result
   * @param failedHosts hosts on which the simulator failed
   */
  record Finished(ResultTable table, long failedHosts) implements RunEnd {}

  /**
   * The run stopped before its end; the dataset has no {@code _SUCCESS}.
   *
   * @param reason one line for the user
   * @param dataset where the unfinished dataset is
   */
  record Unfinished(String reason, URI dataset) implements RunEnd {}
}
