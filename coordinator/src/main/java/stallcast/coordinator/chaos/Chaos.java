package stallcast.coordinator.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import stallcast.coordinator.store.DatasetCheck;
import stallcast.coordinator.store.DatasetReader;
import stallcast.coordinator.store.TableName;

/** Many clusters, each hurt in its own way, compared with one that nobody hurt. */
public final class Chaos {
  private static final int MORE_FAULTS_MAX = 2;
  private static final double NS_PER_SECOND = 1e9;

  private final ChaosSettings settings;
  private final Launch launch;
  private final Fingerprint expected;
  private final long resultBytes;

  /**
   * Runs the scenario once undisturbed, in one process.
   *
   * @throws IOException if that does not work
   */
  public Chaos(ChaosSettings settings) throws IOException, InterruptedException {
    this.settings = settings;
    launch = new Launch(settings.mainClass(), settings.folder().resolve("classes"));
    Path folder = Files.createDirectories(settings.folder().resolve("undisturbed"));
    Path dataset = folder.resolve("dataset");
    List<String> words = new ArrayList<>(List.of("coordinator"));
    words.addAll(settings.scenario());
    words.addAll(List.of("--out", dataset.toString(), "--quiet"));
    words.addAll(List.of("--listen", "127.0.0.1:0", "--threads", "1")); // alone
    words.addAll(List.of("--shard-size", Integer.toString(settings.shardHosts())));
    Child child =
        Child.start(folder.resolve("run.log"), launch.command(List.of(launch.archiving()), words));
    try {
      if (!child.await(settings.limitSeconds()) || child.exitCode() != 0) {
        throw new IOException("the undisturbed run fails: " + child.log());
      }
    } finally {
      child.kill();
    }
    expected = Fingerprint.of(dataset);
    resultBytes = resultBytes(dataset);
  }

  private static long resultBytes(Path dataset) {
    long[] sum = new long[1];
    new DatasetReader(dataset.toUri())
        .forEach(TableName.SHARDS, row -> sum[0] += row.whole("wire_bytes").orElse(0));
    return Math.max(1, sum[0]);
  }

  /**
   * Runs every cluster.
   *
   * @param told of each outcome in order of the runs, when it is there
   * @return all outcomes
   */
  public List<ChaosOutcome> run(Consumer<ChaosOutcome> told)
      throws IOException, InterruptedException {
    List<FaultKind> kinds = new ArrayList<>(List.of(FaultKind.values()));
    Collections.shuffle(kinds, new Random(settings.seed()));
    ExecutorService threads = Executors.newFixedThreadPool(settings.parallel());
    BlockingQueue<ChaosSite> sites = new LinkedBlockingQueue<>();
    try {
      for (int i = 0; i < settings.parallel(); i++) {
        sites.add(new ChaosSite(settings, launch, i));
      }
      List<Future<ChaosOutcome>> running = new ArrayList<>();
      for (int i = 0; i < settings.runs(); i++) {
        int run = i;
        running.add(threads.submit(() -> runAt(sites, run, faults(run, kinds))));
      }
      List<ChaosOutcome> outcomes = new ArrayList<>();
      for (Future<ChaosOutcome> each : running) {
        outcomes.add(each.get());
        told.accept(outcomes.get(outcomes.size() - 1));
      }
      return outcomes;
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } finally {
      threads.shutdownNow(); // interrupted runs kill their processes
      threads.awaitTermination(settings.limitSeconds(), TimeUnit.SECONDS);
      for (ChaosSite site : sites) {
        site.close();
      }
    }
  }

  private ChaosOutcome runAt(BlockingQueue<ChaosSite> sites, int run, List<Fault> faults)
      throws IOException, InterruptedException {
    ChaosSite site = sites.take();
    try {
      Path folder = settings.folder().resolve("run-" + run);
      ChaosOutcome outcome = runIn(site, folder, run, faults);
      if (outcome.isGood()) {
        remove(folder);
      }
      return outcome;
    } finally {
      sites.add(site);
    }
  }

  /** Every kind in turn, and up to two more by chance. */
  private List<Fault> faults(int run, List<FaultKind> kinds) {
    Random random = new Random(settings.seed() * 1_000_003 + run);
    List<Fault> faults = new ArrayList<>();
    faults.add(Fault.draw(kinds.get(run % kinds.size()), settings.workers(), random));
    int more = random.nextInt(MORE_FAULTS_MAX + 1);
    while (faults.size() <= more) {
      FaultKind kind = kinds.get(random.nextInt(kinds.size()));
      boolean second = faults.stream().anyMatch(f -> f.kind() == kind || f.isAtStep());
      Fault fault = Fault.draw(kind, settings.workers(), random);
      if (!(second && fault.isAtStep())) { // a process has room for one fault at a step
        faults.add(fault);
      }
    }
    return faults;
  }

  private ChaosOutcome runIn(ChaosSite site, Path folder, int run, List<Fault> faults)
      throws IOException, InterruptedException {
    long startNs = System.nanoTime();
    long deadlineNs = startNs + TimeUnit.SECONDS.toNanos(settings.limitSeconds());
    try (ChaosCluster cluster =
        new ChaosCluster(settings, launch, site, folder, faults, resultBytes)) {
      Optional<String> fault = cluster.run(deadlineNs);
      double seconds = (System.nanoTime() - startNs) / NS_PER_SECOND;
      return fault.isPresent()
          ? new ChaosOutcome(
              run,
              cluster.faults(),
              System.nanoTime() - deadlineNs > 0
                  ? ChaosOutcome.Verdict.HANG
                  : ChaosOutcome.Verdict.BROKEN,
              fault.get() + "; logs in " + folder + " and " + site.folder(),
              seconds)
          : judge(run, cluster, folder, seconds);
    }
  }

  private ChaosOutcome judge(int run, ChaosCluster cluster, Path folder, double seconds)
      throws IOException, InterruptedException {
    DatasetCheck.Report report = DatasetCheck.of(cluster.dataset().toUri());
    ChaosOutcome.Verdict verdict = ChaosOutcome.Verdict.IDENTICAL;
    String details = cluster.details();
    if (!report.isSound()) {
      verdict = ChaosOutcome.Verdict.BROKEN;
      details = "the dataset is not sound: " + report.problems() + "; logs in " + folder;
    } else if (!cluster.tidiesUp()) {
      verdict = ChaosOutcome.Verdict.BROKEN;
      details = "work files stay; logs in " + folder;
    } else if (!Fingerprint.of(cluster.dataset()).equals(expected)) {
      verdict = ChaosOutcome.Verdict.DIFFERENT;
      details += "; dataset and logs in " + folder;
    }
    return new ChaosOutcome(run, cluster.faults(), verdict, details, seconds);
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
