package stallcast.worker.cluster;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.ClusterEvent;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Subscribe;
import org.apache.pekko.remote.RemoteTransportException;
import stallcast.worker.protocol.WorkerInbox;

/**
 * The life of a worker process: join, work, and when the coordinator goes away leave, join again
 * and go on. A member that was downed cannot come back, so every try is an actor system of its own.
 */
public final class WorkerProcess {
  private static final Duration LEAVE_LIMIT = Duration.ofSeconds(15);
  private static final Duration PAUSE = Duration.ofMillis(500); // between two tries

  private final NodeSettings node;
  private final WorkerSettings worker;
  private final boolean stay;
  private final Consumer<String> say;
  private final WorkerStatus status = new WorkerStatus();
  private Optional<ActorSystem<WorkerInbox>> current = Optional.empty();
  private boolean draining;

  /**
   * A worker process.
   *
   * @param node how it joins; {@code joinLimit} bounds the time without a coordinator
   * @param worker how it works
   * @param stay whether it waits for another run when one is over
   * @param say told, in lines for the user, what happens
   */
  public WorkerProcess(
      NodeSettings node, WorkerSettings worker, boolean stay, Consumer<String> say) {
    this.node = node;
    this.worker = worker;
    this.stay = stay;
    this.say = say;
  }

  /**
   * Works until there is no more to do, or no coordinator.
   *
   * @return why it ended
   * @throws IllegalArgumentException if the settings cannot work; the message is for the user
   * @throws InterruptedException if the thread is interrupted; the process has left the cluster
   */
  public WorkerEnd run() throws InterruptedException {
    Config config = node.config();
    long lastContactNs = System.nanoTime();
    while (true) {
      Life life = new Life();
      WorkerEnd end = runOnce(config, life);
      if (!goesOn(end)) {
        return end;
      }
      if (life.connected) {
        lastContactNs = System.nanoTime();
        say.accept(end.reason());
      }
      if (!stay && System.nanoTime() - lastContactNs > node.joinLimit().toNanos()) {
        return new WorkerEnd(WorkerEnd.Kind.LOST, explainLoss());
      }
      say.accept("waiting for a coordinator at " + node.seed());
      TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
    }
  }

  /** What it has done so far. */
  public WorkerStatus status() {
    return status;
  }

  private synchronized boolean goesOn(WorkerEnd end) {
    return switch (end.kind()) {
      case REFUSED, DRAINED -> false;
      case COMPLETE, STOPPED -> stay && !draining;
      case INTERRUPTED, LOST -> !draining;
    };
  }

  private String explainLoss() {
    return "no coordinator answered at "
        + node.seed()
        + " for "
        + node.joinLimit().toSeconds()
        + " s. Is it running, is this its address and port, can both sides reach each other"
        + " (this one listens on "
        + node.listen()
        + "), and do both use TLS or both not (this one "
        + (node.tls().isPresent() ? "does)?" : "does not)?");
  }

  /** One incarnation. */
  private final class Life implements WorkerListener {
    private final CompletableFuture<WorkerEnd> ended = new CompletableFuture<>();
    private volatile boolean connected;

    @Override
    public void onConnected(int threads) {
      connected = true;
      status.connected();
      say.accept("working for the coordinator at " + node.seed() + " with " + threads + " threads");
    }

    @Override
    public void onComputed(int hosts, long events) {
      status.computed(hosts, events);
    }

    @Override
    public void onBeat(int shards) {
      status.beat(shards);
    }

    @Override
    public void onEnded(WorkerEnd end) {
      status.disconnected();
      ended.complete(end);
    }
  }

  private WorkerEnd runOnce(Config config, Life life) throws InterruptedException {
    ActorSystem<WorkerInbox> system;
    try {
      system = ActorSystem.create(root(worker, life), NodeSettings.SYSTEM, config);
    } catch (RemoteTransportException e) { // the system before it may still hold the port
      say.accept("cannot listen: " + e.getMessage());
      return new WorkerEnd(WorkerEnd.Kind.LOST, e.getMessage());
    }
    system
        .getWhenTerminated()
        .whenComplete(
            (done, error) ->
                life.onEnded(new WorkerEnd(WorkerEnd.Kind.LOST, "could not join " + node.seed())));
    remember(system);
    try {
      return life.ended.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a worker ends with a value", e);
    } finally {
      leave(system);
    }
  }

  private synchronized void remember(ActorSystem<WorkerInbox> system) {
    current = Optional.of(system);
    if (draining) {
      system.tell(WorkerActor.Drain.INSTANCE);
    }
  }

  /** Finishes the shards that are computed, gives the others back, and leaves. Returns at once. */
  public synchronized void drain() {
    draining = true;
    current.ifPresent(system -> system.tell(WorkerActor.Drain.INSTANCE));
  }

  private static void leave(ActorSystem<WorkerInbox> system) throws InterruptedException {
    system.terminate(); // leaves the cluster first
    try {
      system
          .getWhenTerminated()
          .toCompletableFuture()
          .get(LEAVE_LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      // The others will down what did not leave.
    }
  }

  /**
   * The root of a worker's actor system: passes everything on, and lives on when the worker has
   * ended, because a system whose root stops ends without leaving the cluster.
   */
  static Behavior<WorkerInbox> root(WorkerSettings settings, WorkerListener listener) {
    return Behaviors.setup(
        context -> {
          ActorRef<WorkerInbox> actor =
              context.spawn(WorkerActor.create(settings, listener), "worker");
          context.watch(actor);
          tellWhenCoordinatorLeaves(context, actor);
          return Behaviors.receive(WorkerInbox.class)
              .onMessage(
                  WorkerInbox.class,
                  message -> {
                    actor.tell(message);
                    return Behaviors.same();
                  })
              .onSignal(Terminated.class, signal -> Behaviors.same())
              .build();
        });
  }

  private static void tellWhenCoordinatorLeaves(
      ActorContext<WorkerInbox> context, ActorRef<WorkerInbox> actor) {
    ActorRef<ClusterEvent.MemberEvent> members =
        context.spawn(
            Behaviors.receive(ClusterEvent.MemberEvent.class)
                .onMessage(
                    ClusterEvent.MemberEvent.class,
                    event -> {
                      if (isLeavingCoordinator(event.member())) {
                        actor.tell(WorkerActor.CoordinatorLeft.INSTANCE);
                      }
                      return Behaviors.same();
                    })
                .build(),
            "members");
    Cluster.get(context.getSystem())
        .subscriptions()
        .tell(Subscribe.create(members, ClusterEvent.MemberEvent.class));
  }

  private static boolean isLeavingCoordinator(Member member) {
    MemberStatus status = member.status();
    return member.hasRole(NodeSettings.COORDINATOR)
        && !status.equals(MemberStatus.joining())
        && !status.equals(MemberStatus.weaklyUp())
        && !status.equals(MemberStatus.up());
  }
}
