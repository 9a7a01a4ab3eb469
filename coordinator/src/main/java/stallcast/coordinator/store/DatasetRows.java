package stallcast.coordinator.store;

import java.io.Closeable;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;

/** The rows of some files of one table, one after another. */
final class DatasetRows implements Iterator<DatasetRow>, Closeable {
  private final DatasetReader dataset;
  private final TableName table;
  private final Iterator<String> paths;
  private Optional<ParquetReader<Group>> reader = Optional.empty();
  private String path = "";
  private Optional<Group> next;

  DatasetRows(DatasetReader dataset, TableName table, List<String> paths) {
    this.dataset = dataset;
    this.table = table;
    this.paths = paths.iterator();
    next = read();
  }

  @Override
  public boolean hasNext() {
    return next.isPresent();
  }

  @Override
  public DatasetRow next() {
    DatasetRow row = new DatasetRow(next.orElseThrow(NoSuchElementException::new));
    next = read();
    return row;
  }

  private Optional<Group> read() {
    while (true) {
      Optional<Group> row = reader.flatMap(this::readOne);
      if (row.isPresent()) {
        return row;
      }
      close();
      if (!paths.hasNext()) {
        return Optional.empty();
      }
      path = paths.next();
      reader = Optional.of(dataset.open(table, path));
    }
  }

  private Optional<Group> readOne(ParquetReader<Group> from) {
    try {
      return Optional.ofNullable(from.read());
    } catch (IOException | RuntimeException e) { // a wrong checksum is a RuntimeException
      throw StoreException.damaged(dataset.uri() + "/" + path, e);
    }
  }

  @Override
  public void close() {
    try {
      if (reader.isPresent()) {
        reader.get().close();
      }
    } catch (IOException e) {
      throw StoreException.failed("read", dataset.uri() + "/" + path, e);
    } finally {
      reader = Optional.empty();
    }
  }
}
