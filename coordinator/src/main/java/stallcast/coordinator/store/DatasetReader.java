package stallcast.coordinator.store;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.io.InputFile;
import stallcast.coordinator.aggregate.EstimateColumn;
import stallcast.coordinator.aggregate.EstimateRow;

/**
 * Reads a dataset back. Page checksums are always verified, a table of a newer schema is refused by
 * name, columns that are not known are left alone.
 */
public final class DatasetReader {
  private final RunFolder folder;

  /** A reader of the run at an address; nothing is read yet. */
  public DatasetReader(URI uri) {
    folder = RunFolder.at(uri);
  }

  /** Whether the run was completed. */
  public boolean isComplete() {
    return listed("").contains(RunOutput.SUCCESS);
  }

  /**
   * The manifest.
   *
   * @throws StoreException if there is none: the run is unfinished or no run
   */
  public RunManifest manifest() {
    String file = folder.uri() + "/" + RunManifest.FILE;
    try (InputStream in = folder.open(RunManifest.FILE)) {
      return RunManifest.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), file);
    } catch (IOException e) {
      throw StoreException.failed("read", file, e);
    }
  }

  /** All estimates. */
  public List<EstimateRow> estimates() {
    List<EstimateRow> rows = new ArrayList<>();
    forEach(TableName.ESTIMATES, row -> rows.add(estimate(row)));
    return rows;
  }

  /** Visits all rows of a table, for outcomes and incidents in host order within each arm. */
  public void forEach(TableName table, Consumer<DatasetRow> visitor) {
    for (String path : parts(table)) {
      read(table, path, visitor);
    }
  }

  private List<String> parts(TableName table) {
    try {
      return DatasetFiles.parquet(folder, table);
    } catch (IOException e) {
      throw StoreException.failed("list", folder.uri() + "/" + table.key(), e);
    }
  }

  private List<String> listed(String path) {
    try {
      return folder.list(path);
    } catch (IOException e) {
      throw StoreException.failed("list", folder.uri() + "/" + path, e);
    }
  }

  private void read(TableName table, String path, Consumer<DatasetRow> visitor) {
    try (DatasetRows rows = new DatasetRows(this, table, List.of(path))) {
      rows.forEachRemaining(visitor);
    }
  }

  /** All rows of a table in the order of {@link #forEach}. */
  DatasetRows rows(TableName table) {
    return new DatasetRows(this, table, parts(table));
  }

  /** The rows of one file. */
  DatasetRows rows(TableName table, String path) {
    return new DatasetRows(this, table, List.of(path));
  }

  /** Where the dataset is. */
  public URI uri() {
    return folder.uri();
  }

  RunFolder folder() {
    return folder;
  }

  /** The footer key-values of a file. */
  Map<String, String> footer(String path) {
    String file = folder.uri() + "/" + path;
    try {
      return footer(folder.parquet(path));
    } catch (IOException | RuntimeException e) { // Parquet throws both for a broken footer
      throw StoreException.damaged(file, e);
    }
  }

  /** Opens a file whose schema this version knows. */
  ParquetReader<Group> open(TableName table, String path) {
    String file = folder.uri() + "/" + path;
    try {
      InputFile input = folder.parquet(path);
      refuseNewer(table, input, file);
      return new Builder(input).usePageChecksumVerification(true).build();
    } catch (StoreException e) {
      throw e;
    } catch (IOException | RuntimeException e) { // Parquet throws both for a broken footer
      throw StoreException.damaged(file, e);
    }
  }

  private static void refuseNewer(TableName table, InputFile input, String file)
      throws IOException {
    String schema = footer(input).get("stallcast.schema");
    if (schema == null || !schema.matches(table.key() + "/[0-9]{1,9}")) {
      throw new StoreException(
          StoreException.Reason.CONTENT,
          file + " is no " + table.key() + " of Stallcast: its stallcast.schema is " + schema);
    }
    if (Integer.parseInt(schema.substring(table.key().length() + 1)) > table.version()) {
      throw new StoreException(
          StoreException.Reason.CONTENT,
          file + " has schema " + schema + "; this Stallcast reads up to " + table.schema());
    }
  }

  private static Map<String, String> footer(InputFile input) throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(input, ParquetReadOptions.builder(plain()).build())) {
      return reader.getFileMetaData().getKeyValueMetaData();
    }
  }

  private static ParquetConfiguration plain() {
    return new PlainParquetConfiguration();
  }

  private static EstimateRow estimate(DatasetRow row) {
    EstimateRow estimate = new EstimateRow();
    for (EstimateColumn column : EstimateColumn.values()) {
      String name = column.column();
      switch (column.type()) {
        case TEXT -> row.text(name).ifPresent(v -> estimate.set(column, v));
        case LONG -> row.whole(name).ifPresent(v -> estimate.set(column, v));
        case DOUBLE -> row.real(name).ifPresent(v -> estimate.set(column, v));
        case TEXT_LIST -> estimate.set(column, row.texts(name));
      }
    }
    return estimate;
  }

  private static final class Builder extends ParquetReader.Builder<Group> {
    Builder(InputFile file) {
      super(file, plain());
    }

    @Override
    protected ReadSupport<Group> getReadSupport() {
      return new GroupReadSupport();
    }
  }
}
