package stallcast.coordinator.store;

import java.io.Closeable;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.RecordConsumer;

/**
 * One Parquet file being written under a work name, with the settings of results-dataset.md section
 * 3. Its bytes depend on its rows and footer only.
 *
 * @param <R> a row, or a cursor on one
 */
final class TableFile<R> implements Closeable {
  private static final int ROW_GROUP_ROWS = 1_000_000;
  private static final long ROW_GROUP_BYTES = 128L << 20;
  private static final String ZSTD_LEVEL = "3";

  private final RunFolder folder;
  private final TableColumns<R> columns;
  private final String workName;
  private final Support<R> support;
  private final ParquetWriter<R> writer;
  private long rows;

  /**
   * Creates the file.
   *
   * @param workName its name while it is unfinished
   * @param footer key-values known now
   */
  TableFile(RunFolder folder, TableColumns<R> columns, String workName, Map<String, String> footer)
      throws IOException {
    this.folder = folder;
    this.columns = columns;
    this.workName = workName;
    support = new Support<>(columns, footer);
    writer =
        new Builder<>(folder.workParquet(workName), support)
            .withConf(new PlainParquetConfiguration())
            .config("parquet.compression.codec.zstd.level", ZSTD_LEVEL)
            .config("parquet.compression.codec.zstd.workers", "0")
            .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
            .withCompressionCodec(CompressionCodecName.ZSTD)
            .withWriterVersion(WriterVersion.PARQUET_1_0)
            .withDictionaryEncoding(true)
            .withPageWriteChecksumEnabled(true)
            .withRowGroupSize(ROW_GROUP_BYTES)
            .withRowGroupRowCountLimit(ROW_GROUP_ROWS)
            .build();
  }

  void write(R row) throws IOException {
    writer.write(row);
    rows++;
  }

  long rows() {
    return rows;
  }

  /** Adds a footer key-value that is known only at the end. */
  void describe(String key, String value) {
    support.closing.put(key, value);
  }

  /** Finishes the file and gives it its final name. */
  StoredFile publish(String path) throws IOException {
    describe("stallcast.rows", Long.toString(rows));
    writer.close();
    FileDigest digest = FileDigest.of(folder, folder.ownerFolder() + "/" + workName);
    folder.publish(workName, path);
    return new StoredFile(path, columns.table(), rows, digest.bytes(), digest.sha256());
  }

  /** Gives the file up; what was written stays under its work name. */
  @Override
  public void close() throws IOException {
    writer.close();
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  /** Hands rows to Parquet. */
  private static final class Support<R> extends WriteSupport<R> {
    private final TableColumns<R> columns;
    private final Map<String, String> footer;
    private final Map<String, String> closing = new TreeMap<>();
    private RecordConsumer out;

    Support(TableColumns<R> columns, Map<String, String> footer) {
      this.columns = columns;
      this.footer = footer;
    }

    @Override
    @SuppressWarnings("deprecation") // abstract in Parquet, although deprecated there
    public WriteContext init(Configuration configuration) {
      return new WriteContext(columns.schema(), footer);
    }

    @Override
    public WriteContext init(ParquetConfiguration configuration) {
      return new WriteContext(columns.schema(), footer);
    }

    @Override
    public void prepareForWrite(RecordConsumer consumer) {
      out = consumer;
    }

    @Override
    public void write(R row) {
      columns.write(row, out);
    }

    @Override
    public FinalizedWriteContext finalizeWrite() {
      return new FinalizedWriteContext(closing);
    }
  }

  private static final class Builder<R> extends ParquetWriter.Builder<R, Builder<R>> {
    private final Support<R> support;

    Builder(OutputFile file, Support<R> support) {
      super(file);
      this.support = support;
    }

    @Override
    protected Builder<R> self() {
      return this;
    }

    @Override
    @SuppressWarnings("deprecation") // abstract in Parquet, although deprecated there
    protected WriteSupport<R> getWriteSupport(Configuration configuration) {
      return support;
    }

    @Override
    protected WriteSupport<R> getWriteSupport(ParquetConfiguration configuration) {
      return support;
    }
  }
}
