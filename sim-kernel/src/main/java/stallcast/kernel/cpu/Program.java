package stallcast.kernel.cpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.scenario.Step;

/**
 * A task's program, compiled to a flat code that runs without allocation. Immutable and shared by
 * all tasks of a template.
 *
 * <p>Code: instruction i is {@code op, a, b} at {@code 3i}; a law is an index into {@link #law}.
 */
final class Program {
  static final int COMPUTE = 0; // a = law
  static final int SLEEP = 1; // a = law
  static final int UNTIL = 2; // a = law
  static final int BLOCK_IO = 3; // a = law
  static final int YIELD = 4;
  static final int EXIT = 5;
  static final int LOOP_START = 6; // a = law, b = counter; always followed by a jump to LOOP_TEST
  static final int LOOP_TEST = 7; // a = target if another pass, b = counter
  static final int JUMP = 8; // a = target
  static final int CHOOSE = 9; // a = first of b consecutive (threshold, target) pairs
  static final int ROUND = 10; // end of the program
  static final int PSI_POLL = 11; // a = law
  static final int GUEST = 20; // a = law
  static final int KERNEL = 21; // a = law
  static final int USER_RETURN = 22;
  static final int HALT = 23; // a = law
  static final int SIGNAL = 24; // a = template
  static final int WRITE_CPU_MAX = 25; // a = law of the quota, the period's is next; b = group
  static final int GUEST_KERNEL = 26; // a = law
  static final int GUEST_STEP = 27; // a = lock, template or law of the fan-out, b = its kind

  private int[] code = new int[48];
  private int size; // instructions
  private Distribution[] laws = new Distribution[8]; // [lawCount], an array because it is hot
  private int lawCount;
  private final List<double[]> thresholds = new ArrayList<>(); // per CHOOSE: upper sums
  private final List<int[]> targets = new ArrayList<>(); // per CHOOSE
  private final List<String> templates;
  private final List<String> groups;
  private final List<String> locks;
  private int counters;

  /**
   * Compiles.
   *
   * @param templates names of the host's task templates, which steps may name
   * @param groups paths of its control groups
   * @param locks names of the locks of its guests
   */
  Program(List<Step> steps, List<String> templates, List<String> groups, List<String> locks) {
    this.templates = templates;
    this.groups = groups;
    this.locks = locks;
    body(steps);
    emit(ROUND, 0, 0);
  }

  int op(int pc) {
    return code[3 * pc];
  }

  int a(int pc) {
    return code[3 * pc + 1];
  }

  int b(int pc) {
    return code[3 * pc + 2];
  }

  Distribution law(int index) {
    return laws[index];
  }

  /** Target of choice {@code choice} for a uniform draw. */
  int target(int choice, double u) {
    double[] upper = thresholds.get(choice);
    int last = upper.length - 1;
    for (int i = 0; i < last; i++) {
      if (u < upper[i]) {
        return targets.get(choice)[i];
      }
    }
    return targets.get(choice)[last];
  }

  /** Loop counters a task needs. */
  int counters() {
    return counters;
  }

  private void body(List<Step> steps) {
    for (Step step : steps) {
      if (step instanceof Step.Compute s) {
        emit(COMPUTE, add(s.ns()), 0);
      } else if (step instanceof Step.Sleep s) {
        emit(SLEEP, add(s.ns()), 0);
      } else if (step instanceof Step.Until s) {
        emit(UNTIL, add(s.atNs()), 0);
      } else if (step instanceof Step.BlockIo s) {
        emit(BLOCK_IO, add(s.ns()), 0);
      } else if (step instanceof Step.PsiPoll s) {
        emit(PSI_POLL, add(s.windowNs()), 0);
      } else if (step instanceof Step.Yield) {
        emit(YIELD, 0, 0);
      } else if (step instanceof Step.Exit) {
        emit(EXIT, 0, 0);
      } else if (step instanceof Step.Repeat s) {
        repeat(s);
      } else if (step instanceof Step.Choose s) {
        choose(s);
      } else {
        modeStep(step);
      }
    }
  }

  /** Steps that leave user mode, and what acts on other tasks. */
  private void modeStep(Step step) {
    if (step instanceof Step.Guest s) {
      emit(GUEST, add(s.ns()), 0);
    } else if (step instanceof Step.Kernel s) {
      emit(KERNEL, add(s.ns()), 0);
    } else if (step instanceof Step.Syscall s) {
      emit(KERNEL, add(s.ns()), 0);
      emit(USER_RETURN, 0, 0);
    } else if (step instanceof Step.Halt s) {
      emit(HALT, add(s.ns()), 0);
    } else if (step instanceof Step.Signal s) {
      emit(SIGNAL, known(templates, s.task()), 0);
    } else if (step instanceof Step.WriteCpuMax s) {
      int quota = add(s.quotaUs());
      add(s.periodUs());
      emit(WRITE_CPU_MAX, quota, known(groups, s.cgroup()) + 1);
    } else {
      guestStep(step);
    }
  }

  /** What guests do to each other: {@link GuestSteps}. */
  private void guestStep(Step step) {
    if (step instanceof Step.GuestKernel s) {
      emit(GUEST_KERNEL, add(s.ns()), 0);
    } else if (step instanceof Step.Lock s) {
      guestStep(GuestSteps.Kind.LOCK, known(locks, s.name()));
    } else if (step instanceof Step.Unlock) {
      guestStep(GuestSteps.Kind.UNLOCK, 0);
    } else if (step instanceof Step.Ipi s) {
      add(s.fanOut());
      guestStep(GuestSteps.Kind.IPI, lawCount - 1);
    } else if (step instanceof Step.WaitIpi) {
      guestStep(GuestSteps.Kind.WAIT_IPI, 0);
    } else if (step instanceof Step.YieldTo s) {
      guestStep(GuestSteps.Kind.YIELD_TO, known(templates, s.task()));
    }
  }

  private void guestStep(GuestSteps.Kind kind, int operand) {
    emit(GUEST_STEP, operand, kind.ordinal());
  }

  private static int known(List<String> names, String name) {
    int index = names.indexOf(name);
    if (index < 0) {
      throw new IllegalArgumentException("a program names '" + name + "', which is not there");
    }
    return index;
  }

  private void repeat(Step.Repeat step) {
    int counter = counters++;
    emit(LOOP_START, add(step.times()), counter);
    int jump = emit(JUMP, 0, 0);
    int start = size;
    body(step.body());
    code[3 * jump + 1] = size;
    emit(LOOP_TEST, start, counter);
  }

  private void choose(Step.Choose step) {
    int count = step.bodies().size();
    double[] upper = new double[count];
    int[] target = new int[count];
    int choice = thresholds.size();
    thresholds.add(upper);
    targets.add(target);
    emit(CHOOSE, choice, 0);
    int[] exits = new int[count];
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += step.weights().get(i);
      upper[i] = sum;
      target[i] = size;
      body(step.bodies().get(i));
      exits[i] = emit(JUMP, 0, 0);
    }
    for (int exit : exits) {
      code[3 * exit + 1] = size;
    }
  }

  private int add(Distribution law) {
    if (lawCount == laws.length) {
      laws = Arrays.copyOf(laws, 2 * lawCount);
    }
    laws[lawCount] = law;
    return lawCount++;
  }

  private int emit(int op, int a, int b) {
    if (3 * size + 3 > code.length) {
      code = Arrays.copyOf(code, 2 * code.length);
    }
    code[3 * size] = op;
    code[3 * size + 1] = a;
    code[3 * size + 2] = b;
    return size++;
  }
}
