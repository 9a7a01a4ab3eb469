package stallcast.kernel.cpu;

import java.util.Arrays;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * vCPUs whose guest is halted: first the thread polls inside the kernel, for a window that adapts
 * to how long halts last, then it sleeps there.
 *
 * <p>Models: {@code kvm_vcpu_halt()}, {@code grow_halt_poll_ns()}, {@code shrink_halt_poll_ns()}
 * (virt/kvm/kvm_main.c, v6.12). State: per task window, phase, begin and end of the halt. Leaves
 * out: a poll given up because another task wants the CPU, invalid wake-ups.
 */
final class VcpuHalts implements Stateful {
  private static final int RUNNING = 0;
  private static final int POLLING = 1;
  private static final int BLOCKED = 2;

  private int count;
  private long growFactor;
  private long growStartNs;
  private long shrinkDivisor;
  private long[] maxNs = new long[0]; // [task] kvm.halt_poll_ns of its architecture
  private long[] windowNs = new long[0]; // [task] vcpu->halt_poll_ns
  private long[] sinceNs = new long[0]; // [task] begin of the halt, kernel time
  private long[] untilNs = new long[0]; // [task] when the guest's interrupt comes
  private int[] phase = new int[0]; // [task]

  void reset(HostConfig config, TaskTable tasks) {
    count = tasks.count();
    growFactor = config.knob(KernelKnob.HALT_POLL_NS_GROW);
    growStartNs = config.knob(KernelKnob.HALT_POLL_NS_GROW_START);
    shrinkDivisor = config.knob(KernelKnob.HALT_POLL_NS_SHRINK);
    if (maxNs.length < count) {
      maxNs = new long[count];
      windowNs = new long[count];
      sinceNs = new long[count];
      untilNs = new long[count];
      phase = new int[count];
    }
    for (int task = 0; task < count; task++) {
      int template = tasks.template(task); // the kernel's own threads have none
      boolean own = template < 0 || template >= config.tasks().size();
      maxNs[task] = own ? 0 : config.tasks().get(template).spec().arch().haltPollNs(config);
    }
    Arrays.fill(windowNs, 0, count, 0);
    Arrays.fill(sinceNs, 0, count, 0);
    Arrays.fill(untilNs, 0, count, 0);
    Arrays.fill(phase, 0, count, RUNNING);
  }

  /**
   * The guest halts.
   *
   * @return how long to poll, ns; 0 blocks at once
   */
  long begin(int task, long nowNs, long haltNs) {
    sinceNs[task] = nowNs;
    untilNs[task] = nowNs + haltNs;
    windowNs[task] = Math.min(windowNs[task], maxNs[task]);
    phase[task] = POLLING;
    return Math.min(windowNs[task], haltNs);
  }

  /** Polling was in vain. @return when the guest's interrupt comes, kernel time, ns */
  long block(int task) {
    phase[task] = BLOCKED;
    return untilNs[task];
  }

  /** The halt is over: the window adapts to its length. */
  void end(int task, long nowNs) {
    phase[task] = RUNNING;
    long haltNs = nowNs - sinceNs[task];
    long window = windowNs[task];
    if (haltNs <= window) {
      return;
    }
    if (window > 0 && haltNs > maxNs[task]) {
      long shrunk = shrinkDivisor == 0 ? 0 : window / shrinkDivisor;
      windowNs[task] = shrunk < growStartNs ? 0 : shrunk;
    } else if (window < maxNs[task] && haltNs < maxNs[task] && growFactor > 0) {
      windowNs[task] = Math.max(growStartNs, window * growFactor);
    }
  }

  /** Lets the guest's interrupt come now. */
  void cutShort(int task, long nowNs) {
    untilNs[task] = nowNs;
  }

  boolean isPolling(int task) {
    return phase[task] == POLLING;
  }

  boolean isBlocked(int task) {
    return phase[task] == BLOCKED;
  }

  /** Whether the guest's interrupt has come. */
  boolean isDue(int task, long nowNs) {
    return untilNs[task] <= nowNs;
  }

  @Override
  public void save(StateBuffer out) {
    out.put(windowNs, count);
    out.put(sinceNs, count);
    out.put(untilNs, count);
    out.put(phase, count);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(windowNs, count);
    in.take(sinceNs, count);
    in.take(untilNs, count);
    in.take(phase, count);
  }
}
