package stallcast.coordinator.cluster;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import stallcast.coordinator.cluster.ResultIntake.Copy;
import stallcast.coordinator.cluster.WorkerRoster.Member;
import stallcast.coordinator.plan.ShardLedger;
import stallcast.worker.protocol.RefusedBytesException;
import stallcast.worker.protocol.ToCoordinator.ShardChunk;
import stallcast.worker.protocol.ToWorker;

/**
 * The way of a result from its first chunk to the sink: puts it together, enters it in the ledger,
 * acknowledges it, and calls off the other copy. Part of {@link ShardDispatcher}, on its thread.
 */
final class ResultDesk {
  private final DispatchJob job;
  private final ShardLedger ledger;
  private final WorkerRoster workers;
  private final RunCounters counters;
  private final ResultIntake intake;
  private final SinkFeed feed;
  private final Consumer<SinkFeed.Delivery> report;

  /**
   * A desk.
   *
   * @param places results in memory at once
   * @param report told by the sink's thread what became of a result; to be given to {@link
   *     #onDelivered}
   */
  ResultDesk(
      DispatchJob job,
      ShardLedger ledger,
      WorkerRoster workers,
      RunCounters counters,
      int places,
      Consumer<SinkFeed.Delivery> report) {
    this.job = job;
    this.ledger = ledger;
    this.workers = workers;
    this.counters = counters;
    this.intake = new ResultIntake(places);
    this.feed = new SinkFeed(job.plan(), job.sink());
    this.report = report;
  }

  /**
   * Takes a chunk.
   *
   * @return why the run must fail, if it must
   */
  Optional<RunFailedException> onChunk(Member member, ShardChunk message) {
    int shard = message.shardId();
    if (ledger.isDone(shard)) {
      return enter(member, message, new byte[0]); // its digest is all that is needed
    }
    Copy copy = new Copy(shard, member.number());
    if (!intake.admit(copy)) {
      return Optional.empty();
    }
    int received = intake.accept(copy, message.chunk());
    if (intake.isComplete(copy)) {
      return takeWhole(member, message, copy);
    }
    if (received > 0) {
      member.ref().tell(new ToWorker.ChunkAck(job.runId(), shard, message.attempt(), received));
    }
    return Optional.empty();
  }

  private Optional<RunFailedException> takeWhole(Member member, ShardChunk message, Copy copy) {
    try {
      return enter(member, message, intake.take(copy));
    } catch (RefusedBytesException e) {
      DispatchLog.refused(copy.shard(), member.id(), e.getMessage());
      ledger.fail(copy.shard(), copy.worker(), e.getMessage());
      counters.retried(1);
      member.ref().tell(new ToWorker.CancelShard(job.runId(), copy.shard()));
      return Optional.empty();
    }
  }

  private Optional<RunFailedException> enter(Member member, ShardChunk message, byte[] bytes) {
    int shard = message.shardId();
    List<Integer> holders = ledger.holders(shard);
    switch (ledger.complete(shard, ByteBuffer.wrap(message.chunk().digest()).getLong())) {
      case FIRST -> {
        counters.computed(message.computeNs());
        ShardProvenance provenance =
            new ShardProvenance(member.id(), message.attempt(), message.computeNs(), bytes.length);
        feed.submit(shard, bytes, provenance, report);
        intake.forgetShard(shard);
        holders.stream().filter(h -> h != member.number()).forEach(h -> callOff(shard, h));
      }
      case REPEATED -> counters.repeated();
      case DIFFERENT -> {
        return Optional.of(difference(member, shard));
      }
    }
    member.ref().tell(new ToWorker.Ack(job.runId(), shard));
    return Optional.empty();
  }

  private RunFailedException difference(Member member, int shard) {
    return new RunFailedException(
        "two results of shard "
            + shard
            + " (hosts from "
            + job.plan().firstHost(shard)
            + ") differ, the second from worker "
            + member.id()
            + ": the simulation is not deterministic there");
  }

  private void callOff(int shard, int number) {
    workers
        .find(number)
        .ifPresent(other -> other.ref().tell(new ToWorker.CancelShard(job.runId(), shard)));
  }

  /**
   * Takes note of what the sink did.
   *
   * @return why the run must fail, if it must
   */
  Optional<RunFailedException> onDelivered(SinkFeed.Delivery delivery) {
    intake.delivered();
    if (delivery instanceof SinkFeed.Delivery.Refused refused) {
      return Optional.of(refused.why());
    }
    if (delivery instanceof SinkFeed.Delivery.Stored stored) {
      counters.stored(stored);
    }
    resumeParked();
    return Optional.empty();
  }

  /** Forgets a copy whose lease ended. */
  void forget(int shard, int worker) {
    intake.forget(new Copy(shard, worker));
    resumeParked();
  }

  /** Forgets what a worker was sending. */
  void forgetWorker(int worker) {
    intake.forgetWorker(worker);
    resumeParked();
  }

  private void resumeParked() {
    Optional<Copy> next = intake.next();
    while (next.isPresent()) {
      Copy copy = next.get();
      workers
          .find(copy.worker())
          .ifPresentOrElse(
              m -> m.ref().tell(new ToWorker.ChunkAck(job.runId(), copy.shard(), 0, 0)),
              () -> intake.forget(copy));
      next = intake.next();
    }
  }

  /** Results that wait for the sink. */
  int undelivered() {
    return intake.undelivered();
  }

  void close() {
    feed.close();
  }
}
