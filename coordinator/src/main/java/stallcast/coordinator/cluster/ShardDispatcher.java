package stallcast.coordinator.cluster;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stallcast.coordinator.cluster.ResultIntake.Copy;
import stallcast.coordinator.cluster.WorkerRoster.Member;
import stallcast.coordinator.plan.ShardLedger;
import stallcast.coordinator.plan.ShardLedger.Lease;
import stallcast.worker.protocol.CodeVersion;
import stallcast.worker.protocol.CoordinatorInbox;
import stallcast.worker.protocol.RefusedBytesException;
import stallcast.worker.protocol.ToCoordinator;
import stallcast.worker.protocol.ToWorker;
import stallcast.worker.protocol.WorkerInbox;

/**
 * Gives shards to workers and their results to the sink: the actor around {@link ShardLedger},
 * {@link WorkerRoster} and {@link ResultIntake}, which hold the rules.
 *
 * <p>Messages may be lost or come twice. A worker repeats what is not answered, a lease that is not
 * renewed ends, and results are idempotent by shard.
 */
final class ShardDispatcher extends AbstractBehavior<CoordinatorInbox> {
  private static final Logger LOG = LoggerFactory.getLogger(ShardDispatcher.class);

  /** Ends the run before its end. @param reason one line for the user, not empty */
  record StopRun(String reason) implements CoordinatorInbox {}

  private enum Tick implements CoordinatorInbox {
    INSTANCE
  }

  private enum GoodbyeLimit implements CoordinatorInbox {
    INSTANCE
  }

  private record WorkerGone(String workerId) implements CoordinatorInbox {}

  private record Delivered(SinkFeed.Delivery delivery) implements CoordinatorInbox {}

  private final TimerScheduler<CoordinatorInbox> timers;
  private final DispatchSettings settings;
  private final DispatchJob job;
  private final CompletableFuture<RunSummary> result;
  private final ShardLedger ledger;
  private final WorkerRoster workers = new WorkerRoster();
  private final ResultIntake intake;
  private final SinkFeed feed;
  private final RunCounters counters;
  private final long begunNs;
  private boolean started;
  private boolean closing;
  private boolean goodbyeOver;
  private String stopped = "";
  private Optional<RunFailedException> failure = Optional.empty();

  /**
   * A dispatcher.
   *
   * @param settings how shards are given out
   * @param job what is run
   * @param result gets the summary, or a {@link RunFailedException}, before the actor stops
   */
  static Behavior<CoordinatorInbox> create(
      DispatchSettings settings, DispatchJob job, CompletableFuture<RunSummary> result) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new ShardDispatcher(context, timers, settings, job, result)));
  }

  private ShardDispatcher(
      ActorContext<CoordinatorInbox> context,
      TimerScheduler<CoordinatorInbox> timers,
      DispatchSettings settings,
      DispatchJob job,
      CompletableFuture<RunSummary> result) {
    super(context);
    this.timers = timers;
    this.settings = settings;
    this.job = job;
    this.result = result;
    this.ledger = new ShardLedger(job.plan().shards(), job.plan().done(), settings.limits());
    this.intake = new ResultIntake(settings.undeliveredMax());
    this.feed = new SinkFeed(job.plan(), job.sink());
    this.begunNs = now();
    this.counters = new RunCounters(job.plan(), begunNs);
    timers.startTimerWithFixedDelay(Tick.INSTANCE, settings.tick());
  }

  @Override
  public Receive<CoordinatorInbox> createReceive() {
    return newReceiveBuilder()
        .onMessage(ToCoordinator.Hello.class, this::onHello)
        .onMessage(ToCoordinator.RequestWork.class, this::onRequestWork)
        .onMessage(ToCoordinator.ShardChunk.class, this::onShardChunk)
        .onMessage(ToCoordinator.ShardFailed.class, this::onShardFailed)
        .onMessage(ToCoordinator.ShardReturned.class, this::onShardReturned)
        .onMessage(ToCoordinator.Goodbye.class, this::onGoodbye)
        .onMessage(WorkerGone.class, this::onWorkerGone)
        .onMessage(Delivered.class, this::onDelivered)
        .onMessage(StopRun.class, this::onStopRun)
        .onMessageEquals(Tick.INSTANCE, this::onTick)
        .onMessageEquals(GoodbyeLimit.INSTANCE, this::onGoodbyeLimit)
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  private long now() {
    return job.nanoTime().getAsLong();
  }

  private Behavior<CoordinatorInbox> onHello(ToCoordinator.Hello hello) {
    Optional<Member> known = workers.find(hello.workerId());
    if (known.isPresent()) {
      if (!known.get().isReady()) {
        sendSpec(known.get().ref());
      }
      return this;
    }
    ActorRef<WorkerInbox> ref =
        ActorRefResolver.get(getContext().getSystem()).resolveActorRef(hello.replyTo());
    Optional<String> conflict = CodeVersion.current().conflictWith(hello.version());
    if (conflict.isPresent()) {
      LOG.warn("refused worker {}: {}", hello.workerId(), conflict.get());
      ref.tell(new ToWorker.Refused(conflict.get()));
    } else if (closing) {
      ref.tell(stopMessage());
    } else {
      workers.add(hello.workerId(), ref, hello.threads());
      getContext().watchWith(ref, new WorkerGone(hello.workerId()));
      sendSpec(ref);
    }
    return this;
  }

  private void sendSpec(ActorRef<WorkerInbox> ref) {
    for (int i = 0; i < job.spec().chunkCount(); i++) {
      ref.tell(new ToWorker.RunSpecChunk(job.runId(), job.spec().chunk(i)));
    }
  }

  private Behavior<CoordinatorInbox> onRequestWork(ToCoordinator.RequestWork request) {
    Optional<Member> member = memberOf(request, request.runId());
    if (member.isEmpty()) {
      return this;
    }
    member.get().grantCredits(request.credits());
    counters.workerReady(now());
    for (int shard : request.held()) {
      ledger.renew(member.get().number(), shard, now());
    }
    if (!started && workers.readyCount() >= settings.workersMin()) {
      started = true;
      fillAll();
    }
    fill(member.get());
    return endIfFinished(); // a plan that has nothing left to do ends here
  }

  /** The worker that a message of this run comes from, unless it is unknown or was given up. */
  private Optional<Member> memberOf(ToCoordinator message, long runId) {
    return runId == job.runId() ? workers.find(message.workerId()) : Optional.empty();
  }

  /** Gives a worker shards up to its credits; at the end second copies of what others hold. */
  private void fill(Member member) {
    if (!started || closing || !member.isReady()) {
      return;
    }
    while (ledger.heldCount(member.number()) < member.credits()) {
      Optional<Lease> lease = ledger.lease(member.number(), now());
      if (lease.isEmpty()) {
        lease = ledger.speculate(member.number(), now(), secondCopyAgeNs());
        lease.ifPresent(l -> counters.copied());
      }
      if (lease.isEmpty()) {
        return;
      }
      int shard = lease.get().shard();
      member
          .ref()
          .tell(
              new ToWorker.ShardTask(
                  job.runId(),
                  shard,
                  lease.get().attempt(),
                  job.plan().firstHost(shard),
                  job.plan().hostCount(shard),
                  settings.limits().leaseNs()));
    }
  }

  private void fillAll() {
    workers.all().forEach(this::fill);
  }

  private long secondCopyAgeNs() {
    long twiceMeanNs = 2 * counters.meanComputeNs(settings.limits().leaseNs());
    return Math.max(settings.secondCopyAfter().toNanos(), twiceMeanNs);
  }

  private Behavior<CoordinatorInbox> onShardChunk(ToCoordinator.ShardChunk message) {
    Optional<Member> sender = memberOf(message, message.runId());
    int shard = message.shardId();
    if (sender.isEmpty() || closing || !ledger.wasLeased(shard)) {
      return this;
    }
    Member member = sender.get();
    ledger.renew(member.number(), shard, now());
    if (ledger.isDone(shard)) {
      return onResult(member, message, Optional.empty());
    }
    Copy copy = new Copy(shard, member.number());
    if (!intake.admit(copy)) {
      return this;
    }
    int received = intake.accept(copy, message.chunk());
    if (intake.isComplete(copy)) {
      return takeResult(member, message, copy);
    }
    if (received > 0) {
      member.ref().tell(new ToWorker.ChunkAck(job.runId(), shard, message.attempt(), received));
    }
    return this;
  }

  private Behavior<CoordinatorInbox> takeResult(
      Member member, ToCoordinator.ShardChunk message, Copy copy) {
    try {
      return onResult(member, message, Optional.of(intake.take(copy)));
    } catch (RefusedBytesException e) {
      return onShardFailed(
          new ToCoordinator.ShardFailed(
              member.id(), job.runId(), copy.shard(), message.attempt(), e.getMessage()));
    }
  }

  /** A whole result, or, without bytes, the digest of one whose shard is done already. */
  private Behavior<CoordinatorInbox> onResult(
      Member member, ToCoordinator.ShardChunk message, Optional<byte[]> bytes) {
    int shard = message.shardId();
    List<Integer> holders = ledger.holders(shard);
    switch (ledger.complete(shard, ByteBuffer.wrap(message.chunk().digest()).getLong())) {
      case FIRST -> {
        counters.computed(message.computeNs());
        byte[] packed = bytes.orElseThrow();
        ActorRef<CoordinatorInbox> self = getContext().getSelf();
        feed.submit(
            shard,
            packed,
            new ShardProvenance(member.id(), message.attempt(), message.computeNs(), packed.length),
            delivery -> self.tell(new Delivered(delivery)));
        for (int number : holders) {
          if (number != member.number()) {
            cancel(shard, number);
          }
        }
      }
      case REPEATED -> counters.repeated();
      case DIFFERENT -> {
        return failRun(
            new RunFailedException(
                "two results of shard "
                    + shard
                    + " (hosts from "
                    + job.plan().firstHost(shard)
                    + ") differ, the second from worker "
                    + member.id()
                    + ": the simulation is not deterministic there"));
      }
    }
    member.ref().tell(new ToWorker.Ack(job.runId(), shard));
    fill(member);
    return this;
  }

  private void cancel(int shard, int number) {
    intake.forget(new Copy(shard, number));
    workers
        .find(number)
        .ifPresent(
            other -> {
              other.ref().tell(new ToWorker.CancelShard(job.runId(), shard));
              fill(other);
            });
  }

  private Behavior<CoordinatorInbox> onDelivered(Delivered message) {
    intake.delivered();
    if (message.delivery() instanceof SinkFeed.Delivery.Refused refused) {
      return failRun(refused.why());
    }
    if (message.delivery() instanceof SinkFeed.Delivery.Stored stored) {
      counters.stored(stored);
    }
    resumeParked();
    return endIfFinished();
  }

  private void resumeParked() {
    Optional<Copy> copy = intake.next();
    while (copy.isPresent()) {
      Copy parked = copy.get();
      workers
          .find(parked.worker())
          .ifPresentOrElse(
              m -> m.ref().tell(new ToWorker.ChunkAck(job.runId(), parked.shard(), 0, 0)),
              () -> intake.forget(parked));
      copy = intake.next();
    }
  }

  private Behavior<CoordinatorInbox> onShardFailed(ToCoordinator.ShardFailed message) {
    memberOf(message, message.runId())
        .filter(member -> ledger.wasLeased(message.shardId()))
        .ifPresent(
            member -> {
              LOG.warn("shard {} failed: {}", message.shardId(), message.message());
              ledger.fail(message.shardId(), member.number(), message.message());
              counters.retried(1);
              freed(message.shardId(), member.number());
            });
    return endIfFinished();
  }

  private Behavior<CoordinatorInbox> onShardReturned(ToCoordinator.ShardReturned message) {
    memberOf(message, message.runId())
        .filter(member -> ledger.wasLeased(message.shardId()))
        .ifPresent(
            member -> {
              ledger.giveBack(message.shardId(), member.number());
              freed(message.shardId(), member.number());
            });
    return this;
  }

  private void freed(int shard, int number) {
    intake.forget(new Copy(shard, number));
    resumeParked();
    fillAll();
  }

  private Behavior<CoordinatorInbox> onGoodbye(ToCoordinator.Goodbye message) {
    workers
        .find(message.workerId())
        .ifPresent(
            member -> {
              getContext().unwatch(member.ref());
              ledger.heldBy(member.number()).forEach(s -> ledger.giveBack(s, member.number()));
              dismiss(member);
            });
    return endIfFinished();
  }

  private Behavior<CoordinatorInbox> onWorkerGone(WorkerGone message) {
    workers
        .find(message.workerId())
        .ifPresent(
            member -> {
              String reason = "worker " + member.id() + " was lost";
              List<Integer> lost = ledger.workerLost(member.number(), reason);
              if (!closing) {
                LOG.warn("{}; {} shards go to others", reason, lost.size());
                counters.retried(lost.size());
              }
              dismiss(member);
            });
    return endIfFinished();
  }

  private void dismiss(Member member) {
    workers.remove(member);
    intake.forgetWorker(member.number());
    resumeParked();
    fillAll();
  }

  private Behavior<CoordinatorInbox> onStopRun(StopRun message) {
    if (!closing) {
      stopped = message.reason();
      close();
    }
    return endIfFinished();
  }

  private Behavior<CoordinatorInbox> onTick() {
    if (!closing) {
      for (Lease late : ledger.expire(now())) {
        LOG.warn("lease of shard {} ended in silence: it goes to others", late.shard());
        counters.retried(1);
        intake.forget(new Copy(late.shard(), late.worker()));
      }
      resumeParked();
      fillAll();
      if (!started && now() - begunNs > settings.startLimit().toNanos()) {
        return failRun(
            new RunFailedException(
                workers.readyCount()
                    + " of "
                    + settings.workersMin()
                    + " workers came within "
                    + settings.startLimit().toSeconds()
                    + " s"));
      }
    }
    job.progress().update(counters.state(ledger, workers, now()));
    return endIfFinished();
  }

  private Behavior<CoordinatorInbox> failRun(RunFailedException why) {
    if (failure.isEmpty()) {
      failure = Optional.of(why);
    }
    close();
    return endIfFinished();
  }

  private void close() {
    if (!closing) {
      closing = true;
      workers.all().forEach(member -> member.ref().tell(stopMessage()));
      timers.startSingleTimer(GoodbyeLimit.INSTANCE, settings.goodbyeLimit());
    }
  }

  private ToWorker.Stop stopMessage() {
    String reason = failure.map(Throwable::getMessage).orElse(stopped);
    return new ToWorker.Stop(job.runId(), reason.isEmpty(), reason);
  }

  /** Closes when every shard is stored or failed; ends when closed and everybody has left. */
  private Behavior<CoordinatorInbox> endIfFinished() {
    if (!closing && ledger.isFinished() && intake.undelivered() == 0) {
      close();
    }
    boolean quiet = (workers.size() == 0 || goodbyeOver) && intake.undelivered() == 0;
    return closing && quiet ? finish() : this;
  }

  private Behavior<CoordinatorInbox> onGoodbyeLimit() {
    goodbyeOver = true;
    return endIfFinished();
  }

  private Behavior<CoordinatorInbox> finish() {
    RunProgress.State last = counters.state(ledger, workers, now());
    job.progress().update(last);
    failure.ifPresentOrElse(
        result::completeExceptionally,
        () -> result.complete(counters.summary(stopped, ledger, last)));
    return Behaviors.stopped();
  }

  private Behavior<CoordinatorInbox> onPostStop() {
    feed.close();
    result.completeExceptionally(new RunFailedException("the coordinator's actor system ended"));
    return this;
  }
}
