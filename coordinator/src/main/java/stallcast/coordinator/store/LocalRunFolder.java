package stallcast.coordinator.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.OutputFile;

/** A run on the local disk: atomic renames, files and folders forced to the disk. */
final class LocalRunFolder implements RunFolder {
  private final Path root;

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
    Files.createDirectory(root.resolve(WORK));
    force(root);
  }

  @Override
  public OutputFile workParquet(String name) {
    return new LocalOutputFile(work(name));
  }

  @Override
  public OutputStream createWork(String name) throws IOException {
    return Files.newOutputStream(work(name));
  }

  @Override
  public InputStream openWork(String name) throws IOException {
    return Files.newInputStream(work(name));
  }

  @Override
  public void deleteWork(String name) throws IOException {
    Files.delete(work(name));
  }

  @Override
  public void publish(String workName, String path) throws IOException {
    Path target = root.resolve(path);
    Files.createDirectories(target.getParent());
    if (Files.exists(target)) { // an atomic move would replace it; the claim keeps others out
      throw new FileAlreadyExistsException(target.toString());
    }
    force(work(workName));
    Files.move(work(workName), target, StandardCopyOption.ATOMIC_MOVE);
    for (Path folder = target.getParent(); folder.startsWith(root); folder = folder.getParent()) {
      force(folder);
    }
  }

  @Override
  public void write(String path, byte[] content) throws IOException {
    String workName = path + ".inprogress";
    Files.write(work(workName), content);
    publish(workName, path);
  }

  @Override
  public InputStream open(String path) throws IOException {
    return Files.newInputStream(root.resolve(path));
  }

  @Override
  public InputFile parquet(String path) {
    return new LocalInputFile(root.resolve(path));
  }

  @Override
  public void release() throws IOException {
    Path work = root.resolve(WORK);
    try (Stream<Path> tree = Files.walk(work)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
    Files.delete(root.resolve(LOCK));
    force(root);
  }

  private Path work(String name) {
    return root.resolve(WORK).resolve(name);
  }

  /** Makes a file's content, or a folder's entries, survive a power loss. */
  private static void force(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
