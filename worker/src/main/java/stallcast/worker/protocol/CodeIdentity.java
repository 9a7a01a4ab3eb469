package stallcast.worker.protocol;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.worker.CodeVersion;

/**
 * What a process was built from. Workers of another kernel would break reproducibility even where
 * the messages still fit, so the coordinator refuses them by name.
 *
 * @param protocol version of the conversation
 * @param build release and commit, for people
 * @param kernel SHA-256 over the compiled sim-kernel, hex
 * @param scheme SHA-256 over the layout of all messages, hex
 */
public record CodeIdentity(int protocol, String build, String kernel, String scheme) {

  /** Raised whenever the conversation changes without a change of layout. */
  public static final int PROTOCOL = 1;

  private static final int SHOWN = 12; // hex digits of a hash in messages for people

  /** The identity of this process. */
  public static CodeIdentity current() {
    return Current.IDENTITY;
  }

  /**
   * Why a worker of another build cannot take part.
   *
   * @return one line for the user, or empty if it can
   */
  public Optional<String> conflictWith(CodeIdentity worker) {
    if (protocol != worker.protocol) {
      return Optional.of("protocol version " + protocol + " here, worker has " + worker.protocol);
    }
    if (!scheme.equals(worker.scheme)) {
      return Optional.of(
          "message layout " + shorten(scheme) + " here, worker has " + shorten(worker.scheme));
    }
    if (!kernel.equals(worker.kernel)) {
      return Optional.of(
          "simulation kernel "
              + shorten(kernel)
              + " here, worker has "
              + shorten(worker.kernel)
              + " (builds "
              + build
              + " and "
              + worker.build
              + ")");
    }
    return Optional.empty();
  }

  private static String shorten(String hash) {
    return hash.length() <= SHOWN ? hash : hash.substring(0, SHOWN);
  }

  /** Computed once, when first asked for. */
  private static final class Current {
    private static final CodeIdentity IDENTITY =
        new CodeIdentity(
            PROTOCOL, CodeVersion.current().toString(), kernelHash(), WireScheme.fingerprint());

    /** Hashes every class file of the jar or folder that holds the kernel, in order of its path. */
    private static String kernelHash() {
      try {
        URI source = ScenarioSpec.class.getProtectionDomain().getCodeSource().getLocation().toURI();
        Path path = Path.of(source);
        if (Files.isDirectory(path)) {
          return hashClasses(path);
        }
        try (FileSystem jar = FileSystems.newFileSystem(path)) {
          return hashClasses(jar.getPath("/"));
        }
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read the kernel's classes", e);
      } catch (URISyntaxException e) {
        throw new IllegalStateException("kernel loaded from no file", e);
      }
    }

    private static String hashClasses(Path root) throws IOException {
      MessageDigest digest = sha256();
      List<Path> classes;
      try (Stream<Path> files = Files.walk(root)) {
        classes = files.filter(f -> f.toString().endsWith(".class")).toList();
      }
      List<String> names =
          classes.stream().map(f -> root.relativize(f).toString()).sorted().toList();
      for (String name : names) {
        if (name.startsWith("stallcast/kernel")) {
          digest.update(Files.readAllBytes(root.resolve(name)));
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
      try {
        return MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JDK has SHA-256", e);
      }
    }
  }
}
