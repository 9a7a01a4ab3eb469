package stallcast.worker.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsFolderTest {
  private final Instant now = Instant.now();

  @TempDir private Path temp;
  private Authority authority;
  private Path node;

  @BeforeEach
  void makeNode() throws IOException {
    authority = TestKeys.authority(temp.resolve("ca"), "stallcast");
    node = TestKeys.node(authority, temp.resolve("w1"));
  }

  private List<String> problems(Instant at) {
    return assertThrows(TlsFolderException.class, () -> TlsFolder.read(node, at)).problems();
  }

  private void assertProblem(String expected) {
    List<String> problems = problems(now);
    assertEquals(1, problems.size(), problems::toString);
    assertTrue(problems.get(0).startsWith(expected), problems::toString);
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(node.resolve(file), text);
  }

  @Test
  void everyMissingFileIsNamedAtOnce() throws IOException {
    Files.delete(node.resolve("tls.key"));
    Files.delete(node.resolve("tls.crt"));
    write("ca.crt", "nothing\n");
    assertEquals(
        List.of(
            "there is no file tls.key",
            "there is no file tls.crt",
            "ca.crt holds no CERTIFICATE in PEM"),
        problems(now));
    node = temp.resolve("nowhere");
    assertProblem("there is no such folder; 'stallcast certs issue' makes one");
  }

  @Test
  void keyThatOthersMayReadIsNoSecret() throws IOException {
    Files.setPosixFilePermissions(
        node.resolve("tls.key"), PosixFilePermissions.fromString("rw-r--r--"));
    assertProblem("tls.key may be read by every user of this machine: chmod 600 it");
    Files.setPosixFilePermissions(
        node.resolve("tls.key"), PosixFilePermissions.fromString("r--r-----"));
    TlsFolder.read(node, now);
  }

  @Test
  void keyMustBelongToTheCertificate() throws IOException {
    Path other = TestKeys.node(authority, temp.resolve("w2"));
    write("tls.key", Files.readString(other.resolve("tls.key")));
    assertProblem("tls.key is not the key of tls.crt");
  }

  @Test
  void certificateMustBeOfATrustedAuthority() throws IOException {
    TestKeys.authority(temp.resolve("ca2"), "stallcast");
    write("ca.crt", Files.readString(temp.resolve("ca2/ca.crt")));
    assertProblem("tls.crt: the certificate of CN=stallcast,OU=w1 is of another authority: CN=");
  }

  @Test
  void certificateMustBeValidNow() {
    assertTrue(
        problems(now.plus(TestKeys.DAY.multipliedBy(91)))
            .get(0)
            .startsWith("tls.crt: the certificate of CN=stallcast,OU=w1 expired on "));
    assertTrue(problems(now.minus(TestKeys.DAY)).get(0).contains("do the clocks differ?"));
  }

  @Test
  void nodeCannotSignAnotherOne() throws Exception {
    KeyPair pair = KeyPairGenerator.getInstance("EC").generateKeyPair();
    X509Certificate own = Pem.certificates(Files.readString(node.resolve("tls.crt"))).get(0);
    X509Certificate forged =
        Certificates.ofNode(
            Pem.privateKey(Files.readString(node.resolve("tls.key"))),
            own,
            new Certificates.Request(pair.getPublic(), "stallcast", "w2"),
            now,
            TestKeys.DAY);
    write("tls.crt", Pem.write(forged) + Pem.write(own));
    write("tls.key", Pem.write(pair.getPrivate()));
    assertProblem("tls.crt: the certificate of CN=stallcast,OU=w2 cannot be used between nodes: ");
  }

  @Test
  void keysOfOtherKindsAreExplained() throws IOException {
    write("tls.key", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");
    assertProblem("tls.key is not in PKCS#8: convert it with 'openssl pkcs8 -topk8 -nocrypt'");
    write(
        "tls.key",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
    assertProblem("tls.key is encrypted");
    write("tls.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    assertProblem("tls.key is no RSA or EC key");
    write("tls.key", "-----BEGIN PRIVATE KEY-----\nA\n-----END PRIVATE KEY-----\n");
    assertProblem("tls.key is damaged");
    write("tls.key", " ".repeat(2_000_000));
    assertProblem("tls.key has more than 1048576 bytes");
  }

  /** cert-manager and openssl make RSA keys by default. */
  @Test
  void rsaKeysAreTaken() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair pair = generator.generateKeyPair();
    write(
        "tls.crt",
        Pem.write(
            Certificates.ofNode(
                Pem.privateKey(Files.readString(temp.resolve("ca/ca.key"))),
                Pem.certificates(Files.readString(temp.resolve("ca/ca.crt"))).get(0),
                new Certificates.Request(pair.getPublic(), "stallcast", "w1"),
                now,
                TestKeys.DAY)));
    write(
        "tls.key",
        "-----BEGIN PRIVATE KEY-----\r\n"
            + Base64.getMimeEncoder().encodeToString(pair.getPrivate().getEncoded())
            + "\r\n-----END PRIVATE KEY-----\r\n");
    assertEquals("RSA", TlsFolder.read(node, now).key().getAlgorithm());
  }
}
