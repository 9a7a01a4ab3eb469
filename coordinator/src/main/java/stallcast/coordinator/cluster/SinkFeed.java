package stallcast.coordinator.cluster;

import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import stallcast.coordinator.plan.ShardPlan;
import stallcast.kernel.host.EndReason;
import stallcast.worker.protocol.RefusedBytesException;
import stallcast.worker.protocol.WireCodec;
import stallcast.worker.shard.OutcomeBlock;

/** Unpacks results and hands them to the sink on a thread of its own, one after another. */
final class SinkFeed {

  /** What became of a result. */
  sealed interface Delivery {
    /** The shard. */
    int shard();

    /**
     * It is stored.
     *
     * @param hostsFailed rows of failed hosts
     * @param events timer expiries
     */
    record Stored(int shard, long hostsFailed, long events) implements Delivery {}

    /** It cannot be stored. */
    record Refused(int shard, RunFailedException why) implements Delivery {}
  }

  private final ShardPlan plan;
  private final ShardSink sink;
  private final ExecutorService thread;
  private boolean refused; // after a failure nothing more is stored; used by the thread only

  SinkFeed(ShardPlan plan, ShardSink sink) {
    this.plan = plan;
    this.sink = sink;
    this.thread = newThread();
  }

  /** Ends by itself when idle, so that a run that nobody stops keeps no thread. */
  private static ExecutorService newThread() {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(), // bounded by the places of ResultIntake
            work -> {
              Thread sinkThread = Executors.defaultThreadFactory().newThread(work);
              sinkThread.setName("sink");
              sinkThread.setDaemon(true);
              return sinkThread;
            });
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }

  void submit(int shard, byte[] bytes, ShardProvenance provenance, Consumer<Delivery> report) {
    thread.execute(() -> report.accept(deliver(shard, bytes, provenance)));
  }

  private Delivery deliver(int shard, byte[] bytes, ShardProvenance provenance) {
    if (refused) {
      return new Delivery.Refused(shard, new RunFailedException("the sink has failed before"));
    }
    try {
      OutcomeBlock block = WireCodec.unpackBlock(bytes);
      if (block.firstHost() != plan.firstHost(shard) || block.rows() != plan.hostCount(shard)) {
        throw new RefusedBytesException(
            "it has " + block.rows() + " rows from host " + block.firstHost());
      }
      sink.accept(shard, block, bytes, provenance);
      return new Delivery.Stored(shard, failedHosts(block), events(block));
    } catch (IOException | RuntimeException | LinkageError e) {
      refused = true;
      String message = "cannot store shard " + shard + ": " + e;
      return new Delivery.Refused(shard, new RunFailedException(message, e));
    }
  }

  private static long failedHosts(OutcomeBlock block) {
    long failed = 0;
    for (int reason : block.endReason()) {
      failed += reason == EndReason.FAILED.ordinal() ? 1 : 0;
    }
    return failed;
  }

  private static long events(OutcomeBlock block) {
    long sum = 0;
    for (long events : block.events()) {
      sum += events;
    }
    return sum;
  }

  void close() {
    thread.shutdown();
  }
}
