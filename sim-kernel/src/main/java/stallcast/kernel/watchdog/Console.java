package stallcast.kernel.watchdog;

import java.util.Arrays;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.random.RandomStream;
import stallcast.kernel.random.StreamPurpose;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * The console: a CPU that prints a report may touch its own soft-lockup detector and the workqueue
 * watchdog by that, because a slow serial driver does.
 *
 * <p>Models: {@code touch_nmi_watchdog()} in {@code serial8250_console_write()} and in the dumps of
 * stacks, v6.12, as a chance per report ({@link KernelKnob#CONSOLE_TOUCH_PERCENT}). State: stream,
 * last touch [cpu]. Drives: {@link SoftLockupDetector#touch}. Leaves out: the time that printing
 * takes, printing by another CPU than the one that reports.
 */
public final class Console implements Stateful {
  /** Entity of the stream; 0 is the watchdog's phase, 1 RCU, 2 the workqueues, 3 hung tasks. */
  private static final int STREAM_ENTITY = 4;

  private static final double PERCENT = 100;

  private final KernelClock clock;
  private final SoftLockupDetector watchdog;
  private final RandomStream stream = new RandomStream();
  private double chance;
  private int cpuCount;
  private long[] touchedNs = new long[0]; // [cpu] last touch by printing

  /** The console of one kernel. */
  public Console(KernelCore core, SoftLockupDetector watchdog) {
    clock = core.clock();
    this.watchdog = watchdog;
    watchdog.connect(this);
  }

  /** Starts a run. */
  public void reset(HostConfig config, long masterSeed, int replicate) {
    cpuCount = config.cpus();
    if (touchedNs.length < cpuCount) {
      touchedNs = new long[cpuCount];
    }
    Arrays.fill(touchedNs, 0, cpuCount, clock.nowNs());
    chance = config.knob(KernelKnob.CONSOLE_TOUCH_PERCENT) / PERCENT;
    stream.derive(
        masterSeed, StreamPurpose.GUEST_STATE, 0, config.hostIndex(), replicate, STREAM_ENTITY);
  }

  /** Gives later reports a new future. */
  public void reseed(int level, long branch) {
    stream.reseed(level, branch);
  }

  /** A CPU has printed a report. */
  void print(int cpu) {
    if (chance > 0 && stream.nextDouble() < chance) {
      touchedNs[cpu] = clock.nowNs();
      watchdog.touch(cpu);
    }
  }

  /** When printing last touched the watchdogs of a CPU, or the boot, kernel time, ns. */
  long touchedNs(int cpu) {
    return touchedNs[cpu];
  }

  @Override
  public void save(StateBuffer out) {
    stream.save(out.room(RandomStream.STATE_LONGS), out.writeAt());
    out.wrote(out.writeAt() + RandomStream.STATE_LONGS);
    out.put(touchedNs, cpuCount);
  }

  @Override
  public void restore(StateBuffer in) {
    in.tookTo(stream.restore(in.source(), in.readAt()));
    in.take(touchedNs, cpuCount);
  }
}
