package stallcast.coordinator.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import stallcast.coordinator.plan.LeaseLimits;
import stallcast.coordinator.plan.ShardLedger;
import stallcast.coordinator.plan.ShardPlan;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.worker.cluster.NodeSettings;
import stallcast.worker.protocol.CodeIdentity;
import stallcast.worker.protocol.CoordinatorInbox;
import stallcast.worker.protocol.Parcel;
import stallcast.worker.protocol.ToWorker;
import stallcast.worker.protocol.WireCodec;
import stallcast.worker.shard.OutcomeBlock;

class ShardDispatcherTest {
  private static final ScenarioSpec SPEC = FleetSamples.mixed(30);
  private static final DispatchSettings SETTINGS =
      new DispatchSettings(
          new LeaseLimits(2, TimeUnit.SECONDS.toNanos(30)),
          1,
          Duration.ofSeconds(60),
          4,
          Duration.ofSeconds(1),
          Duration.ofSeconds(5),
          Duration.ofSeconds(10));

  private final ActorTestKit kit =
      ActorTestKit.create(ManualTime.config().withFallback(NodeSettings.embedded()));
  private final ManualTime time = ManualTime.get(kit.system());
  private final AtomicLong nowNs = new AtomicLong();
  private final CompletableFuture<RunSummary> result = new CompletableFuture<>();
  private final RowsByHost rows = new RowsByHost();

  @AfterEach
  void endKit() {
    kit.shutdownTestKit();
  }

  private ActorRef<CoordinatorInbox> dispatcher(
      int shardHosts, DispatchSettings settings, ShardSink sink) {
    DispatchJob job =
        new DispatchJob(
            77,
            WireCodec.pack(SPEC),
            ShardPlan.ofSize(30, shardHosts),
            sink,
            RunProgress.NONE,
            nowNs::get);
    return kit.spawn(ShardDispatcher.create(settings, job, result));
  }

  private ActorRef<CoordinatorInbox> dispatcher(int shardHosts) {
    return dispatcher(shardHosts, SETTINGS, rows);
  }

  private FakeWorker worker(String id, ActorRef<CoordinatorInbox> dispatcher) {
    return new FakeWorker(id, kit, dispatcher, SPEC);
  }

  private void pass(int seconds) {
    nowNs.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    time.timePasses(Duration.ofSeconds(seconds));
  }

  private RunSummary summary() throws Exception {
    return result.get(20, TimeUnit.SECONDS);
  }

  private String failure() {
    return assertThrows(ExecutionException.class, this::summary).getCause().getMessage();
  }

  @Test
  void workerGetsAsManyShardsAsItHasCreditsAndTheNextWithEachResult() throws Exception {
    FakeWorker ann = worker("ann", dispatcher(10)).join(2);
    ToWorker.ShardTask first = ann.expectTask(0);
    ToWorker.ShardTask second = ann.expectTask(1);
    ann.probe().expectNoMessage();
    ann.deliver(second);
    ann.expectAck(1);
    ToWorker.ShardTask third = ann.expectTask(2);
    ann.deliver(first);
    ann.expectAck(0);
    ann.deliver(third);
    ann.expectAck(2);
    assertEquals(ToWorker.RunOver.COMPLETE, ann.expectStop().end());
    ann.goodbye();
    assertTrue(summary().isComplete());
    assertEquals(30, rows.rows().size());
  }

  @Test
  void shardsOfALostWorkerGoToAnother() throws Exception {
    ActorRef<CoordinatorInbox> dispatcher = dispatcher(15);
    FakeWorker ann = worker("ann", dispatcher).join(2);
    ann.expectTask(0);
    ann.expectTask(1);
    FakeWorker bob = worker("bob", dispatcher).join(2);
    bob.probe().expectNoMessage();
    ann.die();
    ToWorker.ShardTask again = bob.expectTask(0);
    assertEquals(2, again.attempt());
    ToWorker.ShardTask other = bob.expectTask(1);
    bob.deliver(again);
    bob.expectAck(0);
    bob.deliver(other);
    bob.expectAck(1);
    bob.expectStop();
    bob.goodbye();
    assertEquals(2, summary().retries());
  }

  @Test
  void resultThatComesAgainIsAcknowledgedAndStoredOnce() throws Exception {
    FakeWorker ann = worker("ann", dispatcher(15)).join(2);
    ToWorker.ShardTask task = ann.expectTask(0);
    ToWorker.ShardTask other = ann.expectTask(1);
    ann.deliver(task);
    ann.expectAck(0);
    ann.deliver(task);
    ann.expectAck(0);
    ann.deliver(other);
    ann.expectAck(1);
    ann.expectStop();
    ann.goodbye();
    assertEquals(1, summary().repeatedResults());
    assertEquals(30, rows.rows().size());
  }

  @Test
  void differentResultOfTheSameShardEndsTheRun() {
    FakeWorker ann = worker("ann", dispatcher(15)).join(2);
    ToWorker.ShardTask task = ann.expectTask(0);
    ann.expectTask(1);
    ann.deliver(task);
    ann.expectAck(0);
    ann.deliver(task, changed(ann.compute(task)));
    assertEquals(ToWorker.RunOver.FAILED, ann.expectStop().end());
    ann.goodbye();
    assertTrue(failure().contains("not deterministic"), this::failure);
  }

  private static OutcomeBlock changed(OutcomeBlock block) {
    block.events()[0]++;
    return block;
  }

  @Test
  void silentWorkerLosesItsShardAndMayStillBringIt() throws Exception {
    ActorRef<CoordinatorInbox> dispatcher = dispatcher(30);
    FakeWorker ann = worker("ann", dispatcher).join(1);
    ToWorker.ShardTask task = ann.expectTask(0);
    pass(29);
    ann.request(0, 0); // renews
    ann.sync();
    pass(29);
    ann.sync();
    FakeWorker bob = worker("bob", dispatcher).join(1);
    bob.probe().expectNoMessage();
    pass(2);
    bob.expectTask(0);
    ann.deliver(task);
    ann.expectAck(0);
    bob.expectCancel(0);
    ann.expectStop();
    bob.expectStop();
    ann.goodbye();
    bob.goodbye();
    assertEquals(1, summary().retries());
  }

  @Test
  void lastShardIsGivenToAnIdleWorkerToo() throws Exception {
    ActorRef<CoordinatorInbox> dispatcher = dispatcher(15);
    FakeWorker ann = worker("ann", dispatcher).join(1);
    ann.expectTask(0);
    FakeWorker bob = worker("bob", dispatcher).join(1);
    bob.deliver(bob.expectTask(1));
    bob.expectAck(1);
    pass(4);
    bob.probe().expectNoMessage();
    pass(2);
    ToWorker.ShardTask copy = bob.expectTask(0);
    bob.deliver(copy);
    bob.expectAck(0);
    ann.expectCancel(0);
    ann.expectStop();
    ann.goodbye();
    bob.expectStop();
    bob.goodbye();
    assertEquals(1, summary().secondCopies());
    assertEquals(30, rows.rows().size());
  }

  @Test
  void resultsWithoutAPlaceWaitUntilTheSinkIsDone() throws Exception {
    CountDownLatch mayStore = new CountDownLatch(1);
    ShardSink slow =
        (shard, block, packed, provenance) -> {
          try {
            mayStore.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          rows.accept(shard, block, packed, provenance);
        };
    DispatchSettings onePlace =
        new DispatchSettings(
            SETTINGS.limits(),
            1,
            SETTINGS.startLimit(),
            1,
            SETTINGS.tick(),
            SETTINGS.secondCopyAfter(),
            SETTINGS.goodbyeLimit());
    FakeWorker ann = worker("ann", dispatcher(15, onePlace, slow)).join(2);
    ToWorker.ShardTask first = ann.expectTask(0);
    ToWorker.ShardTask second = ann.expectTask(1);
    ann.deliver(first);
    ann.expectAck(0);
    ann.deliver(second);
    ann.probe().expectNoMessage();
    mayStore.countDown();
    ann.probe().expectMessage(new ToWorker.ChunkAck(77, 1, 0, 0));
    ann.deliver(second);
    ann.expectAck(1);
    ann.expectStop();
    ann.goodbye();
    summary();
    assertEquals(30, rows.rows().size());
  }

  @Test
  void largeResultArrivesInChunks() throws Exception {
    FakeWorker ann = worker("ann", dispatcher(30)).join(1);
    ToWorker.ShardTask task = ann.expectTask(0);
    Parcel parcel = WireCodec.pack(large(ann.compute(task)));
    assertEquals(3, parcel.chunkCount());
    ann.sendChunk(task, parcel, 0);
    ann.probe().expectMessage(new ToWorker.ChunkAck(77, 0, 1, 1));
    ann.sendChunk(task, parcel, 2); // the one before it was lost
    ann.probe().expectMessage(new ToWorker.ChunkAck(77, 0, 1, 1));
    ann.sendChunk(task, parcel, 1);
    ann.probe().expectMessage(new ToWorker.ChunkAck(77, 0, 1, 2));
    ann.sendChunk(task, parcel, 2);
    ann.expectAck(0);
    ann.expectStop();
    ann.goodbye();
    assertTrue(summary().isComplete());
  }

  private static OutcomeBlock large(OutcomeBlock b) {
    char[] message = new char[2 * Parcel.CHUNK_BYTES];
    Arrays.fill(message, 'x');
    return new OutcomeBlock(
        b.firstHost(),
        b.rows(),
        b.stratum(),
        b.config(),
        b.counts(),
        b.firstNs(),
        b.longestNs(),
        b.measures(),
        b.endReason(),
        b.operations(),
        b.events(),
        b.incidents(),
        List.of(new OutcomeBlock.HostFailure(3, new String(message))));
  }

  @Test
  void shardThatFailsTwiceIsRecordedAndTheRunGoesOn() throws Exception {
    FakeWorker ann = worker("ann", dispatcher(15)).join(1);
    ann.fail(ann.expectTask(0), "poison");
    ToWorker.ShardTask again = ann.expectTask(0);
    ann.fail(again, "poison");
    ann.deliver(ann.expectTask(1));
    ann.expectAck(1);
    ann.expectStop();
    ann.goodbye();
    assertFalse(summary().isComplete());
    assertEquals(List.of(new ShardLedger.FailedShard(0, 2, "poison")), summary().failedShards());
    assertEquals(15, rows.rows().size());
  }

  @Test
  void drainedWorkerGivesItsShardsBackWithoutAnAttempt() {
    ActorRef<CoordinatorInbox> dispatcher = dispatcher(15);
    FakeWorker ann = worker("ann", dispatcher).join(2);
    ToWorker.ShardTask given = ann.expectTask(0);
    ann.expectTask(1);
    FakeWorker bob = worker("bob", dispatcher).join(3);
    ann.request(0, 0, 1);
    ann.giveBack(given);
    assertEquals(1, bob.expectTask(0).attempt());
    ann.goodbye(); // with the other one in hand
    assertEquals(1, bob.expectTask(1).attempt());
  }

  @Test
  void workerOfAnotherBuildIsRefusedByName() {
    FakeWorker old = worker("old", dispatcher(15));
    CodeIdentity here = CodeIdentity.current();
    old.hello(new CodeIdentity(here.protocol(), "0.0.9", "0123456789abcdef", here.scheme()));
    String reason = old.probe().expectMessageClass(ToWorker.Refused.class).reason();
    assertTrue(reason.contains("simulation kernel") && reason.contains("0.0.9"), reason);
  }

  @Test
  void firstShardWaitsForEnoughWorkersAndNotForEver() {
    ActorRef<CoordinatorInbox> dispatcher = dispatcher(10, SETTINGS.withWorkersMin(2), rows);
    FakeWorker ann = worker("ann", dispatcher).join(1);
    ann.probe().expectNoMessage();
    pass(62);
    assertEquals(ToWorker.RunOver.FAILED, ann.expectStop().end());
    ann.goodbye();
    assertTrue(failure().contains("1 of 2 workers"), this::failure);
  }

  @Test
  void enoughWorkersStartTheRun() {
    ActorRef<CoordinatorInbox> dispatcher = dispatcher(10, SETTINGS.withWorkersMin(2), rows);
    FakeWorker ann = worker("ann", dispatcher).join(1);
    FakeWorker bob = worker("bob", dispatcher).join(1);
    ann.expectTask(0);
    bob.expectTask(1);
  }

  @Test
  void nonsenseDoesNotEndTheRun() {
    ActorRef<CoordinatorInbox> dispatcher = dispatcher(15);
    FakeWorker ann = worker("ann", dispatcher).join(1);
    ToWorker.ShardTask task = ann.expectTask(0);
    for (int shard : new int[] {-1, 1, 2, Integer.MAX_VALUE}) {
      ToWorker.ShardTask wrong = new ToWorker.ShardTask(77, shard, 1, 0, 15, 1);
      ann.deliver(wrong, ann.compute(task));
      ann.fail(wrong, "nonsense");
      ann.giveBack(wrong);
    }
    ann.request(1, -5, 99);
    ann.deliver(task);
    ann.expectAck(0);
  }

  @Test
  void workerThatDoesNotSayGoodbyeHoldsNobodyUp() throws Exception {
    FakeWorker ann = worker("ann", dispatcher(30)).join(1);
    ann.deliver(ann.expectTask(0));
    ann.expectAck(0);
    ann.expectStop();
    pass(11);
    assertTrue(summary().isComplete());
  }
}
