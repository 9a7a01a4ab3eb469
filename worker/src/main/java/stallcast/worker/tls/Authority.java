package stallcast.worker.tls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A private certificate authority in a folder of its own: {@code ca.key} and {@code ca.crt}. It
 * issues the keys of the nodes of one cluster; whoever has its key can let anybody in, and needs it
 * nowhere but where keys are issued.
 *
 * <p>All files are plain PEM. Private keys are readable by their owner only, from the moment they
 * exist; every file appears whole or not at all.
 */
public final class Authority {
  /** Private key of the authority. */
  public static final String KEY_FILE = "ca.key";

  /** What names of clusters and nodes are made of: they become parts of a distinguished name. */
  public static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  private static final String OWNER_ONLY = "rw-------";
  private static final String ALL_MAY_READ = "rw-r--r--";
  private static final String OWN_FOLDER = "rwx------";

  private final PrivateKey key;
  private final X509Certificate certificate;
  private final String cluster;

  private Authority(PrivateKey key, X509Certificate certificate, String cluster) {
    this.key = key;
    this.certificate = certificate;
    this.cluster = cluster;
  }

  /**
   * Makes an authority.
   *
   * @param folder new or empty
   * @param cluster name of the cluster, the common name of its nodes
   * @param validity how long its certificate is valid from now on
   * @throws IllegalArgumentException if the folder holds something; the message is for the user
   * @throws IOException if it cannot be written
   */
  public static Authority create(Path folder, String cluster, Instant now, Duration validity)
      throws IOException {
    claim(folder);
    KeyPair pair = newPair();
    X509Certificate certificate = Certificates.ofAuthority(pair, cluster, now, validity);
    put(folder.resolve(KEY_FILE), Pem.write(pair.getPrivate()), OWNER_ONLY);
    put(folder.resolve(TlsFolder.AUTHORITY_FILE), text(List.of(certificate)), ALL_MAY_READ);
    return new Authority(pair.getPrivate(), certificate, cluster);
  }

  /**
   * Opens an authority.
   *
   * @throws TlsFolderException with everything that is wrong, if anything is
   */
  public static Authority open(Path folder, Instant now) {
    List<String> problems = new ArrayList<>();
    try {
      PrivateKey key = Pem.privateKey(Files.readString(folder.resolve(KEY_FILE)));
      X509Certificate certificate = read(folder.resolve(TlsFolder.AUTHORITY_FILE)).get(0);
      if (!Pem.belongTogether(key, certificate.getPublicKey())) {
        problems.add(KEY_FILE + " is not the key of " + TlsFolder.AUTHORITY_FILE);
      }
      PeerCheck.validityProblem(certificate, now).ifPresent(problems::add);
      String cluster = Names.part(certificate, "O").orElse("");
      if (!NAME.matcher(cluster).matches()) {
        problems.add("it names no cluster; 'stallcast certs init' makes an authority that does");
      }
      if (problems.isEmpty()) {
        return new Authority(key, certificate, cluster);
      }
    } catch (IOException e) {
      problems.add(
          "no "
              + KEY_FILE
              + " and "
              + TlsFolder.AUTHORITY_FILE
              + " to read; 'stallcast certs init'"
              + " makes them");
    } catch (GeneralSecurityException e) {
      problems.add("a file " + e.getMessage());
    }
    throw new TlsFolderException(folder, problems);
  }

  /** Name of the cluster whose nodes it lets in. */
  public String cluster() {
    return cluster;
  }

  /** When its own certificate ends; no node's can end later. */
  public Instant end() {
    return certificate.getNotAfter().toInstant();
  }

  /**
   * Makes the keys of a node.
   *
   * @param folder new or empty
   * @param node name of the node, for people
   * @throws IllegalArgumentException if the folder holds something; the message is for the user
   * @throws IOException if it cannot be written
   */
  public void issue(Path folder, String node, Instant now, Duration validity) throws IOException {
    claim(folder);
    put(folder.resolve(TlsFolder.AUTHORITY_FILE), text(List.of(certificate)), ALL_MAY_READ);
    writeKeys(folder, node, now, validity);
  }

  /**
   * Replaces key and certificate of a node by new ones for the same name. Authorities that the node
   * trusts already stay, so that it is understood by nodes that are not renewed yet.
   *
   * @return the node's name
   * @throws IllegalArgumentException if there is no certificate to renew; the message is for the
   *     user
   * @throws IOException if it cannot be written
   */
  public String renew(Path folder, Instant now, Duration validity) throws IOException {
    try {
      X509Certificate old = read(folder.resolve(TlsFolder.CERTIFICATE_FILE)).get(0);
      String name = Names.commonName(old).orElse("");
      String node = Names.part(old, "OU").orElse("");
      if (!name.equals(cluster) || !NAME.matcher(node).matches()) {
        throw new IllegalArgumentException(
            folder + " belongs to '" + Names.owner(old) + "' and not to a node of " + cluster);
      }
      Path trusted = folder.resolve(TlsFolder.AUTHORITY_FILE);
      List<X509Certificate> authorities = new ArrayList<>(read(trusted));
      if (!authorities.contains(certificate)) {
        authorities.add(certificate);
        put(trusted, text(authorities), ALL_MAY_READ);
      }
      writeKeys(folder, node, now, validity);
      return node;
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("a file in " + folder + " " + e.getMessage(), e);
    }
  }

  /** A running node takes the pair only when both are there. */
  private void writeKeys(Path folder, String node, Instant now, Duration validity)
      throws IOException {
    KeyPair pair = newPair();
    X509Certificate own =
        Certificates.ofNode(
            key,
            certificate,
            new Certificates.Request(pair.getPublic(), cluster, node),
            now,
            validity);
    put(folder.resolve(TlsFolder.KEY_FILE), Pem.write(pair.getPrivate()), OWNER_ONLY);
    put(folder.resolve(TlsFolder.CERTIFICATE_FILE), text(List.of(own)), ALL_MAY_READ);
  }

  private static KeyPair newPair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has P-256", e);
    }
  }

  private static List<X509Certificate> read(Path file)
      throws IOException, GeneralSecurityException {
    return Pem.certificates(Files.readString(file, StandardCharsets.ISO_8859_1));
  }

  private static String text(List<X509Certificate> certificates) throws IOException {
    StringBuilder text = new StringBuilder();
    for (X509Certificate certificate : certificates) {
      try {
        text.append(Pem.write(certificate));
      } catch (GeneralSecurityException e) {
        throw new UncheckedIOException(new IOException(e));
      }
    }
    return text.toString();
  }

  private static void claim(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      try (var entries = Files.newDirectoryStream(folder)) {
        if (entries.iterator().hasNext()) {
          throw new IllegalArgumentException(
              "the folder " + folder + " is not empty; nothing is overwritten");
        }
      }
    }
    Path parent = folder.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    if (!Files.isDirectory(folder)) {
      Files.createDirectory(folder, permissions(OWN_FOLDER));
    }
  }

  /** Writes beside the file and renames, so that nobody reads half of it. */
  private static void put(Path file, String text, String permissions) throws IOException {
    Path draft = file.resolveSibling("." + file.getFileName() + ".new");
    Files.deleteIfExists(draft);
    Files.createFile(draft, permissions(permissions));
    Files.writeString(draft, text, StandardCharsets.US_ASCII);
    Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString(permissions)); // umask
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static FileAttribute<Set<PosixFilePermission>> permissions(String text) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
  }
}
