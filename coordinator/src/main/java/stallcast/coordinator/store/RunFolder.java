package stallcast.coordinator.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.util.List;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.OutputFile;

/**
 * The folder of one run on some file system, with the few operations that the commit protocol needs
 * (results-dataset.md section 8). Paths are relative to the run, with {@code /}.
 */
interface RunFolder {
  /** Where unfinished files live; none of their names ends in {@code .parquet}. */
  String WORK = "_work";

  /** Whoever creates this file owns the folder. */
  String LOCK = "_manifest.json.lock";

  /** The folder at an address; without a scheme a local path. */
  static RunFolder at(URI uri) {
    return uri.getScheme() == null || uri.getScheme().equals("file")
        ? new LocalRunFolder(uri)
        : new HadoopRunFolder(uri);
  }

  /** Its address. */
  URI uri();

  /** Names of what lies directly in a folder of the run; empty if there is none. */
  List<String> list(String folder) throws IOException;

  /** Takes the folder, creating it; fails with FileAlreadyExistsException if somebody has it. */
  void claim() throws IOException;

  /** A Parquet file in {@link #WORK}, replaced if it exists. */
  OutputFile workParquet(String name) throws IOException;

  /** Any file in {@link #WORK}, replaced if it exists. */
  OutputStream createWork(String name) throws IOException;

  /** Reads a file of {@link #WORK}. */
  InputStream openWork(String name) throws IOException;

  /** Removes a file of {@link #WORK}. */
  void deleteWork(String name) throws IOException;

  /** Makes a finished work file durable and gives it its final name; never replaces a file. */
  void publish(String workName, String path) throws IOException;

  /** Writes a small durable file in one step; never replaces a file. */
  void write(String path, byte[] content) throws IOException;

  /** Reads a file. */
  InputStream open(String path) throws IOException;

  /** A published Parquet file. */
  InputFile parquet(String path) throws IOException;

  /** Removes {@link #WORK} and the lock. */
  void release() throws IOException;
}
