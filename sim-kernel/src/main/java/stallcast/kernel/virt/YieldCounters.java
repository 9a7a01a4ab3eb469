package stallcast.kernel.virt;

import java.util.Arrays;
import stallcast.kernel.cpu.Vms;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;

/**
 * What virtual machines have done about spinning, per machine.
 *
 * <p>Models: {@code directed_yield_attempted}, {@code directed_yield_successful} of KVM's
 * statistics. State: counters [vm].
 */
public final class YieldCounters implements Stateful {
  private final Vms vms;
  private long[] exits = new long[0]; // [vm]
  private long[] attempted = new long[0]; // [vm]
  private long[] successful = new long[0]; // [vm]
  private long[] awaited = new long[0]; // [vm]
  private long[] tracked = new long[0]; // [vm]

  YieldCounters(Vms vms) {
    this.vms = vms;
  }

  void reset() {
    int count = vms.count();
    if (exits.length < count) {
      exits = new long[count];
      attempted = new long[count];
      successful = new long[count];
      awaited = new long[count];
      tracked = new long[count];
    }
    for (long[] column : columns()) {
      Arrays.fill(column, 0, count, 0);
    }
  }

  void onExit(int vm) {
    exits[vm]++;
  }

  void onYield(int vm, boolean nominated, boolean toAwaited, boolean toTracked) {
    attempted[vm]++;
    if (nominated) {
      successful[vm]++;
      awaited[vm] += toAwaited ? 1 : 0;
      tracked[vm] += toTracked ? 1 : 0;
    }
  }

  /** Exits because a guest was spinning. */
  public long exits(int vm) {
    return exits[vm];
  }

  /** Calls of {@code yield_to()}. */
  public long attempted(int vm) {
    return attempted[vm];
  }

  /** Of these, with the target nominated. */
  public long successful(int vm) {
    return successful[vm];
  }

  /** Of these, to a vCPU that the yielder was waiting for. */
  public long toAwaited(int vm) {
    return awaited[vm];
  }

  /** Of the successful ones, to the recorded receiver of the yielder's last IPI. */
  public long toTracked(int vm) {
    return tracked[vm];
  }

  private long[][] columns() {
    return new long[][] {exits, attempted, successful, awaited, tracked};
  }

  @Override
  public void save(StateBuffer out) {
    for (long[] column : columns()) {
      out.put(column, vms.count());
    }
  }

  @Override
  public void restore(StateBuffer in) {
    for (long[] column : columns()) {
      in.take(column, vms.count());
    }
  }
}
