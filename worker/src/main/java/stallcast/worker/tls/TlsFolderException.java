package stallcast.worker.tls;

import java.nio.file.Path;
import java.util.List;

/** A TLS folder that cannot be used; the message lists every problem, for the user. */
public final class TlsFolderException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final List<String> problems;

  TlsFolderException(Path folder, List<String> problems) {
    super("the TLS folder " + folder + " cannot be used:\n  " + String.join("\n  ", problems));
    this.problems = List.copyOf(problems);
  }

  /** What is wrong, one line each. */
  public List<String> problems() {
    return problems;
  }
}
