package stallcast.worker.tls;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;

/**
 * Says why a connection failed in the handshake. A node that is refused comes back every few
 * seconds, so the same words are said once a minute.
 */
public final class Refusals {
  private static final Duration SAID_AGAIN_AFTER = Duration.ofMinutes(1);
  private static final int REMEMBERED_MAX = 64; // different words

  private final Clock clock;
  private final Consumer<String> warn;
  private final Map<String, Instant> said =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
          return size() > REMEMBERED_MAX;
        }
      };

  /** Tells {@code warn}, in lines for the user. */
  public Refusals(Clock clock, Consumer<String> warn) {
    this.clock = clock;
    this.warn = warn;
  }

  /**
   * A handshake failed.
   *
   * @param peer who is at the other end; "a node" if it is not known
   * @param failure what TLS says
   */
  public void onFailure(String peer, SSLException failure) {
    String words = explain(peer, failure);
    Instant now = clock.instant();
    synchronized (said) {
      Instant last = said.get(words);
      if (last != null && now.isBefore(last.plus(SAID_AGAIN_AFTER))) {
        return;
      }
      said.remove(words); // so that it becomes the youngest
      said.put(words, now);
    }
    warn.accept(words);
  }

  /** The JDK's texts are no promise: what is not known is passed on as it is. */
  static String explain(String peer, SSLException failure) {
    Optional<String> ours = refusal(failure);
    if (ours.isPresent()) {
      return "refused " + peer + ": " + ours.get();
    }
    String message = String.valueOf(failure.getMessage());
    if (message.startsWith("Empty client certificate chain")) {
      return "refused " + peer + ": it shows no certificate";
    }
    if (message.startsWith("Unsupported or unrecognized SSL message")
        || message.startsWith("Unrecognized SSL message")) {
      return "refused "
          + peer
          + ": it does not speak TLS. Is it a Stallcast process without --tls-dir?";
    }
    String alert = "Received fatal alert: ";
    if (message.contains(alert)) {
      String name = message.substring(message.indexOf(alert) + alert.length());
      return peer + " refused this node: " + alertInWords(name);
    }
    return "no TLS with " + peer + ": " + Names.shown(message);
  }

  private static Optional<String> refusal(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < 10; depth++) {
      if (cause instanceof PeerRefusedException) {
        return Optional.of(cause.getMessage());
      }
      cause = cause.getCause();
    }
    return Optional.empty();
  }

  private static String alertInWords(String alert) {
    String why =
        switch (alert) {
          case "certificate_expired" ->
              "this node's certificate is expired there; do clocks differ?";
          case "certificate_unknown", "bad_certificate", "unknown_ca" ->
              "it does not accept this node's certificate: another authority, expired, or another"
                  + " common name. Its own log says which; 'stallcast certs show' helps";
          case "certificate_required" -> "it asks for a certificate and got none";
          default -> "see its own log";
        };
    return why + " (TLS alert " + Names.shown(alert) + ")";
  }
}
