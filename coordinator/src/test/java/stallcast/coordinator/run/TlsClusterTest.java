package stallcast.coordinator.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stallcast.coordinator.cli.InProcess;
import stallcast.worker.tls.Authority;

/** A cluster of processes with mutual TLS, and others that want in. */
class TlsClusterTest {
  private static final Path FLEET = Path.of("src/test/resources/fleets/throttled.yaml");
  private static final Duration YEAR = Duration.ofDays(365);
  private final Instant then = Instant.now().minus(Duration.ofDays(30));

  @TempDir private Path folder;
  private final List<OwnProcess> processes = new ArrayList<>();
  private Authority authority;
  private String port;

  @BeforeEach
  void makeKeys() throws IOException {
    authority = Authority.create(folder.resolve("authority"), "stallcast", then, YEAR);
    for (String node : new String[] {"coordinator", "w1", "w2"}) {
      authority.issue(folder.resolve(node), node, Instant.now(), Duration.ofDays(1));
    }
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = Integer.toString(socket.getLocalPort());
    }
  }

  @AfterEach
  void endProcesses() {
    processes.forEach(OwnProcess::kill);
  }

  private OwnProcess started(OwnProcess process) {
    processes.add(process);
    return process;
  }

  private OwnProcess coordinator(Path keys, int workers, Path out) throws IOException {
    return started(
        OwnProcess.start(
            folder,
            "coordinator",
            "coordinator",
            FLEET,
            "--hosts",
            60,
            "--shard-size",
            5,
            "--listen",
            "127.0.0.1:" + port,
            "--workers",
            workers,
            "--tls-dir",
            keys,
            "--out",
            out));
  }

  private OwnProcess worker(String name, Object... more) throws IOException {
    List<Object> words =
        new ArrayList<>(List.of("worker", "--seed-node", "127.0.0.1:" + port, "--threads", 1));
    words.addAll(List.of(more));
    return started(OwnProcess.start(folder, name, words.toArray()));
  }

  private OwnProcess stranger(String name, Object... keys) throws IOException {
    List<Object> words = new ArrayList<>(List.of(port));
    words.addAll(List.of(keys));
    return started(OwnProcess.startMain(folder, name, StrangerMain.class, words.toArray()));
  }

  private void awaitListening() throws InterruptedException {
    OwnProcess.await(
        "the coordinator's port",
        () -> {
          try (Socket socket =
              new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(port))) {
            return socket.isConnected();
          } catch (IOException e) {
            return false;
          }
        });
  }

  private static Map<String, byte[]> rows(Path dataset) throws IOException {
    Map<String, byte[]> rows = new TreeMap<>();
    for (String table : new String[] {"outcomes", "incidents", "estimates"}) {
      try (Stream<Path> files = Files.walk(dataset.resolve(table))) {
        for (Path file : files.filter(f -> f.toString().endsWith(".parquet")).toList()) {
          rows.put(dataset.relativize(file).toString(), Files.readAllBytes(file));
        }
      }
    }
    return rows;
  }

  private static void trustAlso(Path node, Path other) throws IOException {
    byte[] authorities = Files.readAllBytes(other.resolve("ca.crt"));
    Files.write(node.resolve("ca.crt"), authorities, StandardOpenOption.APPEND);
  }

  /** A folder of another authority that trusts ours, too. */
  private Path foreign(String name, String cluster) throws IOException {
    Authority other = Authority.create(folder.resolve(name + "-ca"), cluster, then, YEAR);
    Path node = folder.resolve(name);
    other.issue(node, name, Instant.now(), Duration.ofDays(1));
    trustAlso(node, folder.resolve("coordinator"));
    return node;
  }

  @Test
  void threeProcessesRunAndStrangersAreRefusedWithTheReason() throws Exception {
    Path otherAuthority = foreign("other-authority", "stallcast");
    Path otherCluster = foreign("other-cluster", "test");
    trustAlso(folder.resolve("coordinator"), otherCluster);
    Path expired = folder.resolve("expired");
    authority.issue(expired, "expired", then, Duration.ofDays(1));
    Path dataset = folder.resolve("dataset");
    OwnProcess coordinator = coordinator(folder.resolve("coordinator"), 2, dataset);
    awaitListening();
    sendGarbage();

    OwnProcess inClear = worker("in-clear", "--give-up-after", 4);
    OwnProcess ofOther = worker("of-other", "--give-up-after", 4, "--tls-dir", otherCluster);
    OwnProcess bare = stranger("bare");
    OwnProcess late = stranger("late", expired);
    OwnProcess forged = stranger("forged", otherAuthority);
    for (OwnProcess stranger : List.of(bare, late, forged)) {
      assertEquals(0, stranger.exitCode(), stranger.err());
      assertTrue(stranger.out().startsWith("not let in: "), stranger.out());
    }
    assertEquals(1, inClear.exitCode(), inClear.err());
    assertTrue(inClear.err().contains("do both use TLS or both not"), inClear.err());
    assertEquals(1, ofOther.exitCode(), ofOther.err());
    assertTrue(
        ofOther.err().contains("another common name: 'stallcast' instead of 'test'"),
        ofOther.err());

    OwnProcess first = worker("w1", "--tls-dir", folder.resolve("w1"));
    OwnProcess second = worker("w2", "--tls-dir", folder.resolve("w2"));
    assertEquals(0, coordinator.exitCode(), coordinator.err());
    assertEquals(0, first.exitCode(), first.err());
    assertEquals(0, second.exitCode(), second.err());
    assertFalse(first.err().contains("WARN"), first.err());
    assertSays(
        coordinator,
        "refused a node: it does not speak TLS. Is it a Stallcast process without --tls-dir?",
        "refused a node: it shows no certificate",
        "refused a node: the certificate of CN=stallcast,OU=expired expired on 20",
        "refused a node: the certificate of CN=stallcast,OU=other-authority is of another",
        "a node refused this node: ");
    Path local = folder.resolve("local");
    assertEquals(0, InProcess.run("run", FLEET, "--hosts", 60, "--out", local).exitCode());
    Map<String, byte[]> expected = rows(local);
    Map<String, byte[]> found = rows(dataset);
    assertEquals(expected.keySet(), found.keySet());
    expected.forEach((file, bytes) -> assertArrayEquals(bytes, found.get(file), file));
  }

  private static void assertSays(OwnProcess process, String... expected) throws IOException {
    String err = process.err();
    for (String words : expected) {
      assertTrue(err.contains(words), () -> "no '" + words + "' in\n" + err);
    }
    assertFalse(err.contains("Exception"), err);
  }

  /** Bytes of nobody we know. */
  private void sendGarbage() throws IOException {
    Random random = new Random(20261120);
    int closedFirst = 0; // which is its right
    for (int i = 0; i < 200; i++) {
      byte[] bytes = new byte[1 + random.nextInt(2000)];
      random.nextBytes(bytes);
      if (i % 2 == 0) {
        System.arraycopy(new byte[] {22, 3, 1}, 0, bytes, 0, Math.min(3, bytes.length)); // TLS
      }
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(port))) {
        socket.getOutputStream().write(bytes);
      } catch (IOException e) {
        closedFirst++;
      }
    }
    assertTrue(closedFirst < 200, "nobody listens");
  }

  /** An authority is replaced while a worker runs; the coordinator knows the new one only. */
  @Test
  void runningNodeTakesNewKeys() throws Exception {
    OwnProcess worker = worker("w1", "--tls-dir", folder.resolve("w1"));
    OwnProcess.await("a try with the old keys", () -> says(worker, "Couldn't join seed nodes"));
    Authority second = Authority.create(folder.resolve("ca-2"), "stallcast", then, YEAR);
    Path keys = folder.resolve("coordinator-2");
    second.issue(keys, "coordinator", Instant.now(), Duration.ofDays(1));
    assertEquals("w1", second.renew(folder.resolve("w1"), Instant.now(), Duration.ofDays(1)));
    OwnProcess coordinator = coordinator(keys, 1, folder.resolve("dataset"));
    assertEquals(0, coordinator.exitCode(), coordinator.err());
    assertEquals(0, worker.exitCode(), worker.err());
  }

  private static boolean says(OwnProcess process, String words) {
    try {
      return process.err().contains(words);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void keysThatCannotWorkAreRefusedBeforeAnythingIsClaimed() throws Exception {
    Path expired = folder.resolve("expired");
    authority.issue(expired, "expired", then, Duration.ofDays(1));
    Files.delete(folder.resolve("w1/tls.key"));
    Path out = folder.resolve("dataset");
    InProcess.Printed coordinator =
        InProcess.run("coordinator", FLEET, "--tls-dir", expired, "--out", out);
    assertEquals(2, coordinator.exitCode());
    assertTrue(coordinator.err().contains("OU=expired expired on 20"), coordinator.err());
    assertFalse(Files.exists(out));
    InProcess.Printed worker =
        InProcess.run(
            "worker",
            "--seed-node",
            "192.0.2.1",
            "--listen",
            "0.0.0.0:0",
            "--threads",
            0,
            "--give-up-after",
            0,
            "--tls-dir",
            folder.resolve("w1"));
    assertEquals(2, worker.exitCode());
    assertEquals(
        List.of(
            "stallcast: --give-up-after must be 1 or more, got 0",
            "--threads must be 1..4096, got 0",
            "--seed-node: '192.0.2.1' is no HOST:PORT"),
        worker.err().lines().limit(3).toList());
    assertTrue(worker.err().contains("there is no file tls.key"), worker.err());
    assertTrue(worker.err().contains("will not listen on 0.0.0.0:0"), worker.err());
  }
}
