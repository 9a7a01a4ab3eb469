package stallcast.worker.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * The keys of a running node, read again when their files change, so that nobody has to restart it
 * for a new certificate. New files that cannot be used, such as a key whose certificate is still
 * being written, leave the old keys in force. Connections that exist live on.
 */
public final class KeyRing {
  /** How old keys in force may be before the files are looked at again. */
  public static final Duration RECHECK_AFTER = Duration.ofSeconds(10);

  private static final int WARN_IN_LAST_PART = 10; // of its lifetime: whoever renews does it before
  private static final int SESSION_SECONDS = 300; // a session must not outlive its certificate
  private static final char[] NO_PASSWORD = {}; // the store never leaves the memory

  private final Path folder;
  private final Clock clock;
  private final Consumer<String> warn;
  private NodeKeys keys;
  private SSLContext context;
  private Instant readAt;
  private String lastWarning = "";

  /**
   * The keys of a folder.
   *
   * @param folder with tls.key, tls.crt and ca.crt
   * @param clock what time it is
   * @param warn told, in lines for the user, of keys that cannot be used or end soon
   * @throws TlsFolderException if the keys cannot be used
   */
  public KeyRing(Path folder, Clock clock, Consumer<String> warn) {
    this.folder = folder;
    this.clock = clock;
    this.warn = warn;
    readAt = clock.instant();
    keys = TlsFolder.read(folder, readAt);
    context = contextOf(keys);
    warnOfEnd();
  }

  /** The context for a new connection. */
  public synchronized SSLContext context() {
    Instant now = clock.instant();
    if (now.isAfter(readAt.plus(RECHECK_AFTER))) {
      readAt = now;
      readAgain(now);
    }
    return context;
  }

  private void readAgain(Instant now) {
    try {
      NodeKeys found = TlsFolder.read(folder, now);
      if (!found.equals(keys)) {
        context = contextOf(found);
        keys = found;
      }
      warnOfEnd();
    } catch (TlsFolderException e) {
      warnOnce(e.getMessage() + "\n  the keys read before stay in force");
    }
  }

  private void warnOfEnd() {
    Instant end = keys.certificate().getNotAfter().toInstant();
    Duration lifetime = Duration.between(keys.certificate().getNotBefore().toInstant(), end);
    if (end.isBefore(readAt.plus(lifetime.dividedBy(WARN_IN_LAST_PART)))) {
      warnOnce(
          "the certificate in " + folder + " ends on " + end + "; see 'stallcast certs renew'");
    }
  }

  private void warnOnce(String warning) {
    if (!warning.equals(lastWarning)) {
      lastWarning = warning;
      warn.accept(warning);
    }
  }

  /** A context that shows and trusts what it is given, without a look at the clock. */
  static SSLContext contextOf(NodeKeys keys) {
    try {
      KeyStore store = emptyStore();
      X509Certificate[] chain = keys.chain().toArray(X509Certificate[]::new);
      store.setKeyEntry("node", keys.key(), NO_PASSWORD, chain);
      KeyManagerFactory own =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      own.init(store, NO_PASSWORD);
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      TrustManager[] others = {new PeerCheck(keys)};
      context.init(own.getKeyManagers(), others, new SecureRandom());
      context.getServerSessionContext().setSessionTimeout(SESSION_SECONDS);
      context.getClientSessionContext().setSessionTimeout(SESSION_SECONDS);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("keys that were read cannot be used", e);
    }
  }

  static KeyStore emptyStore() throws GeneralSecurityException {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, NO_PASSWORD);
      return store;
    } catch (IOException e) {
      throw new IllegalStateException("an empty store reads nothing", e);
    }
  }
}
