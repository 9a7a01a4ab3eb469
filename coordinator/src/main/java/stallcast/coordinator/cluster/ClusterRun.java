package stallcast.coordinator.cluster;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorSystem;
import stallcast.coordinator.plan.ShardPlan;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.worker.cluster.NodeAddress;
import stallcast.worker.cluster.NodeSettings;
import stallcast.worker.protocol.CoordinatorInbox;
import stallcast.worker.protocol.WireCodec;

/**
 * A run of a plan, from the first member to the last. The embedded run differs from one on many
 * machines in the transport alone: the same actors exchange the same packed shards.
 */
public final class ClusterRun {
  private static final Duration JOIN_LIMIT = Duration.ofSeconds(60);

  private final ActorSystem<CoordinatorInbox> system;
  private final CompletionStage<RunSummary> stored;
  private final CompletionStage<RunSummary> summary;

  private ClusterRun(
      ActorSystem<CoordinatorInbox> system,
      CompletionStage<RunSummary> stored,
      CompletionStage<RunSummary> summary) {
    this.system = system;
    this.stored = stored;
    this.summary = summary;
  }

  /**
   * Starts a run.
   *
   * @param spec the fleet
   * @param plan its shards; those already done are left out
   * @param options where and how
   * @param sink gets the rows of every other shard
   * @param progress told how it goes on
   * @throws IllegalArgumentException if the options cannot work or the scenario cannot be sent; the
   *     message is for the user
   */
  public static ClusterRun start(
      ScenarioSpec spec,
      ShardPlan plan,
      ClusterOptions options,
      ShardSink sink,
      RunProgress progress) {
    CompletableFuture<RunSummary> result = new CompletableFuture<>();
    DispatchJob job =
        new DispatchJob(
            ThreadLocalRandom.current().nextLong(),
            WireCodec.pack(spec),
            plan,
            sink,
            progress,
            System::nanoTime);
    ActorSystem<CoordinatorInbox> system =
        ActorSystem.create(
            CoordinatorRoot.create(
                ShardDispatcher.create(options.dispatch(), job, result), options.place()),
            NodeSettings.SYSTEM,
            configOf(options.place()));
    CompletionStage<RunSummary> whenLeft =
        system
            .getWhenTerminated()
            .thenCompose(
                done -> {
                  result.completeExceptionally(
                      new RunFailedException("the coordinator's actor system ended"));
                  return result;
                });
    return new ClusterRun(system, result, whenLeft);
  }

  /**
   * Runs a plan; as {@link #start} and {@link #summary}.
   *
   * @return the summary, or a {@link RunFailedException}, once every member has left
   */
  public static CompletionStage<RunSummary> execute(
      ScenarioSpec spec,
      ShardPlan plan,
      ClusterOptions options,
      ShardSink sink,
      RunProgress progress) {
    return start(spec, plan, options, sink, progress).summary();
  }

  /**
   * Refuses options that cannot work, before anything is done for the run.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  public static void check(ClusterOptions options) {
    configOf(options.place());
  }

  private static Config configOf(ClusterOptions.Place place) {
    if (place instanceof ClusterOptions.Listening listening) {
      return new NodeSettings(
              NodeSettings.COORDINATOR,
              listening.listen(),
              listening.listen(),
              listening.tls(),
              listening.insecureNetwork(),
              JOIN_LIMIT,
              listening.stableAfter())
          .config();
    }
    return NodeSettings.embedded();
  }

  /**
   * The summary, or a {@link RunFailedException}, once every shard is with the sink. Members may
   * take longer to leave: a killed one has to be missed first.
   */
  public CompletionStage<RunSummary> stored() {
    return stored;
  }

  /** The summary, or a {@link RunFailedException}, once every member has left. */
  public CompletionStage<RunSummary> summary() {
    return summary;
  }

  /**
   * Ends the run before its end; what is being stored is stored.
   *
   * @param reason one line for the user and for the workers
   */
  public void stop(String reason) {
    system.tell(new ShardDispatcher.StopRun(reason));
  }

  /** Where workers find this coordinator; only for a listening one. */
  public NodeAddress address() {
    Address address = system.address();
    return new NodeAddress(
        address.getHost().orElseThrow(() -> new IllegalStateException("an embedded run")),
        address.getPort().orElseThrow());
  }
}
