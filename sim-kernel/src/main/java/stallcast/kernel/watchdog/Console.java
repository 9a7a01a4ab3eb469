package stallcast.kernel.watchdog;

import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.random.RandomStream;
import stallcast.kernel.random.StreamPurpose;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * The console: a CPU that prints a report may touch its own soft-lockup detector by that, because a
 * slow serial driver does.
 *
 * <p>Models: {@code touch_nmi_watchdog()} in {@code serial8250_console_write()} and in the dumps of
 * stacks, v6.12, as a chance per report ({@link KernelKnob#CONSOLE_TOUCH_PERCENT}). State: stream.
 * Drives: {@link SoftLockupDetector#touch}. Leaves out: the time that printing takes, printing by
 * another CPU than the one that reports.
 */
public final class Console implements Stateful {
  /** Entity of the stream; 0 is the watchdog's phase, 1 RCU, 2 the workqueues, 3 hung tasks. */
  private static final int STREAM_ENTITY = 4;

  private static final double PERCENT = 100;

  private final SoftLockupDetector watchdog;
  private final RandomStream stream = new RandomStream();
  private double chance;

  /** The console of one kernel. */
  public Console(SoftLockupDetector watchdog) {
    this.watchdog = watchdog;
    watchdog.connect(this);
  }

  /** Starts a run. */
  public void reset(HostConfig config, long masterSeed, int replicate) {
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
      watchdog.touch(cpu);
    }
  }

  @Override
  public void save(StateBuffer out) {
    stream.save(out.room(RandomStream.STATE_LONGS), out.writeAt());
    out.wrote(out.writeAt() + RandomStream.STATE_LONGS);
  }

  @Override
  public void restore(StateBuffer in) {
    in.tookTo(stream.restore(in.source(), in.readAt()));
  }
}
