package stallcast.kernel.virt;

import java.util.Arrays;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.cpu.Vms;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * IPIs between the vCPUs of a machine: who has not handled whose, and what the hypervisor remembers
 * of unicasts. A second IPI to the same receiver is merged with one that is pending.
 *
 * <p>Models: the function-call IPI of a guest; the records of the series of seed 003: the last
 * unicast of each sender, valid for {@code kvm.ipi_window_ns}, forgotten when the receiver signals
 * the end of its interrupt. No record is made where interrupts are virtualised by hardware, or of
 * an IPI with several receivers. State: bits [receiver][sender], counts and records [task]. Leaves
 * out: vectors: all IPIs have one.
 */
final class GuestIpis implements Stateful {
  static final int NONE = -1;

  private static final int WORD_BITS = 6;
  private static final long NEVER_YET = Long.MIN_VALUE;

  private final Vms vms;
  private final KernelClock clock;
  private int taskCount;
  private int words; // bits of one receiver take this many longs
  private boolean tracks;
  private long windowNs;
  private long[] pending = new long[0]; // [task][words] senders, by number of their vCPU
  private long[] served = new long[0]; // [task][words] those whose IPI is being handled
  private int[] unhandled = new int[0]; // [task] receivers that have not handled its IPIs
  private int[] waiting = new int[0]; // [task] IPIs that are pending for it
  private int[] receiver = new int[0]; // [task] of its last unicast, or NONE
  private long[] sentNs = new long[0]; // [task] when that was

  GuestIpis(Vms vms, KernelClock clock) {
    this.vms = vms;
    this.clock = clock;
  }

  void reset(HostConfig config, TaskTable tasks) {
    taskCount = tasks.count();
    int largest = 0;
    for (int vm = 0; vm < vms.count(); vm++) {
      largest = Math.max(largest, vms.size(vm));
    }
    words = (largest + (1 << WORD_BITS) - 1) >> WORD_BITS;
    tracks = config.isOn(KernelKnob.IPI_TRACKING_ENABLED) && !config.isOn(KernelKnob.APICV);
    windowNs = config.knob(KernelKnob.IPI_WINDOW_NS);
    if (pending.length < taskCount * words) {
      pending = new long[taskCount * words];
      served = new long[taskCount * words];
    }
    if (receiver.length < taskCount) {
      unhandled = new int[taskCount];
      waiting = new int[taskCount];
      receiver = new int[taskCount];
      sentNs = new long[taskCount];
    }
    Arrays.fill(pending, 0, taskCount * words, 0);
    Arrays.fill(served, 0, taskCount * words, 0);
    Arrays.fill(unhandled, 0, taskCount, 0);
    Arrays.fill(waiting, 0, taskCount, 0);
    Arrays.fill(receiver, 0, taskCount, NONE);
    Arrays.fill(sentNs, 0, taskCount, NEVER_YET);
  }

  /** An IPI becomes pending for a receiver. */
  void post(int sender, int to) {
    int bit = vms.index(sender);
    int at = to * words + (bit >> WORD_BITS);
    if ((pending[at] >> bit & 1) == 0) {
      pending[at] |= 1L << bit;
      unhandled[sender]++;
      waiting[to]++;
    }
  }

  /** The hypervisor has emulated a unicast. */
  void record(int sender, int to) {
    if (tracks) {
      receiver[sender] = to;
      sentNs[sender] = clock.nowNs();
    }
  }

  /** The receiver of a vCPU's last unicast if the record of it is valid, or {@link #NONE}. */
  int trackedReceiver(int sender) {
    boolean valid = receiver[sender] != NONE && clock.nowNs() - sentNs[sender] <= windowNs;
    return valid ? receiver[sender] : NONE;
  }

  /** Whether an IPI is pending for a vCPU. */
  boolean isPending(int task) {
    return waiting[task] > 0;
  }

  /** Whether a receiver has not handled an IPI of a sender yet. */
  boolean isOwed(int to, int sender) {
    int bit = vms.index(sender);
    int at = to * words + (bit >> WORD_BITS);
    return vms.of(to) == vms.of(sender) && ((pending[at] | served[at]) >> bit & 1) != 0;
  }

  /** Whether all receivers have handled what a vCPU has sent. */
  boolean isDone(int sender) {
    return unhandled[sender] == 0;
  }

  /** A vCPU begins to handle what is pending. */
  void beginService(int task) {
    for (int w = task * words; w < (task + 1) * words; w++) {
      served[w] = pending[w];
      pending[w] = 0;
    }
    waiting[task] = 0;
  }

  /**
   * Ends the handling of the IPI of one sender. @return the sender, or {@link #NONE} if none is
   * left
   */
  int endOne(int task) {
    for (int w = 0; w < words; w++) {
      long bits = served[task * words + w];
      if (bits != 0) {
        served[task * words + w] = bits & bits - 1;
        int vcpu = (w << WORD_BITS) + Long.numberOfTrailingZeros(bits);
        int sender = vms.task(vms.of(task), vcpu);
        unhandled[sender]--;
        if (receiver[sender] == task) {
          receiver[sender] = NONE;
        }
        return sender;
      }
    }
    return NONE;
  }

  @Override
  public void save(StateBuffer out) {
    out.put(pending, taskCount * words);
    out.put(served, taskCount * words);
    out.put(unhandled, taskCount);
    out.put(waiting, taskCount);
    out.put(receiver, taskCount);
    out.put(sentNs, taskCount);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(pending, taskCount * words);
    in.take(served, taskCount * words);
    in.take(unhandled, taskCount);
    in.take(waiting, taskCount);
    in.take(receiver, taskCount);
    in.take(sentNs, taskCount);
  }
}
