package stallcast.coordinator.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.worker.protocol.CodeIdentity;
import stallcast.worker.protocol.CoordinatorInbox;
import stallcast.worker.protocol.Parcel;
import stallcast.worker.protocol.ToCoordinator;
import stallcast.worker.protocol.ToWorker;
import stallcast.worker.protocol.WireCodec;
import stallcast.worker.protocol.WorkerInbox;
import stallcast.worker.shard.OutcomeBlock;
import stallcast.worker.shard.ShardRunner;

/** A worker whose every word a test chooses. */
final class FakeWorker {
  private static final long COMPUTE_NS = 1_000_000;

  private final String id;
  private final ActorTestKit kit;
  private final TestProbe<WorkerInbox> probe;
  private final ActorRef<CoordinatorInbox> dispatcher;
  private final ScenarioSpec spec;
  private final ShardRunner runner;
  private long runId;

  FakeWorker(
      String id, ActorTestKit kit, ActorRef<CoordinatorInbox> dispatcher, ScenarioSpec spec) {
    this.id = id;
    this.kit = kit;
    this.probe = kit.createTestProbe(id, WorkerInbox.class);
    this.dispatcher = dispatcher;
    this.spec = spec;
    this.runner = new ShardRunner(spec);
  }

  TestProbe<WorkerInbox> probe() {
    return probe;
  }

  void hello(CodeIdentity version) {
    String self = ActorRefResolver.get(kit.system()).toSerializationFormat(probe.getRef());
    dispatcher.tell(new ToCoordinator.Hello(id, self, version, 1));
  }

  /** Joins, takes the scenario and asks for work. */
  FakeWorker join(int credits) {
    hello(CodeIdentity.current());
    runId = probe.expectMessageClass(ToWorker.RunSpecChunk.class).runId();
    request(credits);
    return this;
  }

  void request(int credits, int... held) {
    dispatcher.tell(new ToCoordinator.RequestWork(id, runId, credits, held));
  }

  ToWorker.ShardTask expectTask(int shard) {
    ToWorker.ShardTask task = probe.expectMessageClass(ToWorker.ShardTask.class);
    assertEquals(shard, task.shardId());
    return task;
  }

  void expectAck(int shard) {
    probe.expectMessage(new ToWorker.Ack(runId, shard));
  }

  void expectCancel(int shard) {
    probe.expectMessage(new ToWorker.CancelShard(runId, shard));
  }

  OutcomeBlock compute(ToWorker.ShardTask task) {
    return runner.run(task.firstHost(), task.hostCount(), () -> false);
  }

  /** Sends a result at once. */
  void deliver(ToWorker.ShardTask task) {
    deliver(task, compute(task));
  }

  void deliver(ToWorker.ShardTask task, OutcomeBlock block) {
    Parcel parcel = WireCodec.pack(block);
    for (int i = 0; i < parcel.chunkCount(); i++) {
      sendChunk(task, parcel, i);
    }
  }

  void sendChunk(ToWorker.ShardTask task, Parcel parcel, int index) {
    dispatcher.tell(
        new ToCoordinator.ShardChunk(
            id, runId, task.shardId(), task.attempt(), COMPUTE_NS, parcel.chunk(index)));
  }

  void fail(ToWorker.ShardTask task, String message) {
    dispatcher.tell(
        new ToCoordinator.ShardFailed(id, runId, task.shardId(), task.attempt(), message));
  }

  void giveBack(ToWorker.ShardTask task) {
    dispatcher.tell(new ToCoordinator.ShardReturned(id, runId, task.shardId(), task.attempt()));
  }

  void goodbye() {
    dispatcher.tell(new ToCoordinator.Goodbye(id));
  }

  ToWorker.Stop expectStop() {
    return probe.expectMessageClass(ToWorker.Stop.class);
  }

  /** Returns when the dispatcher has read everything that was sent to it before. */
  void sync() {
    FakeWorker stranger = new FakeWorker("stranger", kit, dispatcher, spec);
    stranger.hello(new CodeIdentity(-1, "", "", ""));
    stranger.probe.expectMessageClass(ToWorker.Refused.class);
  }

  void die() {
    probe.stop();
  }
}
