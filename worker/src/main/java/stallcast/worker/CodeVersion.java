package stallcast.worker;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * Which code this process runs: part of every manifest, and compared when a worker joins.
 *
 * @param release version of the release, such as {@code 0.1.0}
 * @param commit abbreviated git commit, or {@code unknown} if it was built outside a checkout
 * @param modified whether the checkout had uncommitted changes when it was built
 */
public record CodeVersion(String release, String commit, boolean modified) {
  private static final String RESOURCE = "version.properties";

  /**
   * Reads what the build wrote into the jar.
   *
   * @return the version of the running code
   * @throws IllegalStateException if the jar was built without it
   */
  public static CodeVersion current() {
    Properties properties = new Properties();
    try (InputStream in = CodeVersion.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is missing beside " + CodeVersion.class);
      }
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new CodeVersion(
        properties.getProperty("version"),
        properties.getProperty("commit"),
        Boolean.parseBoolean(properties.getProperty("modified")));
  }

  @Override
  public String toString() {
    return release + " (commit " + commit + (modified ? ", modified" : "") + ")";
  }
}
