package stallcast.coordinator.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import stallcast.coordinator.store.DatasetReader;
import stallcast.coordinator.store.TableName;

/**
 * What two equal runs share.
 *
 * @param files path to SHA-256 of every file with rows that is reproducible
 * @param manifest the part of the manifest that is
 */
record Fingerprint(Map<String, String> files, String manifest) {

  /** That of a complete dataset. */
  static Fingerprint of(Path dataset) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> tree = Files.walk(dataset)) {
      for (Path file : tree.filter(Files::isRegularFile).toList()) {
        String path = dataset.relativize(file).toString();
        if (path.endsWith(".parquet") && !path.startsWith(TableName.SHARDS.key())) {
          files.put(path, sha256(file));
        }
      }
    }
    return new Fingerprint(files, new DatasetReader(dataset.toUri()).manifest().reproducibleText());
  }

  private static String sha256(Path file) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
        in.transferTo(OutputStream.nullOutputStream());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
