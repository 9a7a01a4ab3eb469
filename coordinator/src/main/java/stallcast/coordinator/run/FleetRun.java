package stallcast.coordinator.run;

import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import stallcast.coordinator.aggregate.EstimateRow;
import stallcast.coordinator.aggregate.EstimateTable;
import stallcast.coordinator.aggregate.PrefixTally;
import stallcast.coordinator.cluster.ClusterOptions;
import stallcast.coordinator.cluster.ClusterRun;
import stallcast.coordinator.cluster.RunSummary;
import stallcast.coordinator.cluster.ShardProvenance;
import stallcast.coordinator.cluster.ShardSink;
import stallcast.coordinator.plan.ShardLedger;
import stallcast.coordinator.plan.ShardPlan;
import stallcast.coordinator.report.ResultTable;
import stallcast.coordinator.report.RunHeader;
import stallcast.coordinator.scenario.ScenarioFile;
import stallcast.coordinator.store.Assumption;
import stallcast.coordinator.store.Execution;
import stallcast.coordinator.store.RunDescription;
import stallcast.coordinator.store.RunOutput;
import stallcast.coordinator.store.ShardRecord;
import stallcast.worker.CodeVersion;
import stallcast.worker.shard.OutcomeBlock;

/**
 * One run of a fleet. Shards come back in any order; what is stored and tallied depends on the
 * hosts alone.
 *
 * <p>Not reusable: one instance, one {@link #execute}.
 */
public final class FleetRun implements ShardSink {
  /** Version of the random stream scheme (statistics.md section 10.1). */
  public static final String STREAM_SCHEME = "philox4x64-10 state, xoshiro256++ draws, v1";

  private final ScenarioFile file;
  private final ShardPlan plan;
  private final List<String> commandLine;
  private final RunDescription description;
  private final RunOutput output;
  private final PrefixTally tally;
  private final LiveHeadline headline;
  private long failedHosts;
  private ClusterRun cluster;

  /**
   * Claims the folder of a run.
   *
   * @param file the scenario
   * @param plan how the fleet is cut into shards
   * @param out folder of the dataset
   * @param commandLine what the user typed, for the manifest
   * @throws stallcast.coordinator.store.StoreException if the folder cannot be used
   */
  public FleetRun(ScenarioFile file, ShardPlan plan, URI out, List<String> commandLine) {
    this.file = file;
    this.plan = plan;
    this.commandLine = commandLine;
    description =
        new RunDescription(
            file.spec(),
            file.canonicalJson(),
            file.assumptions().stream().map(FleetRun::stored).toList(),
            RunDescription.BASE_ARM,
            Map.of(),
            CodeVersion.current().toString(),
            STREAM_SCHEME);
    output = RunOutput.open(out, description);
    tally = new PrefixTally(file.spec());
    headline = new LiveHeadline(file.spec());
  }

  private static Assumption stored(stallcast.coordinator.scenario.Assumption assumption) {
    return new Assumption(
        assumption.id(), assumption.grade().name(), assumption.text(), assumption.source());
  }

  /**
   * Runs the fleet and completes the dataset.
   *
   * @param options where it runs
   * @param progress told about once a second with the live headline
   * @return how it ended
   * @throws RuntimeException as the cluster and the store throw; the dataset then stays unfinished
   */
  public RunEnd execute(ClusterOptions options, ProgressListener progress) {
    Instant started = Instant.now();
    try (output) {
      synchronized (this) {
        cluster =
            ClusterRun.start(
                file.spec(), plan, options, this, state -> progress.update(state, headline.text()));
      }
      RunSummary summary = join(cluster.stored());
      if (!summary.isComplete()) {
        join(cluster.summary());
        return new RunEnd.Unfinished(unfinishedReason(summary), output.uri());
      }
      List<EstimateRow> rows =
          new EstimateTable(file.spec(), description.identity()).rows(tally.tally(), "BUDGET");
      output.finish(rows, execution(started, summary));
      join(cluster.summary());
      ResultTable table = new ResultTable(RunHeader.of(description), rows, output.uri());
      return new RunEnd.Finished(table, failedHosts);
    }
  }

  private static RunSummary join(CompletionStage<RunSummary> stage) {
    try {
      return stage.toCompletableFuture().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    } catch (CancellationException e) {
      throw new IllegalStateException("the run was cancelled", e);
    }
  }

  private static String unfinishedReason(RunSummary summary) {
    if (!summary.stopped().isEmpty()) {
      return summary.stopped();
    }
    List<String> lines = new ArrayList<>();
    for (ShardLedger.FailedShard failed : summary.failedShards()) {
      lines.add("shard " + failed.shard() + " could not be finished: " + failed.reason());
    }
    return String.join("; ", lines);
  }

  private Execution execution(Instant started, RunSummary summary) {
    List<String> troubles = new ArrayList<>();
    if (summary.retries() > 0) {
      troubles.add(summary.retries() + " leases brought no result and were given out again");
    }
    return new Execution(
        commandLine,
        plan.shardHosts(),
        plan.shards(),
        started,
        Instant.now(),
        failedHosts > 0 ? "failed-hosts" : "complete",
        troubles);
  }

  @Override
  public void accept(int shardId, OutcomeBlock block, ShardProvenance provenance)
      throws IOException {
    output.accept(
        ShardRecord.of(
            shardId,
            block,
            provenance.attempt(),
            provenance.worker(),
            provenance.computeNs(),
            provenance.bytes()),
        block);
    tally.fold(block);
    failedHosts += block.failures().size();
    headline.update(tally);
  }

  /**
   * Stops the run before its end, from any thread.
   *
   * @param reason one line for the user
   */
  public synchronized void stop(String reason) {
    if (cluster != null) {
      cluster.stop(reason);
    }
  }
}
