package stallcast.worker.tls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Signs certificates, which the JDK can read but not make. */
final class Certificates {
  private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(5);
  private static final int SERIAL_BITS = 159; // at most 20 bytes and positive (RFC 5280)
  private static final int MARK_BITS = 40; // tells authorities of one cluster apart in messages
  private static final SecureRandom RANDOM = new SecureRandom();

  private Certificates() {}

  /**
   * What a node wants signed.
   *
   * @param key its public key
   * @param cluster name of its cluster
   * @param node its own name
   */
  record Request(PublicKey key, String cluster, String node) {}

  /** The certificate of an authority, signed by itself; it signs nodes and no other authority. */
  static X509Certificate ofAuthority(KeyPair pair, String cluster, Instant now, Duration validity) {
    String mark = new BigInteger(MARK_BITS, RANDOM).toString(Character.MAX_RADIX);
    X500Principal name = new X500Principal("CN=Stallcast authority " + mark + ",O=" + cluster);
    try {
      JcaX509v3CertificateBuilder draft =
          draft(name, name, pair.getPublic(), now, now.plus(validity));
      draft.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
      draft.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      return sign(draft, pair.getPrivate());
    } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException("cannot sign " + name, e);
    }
  }

  /** The certificate of a node, for both ends of a connection; it ends with its authority's. */
  static X509Certificate ofNode(
      PrivateKey signer,
      X509Certificate authority,
      Request request,
      Instant now,
      Duration validity) {
    X500Principal name = new X500Principal("CN=" + request.cluster() + ",OU=" + request.node());
    Instant last = authority.getNotAfter().toInstant();
    Instant end = now.plus(validity).isAfter(last) ? last : now.plus(validity);
    try {
      JcaX509v3CertificateBuilder draft =
          draft(authority.getSubjectX500Principal(), name, request.key(), now, end);
      draft.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      draft.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      draft.addExtension(
          Extension.extendedKeyUsage,
          false,
          new ExtendedKeyUsage(
              new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
      draft.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(new GeneralName(GeneralName.dNSName, request.cluster())));
      draft.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(authority));
      return sign(draft, signer);
    } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException("cannot sign " + name, e);
    }
  }

  private static JcaX509v3CertificateBuilder draft(
      X500Principal issuer, X500Principal owner, PublicKey key, Instant now, Instant end)
      throws GeneralSecurityException {
    JcaX509v3CertificateBuilder draft =
        new JcaX509v3CertificateBuilder(
            issuer,
            new BigInteger(SERIAL_BITS, RANDOM).add(BigInteger.ONE),
            Date.from(now.minus(CLOCKS_DIFFER)),
            Date.from(end),
            owner,
            key);
    try {
      draft.addExtension(
          Extension.subjectKeyIdentifier,
          false,
          new JcaX509ExtensionUtils().createSubjectKeyIdentifier(key));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return draft;
  }

  private static X509Certificate sign(JcaX509v3CertificateBuilder draft, PrivateKey signer)
      throws GeneralSecurityException, OperatorCreationException {
    return new JcaX509CertificateConverter()
        .getCertificate(draft.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer)));
  }
}
