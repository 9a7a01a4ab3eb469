package stallcast.coordinator.run;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import stallcast.coordinator.aggregate.EstimateRow;
import stallcast.coordinator.aggregate.EstimateTable;
import stallcast.coordinator.aggregate.IncidentTally;
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
import stallcast.coordinator.store.ClaimedRun;
import stallcast.coordinator.store.Execution;
import stallcast.coordinator.store.RunDescription;
import stallcast.coordinator.store.RunOutput;
import stallcast.coordinator.store.RunRecord;
import stallcast.coordinator.store.ShardRecord;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.worker.CodeVersion;
import stallcast.worker.shard.OutcomeBlock;

/**
 * One run of a fleet, new or resumed. Shards come back in any order; what is stored and tallied
 * depends on the hosts alone.
 *
 * <p>Not reusable: one instance, one {@link #execute}.
 */
public final class FleetRun implements ShardSink {
  /** Version of the random stream scheme (statistics.md section 10.1). */
  public static final String STREAM_SCHEME = "philox4x64-10 state, xoshiro256++ draws, v1";

  private final ClaimedRun claimed;
  private final RunRecord record;
  private final RunOutput output;
  private final IncidentTally tally;
  private final LiveHeadline headline;
  private long failedHosts;
  private ClusterRun cluster;
  private String stopped = "";

  /**
   * A run in a folder that this process owns.
   *
   * @param claimed what is to be run, and how far it is; closed when the run has ended
   */
  public FleetRun(ClaimedRun claimed) {
    this.claimed = claimed;
    record = claimed.record();
    output = new RunOutput(claimed, this::count);
    tally = new IncidentTally(spec());
    headline = new LiveHeadline(spec());
  }

  /**
   * What a run of a scenario is.
   *
   * @param file the scenario
   * @param plan how the fleet is cut into shards
   * @param commandLine what the user typed, for the manifest
   */
  public static RunRecord record(ScenarioFile file, ShardPlan plan, List<String> commandLine) {
    RunDescription run =
        new RunDescription(
            file.spec(),
            file.canonicalJson(),
            file.assumptions().stream().map(FleetRun::stored).toList(),
            RunDescription.BASE_ARM,
            Map.of(),
            CodeVersion.current().toString(),
            STREAM_SCHEME);
    return new RunRecord(run, plan, commandLine, Instant.now());
  }

  private static Assumption stored(stallcast.coordinator.scenario.Assumption assumption) {
    return new Assumption(
        assumption.id(), assumption.grade().name(), assumption.text(), assumption.source());
  }

  private ScenarioSpec spec() {
    return record.run().spec();
  }

  /**
   * Runs what is missing of the fleet and completes the dataset.
   *
   * @param options where it runs
   * @param progress told about once a second with the live headline
   * @return how it ended
   * @throws RuntimeException as the cluster and the store throw; the dataset then stays unfinished
   */
  public RunEnd execute(ClusterOptions options, ProgressListener progress) {
    try (output) {
      output.replay();
      start(options, progress);
      RunSummary summary = join(cluster.stored());
      if (!summary.isComplete()) {
        join(cluster.summary());
        return new RunEnd.Unfinished(unfinishedReason(summary), output.uri());
      }
      List<EstimateRow> rows =
          new EstimateTable(spec(), record.run().identity()).rows(tally, "BUDGET");
      output.finish(rows, execution(summary));
      join(cluster.summary());
      ResultTable table = new ResultTable(RunHeader.of(record.run()), rows, output.uri());
      return new RunEnd.Finished(table, failedHosts);
    }
  }

  private synchronized void start(ClusterOptions options, ProgressListener progress) {
    ShardPlan rest = record.plan().without(claimed.done());
    cluster =
        ClusterRun.start(
            spec(), rest, options, this, state -> progress.update(state, headline.text()));
    if (!stopped.isEmpty()) {
      cluster.stop(stopped);
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

  private String unfinishedReason(RunSummary summary) {
    if (!summary.stopped().isEmpty()) {
      return summary.stopped();
    }
    List<String> lines = new ArrayList<>();
    for (ShardLedger.FailedShard failed : summary.failedShards()) {
      long first = record.plan().firstHost(failed.shard());
      long last = first + record.plan().hostCount(failed.shard()) - 1;
      lines.add(
          "hosts "
              + first
              + " to "
              + last
              + " could not be finished in "
              + failed.attempts()
              + " attempts, the last one because "
              + failed.reason());
    }
    return String.join("; ", lines);
  }

  private Execution execution(RunSummary summary) {
    List<String> troubles = new ArrayList<>();
    if (summary.retries() > 0) {
      troubles.add(summary.retries() + " leases brought no result and were given out again");
    }
    if (claimed.takeOvers() > 0) {
      troubles.add("interrupted and resumed " + claimed.takeOvers() + " times");
    }
    if (claimed.damagedRecords() > 0) {
      troubles.add(claimed.damagedRecords() + " damaged records of results were run again");
    }
    return new Execution(
        record.commandLine(),
        record.plan().shardHosts(),
        record.plan().shards(),
        record.started(),
        Instant.now(),
        failedHosts > 0 ? "failed-hosts" : "complete",
        troubles);
  }

  @Override
  public void accept(int shardId, OutcomeBlock block, byte[] packed, ShardProvenance provenance) {
    output.accept(
        ShardRecord.of(
            shardId,
            block,
            provenance.attempt(),
            provenance.worker(),
            provenance.computeNs(),
            provenance.bytes()),
        block,
        packed);
    if (output.watermark() > 0) {
      headline.update(tally);
    }
  }

  private void count(OutcomeBlock block) {
    tally.fold(block);
    failedHosts += block.failures().size();
  }

  /**
   * Stops the run before its end, from any thread.
   *
   * @param reason one line for the user
   */
  public synchronized void stop(String reason) {
    stopped = reason;
    if (cluster != null) {
      cluster.stop(reason);
    }
  }
}
