package stallcast.worker.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stallcast.worker.tls.Authority;

class NodeSettingsTest {
  private static NodeSettings worker(String listen, Optional<Path> tls, boolean insecure) {
    return new NodeSettings(
        NodeSettings.WORKER,
        NodeAddress.parse(listen),
        new NodeAddress("127.0.0.1", 7100),
        tls,
        insecure,
        Duration.ofSeconds(60),
        Duration.ofSeconds(10));
  }

  @Test
  void plainTcpBeyondThisMachineIsRefusedUnlessAllowed() {
    NodeSettings open = worker("192.0.2.1:7101", Optional.empty(), false);
    IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, open::config);
    assertTrue(refused.getMessage().contains("--insecure-network"), refused::getMessage);
    worker("192.0.2.1:7101", Optional.empty(), true).config();
    worker("127.0.0.1:0", Optional.empty(), false).config();
    worker("[::1]:0", Optional.empty(), false).config();
  }

  @Test
  void tlsNeedsItsFiles(@TempDir Path folder) throws IOException {
    NodeSettings node = worker("192.0.2.1:7101", Optional.of(folder.resolve("none")), false);
    assertThrows(IllegalArgumentException.class, node::config);
    Authority.create(folder.resolve("ca"), "stallcast", Instant.now(), Duration.ofDays(2))
        .issue(folder.resolve("w"), "w", Instant.now(), Duration.ofDays(1));
    Config config = worker("192.0.2.1:7101", Optional.of(folder.resolve("w")), false).config();
    assertEquals("tls-tcp", config.getString("pekko.remote.artery.transport"));
    assertEquals(
        NodeTls.class.getName(), config.getString("pekko.remote.artery.ssl.ssl-engine-provider"));
    assertEquals(folder.resolve("w").toString(), config.getString("stallcast.tls-dir"));
  }

  @Test
  void everyProblemIsNamedAtOnce(@TempDir Path folder) {
    NodeSettings node = worker("0.0.0.0:7101", Optional.of(folder), false);
    String message = assertThrows(IllegalArgumentException.class, node::config).getMessage();
    assertTrue(message.contains("others are told this address and cannot reach it"), message);
    assertTrue(message.contains("there is no file tls.key"), message);
    assertTrue(message.contains("there is no file ca.crt"), message);
  }

  @Test
  void configurationIsWhatTheClusterNeeds() {
    Config config = worker("127.0.0.1:0", Optional.empty(), false).config();
    assertFalse(config.getBoolean("pekko.actor.allow-java-serialization"));
    assertFalse(config.getBoolean("pekko.cluster.jmx.enabled"));
    assertEquals(
        CoordinatorStays.class.getName(), config.getString("pekko.cluster.downing-provider-class"));
    assertEquals(256 * 1024, config.getBytes("pekko.remote.artery.advanced.maximum-frame-size"));
    assertEquals(
        "pekko://stallcast@127.0.0.1:7100",
        config.getStringList("pekko.cluster.seed-nodes").get(0));
  }

  @Test
  void addressesAreReadAndWritten() {
    assertEquals(new NodeAddress("node-3", 7100), NodeAddress.parse("node-3:7100"));
    assertEquals(new NodeAddress("::1", 7100), NodeAddress.parse("[::1]:7100"));
    assertEquals("[::1]:7100", NodeAddress.parse("[::1]:7100").toString());
    for (String wrong : new String[] {"", "node", ":7100", "node:", "node:70000", "node:x"}) {
      assertThrows(IllegalArgumentException.class, () -> NodeAddress.parse(wrong), wrong);
    }
  }
}
