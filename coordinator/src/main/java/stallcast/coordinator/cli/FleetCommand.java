package stallcast.coordinator.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import stallcast.coordinator.cluster.ClusterOptions;
import stallcast.coordinator.cluster.ClusterRun;
import stallcast.coordinator.cluster.DispatchSettings;
import stallcast.coordinator.cluster.RunFailedException;
import stallcast.coordinator.run.FleetRun;
import stallcast.coordinator.run.ProgressListener;
import stallcast.coordinator.run.RunEnd;
import stallcast.coordinator.run.RunStatus;
import stallcast.coordinator.scenario.ScenarioException;
import stallcast.coordinator.store.ClaimedRun;
import stallcast.coordinator.store.StoreException;
import stallcast.worker.CodeVersion;
import stallcast.worker.cluster.NodeAddress;
import stallcast.worker.cluster.NodeSettings;
import stallcast.worker.cluster.QuietLogging;
import stallcast.worker.status.StatusServer;

/** What the commands that run a fleet have in common: everything but which run, and where. */
abstract class FleetCommand {
  private static final long STOP_LIMIT_SECONDS = 20;

  @Spec private CommandSpec spec;
  @Mixin private RunOptions run = new RunOptions();

  /**
   * Claims the run.
   *
   * @param slots hosts that are likely simulated at once
   * @return the run, or empty if there is nothing left to do
   */
  abstract Optional<ClaimedRun> claim(int slots) throws ScenarioException;

  /** Options that all of them share. */
  RunOptions options() {
    return run;
  }

  /** The command, for usage errors. */
  CommandSpec spec() {
    return spec;
  }

  /** Runs the fleet in this process. */
  int executeEmbedded() throws ScenarioException {
    int threads = run.threads().orElse(Runtime.getRuntime().availableProcessors());
    if (threads < 1) {
      throw new ParameterException(spec.commandLine(), "--threads must be 1 or more here");
    }
    return execute(ClusterOptions.embedded(threads), threads);
  }

  /**
   * Runs the fleet on workers that join.
   *
   * @param address where this process listens, {@code HOST:PORT}
   * @param workers how many must be there before the first shard is given out
   */
  int executeListening(String address, int workers) throws ScenarioException {
    if (workers < 1) {
      throw new ParameterException(spec.commandLine(), "--workers must be 1 or more");
    }
    try {
      ClusterOptions.Listening place =
          new ClusterOptions.Listening(
              NodeAddress.parse(address),
              run.threads().orElse(0),
              run.tlsDir(),
              run.isInsecureNetwork(),
              NodeSettings.STABLE_AFTER_DEFAULT);
      DispatchSettings settings = DispatchSettings.DEFAULT.withWorkersMin(workers);
      return execute(new ClusterOptions(place, settings), 2 * workers);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  /**
   * Runs the fleet.
   *
   * @param place where
   * @param slots hosts that are likely simulated at once, for the size of shards
   */
  private int execute(ClusterOptions place, int slots) throws ScenarioException {
    PrintWriter err = spec.commandLine().getErr();
    RunStatus status = new RunStatus(CodeVersion.current().toString());
    Optional<StatusServer> server = run.status().map(address -> serve(status, address));
    try {
      ClusterRun.check(place); // a refused run must not leave a claimed folder behind
      Optional<ClaimedRun> claimed = claim(slots);
      if (claimed.isEmpty()) {
        err.println("stallcast: the dataset is complete already; there is nothing to do");
        err.flush();
        return ExitCode.DONE;
      }
      return execute(claimed.get(), place, status);
    } catch (StoreException e) {
      err.println("stallcast: " + e.getMessage());
      err.flush();
      boolean folder = e.reason() == StoreException.Reason.FOLDER;
      return folder ? ExitCode.BAD_INPUT : ExitCode.HOSTS_FAILED;
    } catch (RunFailedException e) {
      err.println("stallcast: the run failed: " + e.getMessage());
      err.flush();
      return ExitCode.HOSTS_FAILED;
    } finally {
      server.ifPresent(StatusServer::close);
    }
  }

  private static StatusServer serve(RunStatus status, String address) {
    try {
      NodeAddress at = NodeAddress.parse(address);
      return new StatusServer(
          at.host(), at.port(), status.metrics(), status::illness, status::idleness);
    } catch (IllegalArgumentException | IOException e) {
      throw new BadInputException("--status: " + e.getMessage(), "");
    }
  }

  private int execute(ClaimedRun claimed, ClusterOptions place, RunStatus status) {
    PrintWriter err = spec.commandLine().getErr();
    tellWhatIsThere(claimed, err);
    QuietLogging.mark("run", claimed.record().run().runId());
    FleetRun fleet = new FleetRun(claimed);
    CountDownLatch ended = new CountDownLatch(1);
    Thread interrupt = new Thread(() -> interrupt(fleet, ended), "interrupt");
    Runtime.getRuntime().addShutdownHook(interrupt);
    try {
      ProgressLine progress = new ProgressLine(err, ProgressLine.isTerminal());
      long startNs = System.nanoTime();
      ProgressListener listener =
          (state, headline) -> {
            status.update(state, headline);
            if (!run.isQuiet()) {
              progress.update(state, headline);
            }
          };
      RunEnd end = fleet.execute(place, listener);
      if (!run.isQuiet()) {
        progress.end(System.nanoTime() - startNs);
      }
      return report(end);
    } finally {
      ended.countDown();
      removeHook(interrupt);
    }
  }

  private void tellWhatIsThere(ClaimedRun claimed, PrintWriter err) {
    if (claimed.takeOvers() == 0 || run.isQuiet()) {
      return;
    }
    err.printf(
        "stallcast: going on with %d of %d shards stored%n",
        claimed.done().cardinality(), claimed.record().plan().shards());
    if (claimed.damagedRecords() > 0) {
      err.printf(
          "stallcast: %d results were stored in part only and are run again%n",
          claimed.damagedRecords());
    }
    err.flush();
  }

  private int report(RunEnd end) {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    if (end instanceof RunEnd.Finished finished) {
      out.print(
          run.format() == OutputFormat.JSON ? finished.table().json() : finished.table().text());
      out.flush();
      if (finished.failedHosts() > 0) {
        err.println(
            "stallcast: the simulator failed on "
                + finished.failedHosts()
                + " hosts; they are rows with end_reason 'failed' and count in no estimate");
        err.flush();
        return ExitCode.HOSTS_FAILED;
      }
      return ExitCode.DONE;
    }
    RunEnd.Unfinished unfinished = (RunEnd.Unfinished) end;
    err.println("stallcast: unfinished: " + unfinished.reason());
    err.println("stallcast: what is done is kept; stallcast resume " + unfinished.dataset());
    err.flush();
    return ExitCode.HOSTS_FAILED;
  }

  private static void interrupt(FleetRun fleet, CountDownLatch ended) {
    fleet.stop("interrupted");
    try {
      if (!ended.await(STOP_LIMIT_SECONDS, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // the process is ending already, and the hook is running
    }
  }
}
