package stallcast.worker.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;

/** Folders of keys for tests. */
final class TestKeys {
  static final Duration DAY = Duration.ofDays(1);

  private TestKeys() {}

  static Authority authority(Path folder, String cluster) throws IOException {
    return Authority.create(
        folder, cluster, Instant.now().minus(DAY.multipliedBy(100)), DAY.multipliedBy(365));
  }

  static Path node(Authority authority, Path folder) throws IOException {
    authority.issue(folder, folder.getFileName().toString(), Instant.now(), DAY.multipliedBy(90));
    return folder;
  }

  /** Lets a node trust the authorities of another one, too. */
  static void trustAlso(Path node, Path other) throws IOException {
    Files.write(
        node.resolve(TlsFolder.AUTHORITY_FILE),
        Files.readAllBytes(other.resolve(TlsFolder.AUTHORITY_FILE)),
        StandardOpenOption.APPEND);
  }
}
