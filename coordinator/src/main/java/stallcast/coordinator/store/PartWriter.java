package stallcast.coordinator.store;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/** One part of the outcomes with the same hosts' part of the incidents, being written. */
final class PartWriter implements Closeable {
  /** Digits of a host index in file names: names sort as hosts do up to 10^10. */
  private static final String PART_NAME = "%s/arm=%s/part-%010d-%010d.parquet";

  private final String arm;
  private final long firstHost;
  private final TableFile<HostCursor> outcomes;
  private final TableFile<HostCursor> incidents;

  PartWriter(
      RunFolder folder,
      RunDescription run,
      TableColumns<HostCursor> outcomeColumns,
      TableColumns<HostCursor> incidentColumns,
      long firstHost)
      throws IOException {
    arm = run.arm();
    this.firstHost = firstHost;
    outcomes =
        new TableFile<>(
            folder, outcomeColumns, workName("outcomes"), run.footer(TableName.OUTCOMES));
    incidents =
        new TableFile<>(
            folder, incidentColumns, workName("incidents"), run.footer(TableName.INCIDENTS));
  }

  private String workName(String table) {
    return table + "-" + firstHost + ".inprogress";
  }

  /** Writes the host under the cursor with its records, and moves on to the next host. */
  void write(HostCursor at) throws IOException {
    outcomes.write(at);
    if (!at.isFailed()) {
      for (; at.hasRecord(); at.nextRecord()) {
        incidents.write(at);
      }
    }
    at.nextHost();
  }

  /** Finishes both files. */
  List<StoredFile> publish() throws IOException {
    long lastHost = firstHost + outcomes.rows() - 1;
    return List.of(
        publish(outcomes, "outcomes", lastHost), publish(incidents, "incidents", lastHost));
  }

  private StoredFile publish(TableFile<HostCursor> file, String table, long lastHost)
      throws IOException {
    file.describe("stallcast.hosts", firstHost + "-" + lastHost);
    return file.publish(PART_NAME.formatted(table, arm, firstHost, lastHost));
  }

  @Override
  public void close() throws IOException {
    try (outcomes) {
      incidents.close();
    }
  }
}
