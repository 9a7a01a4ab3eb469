package stallcast.coordinator.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.OutputFile;

/**
 * A run behind Hadoop, {@code hdfs:} above all. Renames go through {@link FileContext}, which
 * refuses to replace a file; {@link FileSystem#rename} returns false or replaces, depending on the
 * file system (stack.md section 6). Object stores have no atomic rename and are not for this class.
 */
final class HadoopRunFolder implements RunFolder {
  private final Path root;
  private final Configuration configuration = new Configuration();
  private FileSystem files;
  private FileContext names;

  HadoopRunFolder(URI uri) {
    root = new Path(uri);
  }

  @Override
  public URI uri() {
    return root.toUri();
  }

  @Override
  public List<String> list(String folder) throws IOException {
    Path path = folder.isEmpty() ? root : new Path(root, folder);
    if (!files().exists(path)) {
      return List.of();
    }
    FileStatus[] entries = files().listStatus(path);
    return Arrays.stream(entries).map(e -> e.getPath().getName()).sorted().toList();
  }

  @Override
  public void claim() throws IOException {
    makeFolder(root);
    files().create(new Path(root, LOCK), false).close();
    makeFolder(new Path(root, WORK));
  }

  @Override
  public OutputFile workParquet(String name) throws IOException {
    files();
    return HadoopOutputFile.fromPath(work(name), configuration);
  }

  @Override
  public OutputStream createWork(String name) throws IOException {
    return files().create(work(name), true);
  }

  @Override
  public InputStream openWork(String name) throws IOException {
    return files().open(work(name));
  }

  @Override
  public void deleteWork(String name) throws IOException {
    delete(work(name));
  }

  @Override
  public void publish(String workName, String path) throws IOException {
    Path target = new Path(root, path);
    makeFolder(target.getParent());
    names.rename(work(workName), target);
  }

  @Override
  public void write(String path, byte[] content) throws IOException {
    String workName = path + ".inprogress";
    try (FSDataOutputStream out = files().create(work(workName), true)) {
      out.write(content);
      out.hsync();
    }
    publish(workName, path);
  }

  @Override
  public InputStream open(String path) throws IOException {
    return files().open(new Path(root, path));
  }

  @Override
  public InputFile parquet(String path) throws IOException {
    return HadoopInputFile.fromPath(new Path(root, path), configuration);
  }

  @Override
  public void release() throws IOException {
    delete(new Path(root, WORK));
    delete(new Path(root, LOCK));
  }

  /** Connects at the first use, so that an unreachable store is an error with a path. */
  private FileSystem files() throws IOException {
    if (files == null) {
      files = root.getFileSystem(configuration);
      names = FileContext.getFileContext(root.toUri(), configuration);
    }
    return files;
  }

  private Path work(String name) {
    return new Path(new Path(root, WORK), name);
  }

  private void makeFolder(Path path) throws IOException {
    if (!files().mkdirs(path)) {
      throw new IOException("cannot make the folder " + path);
    }
  }

  private void delete(Path path) throws IOException {
    if (!files().delete(path, true)) {
      throw new IOException("cannot delete " + path);
    }
  }
}
