package stallcast.worker.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two ends of a connection in memory: who is let in, and what the refusing end says. */
class HandshakeTest {
  private static final int BUFFER_BYTES = 1 << 16;

  @TempDir private Path temp;
  private final List<String> serverSays = new ArrayList<>();
  private final List<String> clientSays = new ArrayList<>();
  private Authority authority;
  private Path server;

  @BeforeEach
  void makeServer() throws IOException {
    authority = TestKeys.authority(temp.resolve("ca"), "stallcast");
    server = TestKeys.node(authority, temp.resolve("server"));
  }

  private static SSLEngine engine(
      SSLContext context, boolean client, String peer, List<String> says) {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(client);
    if (!client) {
      engine.setNeedClientAuth(true);
    }
    Refusals refusals = new Refusals(Clock.systemUTC(), says::add);
    return new ToldEngine(engine, e -> refusals.onFailure(peer, e));
  }

  private SSLContext contextOf(Path node) {
    return new KeyRing(node, Clock.systemUTC(), warning -> {}).context();
  }

  private void connect(SSLContext client) {
    connect(engine(client, true, "the node at c:1", clientSays));
  }

  /** Carries bytes both ways until nothing moves any more. */
  private void connect(SSLEngine client) {
    SSLEngine engine = engine(contextOf(server), false, "a node", serverSays);
    ByteBuffer toServer = ByteBuffer.allocate(BUFFER_BYTES);
    ByteBuffer toClient = ByteBuffer.allocate(BUFFER_BYTES);
    for (int round = 0; round < 20; round++) {
      step(client, toServer, toClient);
      step(engine, toClient, toServer);
    }
  }

  /** One end takes what arrived and says what it has to say; a failed end sends its alert. */
  private static void step(SSLEngine engine, ByteBuffer out, ByteBuffer in) {
    ByteBuffer plain = ByteBuffer.allocate(BUFFER_BYTES);
    for (int i = 0; i < 10; i++) {
      try {
        in.flip();
        engine.unwrap(in, plain);
      } catch (SSLException e) {
        in.position(in.limit());
      } finally {
        in.compact();
      }
      runTasks(engine);
      try {
        engine.wrap(ByteBuffer.allocate(0), out);
      } catch (SSLException e) {
        continue; // the alert is fetched in the next round
      }
      runTasks(engine);
    }
  }

  private static void runTasks(SSLEngine engine) {
    if (engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
      engine.getDelegatedTask().run();
    }
  }

  private void assertSays(List<String> says, String expected) {
    assertEquals(1, says.size(), () -> "server " + serverSays + ", client " + clientSays);
    assertTrue(says.get(0).startsWith(expected), says::toString);
  }

  @Test
  void nodesOfOneAuthorityUnderstandEachOther() throws IOException {
    SSLEngine client =
        engine(contextOf(TestKeys.node(authority, temp.resolve("w1"))), true, "c", clientSays);
    connect(client);
    assertEquals(HandshakeStatus.NOT_HANDSHAKING, client.getHandshakeStatus());
    assertEquals("TLSv1.3", client.getSession().getProtocol());
    assertEquals(List.of(), serverSays);
    assertEquals(List.of(), clientSays);
  }

  @Test
  void nodeOfAnotherAuthorityIsRefused() throws IOException {
    Authority other = TestKeys.authority(temp.resolve("ca2"), "stallcast");
    Path stranger = TestKeys.node(other, temp.resolve("w1"));
    TestKeys.trustAlso(stranger, server); // so that it is the server that refuses
    connect(contextOf(stranger));
    assertSays(
        serverSays,
        "refused a node: the certificate of CN=stallcast,OU=w1 is of another authority: CN=");
    assertSays(clientSays, "the node at c:1 refused this node: it does not accept this node's");
  }

  @Test
  void otherEndOfAnotherAuthorityIsRefusedByTheClient() throws IOException {
    Authority other = TestKeys.authority(temp.resolve("ca2"), "stallcast");
    connect(contextOf(TestKeys.node(other, temp.resolve("w1"))));
    assertSays(clientSays, "refused the node at c:1: the certificate of CN=stallcast,OU=server");
    assertSays(serverSays, "a node refused this node: it does not accept this node's certificate");
  }

  @Test
  void nodeOfAnotherClusterIsRefused() throws IOException {
    Authority other = TestKeys.authority(temp.resolve("ca2"), "test");
    Path stranger = TestKeys.node(other, temp.resolve("w1"));
    TestKeys.trustAlso(stranger, server);
    TestKeys.trustAlso(server, stranger);
    connect(contextOf(stranger));
    assertSays(
        clientSays,
        "refused the node at c:1: the certificate of CN=stallcast,OU=server has another common"
            + " name: 'stallcast' instead of 'test'");
  }

  @Test
  void expiredNodeIsRefused() throws Exception {
    Path late = temp.resolve("late");
    Instant then = Instant.now().minus(TestKeys.DAY.multipliedBy(9));
    authority.issue(late, "late", then, TestKeys.DAY);
    connect(
        KeyRing.contextOf(
            new NodeKeys(
                Pem.privateKey(Files.readString(late.resolve("tls.key"))),
                Pem.certificates(Files.readString(late.resolve("tls.crt"))),
                Pem.certificates(Files.readString(late.resolve("ca.crt"))))));
    assertSays(serverSays, "refused a node: the certificate of CN=stallcast,OU=late expired on 20");
    assertSays(clientSays, "the node at c:1 refused this node: ");
  }

  @Test
  void nodeWithoutCertificateIsRefused() throws Exception {
    SSLContext bare = SSLContext.getInstance("TLSv1.3");
    bare.init(null, new TrustManager[] {new TrustsAll()}, null);
    connect(bare);
    assertSays(serverSays, "refused a node: it shows no certificate");
    assertTrue(clientSays.get(0).startsWith("the node at c:1 refused this node"), "" + clientSays);
  }

  @Test
  void nodeThatSpeaksInClearIsRefused() {
    SSLEngine engine = engine(contextOf(server), false, "a node", serverSays);
    ByteBuffer in = ByteBuffer.allocate(BUFFER_BYTES);
    in.put("AKKA and more, as Artery begins a connection".getBytes(StandardCharsets.US_ASCII));
    step(engine, ByteBuffer.allocate(BUFFER_BYTES), in);
    assertSays(serverSays, "refused a node: it does not speak TLS. Is it a Stallcast process");
  }

  @Test
  void nodeThatComesAgainAndAgainIsMentionedOnceAMinute() {
    List<String> says = new ArrayList<>();
    Refusals refusals = new Refusals(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC), says::add);
    for (int i = 0; i < 1000; i++) {
      refusals.onFailure("a node", new SSLException("broken"));
      refusals.onFailure("another", new SSLException("broken\nfor \u001b[31mgood"));
    }
    assertEquals(
        List.of("no TLS with a node: broken", "no TLS with another: broken?for ?[31mgood"), says);
  }

  private static final class TrustsAll implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
