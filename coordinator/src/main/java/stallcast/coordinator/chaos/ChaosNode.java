package stallcast.coordinator.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One place of a cluster and the processes that follow one another there. */
final class ChaosNode {
  private final int number;
  private final Launch launch;
  private final ChaosNetwork.Place place;
  private Path log = Path.of("");
  private List<String> words = List.of();
  private Child child;
  private long logBefore; // length of the log when the last process was started
  private int starts;

  /**
   * A node without a process.
   *
   * @param number 0 for the coordinator
   */
  ChaosNode(int number, Launch launch, ChaosNetwork network)
      throws IOException, InterruptedException {
    this.number = number;
    this.launch = launch;
    place = network.add(number);
  }

  /** Where others find it. */
  String address() {
    return place.address();
  }

  int number() {
    return number;
  }

  /** Says what it runs, at the next start, and where it says something. */
  void runs(List<String> command, Path intoLog) {
    words = new ArrayList<>(command);
    words.addAll(place.words());
    log = intoLog;
    starts = 0;
  }

  /** Starts a process. */
  void start(List<String> more) throws IOException {
    List<String> options = new ArrayList<>(more);
    options.addAll(place.options());
    // Failures are noticed in seconds instead of a quarter of a minute: more faults in less time.
    String cluster = "-Dpekko.cluster.";
    options.add(cluster + "failure-detector.acceptable-heartbeat-pause=3s");
    options.add(cluster + "failure-detector.heartbeat-interval=500ms");
    options.add(cluster + "failure-detector.expected-response-after=500ms");
    options.add("-Dstallcast.stable-after=1s");
    options.add(cluster + "seed-node-timeout=500ms");
    options.add(cluster + "retry-unsuccessful-join-after=500ms");
    logBefore = Files.exists(log) ? Files.size(log) : 0;
    List<String> command = new ArrayList<>(place.enter());
    command.addAll(launch.command(options, words));
    child = Child.start(log, command);
    starts++;
  }

  /** The last process, or null before the first. */
  Child child() {
    return child;
  }

  /** Starts a process where none is alive. */
  void keepAlive() throws IOException {
    if (child == null || !child.isAlive()) {
      start(List.of());
    }
  }

  /** What the last process has said. */
  String said() throws IOException {
    String all = child.log();
    return all.substring((int) Math.min(all.length(), logBefore));
  }

  /** Processes started since it was said what to run. */
  int starts() {
    return starts;
  }
}
