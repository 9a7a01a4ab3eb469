package stallcast.coordinator.chaos;

import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** One place of a cluster and the processes that follow one another there. */
final class ChaosNode {
  private static final int PORT_MIN = 20_000; // below what the system gives to callers
  private static final int PORT_MAX = 30_000;

  private final int number;
  private final String mainClass;
  private final Path log;
  private final int port;
  private final int door;
  private List<String> words = List.of();
  private Child child;
  private long logBefore; // length of the log when the last process was started
  private int starts;

  /**
   * A node without a process.
   *
   * @param number 0 for the coordinator
   */
  ChaosNode(int number, String mainClass, Path log, CutNetwork network) throws IOException {
    this.number = number;
    this.mainClass = mainClass;
    this.log = log;
    port = freePort();
    door = network.open(number, port);
  }

  private static int freePort() throws IOException {
    int candidate = ThreadLocalRandom.current().nextInt(PORT_MIN, PORT_MAX);
    while (!isFree(candidate)) {
      candidate = ThreadLocalRandom.current().nextInt(PORT_MIN, PORT_MAX);
    }
    return candidate;
  }

  private static boolean isFree(int port) throws IOException {
    try (ServerSocket socket = new ServerSocket(port, 1, CutNetwork.loopback())) {
      return socket.isBound();
    } catch (BindException e) {
      return false;
    }
  }

  /** Where others find it. */
  String address() {
    return "127.0.0.1:" + door;
  }

  int number() {
    return number;
  }

  /** Says what it runs, at the next start. */
  void runs(List<String> command) {
    words = List.copyOf(command);
  }

  /** Starts a process. */
  void start(List<String> more) throws IOException {
    String artery = "-Dpekko.remote.artery.";
    List<String> options = new ArrayList<>(more);
    options.add(artery + "bind.hostname=127.0.0.1");
    options.add(artery + "bind.port=" + port);
    options.add(artery + "advanced.tcp.outbound-client-hostname=" + CutNetwork.addressOf(number));
    // Failures are noticed in seconds instead of a quarter of a minute: more faults in less time.
    options.add("-Dpekko.cluster.failure-detector.acceptable-heartbeat-pause=6s");
    options.add("-Dpekko.cluster.split-brain-resolver.stable-after=2s");
    logBefore = Files.exists(log) ? Files.size(log) : 0;
    child = Child.start(log, mainClass, options, words);
    starts++;
  }

  Child child() {
    return child;
  }

  /** What the last process has said. */
  String said() throws IOException {
    String all = child.log();
    return all.substring((int) Math.min(all.length(), logBefore));
  }

  int starts() {
    return starts;
  }
}
