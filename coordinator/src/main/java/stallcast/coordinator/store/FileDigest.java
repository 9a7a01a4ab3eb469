package stallcast.coordinator.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * What a file holds, in short.
 *
 * @param bytes its length
 * @param sha256 its SHA-256, hexadecimal
 */
record FileDigest(long bytes, String sha256) {

  /** Reads a file of a run's folder. */
  static FileDigest of(RunFolder folder, String path) throws IOException {
    MessageDigest digest = TableFile.sha256();
    try (InputStream in = new DigestInputStream(folder.open(path), digest)) {
      long bytes = in.transferTo(OutputStream.nullOutputStream());
      return new FileDigest(bytes, HexFormat.of().formatHex(digest.digest()));
    }
  }
}
