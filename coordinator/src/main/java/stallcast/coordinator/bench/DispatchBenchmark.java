package stallcast.coordinator.bench;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import stallcast.coordinator.cluster.ClusterOptions;
import stallcast.coordinator.cluster.DispatchSettings;
import stallcast.coordinator.cluster.RunProgress;
import stallcast.coordinator.plan.ShardPlan;
import stallcast.coordinator.run.FleetRun;
import stallcast.coordinator.run.RunEnd;
import stallcast.coordinator.scenario.ScenarioFile;
import stallcast.coordinator.store.ClaimedRun;
import stallcast.kernel.host.HostSimulation;
import stallcast.worker.cluster.NodeAddress;
import stallcast.worker.cluster.NodeSettings;

/**
 * The same hosts in a plain loop, in an embedded run and on worker processes, which store complete
 * datasets. Rates are taken when a quarter of the hosts is done, so that nobody's start counts.
 */
public final class DispatchBenchmark {
  private static final int WARM_UP = 4; // the first so-manieth part of the hosts is not timed
  private static final double NS_PER_SECOND = 1e9;

  /**
   * Rates of one round, hosts per second.
   *
   * @param loop in a plain loop on each thread
   * @param embedded coordinator and worker in one process
   * @param cluster one worker process per thread, and the coordinator in this one
   */
  public record Round(double loop, double embedded, double cluster) {}

  private final ScenarioFile scenario;
  private final int threads;
  private final String mainClass;
  private final Path folder;

  /**
   * A benchmark.
   *
   * @param threads hosts simulated at once
   * @param mainClass main class of the command line
   * @param folder where datasets go, which are removed
   */
  public DispatchBenchmark(ScenarioFile scenario, int threads, String mainClass, Path folder) {
    this.scenario = scenario;
    this.threads = threads;
    this.mainClass = mainClass;
    this.folder = folder;
  }

  /** Measures all three, one after another. */
  public Round round() throws IOException, InterruptedException {
    double loop = loop();
    double embedded = stored(ClusterOptions.embedded(threads));
    return new Round(loop, embedded, cluster());
  }

  private double loop() throws InterruptedException {
    long share = scenario.spec().hosts() / threads;
    AtomicLong[] begun = new AtomicLong[threads];
    AtomicLong[] ended = new AtomicLong[threads];
    List<Thread> all = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      AtomicLong begin = new AtomicLong();
      AtomicLong end = new AtomicLong();
      begun[t] = begin;
      ended[t] = end;
      long first = t * share;
      Thread thread = new Thread(() -> simulate(first, share, begin, end), "loop-" + t);
      all.add(thread);
      thread.start();
    }
    for (Thread thread : all) {
      thread.join();
    }
    double rate = 0;
    for (int t = 0; t < threads; t++) {
      rate += (share - share / WARM_UP) * NS_PER_SECOND / (ended[t].get() - begun[t].get());
    }
    return rate;
  }

  private void simulate(long first, long count, AtomicLong begin, AtomicLong end) {
    HostSimulation simulation = new HostSimulation(scenario.spec());
    for (long i = 0; i < count; i++) {
      if (i == count / WARM_UP) {
        begin.set(System.nanoTime());
      }
      simulation.run(first + i);
    }
    end.set(System.nanoTime());
  }

  private double cluster() throws IOException, InterruptedException {
    NodeAddress address = new NodeAddress("127.0.0.1", freePort());
    List<Process> workers = new ArrayList<>();
    try {
      for (int t = 0; t < threads; t++) {
        workers.add(worker(address));
      }
      ClusterOptions.Listening place =
          new ClusterOptions.Listening(
              address, 0, Optional.empty(), false, NodeSettings.STABLE_AFTER_DEFAULT);
      return stored(new ClusterOptions(place, DispatchSettings.DEFAULT.withWorkersMin(threads)));
    } finally {
      for (Process worker : workers) {
        if (!worker.waitFor(20, TimeUnit.SECONDS)) {
          worker.destroyForcibly();
        }
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private Process worker(NodeAddress coordinator) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of("-Xmx512m", "-XX:+UseParallelGC"));
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
    words.addAll(List.of("worker", "--seed-node", coordinator.toString(), "--threads", "1"));
    return new ProcessBuilder(words)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private double stored(ClusterOptions options) throws IOException {
    Path dataset = folder.resolve("dataset");
    ShardPlan plan = ShardPlan.forSlots(scenario.spec().hosts(), threads);
    Meter meter = new Meter();
    RunEnd end =
        new FleetRun(ClaimedRun.start(dataset.toUri(), FleetRun.record(scenario, plan, List.of())))
            .execute(options, (state, headline) -> meter.update(state));
    remove(dataset);
    if (end instanceof RunEnd.Unfinished unfinished) {
      throw new IOException(unfinished.reason());
    }
    return meter.rate();
  }

  /** First and last state after the warm-up. */
  private static final class Meter {
    private RunProgress.State begin;
    private RunProgress.State end;

    synchronized void update(RunProgress.State state) {
      if (state.hostsDone() < state.hosts() / WARM_UP) {
        return;
      }
      if (begin == null) {
        begin = state;
      }
      if (end == null || state.hostsDone() > end.hostsDone()) {
        end = state;
      }
    }

    synchronized double rate() {
      long ns = end.elapsedNs() - begin.elapsedNs();
      if (ns < Duration.ofSeconds(1).toNanos()) {
        throw new IllegalStateException("too short a run to measure; give more hosts");
      }
      return (end.hostsDone() - begin.hostsDone()) * NS_PER_SECOND / ns;
    }
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /** The middle value; of two, the lower. */
  public static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(sorted.length - 1) / 2];
  }
}
