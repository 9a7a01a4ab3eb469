package stallcast.coordinator.cluster;

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
import stallcast.coordinator.cluster.WorkerRoster.Member;
import stallcast.coordinator.plan.ShardLedger;
import stallcast.coordinator.plan.ShardLedger.Lease;
import stallcast.worker.protocol.CodeIdentity;
import stallcast.worker.protocol.CoordinatorInbox;
import stallcast.worker.protocol.ToCoordinator;
import stallcast.worker.protocol.ToWorker;
import stallcast.worker.protocol.WorkerInbox;

/**
 * Gives shards to workers and their results to the sink: the actor around {@link ShardLedger},
 * {@link WorkerRoster} and {@link ResultDesk}, which hold the rules.
 *
 * <p>Messages may be lost or come twice. A worker repeats what is not answered, a lease that is not
 * renewed ends, and results are idempotent by shard.
 */
final class ShardDispatcher extends AbstractBehavior<CoordinatorInbox> {
  /**
   * Ends the run before its end.
   *
   * @param reason one line for the user, not empty
   */
  record StopRun(String reason) implements CoordinatorInbox {}

  private enum Nudge implements CoordinatorInbox {
    TICK,
    FILL_ALL,
    GOODBYE_LIMIT
  }

  private record WorkerGone(String workerId) implements CoordinatorInbox {}

  private record Delivered(SinkFeed.Delivery delivery) implements CoordinatorInbox {}

  private final TimerScheduler<CoordinatorInbox> timers;
  private final DispatchSettings settings;
  private final DispatchJob job;
  private final CompletableFuture<RunSummary> result;
  private final ShardLedger ledger;
  private final WorkerRoster workers = new WorkerRoster();
  private final RunCounters counters;
  private final ResultDesk desk;
  private final long begunNs;
  private boolean started;
  private boolean closing;
  private boolean filling; // a FillAll is under way
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
    this.begunNs = now();
    this.counters = new RunCounters(job.plan(), begunNs);
    ActorRef<CoordinatorInbox> self = context.getSelf();
    this.desk =
        new ResultDesk(
            job,
            ledger,
            workers,
            counters,
            settings.undeliveredMax(),
            delivery -> self.tell(new Delivered(delivery)));
    timers.startTimerWithFixedDelay(Nudge.TICK, settings.tick());
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
        .onMessageEquals(Nudge.TICK, this::onTick)
        .onMessageEquals(Nudge.FILL_ALL, this::onFillAll)
        .onMessageEquals(Nudge.GOODBYE_LIMIT, this::onGoodbyeLimit)
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
        job.sendSpec(known.get().ref());
      }
      return this;
    }
    ActorRef<WorkerInbox> ref =
        ActorRefResolver.get(getContext().getSystem()).resolveActorRef(hello.replyTo());
    Optional<String> conflict = CodeIdentity.current().conflictWith(hello.version());
    if (conflict.isPresent()) {
      DispatchLog.refused(hello.workerId(), conflict.get());
      ref.tell(new ToWorker.Refused(conflict.get()));
    } else if (closing) {
      ref.tell(stopMessage());
    } else {
      workers.add(hello.workerId(), ref, hello.threads());
      DispatchLog.joined(hello.workerId(), hello.threads());
      getContext().watchWith(ref, new WorkerGone(hello.workerId()));
      job.sendSpec(ref);
    }
    return this;
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
      member.ref().tell(job.task(lease.get(), settings.limits().leaseNs()));
    }
  }

  /** Thousands of workers may be lost at once: one round over the others is enough for many. */
  private void fillSoon() {
    if (!filling) {
      filling = true;
      getContext().getSelf().tell(Nudge.FILL_ALL);
    }
  }

  private Behavior<CoordinatorInbox> onFillAll() {
    filling = false;
    fillAll();
    return this;
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
    if (sender.isEmpty() || closing || !ledger.wasLeased(message.shardId())) {
      return this;
    }
    ledger.renew(sender.get().number(), message.shardId(), now());
    Optional<RunFailedException> fault = desk.onChunk(sender.get(), message);
    if (fault.isPresent()) {
      return failRun(fault.get());
    }
    fill(sender.get());
    return this;
  }

  private Behavior<CoordinatorInbox> onDelivered(Delivered message) {
    Optional<RunFailedException> fault = desk.onDelivered(message.delivery());
    return fault.isPresent() ? failRun(fault.get()) : endIfFinished();
  }

  private Behavior<CoordinatorInbox> onShardFailed(ToCoordinator.ShardFailed message) {
    memberOf(message, message.runId())
        .filter(member -> ledger.wasLeased(message.shardId()))
        .ifPresent(
            member -> {
              DispatchLog.failed(message.shardId(), member.id(), message.message());
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
    desk.forget(shard, number);
    fillSoon();
  }

  private Behavior<CoordinatorInbox> onGoodbye(ToCoordinator.Goodbye message) {
    workers
        .find(message.workerId())
        .ifPresent(
            member -> {
              DispatchLog.left(member.id());
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
                DispatchLog.lost(member.id(), lost.size());
                counters.retried(lost.size());
              }
              dismiss(member);
            });
    return endIfFinished();
  }

  private void dismiss(Member member) {
    workers.remove(member);
    desk.forgetWorker(member.number());
    fillSoon();
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
        DispatchLog.late(late.shard());
        counters.retried(1);
        desk.forget(late.shard(), late.worker());
      }
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
    job.progress().update(counters.state(ledger, workers, desk.undelivered(), now()));
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
      timers.startSingleTimer(Nudge.GOODBYE_LIMIT, settings.goodbyeLimit());
    }
  }

  private ToWorker.Stop stopMessage() {
    if (failure.isPresent()) {
      return stop(ToWorker.RunOver.FAILED, failure.get().getMessage());
    }
    if (!stopped.isEmpty()) {
      return stop(ToWorker.RunOver.INTERRUPTED, stopped);
    }
    return ledger.failed().isEmpty()
        ? stop(ToWorker.RunOver.COMPLETE, "")
        : stop(ToWorker.RunOver.FAILED, "some hosts could not be finished");
  }

  private ToWorker.Stop stop(ToWorker.RunOver end, String reason) {
    return new ToWorker.Stop(job.runId(), end, reason);
  }

  /**
   * Closes, with the result, when every shard is stored or failed; ends when closed and everybody
   * has left.
   */
  private Behavior<CoordinatorInbox> endIfFinished() {
    if (!closing && ledger.isFinished() && desk.undelivered() == 0) {
      close();
      result.complete(
          counters.summary(
              stopped, ledger, counters.state(ledger, workers, desk.undelivered(), now())));
    }
    boolean quiet = (workers.size() == 0 || goodbyeOver) && desk.undelivered() == 0;
    return closing && quiet ? finish() : this;
  }

  private Behavior<CoordinatorInbox> onGoodbyeLimit() {
    goodbyeOver = true;
    return endIfFinished();
  }

  private Behavior<CoordinatorInbox> finish() {
    RunProgress.State last = counters.state(ledger, workers, desk.undelivered(), now());
    job.progress().update(last);
    DispatchLog.over(stopMessage().end() + " " + stopMessage().reason(), last.shardsDone());
    failure.ifPresentOrElse(
        result::completeExceptionally,
        () -> result.complete(counters.summary(stopped, ledger, last)));
    return Behaviors.stopped();
  }

  private Behavior<CoordinatorInbox> onPostStop() {
    desk.close();
    result.completeExceptionally(new RunFailedException("the coordinator's actor system ended"));
    return this;
  }
}
