package stallcast.worker.tls;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Keys and certificates as text between BEGIN and END lines. */
public final class Pem {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");
  private static final String KEY = "PRIVATE KEY";
  private static final String CERTIFICATE = "CERTIFICATE";
  private static final int LINE_LENGTH = 64; // characters, as RFC 7468 writes

  private Pem() {}

  /**
   * Reads a private key.
   *
   * @throws GeneralSecurityException if it is none; the message goes on after the file's name
   */
  public static PrivateKey privateKey(String text) throws GeneralSecurityException {
    Matcher block = BLOCK.matcher(text);
    while (block.find()) {
      String kind = block.group(1);
      if (kind.equals(KEY)) {
        return decodeKey(decode(block.group(2)));
      }
      if (kind.equals("ENCRYPTED PRIVATE KEY")) {
        throw new InvalidKeyException(
            "is encrypted, and nobody is there to type its password; keep it plain, readable only"
                + " by the user that Stallcast runs as");
      }
      if (kind.endsWith(KEY)) {
        throw new InvalidKeyException(
            "is not in PKCS#8: convert it with 'openssl pkcs8 -topk8 -nocrypt' (cert-manager:"
                + " privateKey.encoding: PKCS8)");
      }
    }
    throw new InvalidKeyException("holds no PRIVATE KEY in PEM");
  }

  private static PrivateKey decodeKey(byte[] der) throws InvalidKeyException {
    PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(der);
    Exception last = new GeneralSecurityException();
    for (String algorithm : List.of("EC", "RSA")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (GeneralSecurityException e) {
        last = e; // of another kind
      }
    }
    throw new InvalidKeyException("is no RSA or EC key", last);
  }

  /**
   * Reads one certificate or more.
   *
   * @throws CertificateException if there is none; the message goes on after the file's name
   */
  public static List<X509Certificate> certificates(String text) throws CertificateException {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    List<X509Certificate> found = new ArrayList<>();
    Matcher block = BLOCK.matcher(text);
    while (block.find()) {
      if (block.group(1).equals(CERTIFICATE)) {
        found.add(certificate(factory, block.group(2)));
      }
    }
    if (found.isEmpty()) {
      throw new CertificateException("holds no CERTIFICATE in PEM");
    }
    return List.copyOf(found);
  }

  private static X509Certificate certificate(CertificateFactory factory, String base64)
      throws CertificateException {
    try {
      Certificate read = factory.generateCertificate(new ByteArrayInputStream(decode(base64)));
      return (X509Certificate) read;
    } catch (CertificateException | InvalidKeyException e) {
      throw new CertificateException("holds a damaged certificate: " + e.getMessage(), e);
    }
  }

  private static byte[] decode(String base64) throws InvalidKeyException {
    try {
      return Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new InvalidKeyException("is damaged: " + e.getMessage(), e);
    }
  }

  /** A private key as text. */
  public static String write(PrivateKey key) {
    return write(KEY, key.getEncoded());
  }

  /**
   * A certificate as text.
   *
   * @throws CertificateException if it cannot be encoded
   */
  public static String write(X509Certificate certificate) throws CertificateException {
    return write(CERTIFICATE, certificate.getEncoded());
  }

  private static String write(String kind, byte[] der) {
    String base64 = Base64.getMimeEncoder(LINE_LENGTH, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + kind + "-----\n" + base64 + "\n-----END " + kind + "-----\n";
  }

  /** Whether a signature of the one is accepted by the other. */
  public static boolean belongTogether(PrivateKey key, PublicKey publicKey) {
    byte[] probe = "stallcast".getBytes(StandardCharsets.US_ASCII);
    String algorithm = key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(probe);
      byte[] signed = signature.sign();
      signature.initVerify(publicKey);
      signature.update(probe);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false; // a key of another kind
    }
  }
}
