package stallcast.worker.tls;

import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/** Names in certificates; what strangers put there is made harmless before it is shown. */
public final class Names {
  private static final int SHOWN_MAX = 200; // characters

  private Names() {}

  /** The common name of the owner, if it has one. */
  public static Optional<String> commonName(X509Certificate certificate) {
    return part(certificate, "CN");
  }

  /** A part of the owner's name. */
  public static Optional<String> part(X509Certificate certificate, String type) {
    try {
      return new LdapName(certificate.getSubjectX500Principal().getName())
          .getRdns().stream()
              .filter(rdn -> rdn.getType().equalsIgnoreCase(type))
              .map(Rdn::getValue)
              .filter(String.class::isInstance)
              .map(String.class::cast)
              .findFirst();
    } catch (InvalidNameException e) {
      return Optional.empty();
    }
  }

  /** The owner, for messages. */
  public static String owner(X509Certificate certificate) {
    return shown(certificate.getSubjectX500Principal().getName());
  }

  /** Who signed it, for messages. */
  public static String issuer(X509Certificate certificate) {
    return shown(certificate.getIssuerX500Principal().getName());
  }

  /** One line without control characters, and not a long one. */
  static String shown(String text) {
    String line = text.replaceAll("\\p{C}", "?");
    return line.length() <= SHOWN_MAX ? line : line.substring(0, SHOWN_MAX) + "...";
  }
}
