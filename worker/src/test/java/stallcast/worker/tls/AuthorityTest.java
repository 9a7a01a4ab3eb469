package stallcast.worker.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuthorityTest {
  private final Instant now = Instant.now();

  @TempDir private Path temp;

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void issuedKeysCanBeUsedAndNameClusterAndNode() throws IOException {
    Authority authority = TestKeys.authority(temp.resolve("ca"), "stallcast");
    NodeKeys keys = TlsFolder.read(TestKeys.node(authority, temp.resolve("w1")), now);
    assertEquals("stallcast", Names.commonName(keys.certificate()).orElseThrow());
    assertEquals("w1", Names.part(keys.certificate(), "OU").orElseThrow());
    assertEquals(-1, keys.certificate().getBasicConstraints(), "a node signs nobody");
    assertEquals(0, keys.authorities().get(0).getBasicConstraints(), "nor another authority");
  }

  @Test
  void keysAreTheirOwnersAlone() throws IOException {
    Authority authority = TestKeys.authority(temp.resolve("ca"), "stallcast");
    Path node = TestKeys.node(authority, temp.resolve("a/b/w1"));
    assertEquals("rwx------", permissions(temp.resolve("ca")));
    assertEquals("rw-------", permissions(temp.resolve("ca/ca.key")));
    assertEquals("rwx------", permissions(node));
    assertEquals("rw-------", permissions(node.resolve("tls.key")));
    try (Stream<Path> files = Files.list(node)) {
      assertEquals(
          List.of("ca.crt", "tls.crt", "tls.key"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
  }

  @Test
  void nothingIsOverwritten() throws IOException {
    Authority authority = TestKeys.authority(temp.resolve("ca"), "stallcast");
    assertThrows(
        IllegalArgumentException.class, () -> TestKeys.authority(temp.resolve("ca"), "stallcast"));
    TestKeys.node(authority, temp.resolve("w1"));
    assertThrows(
        IllegalArgumentException.class, () -> TestKeys.node(authority, temp.resolve("w1")));
  }

  @Test
  void nodeEndsWithItsAuthority() throws IOException {
    Authority authority = Authority.create(temp.resolve("ca"), "stallcast", now, TestKeys.DAY);
    NodeKeys keys = TlsFolder.read(TestKeys.node(authority, temp.resolve("w1")), now);
    assertEquals(authority.end(), keys.certificate().getNotAfter().toInstant());
  }

  @Test
  void renewalMakesNewKeysForTheSameNodeAndKeepsWhomItTrusts() throws IOException {
    Authority first = TestKeys.authority(temp.resolve("ca1"), "stallcast");
    Path node = TestKeys.node(first, temp.resolve("w1"));
    NodeKeys before = TlsFolder.read(node, now);
    Authority second = TestKeys.authority(temp.resolve("ca2"), "stallcast");
    assertEquals("w1", second.renew(node, now, TestKeys.DAY));
    NodeKeys after = TlsFolder.read(node, now);
    assertNotEquals(before.key(), after.key());
    assertEquals(
        before.certificate().getSubjectX500Principal(),
        after.certificate().getSubjectX500Principal());
    assertEquals(2, after.authorities().size());
    assertEquals(before.authorities().get(0), after.authorities().get(0));
    second.renew(node, now, TestKeys.DAY);
    assertEquals(2, TlsFolder.read(node, now).authorities().size(), "trusted once");
  }

  @Test
  void nodeOfAnotherClusterIsNotRenewed() throws IOException {
    Path node = TestKeys.node(TestKeys.authority(temp.resolve("ca1"), "prod"), temp.resolve("w1"));
    Authority other = TestKeys.authority(temp.resolve("ca2"), "test");
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> other.renew(node, now, TestKeys.DAY));
    assertTrue(refused.getMessage().contains("not to a node of test"), refused::getMessage);
    TlsFolder.read(node, now);
  }

  @Test
  void openedAuthorityGoesOnWhereItWasAndBrokenOnesSayWhatIsWrong() throws Exception {
    Path folder = temp.resolve("ca");
    X509Certificate made;
    TestKeys.authority(folder, "stallcast");
    made = Pem.certificates(Files.readString(folder.resolve("ca.crt"))).get(0);
    Authority opened = Authority.open(folder, now);
    assertEquals("stallcast", opened.cluster());
    assertEquals(
        made, TlsFolder.read(TestKeys.node(opened, temp.resolve("w")), now).authorities().get(0));
    TestKeys.authority(temp.resolve("other"), "stallcast");
    Files.delete(folder.resolve("ca.key"));
    Files.copy(temp.resolve("other/ca.key"), folder.resolve("ca.key"));
    TlsFolderException mixed =
        assertThrows(TlsFolderException.class, () -> Authority.open(folder, now));
    assertEquals(List.of("ca.key is not the key of ca.crt"), mixed.problems());
    assertThrows(TlsFolderException.class, () -> Authority.open(temp.resolve("none"), now));
    assertFalse(Files.exists(temp.resolve("none")));
  }
}
