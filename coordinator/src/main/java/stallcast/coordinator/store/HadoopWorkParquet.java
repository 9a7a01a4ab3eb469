package stallcast.coordinator.store;

import java.io.IOException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;

/** A Parquet file behind Hadoop that is durable once it is closed. */
record HadoopWorkParquet(Creation creation) implements OutputFile {

  /** Creates the file. */
  @FunctionalInterface
  interface Creation {
    FSDataOutputStream create() throws IOException;
  }

  @Override
  public PositionOutputStream create(long blockSizeHint) throws IOException {
    return new Stream(creation.create());
  }

  @Override
  public PositionOutputStream createOrOverwrite(long blockSizeHint) throws IOException {
    return create(blockSizeHint);
  }

  @Override
  public boolean supportsBlockSize() {
    return false; // parts are small beside a block: alignment to blocks would gain nothing
  }

  @Override
  public long defaultBlockSize() {
    return 0;
  }

  private static final class Stream extends PositionOutputStream {
    private final FSDataOutputStream file;

    Stream(FSDataOutputStream file) {
      this.file = file;
    }

    @Override
    public long getPos() {
      return file.getPos();
    }

    @Override
    public void write(int value) throws IOException {
      file.write(value);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      file.write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
      file.flush();
    }

    @Override
    public void close() throws IOException {
      file.hsync();
      file.close();
    }
  }
}
