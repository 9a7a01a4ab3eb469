package stallcast.coordinator.chaos;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A network with a place for the coordinator and workers that serve one run after another, as
 * workers under a supervisor do.
 */
final class ChaosSite implements Closeable {
  private final ChaosNetwork network;
  private final Path folder;
  private final ChaosNode coordinator;
  private final List<ChaosNode> workers = new ArrayList<>();

  /**
   * A site without processes.
   *
   * @param number tells it from the others
   */
  ChaosSite(ChaosSettings settings, Launch launch, int number)
      throws IOException, InterruptedException {
    folder = Files.createDirectories(settings.folder().resolve("site-" + number));
    network = settings.namespacesAt(number) ? new Namespaces() : new CutNetwork();
    coordinator = new ChaosNode(0, launch, network);
    for (int i = 0; i < settings.workers(); i++) {
      workers.add(new ChaosNode(i + 1, launch, network));
    }
  }

  /** Heals what the last run has left, and says what is run next. */
  void prepare(List<String> coordinatorWords, Path coordinatorLog)
      throws IOException, InterruptedException {
    coordinator.runs(coordinatorWords, coordinatorLog);
    for (int i = 0; i < workers.size(); i++) {
      ChaosNode worker = workers.get(i);
      if (worker.child() != null) {
        worker.child().signal("CONT");
      }
      worker.runs(
          List.of(
              "worker",
              "--seed-node",
              coordinator.address(),
              "--listen",
              worker.address(),
              "--threads",
              "1",
              "--stay"),
          folder.resolve("worker-" + i + ".log"));
    }
  }

  ChaosNetwork network() {
    return network;
  }

  Path folder() {
    return folder;
  }

  ChaosNode coordinator() {
    return coordinator;
  }

  List<ChaosNode> workers() {
    return workers;
  }

  ChaosNode worker(Fault fault) {
    return workers.get(fault.worker());
  }

  @Override
  public void close() throws IOException {
    for (ChaosNode worker : workers) {
      if (worker.child() != null) {
        worker.child().kill();
      }
    }
    network.close();
  }
}
