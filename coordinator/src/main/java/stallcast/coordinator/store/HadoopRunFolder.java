package stallcast.coordinator.store;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LeaseRecoverable;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.OutputFile;

/**
 * A run behind Hadoop, {@code hdfs:} above all. Renames go through {@link FileContext}, because
 * {@link FileSystem#rename} returns false or replaces, depending on the file system (stack.md
 * section 6). The lock is a file that its owner keeps open for writing: HDFS gives it to nobody
 * else as long as the owner's client renews its lease, and for a minute after that. Object stores
 * have no atomic rename and are not for this class.
 */
final class HadoopRunFolder implements RunFolder {
  private static final long RECOVERY_LIMIT_SECONDS = 60;
  private static final long LOOK_AGAIN_MS = 200;
  private static final Duration LEASE_LIMIT = Duration.ofSeconds(75);

  private final Path root;
  private final Configuration configuration;
  private Optional<FileSystem> connected = Optional.empty();
  private Optional<FSDataOutputStream> held = Optional.empty();
  private int owner; // 0 while nothing is claimed

  HadoopRunFolder(URI uri) {
    this(uri, new Configuration());
  }

  HadoopRunFolder(URI uri, Configuration configuration) {
    root = new Path(uri);
    this.configuration = configuration;
  }

  @Override
  public URI uri() {
    return root.toUri();
  }

  @Override
  public List<String> list(String folder) throws IOException {
    Path path = at(folder);
    if (!files().exists(path)) {
      return List.of();
    }
    FileStatus[] entries = files().listStatus(path);
    return Arrays.stream(entries).map(e -> e.getPath().getName()).sorted().toList();
  }

  @Override
  public void claim() throws IOException {
    makeFolder(root);
    if (!createLock()) {
      throw new FileAlreadyExistsException(at(LOCK).toString());
    }
    owner = 1;
    makeFolder(ownWork());
  }

  @Override
  public boolean lock(boolean force) throws IOException {
    if (!files().exists(at(LOCK))) {
      return createLock();
    }
    if (force) {
      recoverLease();
    }
    return appendLock(force);
  }

  /** The name node's soft limit of a lease is 60 s; on others nobody waits. */
  @Override
  public Duration lockOutlivesOwner() {
    return root.toUri().getScheme().equals("hdfs") ? LEASE_LIMIT : Duration.ZERO;
  }

  private boolean createLock() throws IOException {
    try {
      held = Optional.of(files().create(at(LOCK), false));
      return true;
    } catch (IOException e) {
      if (isHeld(e) || e instanceof FileAlreadyExistsException) {
        return false;
      }
      throw e;
    }
  }

  /** Nothing is ever written: an empty file needs no data node that could be missing. */
  private boolean appendLock(boolean force) throws IOException {
    try {
      held = Optional.of(files().append(at(LOCK)));
      return true;
    } catch (UnsupportedOperationException e) {
      if (force) { // a file system that cannot tell whether the owner lives
        held = Optional.of(files().create(at(LOCK), true));
      }
      return force;
    } catch (IOException e) {
      if (isHeld(e)) {
        return false;
      }
      throw e;
    }
  }

  /** HDFS says so by exceptions of classes that only its server has. */
  private static boolean isHeld(IOException e) {
    String text = String.valueOf(e);
    return text.contains("AlreadyBeingCreatedException")
        || text.contains("RecoveryInProgressException");
  }

  private void recoverLease() throws IOException {
    if (!(files() instanceof LeaseRecoverable leases)) {
      return;
    }
    long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(RECOVERY_LIMIT_SECONDS);
    while (!leases.recoverLease(at(LOCK)) && System.nanoTime() < limit) {
      try {
        TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MS);
      } catch (InterruptedException e) {
        throw new IOException("interrupted while taking " + at(LOCK), e);
      }
    }
  }

  @Override
  public void takeOver() throws IOException {
    int former = lastOwner();
    Path mine = owned(former + 1);
    if (former == 0) {
      makeFolder(mine);
    } else {
      names().rename(owned(former), mine);
    }
    owner = former + 1; // not before: the folder may be that of somebody who was quicker
  }

  private int lastOwner() throws IOException {
    return list(WORK).stream().mapToInt(RunFolder::ownerNumber).max().orElse(0);
  }

  @Override
  public boolean isOurs() throws IOException {
    return owner > 0 && files().exists(ownWork());
  }

  @Override
  public String ownerFolder() throws IOException {
    return WORK + "/" + RunFolder.ownerName(owner > 0 ? owner : lastOwner());
  }

  @Override
  public OutputFile workParquet(String name) throws IOException {
    return new HadoopWorkParquet(() -> create(name));
  }

  @Override
  public WorkOutput createWork(String name) throws IOException {
    return new Output(create(name));
  }

  /** Not the plain create, which would make the folder of an owner that is one no more. */
  private FSDataOutputStream create(String name) throws IOException {
    return files().createFile(work(name)).overwrite(true).build();
  }

  private record Output(FSDataOutputStream file) implements WorkOutput {
    @Override
    public void write(byte[] bytes) throws IOException {
      file.write(bytes);
    }

    @Override
    public void flush() throws IOException {
      file.hflush();
    }

    @Override
    public void force() throws IOException {
      file.hsync();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  @Override
  public WorkInput openWork(String name) throws IOException {
    return new Input(files().open(work(name)));
  }

  private record Input(FSDataInputStream file) implements WorkInput {
    @Override
    public void read(long position, byte[] bytes) throws IOException {
      file.readFully(position, bytes);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  @Override
  public void publish(String workName, String path) throws IOException {
    if (!isOurs()) { // or a former owner would make folders that nobody wants
      throw new FileNotFoundException(ownWork().toString());
    }
    makeFolder(at(path).getParent());
    names().rename(work(workName), at(path), Options.Rename.OVERWRITE);
  }

  @Override
  public InputStream open(String path) throws IOException {
    return files().open(at(path));
  }

  @Override
  public InputFile parquet(String path) throws IOException {
    return HadoopInputFile.fromPath(at(path), configuration);
  }

  @Override
  public void release() throws IOException {
    close();
    for (String name : List.of(WORK, LOCK)) {
      if (!files().delete(at(name), true) && files().exists(at(name))) {
        throw new IOException("cannot delete " + at(name));
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (held.isPresent()) {
      held.get().close();
      held = Optional.empty();
    }
  }

  /** Connects at the first use, so that an unreachable store is an error with a path. */
  private FileSystem files() throws IOException {
    if (connected.isEmpty()) {
      connected = Optional.of(root.getFileSystem(configuration));
    }
    return connected.get();
  }

  private FileContext names() throws IOException {
    return FileContext.getFileContext(root.toUri(), configuration);
  }

  private Path at(String path) {
    return path.isEmpty() ? root : new Path(root, path);
  }

  private Path ownWork() {
    return owned(owner);
  }

  private Path owned(int number) {
    return at(WORK + "/" + RunFolder.ownerName(number));
  }

  private Path work(String name) throws IOException {
    return at(ownerFolder() + "/" + name);
  }

  private void makeFolder(Path path) throws IOException {
    if (!files().mkdirs(path)) {
      throw new IOException("cannot make the folder " + path);
    }
  }
}
