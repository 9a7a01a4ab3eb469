package stallcast.worker.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyRingTest {
  private static final Duration LATER = KeyRing.RECHECK_AFTER.plusSeconds(1);

  @TempDir private Path temp;
  private final List<String> warnings = new ArrayList<>();
  private final HandClock clock = new HandClock();
  private Authority authority;
  private Path node;
  private KeyRing ring;

  /** A clock that stands until it is moved. */
  private static final class HandClock extends Clock {
    private Instant now = Instant.now();

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  @BeforeEach
  void makeRing() throws IOException {
    authority = TestKeys.authority(temp.resolve("ca"), "stallcast");
    node = TestKeys.node(authority, temp.resolve("w1"));
    ring = new KeyRing(node, clock, warnings::add);
  }

  private void pass(Duration time) {
    clock.now = clock.now.plus(time);
  }

  @Test
  void newKeysAreTakenWithoutARestart() throws IOException {
    SSLContext first = ring.context();
    pass(LATER);
    assertSame(first, ring.context(), "nothing has changed");
    authority.renew(node, clock.now, Duration.ofDays(90));
    assertSame(first, ring.context(), "not looked yet");
    pass(LATER);
    assertNotSame(first, ring.context());
    assertEquals(List.of(), warnings);
  }

  @Test
  void keysThatDoNotFitTogetherLeaveTheOldOnesInForce() throws IOException {
    SSLContext first = ring.context();
    byte[] oldCertificate = Files.readAllBytes(node.resolve("tls.crt"));
    authority.renew(node, clock.now, Duration.ofDays(90));
    byte[] newCertificate = Files.readAllBytes(node.resolve("tls.crt"));
    Files.write(node.resolve("tls.crt"), oldCertificate); // as between the two writes
    for (int i = 0; i < 3; i++) {
      pass(LATER);
      assertSame(first, ring.context());
    }
    assertEquals(1, warnings.size(), "said once");
    assertTrue(warnings.get(0).contains("tls.key is not the key of tls.crt"), warnings::toString);
    assertTrue(warnings.get(0).contains("stay in force"), warnings::toString);
    Files.write(node.resolve("tls.crt"), newCertificate);
    pass(LATER);
    assertNotSame(first, ring.context());
  }

  @Test
  void nearEndIsAnnounced() throws IOException {
    pass(Duration.ofDays(84));
    ring.context();
    assertEquals(1, warnings.size(), warnings::toString);
    assertTrue(warnings.get(0).contains("'stallcast certs renew'"), warnings::toString);
  }

  @Test
  void unusableKeysAreRefusedAtTheStart() throws IOException {
    Files.delete(node.resolve("tls.crt"));
    assertThrows(TlsFolderException.class, () -> new KeyRing(node, clock, warnings::add));
  }
}
