package stallcast.worker.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads and judges a folder with {@code tls.key}, {@code tls.crt} and {@code ca.crt}: the layout of
 * a Kubernetes TLS secret, of cert-manager and of {@code stallcast certs}.
 */
public final class TlsFolder {
  /** Private key of the node: PKCS#8, PEM, RSA or EC. */
  public static final String KEY_FILE = "tls.key";

  /** Certificate of the node and the ones between it and the authority, PEM. */
  public static final String CERTIFICATE_FILE = "tls.crt";

  /** Certificates of the authorities whose nodes are let in, PEM. */
  public static final String AUTHORITY_FILE = "ca.crt";

  private static final long FILE_MAX_BYTES = 1 << 20;

  private final Path folder;
  private final List<String> problems = new ArrayList<>();

  private TlsFolder(Path folder) {
    this.folder = folder;
  }

  /**
   * Reads the keys of a node.
   *
   * @param now the instant at which the certificates must be valid
   * @throws TlsFolderException with everything that is wrong, if anything is
   */
  public static NodeKeys read(Path folder, Instant now) {
    TlsFolder reader = new TlsFolder(folder);
    Optional<NodeKeys> keys = reader.read(now);
    if (!reader.problems.isEmpty() || keys.isEmpty()) {
      throw new TlsFolderException(folder, reader.problems);
    }
    return keys.get();
  }

  private Optional<NodeKeys> read(Instant now) {
    if (!Files.isDirectory(folder)) {
      problems.add("there is no such folder; 'stallcast certs issue' makes one");
      return Optional.empty();
    }
    Optional<PrivateKey> key = text(KEY_FILE).flatMap(this::key);
    List<X509Certificate> chain = certificates(CERTIFICATE_FILE);
    List<X509Certificate> authorities = certificates(AUTHORITY_FILE);
    checkSecrecy(folder.resolve(KEY_FILE));
    if (key.isEmpty() || chain.isEmpty() || authorities.isEmpty()) {
      return Optional.empty();
    }
    NodeKeys keys = new NodeKeys(key.get(), chain, authorities);
    judge(keys, now);
    return Optional.of(keys);
  }

  private Optional<String> text(String name) {
    Path file = folder.resolve(name);
    try {
      if (Files.size(file) > FILE_MAX_BYTES) {
        problems.add(name + " has more than " + FILE_MAX_BYTES + " bytes");
        return Optional.empty();
      }
      return Optional.of(Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      problems.add(
          Files.exists(file) ? "no permission to read " + name : "there is no file " + name);
      return Optional.empty();
    }
  }

  private Optional<PrivateKey> key(String text) {
    try {
      return Optional.of(Pem.privateKey(text));
    } catch (GeneralSecurityException e) {
      problems.add(KEY_FILE + " " + e.getMessage());
      return Optional.empty();
    }
  }

  private List<X509Certificate> certificates(String name) {
    Optional<String> text = text(name);
    if (text.isEmpty()) {
      return List.of();
    }
    try {
      return Pem.certificates(text.get());
    } catch (GeneralSecurityException e) {
      problems.add(name + " " + e.getMessage());
      return List.of();
    }
  }

  /** A key that other users can read is no secret; ssh refuses it too. */
  private void checkSecrecy(Path key) {
    PosixFileAttributeView posix = Files.getFileAttributeView(key, PosixFileAttributeView.class);
    if (posix == null || !Files.exists(key)) {
      return;
    }
    try {
      if (posix.readAttributes().permissions().contains(PosixFilePermission.OTHERS_READ)) {
        problems.add(
            KEY_FILE
                + " may be read by every user of this machine: chmod 600 it (in a Kubernetes"
                + " volume: defaultMode: 0440 and the pod's fsGroup)");
      }
    } catch (IOException e) {
      problems.add("no permission to look at " + KEY_FILE);
    }
  }

  private void judge(NodeKeys keys, Instant now) {
    X509Certificate own = keys.certificate();
    if (!Pem.belongTogether(keys.key(), own.getPublicKey())) {
      problems.add(KEY_FILE + " is not the key of " + CERTIFICATE_FILE);
    }
    if (Names.commonName(own).isEmpty()) {
      problems.add(
          CERTIFICATE_FILE + " has no common name; all nodes of a cluster carry the same one");
    }
    PeerCheck.validityProblem(own, now)
        .ifPresentOrElse(
            problem -> problems.add(CERTIFICATE_FILE + ": " + problem),
            () -> judgeChain(keys, now));
  }

  private void judgeChain(NodeKeys keys, Instant now) {
    for (X509Certificate authority : keys.authorities()) {
      PeerCheck.validityProblem(authority, now)
          .ifPresent(problem -> problems.add(AUTHORITY_FILE + ": " + problem));
    }
    try {
      PeerCheck.checkOwn(keys);
    } catch (GeneralSecurityException e) {
      problems.add(CERTIFICATE_FILE + ": " + e.getMessage());
    }
  }
}
