package stallcast.worker.cluster;

import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.worker.protocol.Parcel;
import stallcast.worker.protocol.WireCodec;
import stallcast.worker.shard.OutcomeBlock;
import stallcast.worker.shard.ShardRunner;

/**
 * The threads that simulate. They have a lower priority than those that answer heartbeats, and are
 * no reason to keep a process alive.
 */
final class ComputePool {

  /** What became of a shard. */
  sealed interface Result {
    /** The shard. */
    HeldShard shard();

    /**
     * Its rows, packed.
     *
     * @param events timer expiries of its hosts
     */
    record Packed(HeldShard shard, Parcel parcel, long computeNs, long events) implements Result {}

    /** Why there are none. */
    record Failed(HeldShard shard, String message) implements Result {}
  }

  /** The runners of one scenario that no thread uses at the moment. */
  static final class Runners {
    private final ScenarioSpec spec;
    private final Queue<ShardRunner> idle = new ConcurrentLinkedQueue<>();

    Runners(ScenarioSpec spec) {
      this.spec = spec;
    }

    private ShardRunner take() {
      ShardRunner runner = idle.poll();
      return runner == null ? new ShardRunner(spec) : runner;
    }
  }

  private final ExecutorService threads;

  @SuppressWarnings("ThreadPriorityCheck") // a hint only: late heartbeats cost a member its life
  ComputePool(int size) {
    AtomicInteger number = new AtomicInteger();
    ThreadFactory factory =
        work -> {
          Thread thread = new Thread(work, "simulation-" + number.incrementAndGet());
          thread.setDaemon(true);
          thread.setPriority(Thread.NORM_PRIORITY - 2);
          return thread;
        };
    threads = Executors.newFixedThreadPool(size, factory);
  }

  /** Computes a shard when a thread is free; says nothing about one that is cancelled. */
  void submit(HeldShard shard, Runners runners, Consumer<Result> report) {
    try {
      threads.execute(() -> compute(shard, runners, report));
    } catch (RejectedExecutionException e) {
      report.accept(new Result.Failed(shard, "the worker is closing"));
    }
  }

  private static void compute(HeldShard shard, Runners runners, Consumer<Result> report) {
    if (!shard.begin()) {
      return;
    }
    long begun = System.nanoTime();
    try {
      ShardRunner runner = runners.take();
      OutcomeBlock block =
          runner.run(shard.task().firstHost(), shard.task().hostCount(), shard::isCancelled);
      runners.idle.add(runner);
      Parcel parcel = WireCodec.pack(block);
      long events = Arrays.stream(block.events()).sum();
      report.accept(new Result.Packed(shard, parcel, System.nanoTime() - begun, events));
    } catch (CancellationException expected) {
      // Nobody wants the shard any more.
    } catch (RuntimeException | Error e) {
      report.accept(new Result.Failed(shard, e.toString()));
      if (e instanceof Error error) {
        throw error;
      }
    }
  }

  /** Takes no more shards. Those that compute end at their next host. */
  void close() {
    threads.shutdownNow();
  }
}
