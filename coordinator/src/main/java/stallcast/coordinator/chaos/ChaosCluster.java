package stallcast.coordinator.chaos;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A coordinator and its workers as processes, each started again when it ends, as supervisors do,
 * until the run is complete; and the faults that strike meanwhile.
 */
final class ChaosCluster implements Closeable {
  private static final long LOOK_EVERY_MS = 20;
  private static final int KILLED = 128 + 9;
  private static final int TERMINATED = 128 + 15;
  private static final int DUTY_ROUNDS = 10; // a slow worker runs in one round of so many

  /** How a coordinator may end without having been killed, and what it says then. */
  private static final List<String> CLEAN_STOPS =
      List.of("No space left on device", "Read-only file system", "is gone", "is at work");

  private final ChaosSettings settings;
  private final ChaosSite site;
  private final Launch launch;
  private final Path folder;
  private final Path dataset;
  private final long resultBytes;
  private final ChaosNetwork network;
  private final ChaosNode coordinator;
  private final List<Strike> strikes = new ArrayList<>();
  private final List<Child> intruders = new ArrayList<>();
  private final List<String> stops = new ArrayList<>(); // exit codes of the coordinator
  private boolean away;
  private boolean killed; // the coordinator, by us
  private boolean told; // to end, by us
  private int rounds;

  /** A fault and how far it is. */
  private static final class Strike {
    private final Fault fault;
    private boolean begun;
    private boolean ended;
    private long endNs;

    Strike(Fault fault) {
      this.fault = fault;
    }
  }

  /**
   * A cluster whose coordinator is not started.
   *
   * @param site where it is; its workers may live already
   * @param folder of its dataset and logs
   * @param resultBytes bytes of all results of the run
   */
  ChaosCluster(
      ChaosSettings settings,
      Launch launch,
      ChaosSite site,
      Path folder,
      List<Fault> faults,
      long resultBytes)
      throws IOException, InterruptedException {
    this.settings = settings;
    this.launch = launch;
    this.site = site;
    this.folder = Files.createDirectories(folder);
    this.dataset = folder.resolve("dataset");
    this.resultBytes = resultBytes;
    faults.forEach(fault -> strikes.add(new Strike(fault)));
    network = site.network();
    coordinator = site.coordinator();
    site.prepare(coordinatorWords(), folder.resolve("coordinator.log"));
  }

  private List<String> coordinatorWords() {
    List<String> words = new ArrayList<>(List.of("coordinator"));
    words.addAll(settings.scenario());
    words.addAll(List.of("--listen", coordinator.address(), "--out", dataset.toString()));
    words.addAll(List.of("--shard-size", Integer.toString(settings.shardHosts())));
    words.addAll(List.of("--resume", "--quiet"));
    return words;
  }

  /** Where the data are. */
  Path dataset() {
    return dataset;
  }

  /**
   * Runs to the end.
   *
   * @return what went wrong with a process, or empty
   */
  Optional<String> run(long deadlineNs) throws IOException, InterruptedException {
    List<String> options = new ArrayList<>();
    for (Strike strike : strikes) {
      if (strike.fault.isAtStep()) {
        options.add("-Dstallcast.faults=" + strike.fault.property());
        strike.begun = true;
        strike.ended = true;
      }
    }
    coordinator.start(options);
    while (System.nanoTime() - deadlineNs < 0) {
      if (!coordinator.child().isAlive()) {
        Optional<String> end = onCoordinatorEnd();
        if (end.isPresent()) {
          return end.get().isEmpty() ? intruderFault() : end;
        }
      }
      for (ChaosNode worker : site.workers()) {
        worker.keepAlive();
      }
      strike();
      TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MS);
    }
    return Optional.of("no end after " + settings.limitSeconds() + " s");
  }

  /** Empty: it was started again, or will be; an empty text: the run is complete. */
  private Optional<String> onCoordinatorEnd() throws IOException {
    int code = coordinator.child().exitCode();
    if (code == 0) {
      return Optional.of("");
    }
    if (away) {
      return Optional.empty(); // a supervisor would wait for the volume, too
    }
    String said = coordinator.said();
    boolean asKilled = code == KILLED && (killed || hasStepKill());
    boolean asTold = code == TERMINATED && told;
    boolean asItSays = (code == 2 || code == 3) && CLEAN_STOPS.stream().anyMatch(said::contains);
    boolean clean = asKilled || asTold || asItSays;
    if (!clean) {
      return Optional.of("the coordinator ended with " + code + ": " + lastLine(said));
    }
    stops.add(Integer.toString(code));
    killed = false;
    told = false;
    coordinator.start(List.of());
    return Optional.empty();
  }

  private boolean hasStepKill() {
    return strikes.stream().anyMatch(s -> s.fault.kind() == FaultKind.STEP_KILL);
  }

  private static String lastLine(String said) {
    String text = said.strip();
    return text.substring(text.lastIndexOf('\n') + 1);
  }

  private Optional<String> intruderFault() throws IOException, InterruptedException {
    for (Child intruder : intruders) {
      if (!intruder.await(settings.limitSeconds())) {
        return Optional.of("a second coordinator does not end");
      }
      int code = intruder.exitCode();
      boolean refused = code == 2 && intruder.log().contains("is at work");
      if (!refused && code != 0) {
        return Optional.of("a second coordinator ended with " + code);
      }
    }
    return Optional.empty();
  }

  private void strike() throws IOException, InterruptedException {
    rounds++;
    double progress = (double) storedBytes() / resultBytes;
    for (Strike strike : strikes) {
      if (!strike.begun && progress >= strike.fault.progress()) {
        strike.begun = true;
        strike.endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(strike.fault.lastsMs());
        begin(strike.fault);
      } else if (strike.begun && !strike.ended) {
        strike.ended = System.nanoTime() - strike.endNs > 0;
        if (strike.ended) {
          end(strike.fault);
        } else if (strike.fault.kind() == FaultKind.WORKER_SLOW) {
          site.worker(strike.fault).child().signal(rounds % DUTY_ROUNDS == 0 ? "CONT" : "STOP");
        }
      }
    }
  }

  /** Results in the journal: it grows with the run and stays when the coordinator dies. */
  private long storedBytes() throws IOException {
    Path work = dataset.resolve("_work");
    if (!Files.isDirectory(work)) {
      return 0;
    }
    try (var files = Files.walk(work)) {
      long sum = 0;
      for (Path file : files.filter(f -> f.toString().endsWith(".journal")).toList()) {
        sum += Files.size(file);
      }
      return sum;
    } catch (IOException | java.io.UncheckedIOException e) {
      return 0; // it is being renamed or removed at this moment
    }
  }

  private void begin(Fault fault) throws IOException, InterruptedException {
    int worker = site.worker(fault).number();
    Child victim = site.worker(fault).child();
    switch (fault.kind()) {
      case WORKER_KILL -> victim.kill();
      case WORKER_TERM -> victim.signal("TERM");
      case WORKER_PAUSE, WORKER_SLOW -> victim.signal("STOP");
      case WORKER_CUT -> network.set(worker, ChaosNetwork.State.CUT);
      case WORKER_RESET -> network.set(worker, ChaosNetwork.State.RESET);
      case WORKER_DELAY -> network.set(worker, ChaosNetwork.State.DELAYED);
      case COORDINATOR_KILL -> {
        killed = true;
        coordinator.child().kill();
      }
      case COORDINATOR_TERM -> {
        told = true;
        coordinator.child().signal("TERM");
      }
      case COORDINATOR_PAUSE -> coordinator.child().signal("STOP");
      case COORDINATOR_CUT -> network.set(0, ChaosNetwork.State.CUT);
      case SECOND_COORDINATOR -> intrude();
      case FOLDER_AWAY -> moveAway();
      case STEP_KILL, STEP_FULL, STEP_READ_ONLY -> {}
    }
  }

  private void intrude() throws IOException {
    List<String> words = List.of("resume", dataset.toString(), "--threads", "1", "--quiet");
    Path log = folder.resolve("intruder-" + intruders.size() + ".log");
    intruders.add(Child.start(log, launch.command(List.of(), words)));
  }

  private Path elsewhere() {
    return folder.resolve("dataset-away");
  }

  private void moveAway() throws IOException {
    if (Files.exists(dataset)) {
      Files.move(dataset, elsewhere());
      away = true;
    }
  }

  private void end(Fault fault) throws IOException, InterruptedException {
    switch (fault.kind()) {
      case WORKER_PAUSE, WORKER_SLOW -> site.worker(fault).child().signal("CONT");
      case WORKER_CUT, WORKER_RESET, WORKER_DELAY ->
          network.set(site.worker(fault).number(), ChaosNetwork.State.OPEN);
      case COORDINATOR_PAUSE -> coordinator.child().signal("CONT");
      case COORDINATOR_CUT -> network.set(0, ChaosNetwork.State.OPEN);
      case FOLDER_AWAY -> {
        if (away) {
          Files.move(elsewhere(), dataset);
          away = false;
        }
      }
      default -> {}
    }
  }

  /** The faults in words, and whether the run went on long enough for them. */
  List<String> faults() {
    return strikes.stream().map(s -> s.fault.words() + (s.begun ? "" : " (not reached)")).toList();
  }

  /** Whether nothing unfinished is left: what a full disk has kept, the next resume removes. */
  boolean tidiesUp() throws IOException, InterruptedException {
    Path work = dataset.resolve("_work");
    if (Files.exists(work)) {
      intrude();
      return intruderFault().isEmpty() && !Files.exists(work);
    }
    return true;
  }

  /** What happened to the processes. */
  String details() {
    int workerStarts = site.workers().stream().mapToInt(ChaosNode::starts).sum();
    String stopped = stops.isEmpty() ? "" : " (ended with " + String.join(", ", stops) + ")";
    return coordinator.starts()
        + " coordinators"
        + stopped
        + ", "
        + workerStarts
        + " workers started";
  }

  /** Ends what belongs to this run, and heals what its faults have done to the site. */
  @Override
  public void close() throws IOException {
    intruders.forEach(Child::kill);
    if (coordinator.child() != null) {
      coordinator.child().kill();
    }
    try {
      for (Strike strike : strikes) {
        if (strike.begun && !strike.ended) {
          end(strike.fault);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
