package stallcast.coordinator.cli;

import java.io.PrintWriter;
import java.util.List;
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
import stallcast.coordinator.plan.ShardPlan;
import stallcast.coordinator.run.FleetRun;
import stallcast.coordinator.run.RunEnd;
import stallcast.coordinator.scenario.Notice;
import stallcast.coordinator.scenario.ScenarioException;
import stallcast.coordinator.scenario.ScenarioFile;
import stallcast.coordinator.scenario.ScenarioReader;
import stallcast.coordinator.store.StoreException;
import stallcast.worker.cluster.NodeAddress;
import stallcast.worker.cluster.NodeSettings;

/** What {@code run} and {@code coordinator} have in common: everything but the place. */
abstract class FleetCommand {
  private static final long STOP_LIMIT_SECONDS = 20;

  @Spec private CommandSpec spec;
  @Mixin private ScenarioOptions scenario = new ScenarioOptions();
  @Mixin private RunOptions run = new RunOptions();

  /** Options that both commands share. */
  RunOptions options() {
    return run;
  }

  /** The command, for usage errors. */
  CommandSpec spec() {
    return spec;
  }

  /**
   * Runs the scenario's fleet on workers that join.
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
   * Runs the scenario's fleet.
   *
   * @param place where
   * @param slots hosts that are likely simulated at once, for the size of shards
   */
  int execute(ClusterOptions place, int slots) throws ScenarioException {
    PrintWriter err = spec.commandLine().getErr();
    ScenarioFile file = new ScenarioReader().read(scenario.scenario(), scenario.overrides());
    file.notices().stream().map(Notice::text).forEach(err::println);
    try {
      return execute(file, place, slots);
    } catch (StoreException e) {
      err.println("stallcast: " + e.getMessage());
      err.flush();
      boolean folder = e.reason() == StoreException.Reason.FOLDER;
      return folder ? ExitCode.BAD_INPUT : ExitCode.HOSTS_FAILED;
    } catch (RunFailedException e) {
      err.println("stallcast: the run failed: " + e.getMessage());
      err.flush();
      return ExitCode.HOSTS_FAILED;
    }
  }

  private int execute(ScenarioFile file, ClusterOptions place, int slots) {
    PrintWriter err = spec.commandLine().getErr();
    ClusterRun.check(place); // a refused run must not leave a claimed folder behind
    FleetRun fleet =
        new FleetRun(file, plan(file, slots), run.outFor(file.spec().name()), commandLine());
    CountDownLatch ended = new CountDownLatch(1);
    Thread interrupt = new Thread(() -> interrupt(fleet, ended), "interrupt");
    Runtime.getRuntime().addShutdownHook(interrupt);
    try {
      ProgressLine progress = new ProgressLine(err, ProgressLine.isTerminal());
      long startNs = System.nanoTime();
      RunEnd end = fleet.execute(place, run.isQuiet() ? (state, headline) -> {} : progress);
      if (!run.isQuiet()) {
        progress.end(System.nanoTime() - startNs);
      }
      return report(end);
    } finally {
      ended.countDown();
      removeHook(interrupt);
    }
  }

  private ShardPlan plan(ScenarioFile file, int slots) {
    long hosts = file.spec().hosts();
    try {
      return run.shardSize()
          .map(size -> ShardPlan.ofSize(hosts, size))
          .orElseGet(() -> ShardPlan.forSlots(hosts, Math.max(1, slots)));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private List<String> commandLine() {
    return spec.commandLine().getParseResult().originalArgs();
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
    err.println(
        "stallcast: unfinished: " + unfinished.reason() + "; rows so far: " + unfinished.dataset());
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
