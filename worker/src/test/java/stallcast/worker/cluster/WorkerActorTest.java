package stallcast.worker.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.worker.protocol.CoordinatorInbox;
import stallcast.worker.protocol.Parcel;
import stallcast.worker.protocol.SpecSamples;
import stallcast.worker.protocol.ToCoordinator;
import stallcast.worker.protocol.ToWorker;
import stallcast.worker.protocol.WireCodec;
import stallcast.worker.protocol.WorkerInbox;
import stallcast.worker.shard.OutcomeBlock;
import stallcast.worker.shard.ShardRunner;

class WorkerActorTest {
  private static final ScenarioSpec SPEC = SpecSamples.small(100_000);
  private static final long RUN = 7;
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final ActorTestKit kit = ActorTestKit.create(NodeSettings.embedded());
  private final TestProbe<CoordinatorInbox> coordinator =
      kit.createTestProbe(CoordinatorInbox.class);
  private final CompletableFuture<WorkerEnd> ended = new CompletableFuture<>();

  @AfterEach
  void endKit() {
    kit.shutdownTestKit();
  }

  private ActorRef<WorkerInbox> worker(Duration contactLimit) {
    WorkerListener listener =
        new WorkerListener() {
          @Override
          public void onConnected(int threads) {}

          @Override
          public void onEnded(WorkerEnd end) {
            ended.complete(end);
          }
        };
    WorkerSettings settings = new WorkerSettings(1, Duration.ofMillis(100), contactLimit);
    return kit.spawn(WorkerActor.create(settings, listener));
  }

  private void register() {
    kit.system()
        .receptionist()
        .tell(Receptionist.register(WorkerActor.DISPATCHER, coordinator.getRef()));
  }

  private <T extends ToCoordinator> T expect(Class<T> type) {
    return type.cast(
        coordinator
            .fishForMessage(
                LIMIT,
                message ->
                    type.isInstance(message)
                        ? FishingOutcomes.complete()
                        : FishingOutcomes.continueAndIgnore())
            .get(0));
  }

  private ActorRef<WorkerInbox> workerWithScenario() {
    ActorRef<WorkerInbox> worker = worker(LIMIT);
    register();
    expect(ToCoordinator.Hello.class);
    expect(ToCoordinator.Hello.class); // repeated, because nobody answered
    Parcel spec = WireCodec.pack(SPEC);
    for (int i = 0; i < spec.chunkCount(); i++) {
      worker.tell(new ToWorker.RunSpecChunk(RUN, spec.chunk(i)));
    }
    assertEquals(2, expect(ToCoordinator.RequestWork.class).credits());
    return worker;
  }

  private static ToWorker.ShardTask task(int shard, int hosts) {
    return new ToWorker.ShardTask(RUN, shard, 1, shard * 10L, hosts, 1);
  }

  private WorkerEnd end() throws Exception {
    return ended.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void resultIsRepeatedUntilItIsAcknowledged() throws Exception {
    ActorRef<WorkerInbox> worker = workerWithScenario();
    worker.tell(task(3, 10));
    ToCoordinator.ShardChunk first = expect(ToCoordinator.ShardChunk.class);
    ToCoordinator.ShardChunk again = expect(ToCoordinator.ShardChunk.class);
    assertArrayEquals(first.chunk().bytes(), again.chunk().bytes());
    assertArrayEquals(new int[] {3}, expect(ToCoordinator.RequestWork.class).held());
    Parcel.Assembly assembly = new Parcel.Assembly();
    assembly.accept(first.chunk());
    OutcomeBlock block = WireCodec.unpackBlock(assembly.bytes());
    OutcomeBlock expected = new ShardRunner(SPEC).run(30, 10, () -> false);
    assertArrayEquals(expected.config()[0], block.config()[0]);
    worker.tell(new ToWorker.Ack(RUN, 3));
    coordinator.fishForMessage(
        LIMIT,
        message ->
            message instanceof ToCoordinator.RequestWork work && work.held().length == 0
                ? FishingOutcomes.complete()
                : FishingOutcomes.continueAndIgnore());
    worker.tell(new ToWorker.Stop(RUN, ToWorker.RunOver.COMPLETE, ""));
    expect(ToCoordinator.Goodbye.class);
    assertEquals(WorkerEnd.Kind.COMPLETE, end().kind());
  }

  @Test
  void largeResultIsSentInAWindowOfChunks() {
    ActorRef<WorkerInbox> worker = workerWithScenario();
    worker.tell(new ToWorker.ShardTask(RUN, 0, 1, 0, 60_000, 1));
    ToCoordinator.ShardChunk chunk = expect(ToCoordinator.ShardChunk.class);
    int of = chunk.chunk().of();
    assertTrue(of > 10, () -> of + " chunks are too few for this test");
    Parcel.Assembly assembly = new Parcel.Assembly();
    int last = -1;
    while (!assembly.isComplete()) {
      int received = assembly.accept(chunk.chunk());
      assertTrue(chunk.chunk().index() < received + 8, "more than the window");
      last = Math.max(last, chunk.chunk().index());
      worker.tell(new ToWorker.ChunkAck(RUN, 0, 1, received));
      if (!assembly.isComplete()) {
        chunk = expect(ToCoordinator.ShardChunk.class);
      }
    }
    assertEquals(of - 1, last);
    assertEquals(60_000, WireCodec.unpackBlock(assembly.bytes()).rows());
  }

  @Test
  void drainFinishesWhatIsComputedAndGivesTheRestBack() throws Exception {
    ActorRef<WorkerInbox> worker = workerWithScenario();
    worker.tell(task(0, 90_000)); // computing for a while
    worker.tell(task(1, 10)); // waiting for the one thread
    worker.tell(WorkerActor.Drain.INSTANCE);
    ToCoordinator.ShardReturned returned = expect(ToCoordinator.ShardReturned.class);
    worker.tell(new ToWorker.ShardTask(RUN, 2, 1, 0, 10, 1)); // was under way
    assertTrue(returned.shardId() <= 1);
    worker.tell(new ToWorker.Ack(RUN, 0));
    worker.tell(new ToWorker.Ack(RUN, 1));
    expect(ToCoordinator.Goodbye.class);
    assertEquals(WorkerEnd.Kind.DRAINED, end().kind());
  }

  @Test
  void refusalAndStopEndTheWorkerWithTheReason() throws Exception {
    ActorRef<WorkerInbox> worker = worker(LIMIT);
    register();
    expect(ToCoordinator.Hello.class);
    worker.tell(new ToWorker.Refused("another kernel"));
    assertEquals(new WorkerEnd(WorkerEnd.Kind.REFUSED, "another kernel"), end());
  }

  @Test
  void workerWithoutACoordinatorEndsAsLost() throws Exception {
    worker(Duration.ofMillis(300));
    assertEquals(WorkerEnd.Kind.LOST, end().kind());
  }

  @Test
  void workerWhoseCoordinatorGoesAwayEndsAsLost() throws Exception {
    workerWithScenario().tell(task(0, 90_000));
    coordinator.stop();
    assertEquals(new WorkerEnd(WorkerEnd.Kind.LOST, "the coordinator went away"), end());
  }
}
