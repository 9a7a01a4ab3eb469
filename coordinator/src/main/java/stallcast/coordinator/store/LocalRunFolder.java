package stallcast.coordinator.store;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.OutputFile;

/**
 * A run on the local disk: atomic renames, files and folders forced to the disk, and a lock of the
 * operating system, which ends with the process that holds it however that ends.
 */
final class LocalRunFolder implements RunFolder {
  /** Locks of this process: closing any other channel on such a file would end them. */
  private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

  private final Path root;
  private int owner; // 0 while nothing is claimed
  private Optional<FileChannel> held = Optional.empty();

  LocalRunFolder(URI uri) {
    root = (uri.getScheme() == null ? Path.of(uri.getPath()) : Path.of(uri)).toAbsolutePath();
  }

  @Override
  public URI uri() {
    // A path says "/" at its end once the folder exists; an address must not change by that.
    return URI.create("file://" + root.toUri().getRawPath().replaceFirst("/+$", ""));
  }

  @Override
  public List<String> list(String folder) throws IOException {
    Path path = root.resolve(folder);
    if (!Files.exists(path)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(path)) {
      return entries.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  @Override
  public void claim() throws IOException {
    Files.createDirectories(root);
    Files.createFile(root.resolve(LOCK));
    if (!lock(false)) {
      throw new FileAlreadyExistsException(root.resolve(LOCK).toString());
    }
    owner = 1;
    Files.createDirectory(root.resolve(WORK));
    Files.createDirectory(ownWork());
    force(root);
  }

  @Override
  public boolean lock(boolean force) throws IOException {
    if (!HELD_HERE.add(root)) {
      return false;
    }
    FileChannel channel =
        FileChannel.open(root.resolve(LOCK), StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    held = Optional.of(channel);
    FileLock lock = channel.tryLock();
    if (lock == null && !force) {
      close();
      return false;
    }
    return true;
  }

  @Override
  public void takeOver() throws IOException {
    int former = lastOwner();
    Path mine = owned(former + 1);
    if (former == 0) {
      Files.createDirectories(root.resolve(WORK));
      Files.createDirectory(mine);
    } else {
      Files.move(owned(former), mine, StandardCopyOption.ATOMIC_MOVE);
    }
    owner = former + 1; // not before: the folder may be that of somebody who was quicker
    force(root.resolve(WORK));
  }

  private int lastOwner() throws IOException {
    return list(WORK).stream().mapToInt(RunFolder::ownerNumber).max().orElse(0);
  }

  @Override
  public boolean isOurs() {
    return owner > 0 && Files.isDirectory(ownWork());
  }

  @Override
  public String ownerFolder() throws IOException {
    return WORK + "/" + RunFolder.ownerName(owner > 0 ? owner : lastOwner());
  }

  @Override
  public OutputFile workParquet(String name) throws IOException {
    Files.deleteIfExists(work(name));
    return new LocalOutputFile(work(name));
  }

  @Override
  public WorkOutput createWork(String name) throws IOException {
    FileChannel channel =
        FileChannel.open(
            work(name),
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    return new Output(channel);
  }

  /** What is written is with the operating system at once: it survives the process. */
  private record Output(FileChannel channel) implements WorkOutput {
    @Override
    public void write(byte[] bytes) throws IOException {
      ByteBuffer rest = ByteBuffer.wrap(bytes);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
    }

    @Override
    public void flush() {}

    @Override
    public void force() throws IOException {
      channel.force(true);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  @Override
  public WorkInput openWork(String name) throws IOException {
    return new Input(FileChannel.open(work(name), StandardOpenOption.READ));
  }

  private record Input(FileChannel channel) implements WorkInput {
    @Override
    public void read(long position, byte[] bytes) throws IOException {
      ByteBuffer rest = ByteBuffer.wrap(bytes);
      while (rest.hasRemaining()) {
        if (channel.read(rest, position + rest.position()) < 0) {
          throw new EOFException("ends within " + bytes.length + " bytes at " + position);
        }
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  @Override
  public void publish(String workName, String path) throws IOException {
    Path target = root.resolve(path);
    if (!isOurs()) { // or a former owner would make folders that nobody wants
      throw new NoSuchFileException(ownWork().toString());
    }
    Files.createDirectories(target.getParent());
    force(work(workName));
    Files.move(work(workName), target, StandardCopyOption.ATOMIC_MOVE);
    for (Path folder = target.getParent(); folder.startsWith(root); folder = folder.getParent()) {
      force(folder);
    }
  }

  @Override
  public InputStream open(String path) throws IOException {
    return Files.newInputStream(root.resolve(path));
  }

  @Override
  public InputFile parquet(String path) throws IOException {
    if (!Files.exists(root.resolve(path))) {
      throw new NoSuchFileException(root.resolve(path).toString());
    }
    return new LocalInputFile(root.resolve(path));
  }

  @Override
  public void release() throws IOException {
    Path work = root.resolve(WORK);
    if (Files.exists(work)) {
      try (Stream<Path> tree = Files.walk(work)) {
        for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
    Files.deleteIfExists(root.resolve(LOCK));
    force(root);
    close();
  }

  @Override
  public void close() throws IOException {
    if (held.isPresent()) {
      held.get().close();
      held = Optional.empty();
      HELD_HERE.remove(root);
    }
  }

  private Path ownWork() {
    return owned(owner);
  }

  private Path owned(int number) {
    return root.resolve(WORK).resolve(RunFolder.ownerName(number));
  }

  private Path work(String name) throws IOException {
    return root.resolve(ownerFolder()).resolve(name);
  }

  /** Makes a file's content, or a folder's entries, survive a power loss. */
  private static void force(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
