package stallcast.coordinator.cli;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Set;

/** Where a dataset is, as users type it: a path, {@code file:} or {@code hdfs:}. */
final class DatasetAddress {
  private static final Set<String> SCHEMES = Set.of("file", "hdfs");

  private DatasetAddress() {}

  /**
   * Reads an address.
   *
   * @param option what messages call it
   * @throws BadInputException if it is none
   */
  static URI parse(String option, String text) {
    try {
      URI uri = text.contains(":") ? new URI(text) : Path.of(text).toAbsolutePath().toUri();
      if (!SCHEMES.contains(uri.getScheme())) {
        throw new IllegalArgumentException("only a path, file: and hdfs: can hold a dataset");
      }
      return uri;
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw new BadInputException(
          option + " " + text + " is no folder or URI: " + e.getMessage(), "");
    }
  }
}
