package stallcast.kernel.softirq;

import java.util.Arrays;
import stallcast.kernel.cpu.Interrupts;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.LoadPort;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerPriority;
import stallcast.kernel.random.ArrivalState;
import stallcast.kernel.random.RandomStream;
import stallcast.kernel.random.StreamPurpose;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.SoftirqSpec;
import stallcast.kernel.scenario.SoftirqVector;

/**
 * Where softirq work comes from: a hard interrupt per arrival that leaves one item. A row is one
 * source on one CPU.
 *
 * <p>Models: {@code tasklet_schedule()} (a tasklet that is scheduled is not scheduled again),
 * {@code napi_schedule()} (no interrupts while a poll is scheduled; kernel/softirq.c,
 * net/core/dev.c, v6.12). The demand of the n-th arrival is drawn when it arrives. State: [row]
 * arrival process, streams, next tasklet, which of them are scheduled. Drives: {@link Softirqs},
 * {@link Interrupts}.
 */
public final class SoftirqSources implements LoadPort, Stateful {
  private static final int CPUS_MAX = 1 << 12; // entity = source * CPUS_MAX + cpu

  /** Replicate of what is drawn once per host; window i uses i + 1. */
  private static final int OF_THE_HOST = 0;

  private final KernelClock clock;
  private final Interrupts interrupts;
  private final Softirqs softirqs;
  private final RandomStream once = new RandomStream();
  private HostConfig config;
  private int rows;
  private int[] source = new int[0]; // [row]
  private int[] cpu = new int[0]; // [row]
  private ArrivalState[] arrivals = new ArrivalState[0]; // [row]
  private RandomStream[] gaps = new RandomStream[0]; // [row]
  private RandomStream[] bodies = new RandomStream[0]; // [row]
  private double[] scale = new double[0]; // [row] gaps are longer by this factor
  private double[] restNs = new double[0]; // [row] of rounding scaled gaps
  private double[] factor = new double[0]; // [source] of a burst, 1 without
  private int[] next = new int[0]; // [row] tasklet of the next arrival
  private long[][] scheduled = new long[0][]; // [row][pool / 64] bit set of tasklets
  private long[] arrived = new long[0]; // [row]
  private long[] lost = new long[0]; // [row] arrivals that left no work
  private int timer; // first of [row]

  /** Sources of one kernel. */
  public SoftirqSources(KernelCore core, Softirqs softirqs) {
    clock = core.clock();
    interrupts = core.interrupts();
    this.softirqs = softirqs;
    softirqs.feedFrom(this);
  }

  /** Starts all processes, in their stationary regime. */
  public void reset(HostConfig host, long masterSeed, int replicate) {
    config = host;
    rows = 0;
    for (int s = 0; s < host.softirq().size(); s++) {
      rows += cpusOf(s);
    }
    reserve();
    int row = 0;
    for (int s = 0; s < host.softirq().size(); s++) {
      factor[s] = 1;
      for (int i = 0; i < cpusOf(s); i++) {
        source[row] = s;
        cpu[row++] = cpuOf(s, i);
      }
    }
    timer = clock.register(this::onArrival, TimerPriority.HRTIMER, rows);
    for (row = 0; row < rows; row++) {
      clock.pin(timer + row, cpu[row]);
      start(row, masterSeed, replicate);
    }
  }

  private int cpusOf(int s) {
    CpuSelection cpus = config.softirq().get(s).spec().cpus();
    return cpus instanceof CpuSelection.Listed listed ? listed.cpus().size() : config.cpus();
  }

  private int cpuOf(int s, int index) {
    CpuSelection cpus = config.softirq().get(s).spec().cpus();
    return cpus instanceof CpuSelection.Listed listed ? listed.cpus().get(index) : index;
  }

  private void start(int row, long masterSeed, int replicate) {
    SoftirqSpec spec = spec(row);
    int entity = source[row] * CPUS_MAX + cpu[row];
    long host = config.hostIndex();
    once.derive(masterSeed, StreamPurpose.ARRIVALS, 0, host, OF_THE_HOST, entity);
    gaps[row].derive(masterSeed, StreamPurpose.ARRIVALS, 0, host, replicate + 1, entity);
    bodies[row].derive(masterSeed, StreamPurpose.SERVICE, 0, host, replicate + 1, entity);
    scale[row] = stretch(spec, spec.utilisation().sample(once), overheadNs(row));
    arrivals[row].start(spec.arrivals(), gaps[row]);
    restNs[row] = 0;
    next[row] = 0;
    arrived[row] = 0;
    lost[row] = 0;
    int words = spec.vector().isTasklet() ? (pool(row) + Long.SIZE - 1) / Long.SIZE : 0;
    if (scheduled[row] == null || scheduled[row].length < words) {
      scheduled[row] = new long[words];
    }
    Arrays.fill(scheduled[row], 0, words, 0);
    long startNs = Math.max(0, Math.round(spec.startNs().sample(gaps[row])));
    arm(row, clock.nowNs() + startNs);
  }

  /** Factor on the gaps that brings the mean share of the CPU to a value; 0 asks for none. */
  private static double stretch(SoftirqSpec spec, double utilisation, long overheadNs) {
    double workPerSecond =
        spec.arrivals().meanRatePerSecond() * (spec.bodyNs().mean() + overheadNs) / 1e9;
    return utilisation > 0 ? workPerSecond / utilisation : 1;
  }

  private void arm(int row, long fromNs) {
    long gapNs = arrivals[row].nextGapNs(gaps[row]);
    if (gapNs >= ArrivalState.NEVER_NS) {
      return;
    }
    double by = scale[row] / factor[source[row]];
    long scaledNs = gapNs;
    if (by != 1) {
      double exactNs = gapNs * by + restNs[row];
      scaledNs = Math.max(1, (long) exactNs);
      restNs[row] = exactNs - scaledNs;
    }
    clock.arm(timer + row, fromNs + scaledNs);
  }

  private void onArrival(int row) {
    arm(row, clock.nowNs());
    arrived[row]++;
    SoftirqSpec spec = spec(row);
    long bodyNs = Math.max(0, Math.round(spec.bodyNs().sample(bodies[row]))) + overheadNs(row);
    if (spec.vector().isTasklet()) {
      int tasklet = next[row];
      next[row] = tasklet + 1 < pool(row) ? tasklet + 1 : 0;
      if ((scheduled[row][tasklet >> 6] >>> tasklet & 1) != 0) {
        lost[row]++;
      } else {
        scheduled[row][tasklet >> 6] |= 1L << tasklet;
        softirqs.add(cpu[row], spec.vector(), row, tasklet, bodyNs);
      }
    } else if (!softirqs.add(cpu[row], spec.vector(), row, 0, bodyNs)) {
      lost[row]++;
    }
    if (spec.vector() != SoftirqVector.NET_RX || softirqs.startPoll(cpu[row], row)) {
      interrupts.raise(cpu[row], config.softirq().get(source[row]).interruptNs());
    }
  }

  /** A tasklet's body is about to run: from now on it may be scheduled again. */
  void onStarted(int row, int tasklet) {
    if (spec(row).vector().isTasklet()) {
      scheduled[row][tasklet >> 6] &= ~(1L << tasklet);
    }
  }

  @Override
  public void speedUp(String name, double times) {
    for (int s = 0; s < config.softirq().size(); s++) {
      if (config.softirq().get(s).spec().name().equals(name)) {
        double by = factor[s] / times;
        factor[s] = times;
        rescale(s, by);
      }
    }
  }

  /** What is left of the gaps under way changes with the speed. */
  private void rescale(int changed, double by) {
    long now = clock.nowNs();
    for (int row = 0; row < rows; row++) {
      if (source[row] == changed && clock.isArmed(timer + row)) {
        long leftNs = clock.expiryNs(timer + row) - now;
        clock.arm(timer + row, now + Math.max(1, Math.round(leftNs * by)));
      }
    }
  }

  /** Gives arrivals and demands that are still to come a new future, for splitting. */
  public void reseed(int level, long branch) {
    for (int row = 0; row < rows; row++) {
      gaps[row].reseed(level, branch);
      bodies[row].reseed(level, branch);
    }
  }

  /** Number of rows. */
  int rows() {
    return rows;
  }

  SoftirqSpec spec(int row) {
    return config.softirq().get(source[row]).spec();
  }

  int cpu(int row) {
    return cpu[row];
  }

  int pool(int row) {
    return config.softirq().get(source[row]).pool();
  }

  private long overheadNs(int row) {
    return config.softirq().get(source[row]).overheadNs();
  }

  /** Arrivals on a CPU. */
  public long arrived(int onCpu) {
    return sum(arrived, onCpu);
  }

  /** Arrivals on a CPU that left no work, because their tasklet was scheduled or the queue full. */
  public long lost(int onCpu) {
    return sum(lost, onCpu);
  }

  private long sum(long[] column, int onCpu) {
    long sum = 0;
    for (int row = 0; row < rows; row++) {
      sum += cpu[row] == onCpu ? column[row] : 0;
    }
    return sum;
  }

  private void reserve() {
    int sources = config.softirq().size();
    if (factor.length < sources) {
      factor = new double[sources];
    }
    if (source.length >= rows) {
      return;
    }
    int had = source.length;
    source = new int[rows];
    cpu = new int[rows];
    scale = new double[rows];
    restNs = new double[rows];
    next = new int[rows];
    arrived = new long[rows];
    lost = new long[rows];
    scheduled = Arrays.copyOf(scheduled, rows);
    arrivals = Arrays.copyOf(arrivals, rows);
    gaps = Arrays.copyOf(gaps, rows);
    bodies = Arrays.copyOf(bodies, rows);
    for (int row = had; row < rows; row++) {
      arrivals[row] = new ArrivalState();
      gaps[row] = new RandomStream();
      bodies[row] = new RandomStream();
    }
  }

  @Override
  public void save(StateBuffer out) {
    for (int s = 0; s < config.softirq().size(); s++) {
      out.put(Double.doubleToRawLongBits(factor[s]));
    }
    out.put(next, rows);
    out.put(arrived, rows);
    out.put(lost, rows);
    for (int row = 0; row < rows; row++) {
      out.put(Double.doubleToRawLongBits(restNs[row]));
      out.put(scheduled[row], words(row));
      long[] room = out.room(arrivals[row].stateLongs() + 2 * RandomStream.STATE_LONGS);
      int at = arrivals[row].save(room, out.writeAt());
      at = gaps[row].save(room, at);
      out.wrote(bodies[row].save(room, at));
    }
  }

  @Override
  public void restore(StateBuffer in) {
    for (int s = 0; s < config.softirq().size(); s++) {
      factor[s] = Double.longBitsToDouble(in.take());
    }
    in.take(next, rows);
    in.take(arrived, rows);
    in.take(lost, rows);
    for (int row = 0; row < rows; row++) {
      restNs[row] = Double.longBitsToDouble(in.take());
      in.take(scheduled[row], words(row));
      int at = arrivals[row].restore(in.source(), in.readAt());
      at = gaps[row].restore(in.source(), at);
      in.tookTo(bodies[row].restore(in.source(), at));
    }
  }

  private int words(int row) {
    return spec(row).vector().isTasklet() ? (pool(row) + Long.SIZE - 1) / Long.SIZE : 0;
  }
}
