package stallcast.worker.cluster;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import stallcast.worker.protocol.CodeIdentity;
import stallcast.worker.protocol.CoordinatorInbox;
import stallcast.worker.protocol.Parcel;
import stallcast.worker.protocol.RefusedBytesException;
import stallcast.worker.protocol.ToCoordinator;
import stallcast.worker.protocol.ToWorker;
import stallcast.worker.protocol.WireCodec;
import stallcast.worker.protocol.WorkerInbox;

/**
 * A worker: finds the coordinator, gets the scenario, holds one shard more than it has threads, and
 * repeats every result until it is acknowledged. It ends once, with a {@link WorkerEnd}; who wants
 * to go on makes a new one.
 */
public final class WorkerActor extends AbstractBehavior<WorkerInbox> {
  /** Under this key the coordinator's dispatcher is found. */
  public static final ServiceKey<CoordinatorInbox> DISPATCHER =
      ServiceKey.create(CoordinatorInbox.class, "dispatcher");

  /** Asks the worker to finish the shards it computes, give the others back and leave. */
  public enum Drain implements WorkerInbox {
    INSTANCE
  }

  /** Says that the member with the coordinator's role leaves or is gone. */
  enum CoordinatorLeft implements WorkerInbox {
    INSTANCE
  }

  private enum Beat implements WorkerInbox {
    INSTANCE
  }

  private enum DispatcherGone implements WorkerInbox {
    INSTANCE
  }

  private record Found(Receptionist.Listing listing) implements WorkerInbox {}

  private record Computed(ComputePool.Result result) implements WorkerInbox {}

  private final WorkerSettings settings;
  private final WorkerListener listener;
  private final String workerId;
  private final ComputePool pool;
  private final Map<Integer, HeldShard> held = new LinkedHashMap<>(); // by shard id
  private final Parcel.Assembly specChunks = new Parcel.Assembly();
  private Optional<ActorRef<CoordinatorInbox>> dispatcher = Optional.empty();
  private Optional<ComputePool.Runners> runners = Optional.empty();
  private long runId;
  private boolean draining;
  private boolean ended;
  private long lastContactNs = System.nanoTime();

  /**
   * A worker.
   *
   * @param settings threads and times
   * @param listener told what happens
   */
  public static Behavior<WorkerInbox> create(WorkerSettings settings, WorkerListener listener) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(timers -> new WorkerActor(context, timers, settings, listener)));
  }

  private WorkerActor(
      ActorContext<WorkerInbox> context,
      TimerScheduler<WorkerInbox> timers,
      WorkerSettings settings,
      WorkerListener listener) {
    super(context);
    this.settings = settings;
    this.listener = listener;
    this.workerId =
        context.getSystem().address().hostPort()
            + "#"
            + ManagementFactory.getRuntimeMXBean().getPid()
            + "-"
            + Long.toHexString(ThreadLocalRandom.current().nextLong());
    QuietLogging.mark("own_worker", workerId);
    this.pool = new ComputePool(settings.threads());
    timers.startTimerAtFixedRate(Beat.INSTANCE, settings.beat());
    ActorRef<Receptionist.Listing> listings =
        context.messageAdapter(Receptionist.Listing.class, Found::new);
    context.getSystem().receptionist().tell(Receptionist.subscribe(DISPATCHER, listings));
  }

  @Override
  public Receive<WorkerInbox> createReceive() {
    return newReceiveBuilder()
        .onMessage(Found.class, this::onFound)
        .onMessage(ToWorker.RunSpecChunk.class, this::onRunSpecChunk)
        .onMessage(ToWorker.ShardTask.class, this::onShardTask)
        .onMessage(Computed.class, this::onComputed)
        .onMessage(ToWorker.ChunkAck.class, this::onChunkAck)
        .onMessage(ToWorker.Ack.class, m -> onForget(m.runId(), m.shardId()))
        .onMessage(ToWorker.CancelShard.class, m -> onForget(m.runId(), m.shardId()))
        .onMessage(ToWorker.Wait.class, m -> onWait())
        .onMessage(ToWorker.Refused.class, m -> end(WorkerEnd.Kind.REFUSED, m.reason()))
        .onMessage(ToWorker.Stop.class, this::onStop)
        .onMessageEquals(Drain.INSTANCE, this::onDrain)
        .onMessageEquals(Beat.INSTANCE, this::onBeat)
        .onMessageEquals(DispatcherGone.INSTANCE, this::onDispatcherGone)
        .onMessageEquals(CoordinatorLeft.INSTANCE, this::onCoordinatorLeft)
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  private Behavior<WorkerInbox> onFound(Found found) {
    Set<ActorRef<CoordinatorInbox>> refs = found.listing().getServiceInstances(DISPATCHER);
    if (dispatcher.isEmpty() && !refs.isEmpty()) {
      ActorRef<CoordinatorInbox> ref = refs.iterator().next();
      dispatcher = Optional.of(ref);
      getContext().watchWith(ref, DispatcherGone.INSTANCE);
      sayHello();
    }
    return this;
  }

  private void sayHello() {
    String self =
        ActorRefResolver.get(getContext().getSystem())
            .toSerializationFormat(getContext().getSelf());
    send(new ToCoordinator.Hello(workerId, self, CodeIdentity.current(), settings.threads()));
  }

  private void send(ToCoordinator message) {
    dispatcher.ifPresent(ref -> ref.tell(message));
  }

  private Behavior<WorkerInbox> onWait() {
    lastContactNs = System.nanoTime();
    return this;
  }

  private Behavior<WorkerInbox> onRunSpecChunk(ToWorker.RunSpecChunk message) {
    lastContactNs = System.nanoTime();
    if (runners.isPresent()) {
      return this;
    }
    specChunks.accept(message.chunk());
    if (!specChunks.isComplete()) {
      return this;
    }
    try {
      runners = Optional.of(new ComputePool.Runners(WireCodec.unpackSpec(specChunks.bytes())));
    } catch (RefusedBytesException e) {
      return end(WorkerEnd.Kind.REFUSED, "cannot read the scenario: " + e.getMessage());
    }
    runId = message.runId();
    listener.onConnected(settings.threads());
    requestWork();
    return this;
  }

  private void requestWork() {
    if (runners.isPresent()) {
      int credits = draining ? 0 : settings.threads() + 1;
      int[] ids = held.keySet().stream().mapToInt(Integer::intValue).toArray();
      send(new ToCoordinator.RequestWork(workerId, runId, credits, ids));
    }
  }

  private Behavior<WorkerInbox> onShardTask(ToWorker.ShardTask task) {
    lastContactNs = System.nanoTime();
    if (task.runId() != runId || runners.isEmpty() || held.containsKey(task.shardId())) {
      return this;
    }
    if (draining) {
      giveBack(task);
      return this;
    }
    HeldShard shard = new HeldShard(task);
    held.put(task.shardId(), shard);
    ActorRef<WorkerInbox> self = getContext().getSelf();
    pool.submit(shard, runners.get(), result -> self.tell(new Computed(result)));
    return this;
  }

  private void giveBack(ToWorker.ShardTask task) {
    send(new ToCoordinator.ShardReturned(workerId, runId, task.shardId(), task.attempt()));
  }

  private Behavior<WorkerInbox> onComputed(Computed message) {
    HeldShard shard = message.result().shard();
    ToWorker.ShardTask task = shard.task();
    if (held.get(task.shardId()) != shard) {
      return this; // forgotten meanwhile
    }
    if (message.result() instanceof ComputePool.Result.Packed packed) {
      shard.finish(packed.parcel(), packed.computeNs());
      listener.onComputed(task.hostCount(), packed.events());
      sendChunks(shard);
    } else if (message.result() instanceof ComputePool.Result.Failed failed) {
      held.remove(task.shardId());
      send(
          new ToCoordinator.ShardFailed(
              workerId, runId, task.shardId(), task.attempt(), oneLine(failed.message())));
    }
    return leaveIfDrained();
  }

  private static String oneLine(String message) {
    String line = message.replaceAll("\\s*\\R\\s*", " ");
    return line.substring(0, Math.min(line.length(), 500));
  }

  private void sendChunks(HeldShard shard) {
    Optional<ToCoordinator.ShardChunk> chunk = shard.next(workerId);
    while (chunk.isPresent()) {
      send(chunk.get());
      chunk = shard.next(workerId);
    }
  }

  private Behavior<WorkerInbox> onChunkAck(ToWorker.ChunkAck ack) {
    HeldShard shard = held.get(ack.shardId());
    if (ack.runId() == runId && shard != null && shard.hasResult()) {
      shard.acknowledge(ack.received());
      sendChunks(shard);
    }
    return this;
  }

  private Behavior<WorkerInbox> onForget(long ofRun, int shardId) {
    lastContactNs = System.nanoTime();
    if (ofRun == runId) {
      HeldShard shard = held.remove(shardId);
      if (shard != null) {
        shard.cancel();
      }
    }
    return leaveIfDrained();
  }

  private Behavior<WorkerInbox> onStop(ToWorker.Stop stop) {
    send(new ToCoordinator.Goodbye(workerId));
    return switch (stop.end()) {
      case COMPLETE -> end(WorkerEnd.Kind.COMPLETE, "");
      case INTERRUPTED -> end(WorkerEnd.Kind.INTERRUPTED, "the coordinator left: " + stop.reason());
      case FAILED -> end(WorkerEnd.Kind.STOPPED, stop.reason());
    };
  }

  private Behavior<WorkerInbox> onDrain() {
    draining = true;
    List<HeldShard> waiting = new ArrayList<>(held.values());
    for (HeldShard shard : waiting) {
      if (shard.cancelIfWaiting()) {
        held.remove(shard.task().shardId());
        giveBack(shard.task());
      }
    }
    requestWork();
    return leaveIfDrained();
  }

  private Behavior<WorkerInbox> leaveIfDrained() {
    if (!draining || !held.isEmpty()) {
      return this;
    }
    send(new ToCoordinator.Goodbye(workerId));
    return end(WorkerEnd.Kind.DRAINED, "");
  }

  private Behavior<WorkerInbox> onBeat() {
    listener.onBeat(held.size());
    long silentNs = System.nanoTime() - lastContactNs;
    if (runners.isEmpty()) {
      if (silentNs > settings.contactLimit().toNanos()) {
        return end(WorkerEnd.Kind.LOST, "no coordinator answered");
      }
      sayHello();
      return this;
    }
    requestWork();
    held.values().forEach(shard -> shard.probe(workerId).ifPresent(this::send));
    return this;
  }

  private Behavior<WorkerInbox> onDispatcherGone() {
    return end(WorkerEnd.Kind.LOST, "the coordinator went away");
  }

  /**
   * A coordinator at its end has no dispatcher any more, and none will come: not in this cluster.
   */
  private Behavior<WorkerInbox> onCoordinatorLeft() {
    return dispatcher.isEmpty() ? end(WorkerEnd.Kind.LOST, "the coordinator left") : this;
  }

  private Behavior<WorkerInbox> end(WorkerEnd.Kind kind, String reason) {
    tellEnd(new WorkerEnd(kind, reason));
    return Behaviors.stopped();
  }

  private void tellEnd(WorkerEnd end) {
    if (!ended) {
      ended = true;
      listener.onEnded(end);
    }
  }

  private Behavior<WorkerInbox> onPostStop() {
    held.values().forEach(HeldShard::cancel);
    pool.close();
    tellEnd(new WorkerEnd(WorkerEnd.Kind.LOST, "the actor system ended"));
    return this;
  }
}
