package stallcast.worker.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import stallcast.worker.cluster.NodeAddress;
import stallcast.worker.cluster.NodeSettings;
import stallcast.worker.cluster.WorkerEnd;
import stallcast.worker.cluster.WorkerProcess;
import stallcast.worker.cluster.WorkerSettings;
import stallcast.worker.status.StatusServer;

/** {@code stallcast worker}: simulates hosts for a coordinator until the run is complete. */
@Command(
    name = "worker",
    description = "Simulate hosts for a coordinator until its run is complete.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:the run is complete, or the worker was drained",
      "1:no coordinator was found",
      "2:usage, or the coordinator refused this worker",
      "3:the run failed"
    })
public final class WorkerCommand implements Callable<Integer> {
  private static final int THREADS_MAX = 4096; // of WorkerSettings
  private static final int EXIT_NO_COORDINATOR = 1;
  private static final int EXIT_USAGE = 2;
  private static final int EXIT_UNFINISHED = 3;

  private static final Duration DRAIN_LIMIT =
      Duration.ofSeconds(25); // below the usual kill at 30 s

  @Spec private CommandSpec spec;

  @Option(
      names = "--seed-node",
      required = true,
      paramLabel = "HOST:PORT",
      description = "Where the coordinator listens.")
  private String seedNode;

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "Where this worker listens; default: any port facing the coordinator.")
  private Optional<String> listen;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Hosts simulated at once; default: all cores.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--stay", description = "Wait for the next run when one is complete.")
  private boolean stay;

  @Option(
      names = "--give-up-after",
      paramLabel = "SECONDS",
      description = "End when no coordinator was there for so long; default: ${DEFAULT-VALUE}.")
  private int giveUpAfter = 60;

  @Option(
      names = "--tls-dir",
      paramLabel = "DIR",
      description = "Folder with tls.key, tls.crt and ca.crt for mutual TLS.")
  private Optional<Path> tlsDir;

  @Option(
      names = "--insecure-network",
      description = "Allow plain TCP beyond this machine: everybody there must be trusted.")
  private boolean insecureNetwork;

  @Option(
      names = "--status",
      paramLabel = "HOST:PORT",
      description = "Answer /metrics, /health/live and /health/ready here, over HTTP, to anybody.")
  private Optional<String> status;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    WorkerProcess process = process(err);
    Optional<StatusServer> server = status.map(at -> serve(process, at));
    try {
      return work(process, err);
    } finally {
      server.ifPresent(StatusServer::close);
    }
  }

  private StatusServer serve(WorkerProcess process, String address) {
    try {
      NodeAddress at = NodeAddress.parse(address);
      return new StatusServer(
          at.host(),
          at.port(),
          process.status().metrics(threads),
          process.status()::illness,
          process.status()::idleness);
    } catch (IllegalArgumentException | IOException e) {
      throw new ParameterException(spec.commandLine(), "--status: " + e.getMessage(), e);
    }
  }

  private int work(WorkerProcess process, PrintWriter err) throws InterruptedException {
    CountDownLatch ended = new CountDownLatch(1);
    Thread drain = new Thread(() -> drain(process, ended), "drain");
    Runtime.getRuntime().addShutdownHook(drain);
    try {
      return exitCode(process.run(), err);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    } finally {
      ended.countDown();
      removeHook(drain);
    }
  }

  private WorkerProcess process(PrintWriter err) {
    List<String> problems = new ArrayList<>();
    if (giveUpAfter < 1) {
      problems.add("--give-up-after must be 1 or more, got " + giveUpAfter);
    }
    if (threads < 1 || threads > THREADS_MAX) {
      problems.add("--threads must be 1.." + THREADS_MAX + ", got " + threads);
    }
    Optional<NodeAddress> seed =
        address("--seed-node", () -> NodeAddress.parse(seedNode), problems);
    Optional<NodeAddress> own =
        listen.isPresent()
            ? address("--listen", () -> NodeAddress.parse(listen.get()), problems)
            : seed.flatMap(at -> address("--seed-node", () -> NodeAddress.facing(at), problems));
    NodeAddress anywhere = NodeAddress.loopback(); // the rest is checked all the same
    NodeSettings node = node(seed.orElse(anywhere), own.orElse(anywhere));
    problems.addAll(node.problems());
    if (!problems.isEmpty()) {
      throw new ParameterException(spec.commandLine(), String.join("\n", problems));
    }
    return new WorkerProcess(
        node, WorkerSettings.ofThreads(threads), stay, line -> err.println("worker: " + line));
  }

  private NodeSettings node(NodeAddress seed, NodeAddress own) {
    return new NodeSettings(
        NodeSettings.WORKER,
        own,
        seed,
        tlsDir,
        insecureNetwork,
        Duration.ofSeconds(Math.max(1, giveUpAfter)),
        NodeSettings.STABLE_AFTER_DEFAULT);
  }

  private static Optional<NodeAddress> address(
      String option, Supplier<NodeAddress> read, List<String> problems) {
    try {
      return Optional.of(read.get());
    } catch (IllegalArgumentException e) {
      problems.add(option + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  private static int exitCode(WorkerEnd end, PrintWriter err) {
    int code =
        switch (end.kind()) {
          case COMPLETE, DRAINED -> 0;
          case STOPPED -> EXIT_UNFINISHED;
          case REFUSED -> EXIT_USAGE;
          case INTERRUPTED, LOST -> EXIT_NO_COORDINATOR;
        };
    String what =
        switch (end.kind()) {
          case COMPLETE -> "the run is complete";
          case DRAINED -> "drained";
          case STOPPED -> "the run failed: " + end.reason();
          case REFUSED -> "refused by the coordinator: " + end.reason();
          case INTERRUPTED, LOST -> end.reason();
        };
    err.println("worker: " + what);
    err.flush();
    return code;
  }

  /** On SIGTERM: what is computed is finished and delivered, within a limit. */
  private static void drain(WorkerProcess process, CountDownLatch ended) {
    process.drain();
    try {
      if (!ended.await(DRAIN_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        System.err.println("worker: not drained in time; its shards go to others");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is being shut down already; the hook has done its work.
    }
  }
}
