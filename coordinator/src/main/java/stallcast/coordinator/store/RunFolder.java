package stallcast.coordinator.store;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.OutputFile;

/**
 * The folder of one run on some file system, with the few operations that the commit protocol needs
 * (results-dataset.md section 8). Paths are relative to the run, with {@code /}.
 *
 * <p>Whatever is unfinished lies in the folder of its owner, {@code _work/owner-<n>}. Taking a run
 * over renames that folder, in one step and to the next number: from then on the former owner has
 * nothing left that it could publish, even if it was only paused. The lock merely tells whether the
 * owner lives; it ends with the owner's process.
 */
interface RunFolder extends Closeable {
  /** Where unfinished files live; none of their names ends in {@code .parquet}. */
  String WORK = "_work";

  /** Whoever creates this file owns the folder; who holds it lives. */
  String LOCK = "_manifest.json.lock";

  /** A file being written in the owner's folder. */
  interface WorkOutput extends Closeable {
    /** Writes all bytes; they are with the file system, not yet on the disk. */
    void write(byte[] bytes) throws IOException;

    /** Makes visible to other processes what is written. */
    void flush() throws IOException;

    /** Makes durable what is written. */
    void force() throws IOException;
  }

  /** A file of the owner's folder being read anywhere. */
  interface WorkInput extends Closeable {
    /** Fills the array; fails with an EOFException if the file ends before. */
    void read(long position, byte[] bytes) throws IOException;
  }

  /** The folder at an address; without a scheme a local path. */
  static RunFolder at(URI uri) {
    RunFolder folder =
        uri.getScheme() == null || uri.getScheme().equals("file")
            ? new LocalRunFolder(uri)
            : new HadoopRunFolder(uri);
    return InjectedFaults.around(folder);
  }

  /** Its address. */
  URI uri();

  /** Names of what lies directly in a folder of the run; empty if there is none. */
  List<String> list(String folder) throws IOException;

  /** Takes a new folder, creating it; fails with FileAlreadyExistsException if somebody has it. */
  void claim() throws IOException;

  /**
   * Holds the lock of a run that somebody claimed before.
   *
   * @param force take it even from an owner that seems to live, or whose life cannot be seen
   * @return false if the owner lives, or may live
   */
  boolean lock(boolean force) throws IOException;

  /** How long the lock of an owner that died may still be held. */
  default Duration lockOutlivesOwner() {
    return Duration.ZERO;
  }

  /** Makes the former owner's work ours; fails if another process does so at the same moment. */
  void takeOver() throws IOException;

  /** Whether nobody has taken the run over from us. */
  boolean isOurs() throws IOException;

  /** The owner's folder relative to the run: ours, or that of the last owner. */
  String ownerFolder() throws IOException;

  /** A Parquet file in the owner's folder, replaced if it exists. */
  OutputFile workParquet(String name) throws IOException;

  /** Any file in the owner's folder, replaced if it exists. */
  WorkOutput createWork(String name) throws IOException;

  /** Reads a file of the owner's folder. */
  WorkInput openWork(String name) throws IOException;

  /** Makes a finished work file durable and gives it its final name, in one step. */
  void publish(String workName, String path) throws IOException;

  /** Reads a file. */
  InputStream open(String path) throws IOException;

  /** Writes a small durable file and gives it its final name. */
  default void write(String path, byte[] content) throws IOException {
    String workName = path.substring(path.lastIndexOf('/') + 1) + ".inprogress";
    try (WorkOutput out = createWork(workName)) {
      out.write(content);
      out.force();
    }
    publish(workName, path);
  }

  /** Reads a small file. */
  default byte[] read(String path) throws IOException {
    try (InputStream in = open(path)) {
      return in.readAllBytes();
    }
  }

  /** A published Parquet file. */
  InputFile parquet(String path) throws IOException;

  /** Removes {@link #WORK} and the lock. */
  void release() throws IOException;

  /** Lets go of the lock without removing anything. */
  @Override
  void close() throws IOException;

  /** Name of the folder of the n-th owner. */
  static String ownerName(int number) {
    return "owner-%04d".formatted(number);
  }

  /** Number of the owner of a folder; 0 if it is none. */
  static int ownerNumber(String name) {
    return name.matches("owner-[0-9]{4,9}") ? Integer.parseInt(name.substring(6)) : 0;
  }
}
