package stallcast.kernel.engine;

import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The hold model W1 of kernel-performance-targets.md section 1: N timers, each expiry arms its
 * timer again after an exponential time. The reference is a JDK priority queue of event objects.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HoldModelBenchmark {
  private static final int EVENTS = 100_000;

  @Param({"100", "1000", "10000"})
  private int timers;

  private final long[] quantiles = new long[4096];
  private TimerQueue queue;
  private int first;
  private PriorityQueue<Event> reference;
  private long seed;

  private record Event(long atNs, long order, int handle) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(atNs, other.atNs);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  @Setup
  public void prepare() {
    for (int i = 0; i < quantiles.length; i++) {
      quantiles[i] =
          (long) Math.floor(0.5 - StrictMath.log(1 - (i + 0.5) / 4096) * (1 << 20));
    }
    seed = 42;
    queue = new TimerQueue();
    queue.reset(0, 1);
    first = queue.register(this::onExpiry, TimerPriority.HRTIMER, timers);
    reference = new PriorityQueue<>();
    for (int h = 0; h < timers; h++) {
      long at = exponential();
      queue.arm(first + h, at);
      reference.add(new Event(at, h, h));
    }
  }

  private long exponential() {
    seed += 0x9E3779B97F4A7C15L;
    long z = seed;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    long u = z ^ (z >>> 31);
    return quantiles[(int) (u >>> 52)] + (u & 1023);
  }

  private void onExpiry(int handle) {
    queue.arm(first + handle, queue.nowNs() + 1 + exponential());
  }

  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public long ownedTimers() {
    queue.run(new RunLimits(Long.MAX_VALUE, queue.expiries() + EVENTS));
    return queue.nowNs();
  }

  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public long priorityQueueOfObjects() {
    long now = 0;
    for (int i = 0; i < EVENTS; i++) {
      Event event = reference.remove();
      now = event.atNs();
      reference.add(new Event(now + 1 + exponential(), i, event.handle()));
    }
    return now;
  }
}
