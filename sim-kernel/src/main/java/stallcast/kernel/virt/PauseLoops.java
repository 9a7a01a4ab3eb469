package stallcast.kernel.virt;

import java.util.Arrays;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerQueue;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.VcpuArch;

/**
 * How long a vCPU may spin before the hardware, or its own guest, calls the hypervisor. The window
 * of a vCPU grows with each exit and shrinks when it is loaded on a CPU after it was scheduled out.
 *
 * <p>Models: {@code grow_ple_window()}, {@code shrink_ple_window()} (arch/x86/kvm/vmx, v6.12),
 * {@code grow_pause_filter_count()} (svm), both by {@code __grow_ple_window()} in x86.h; {@code
 * kernel.spin_retry} of s390 guests, which then issue DIAG 0x9c. Intel counts in kernel mode of the
 * guest only, AMD in any. State: window [task], cycles on Intel, PAUSE instructions on AMD. Leaves
 * out: gaps between PAUSE instructions (a spin is one loop), WFE and WRS of Arm and RISC-V.
 */
final class PauseLoops implements Stateful {
  private static final int NONE = 0;
  private static final int INTEL = 1;
  private static final int AMD = 2;
  private static final int S390 = 3;
  private static final long NS_KHZ = 1_000_000; // cycles per ns are kHz / 10^6

  private int count;
  private int[] flavour = new int[0]; // [task]
  private long[] window = new long[0]; // [task]
  private long pauseNs;
  private long tscKhz;
  private long retryNs;
  private final long[] base = new long[AMD + 1]; // [flavour]
  private final long[] grow = new long[AMD + 1];
  private final long[] shrink = new long[AMD + 1];
  private final long[] most = new long[AMD + 1];

  void reset(HostConfig config, TaskTable tasks) {
    count = tasks.count();
    if (window.length < count) {
      window = new long[count];
      flavour = new int[count];
    }
    pauseNs = config.knob(KernelKnob.COST_PAUSE_NS);
    tscKhz = config.knob(KernelKnob.TSC_KHZ);
    retryNs = config.knob(KernelKnob.SPIN_RETRY) * pauseNs;
    base[INTEL] = config.knob(KernelKnob.PLE_WINDOW);
    grow[INTEL] = config.knob(KernelKnob.PLE_WINDOW_GROW);
    shrink[INTEL] = config.knob(KernelKnob.PLE_WINDOW_SHRINK);
    most[INTEL] = config.knob(KernelKnob.PLE_WINDOW_MAX);
    base[AMD] = config.knob(KernelKnob.PAUSE_FILTER_COUNT);
    grow[AMD] = config.knob(KernelKnob.PAUSE_FILTER_COUNT_GROW);
    shrink[AMD] = config.knob(KernelKnob.PAUSE_FILTER_COUNT_SHRINK);
    most[AMD] = config.knob(KernelKnob.PAUSE_FILTER_COUNT_MAX);
    boolean intelExits = config.knob(KernelKnob.PLE_GAP) > 0;
    Arrays.fill(flavour, 0, count, NONE);
    Arrays.fill(window, 0, count, 0);
    for (int task = 0; task < count; task++) {
      int template = tasks.template(task);
      if (template >= 0 && template < config.tasks().size()) {
        VcpuArch arch = config.tasks().get(template).spec().arch();
        flavour[task] = flavourOf(arch, intelExits, base[AMD] > 0);
        window[task] = flavour[task] == INTEL || flavour[task] == AMD ? base[flavour[task]] : 0;
      }
    }
  }

  private static int flavourOf(VcpuArch arch, boolean intelExits, boolean amdExits) {
    return switch (arch) {
      case X86 -> intelExits ? INTEL : NONE;
      case AMD -> amdExits ? AMD : NONE;
      case S390 -> S390;
      case ARM64, RISCV, LOONGARCH, BOOK3S_HV -> NONE;
    };
  }

  /** Whether a vCPU's guest knows whom it waits for and names it ({@code DIAG 0x9c}). */
  boolean isNamed(int task) {
    return flavour[task] == S390;
  }

  /** How long a spin takes that ends with an exit, ns; {@link TimerQueue#NEVER} if none does. */
  long spinNs(int task, boolean kernelMode) {
    return switch (flavour[task]) {
      case INTEL -> kernelMode ? cyclesNs(window[task]) : TimerQueue.NEVER;
      case AMD -> Math.max(1, window[task] * pauseNs);
      case S390 -> kernelMode ? retryNs : TimerQueue.NEVER;
      default -> TimerQueue.NEVER;
    };
  }

  private long cyclesNs(long cycles) {
    return Math.max(1, cycles * NS_KHZ / tscKhz);
  }

  /** The vCPU has exited because it was spinning. */
  void onExit(int task) {
    int kind = flavour[task];
    if (kind != INTEL && kind != AMD) {
      return;
    }
    long by = grow[kind];
    if (by < 1) {
      window[task] = base[kind];
    } else {
      long grown = by < base[kind] ? window[task] * by : window[task] + by;
      window[task] = Math.min(grown, most[kind]);
    }
  }

  /** The vCPU is loaded on a CPU after it was scheduled out. */
  void onLoad(int task) {
    int kind = flavour[task];
    if (kind != INTEL && kind != AMD) {
      return;
    }
    long by = shrink[kind];
    if (by < 1) {
      window[task] = base[kind];
    } else {
      long shrunk = by < base[kind] ? window[task] / by : window[task] - by;
      window[task] = Math.max(shrunk, base[kind]);
    }
  }

  @Override
  public void save(StateBuffer out) {
    out.put(window, count);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(window, count);
  }
}
