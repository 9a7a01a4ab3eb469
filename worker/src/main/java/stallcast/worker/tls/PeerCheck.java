package stallcast.worker.tls;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Who is let in: a certificate of one of our authorities, valid now, made for both ends of a
 * connection, with our own common name. The names of machines play no role: nodes come and go.
 *
 * <p>The JDK judges the path; what is added is the common name, and words for the refusal.
 */
final class PeerCheck extends X509ExtendedTrustManager {
  private final X509ExtendedTrustManager paths;
  private final List<X509Certificate> authorities;
  private final String commonName;

  PeerCheck(NodeKeys keys) throws GeneralSecurityException {
    authorities = keys.authorities();
    commonName = Names.commonName(keys.certificate()).orElse("");
    paths = pathsTo(authorities);
  }

  private static X509ExtendedTrustManager pathsTo(List<X509Certificate> authorities)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    KeyStore store = KeyRing.emptyStore();
    for (int i = 0; i < authorities.size(); i++) {
      store.setCertificateEntry("ca" + i, authorities.get(i));
    }
    factory.init(store);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager extended) {
        return extended;
      }
    }
    throw new GeneralSecurityException("this Java has no X.509 trust manager");
  }

  /** Judges a node's own certificate as others will. */
  static void checkOwn(NodeKeys keys) throws GeneralSecurityException {
    PeerCheck check = new PeerCheck(keys);
    X509Certificate[] chain = keys.chain().toArray(X509Certificate[]::new);
    check.checkClientTrusted(chain, "UNKNOWN");
    check.checkServerTrusted(chain, "UNKNOWN");
  }

  /** Why a certificate is not valid at an instant; empty if it is. */
  static Optional<String> validityProblem(X509Certificate certificate, Instant at) {
    if (at.isAfter(certificate.getNotAfter().toInstant())) {
      return Optional.of(
          "the certificate of "
              + Names.owner(certificate)
              + " expired on "
              + certificate.getNotAfter().toInstant());
    }
    if (at.isBefore(certificate.getNotBefore().toInstant())) {
      return Optional.of(
          "the certificate of "
              + Names.owner(certificate)
              + " is valid only from "
              + certificate.getNotBefore().toInstant()
              + " on; do the clocks differ?");
    }
    return Optional.empty();
  }

  /** One of the four questions that the JDK asks. */
  private interface Question {
    void ask() throws CertificateException;
  }

  private void check(X509Certificate[] chain, Question question) throws CertificateException {
    try {
      question.ask();
    } catch (CertificateException e) {
      // The cause decides which alert the peer gets to see.
      throw new PeerRefusedException(explain(chain, e), e.getCause());
    }
    String name = Names.commonName(chain[0]).orElse("");
    if (!name.equals(commonName)) {
      throw new PeerRefusedException(
          "the certificate of "
              + Names.owner(chain[0])
              + " has another common name: '"
              + Names.shown(name)
              + "' instead of '"
              + commonName
              + "'; all nodes of a cluster carry the same one",
          null);
    }
  }

  private String explain(X509Certificate[] chain, CertificateException e) {
    Instant now = Instant.now();
    return Arrays.stream(chain)
        .flatMap(certificate -> validityProblem(certificate, now).stream())
        .findFirst()
        .orElseGet(() -> explainPath(chain[chain.length - 1], chain[0], e));
  }

  private String explainPath(X509Certificate last, X509Certificate own, CertificateException e) {
    boolean isOfOurs =
        authorities.stream().anyMatch(authority -> PeerCheck.isSignedBy(last, authority));
    String owner = "the certificate of " + Names.owner(own);
    if (isOfOurs) {
      return owner + " cannot be used between nodes: " + Names.shown("" + e.getMessage());
    }
    return owner
        + " is of another authority: "
        + Names.issuer(last)
        + ", and not a key of "
        + authorities.stream().map(Names::owner).distinct().collect(Collectors.joining(" or "));
  }

  private static boolean isSignedBy(X509Certificate certificate, X509Certificate authority) {
    try {
      certificate.verify(authority.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain, () -> paths.checkClientTrusted(chain, authType, engine));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain, () -> paths.checkServerTrusted(chain, authType, engine));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(chain, () -> paths.checkClientTrusted(chain, authType, socket));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(chain, () -> paths.checkServerTrusted(chain, authType, socket));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain, () -> paths.checkClientTrusted(chain, authType));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain, () -> paths.checkServerTrusted(chain, authType));
  }

  /**
   * Nobody is named: a node of another authority would then show no certificate at all, and could
   * not be told whose it is.
   */
  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
