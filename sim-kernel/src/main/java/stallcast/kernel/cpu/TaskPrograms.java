package stallcast.kernel.cpu;

import java.util.Arrays;
import java.util.List;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.random.RandomStream;
import stallcast.kernel.random.StreamPurpose;
import stallcast.kernel.scenario.Step;

/**
 * Where each task stands in its program, and its own random stream ({@link
 * StreamPurpose#TASK_PROGRAM}, entity = task).
 *
 * <p>State: program counter [task], loop counters [task][{@link #COUNTERS_MAX}], streams [task].
 */
public final class TaskPrograms implements Stateful {
  /** Deepest number of {@code repeat} steps in one program. */
  public static final int COUNTERS_MAX = 8;

  /** Steps without time after which a program is taken to spin. */
  static final int SPIN_MAX = 100_000;

  /** What a task does next. */
  enum Action {
    /** Needs {@link #amountNs()} of CPU time. */
    COMPUTE,
    /** Sleeps for {@link #amountNs()}. */
    SLEEP,
    /** Sleeps in state D for {@link #amountNs()}. */
    BLOCK_IO,
    /** The guest halts for {@link #amountNs()}. */
    HALT,
    /** Signals the tasks of template {@link #target()}. */
    SIGNAL,
    /**
     * Writes quota {@link #amountNs()} and period {@link #secondAmount()} of group {@link
     * #target()}.
     */
    WRITE_CPU_MAX,
    /** Sleeps as the thread of a PSI trigger with a window of {@link #amountNs()}. */
    PSI_POLL,
    /** Does a {@link #guestStep()} with {@link #target()}, amount and {@link #uniform()}. */
    GUEST_STEP,
    /** Yields. */
    YIELD,
    /** Ends. */
    EXIT,
    /** Took too many steps without time. */
    SPIN
  }

  private static final GuestSteps.Kind[] GUEST_STEPS = GuestSteps.Kind.values();

  private final TaskModes modes;
  private Program[] programs = new Program[0]; // [template]
  private RandomStream[] streams = new RandomStream[0]; // [task]
  private int[] pc = new int[0]; // [task]
  private long[] counter = new long[0]; // [task][COUNTERS_MAX]
  private int count;
  private boolean[] signalled = new boolean[0]; // [task] its next guest or halt step ends at once
  private long amountNs;
  private long secondAmount;
  private int target;
  private GuestSteps.Kind guestStep = GuestSteps.Kind.LOCK;
  private double uniform;

  TaskPrograms(TaskModes modes) {
    this.modes = modes;
  }

  /**
   * Starts the programs of a host.
   *
   * @param templates compiled programs by template
   * @param taskCount tasks
   * @param masterSeed master seed
   * @param hostIndex host
   * @param replicate number of the run on this host (its window)
   */
  void reset(Program[] templates, int taskCount, long masterSeed, long hostIndex, int replicate) {
    programs = templates;
    count = taskCount;
    if (pc.length < taskCount) {
      int had = streams.length;
      int capacity = Math.max(taskCount, 2 * had);
      streams = Arrays.copyOf(streams, capacity);
      for (int t = had; t < capacity; t++) {
        streams[t] = new RandomStream();
      }
      pc = new int[capacity];
      counter = new long[capacity * COUNTERS_MAX];
      signalled = new boolean[capacity];
    }
    Arrays.fill(pc, 0, taskCount, 0);
    Arrays.fill(signalled, 0, taskCount, false);
    Arrays.fill(counter, 0, taskCount * COUNTERS_MAX, 0);
    for (int t = 0; t < taskCount; t++) {
      streams[t].derive(masterSeed, StreamPurpose.TASK_PROGRAM, 0, hostIndex, replicate, t);
    }
  }

  /** Compiles a program. */
  static Program compile(
      List<Step> steps, List<String> templates, List<String> groups, List<String> locks) {
    Program program = new Program(steps, templates, groups, locks);
    if (program.counters() > COUNTERS_MAX) {
      throw new IllegalArgumentException(
          "a program may hold at most " + COUNTERS_MAX + " repeat steps");
    }
    return program;
  }

  /** The stream of a task, for what is drawn when it is created. */
  RandomStream stream(int task) {
    return streams[task];
  }

  /** Time that belongs to the last {@link #advance}, ns. */
  long amountNs() {
    return amountNs;
  }

  /** Second number that belongs to the last {@link #advance}. */
  long secondAmount() {
    return secondAmount;
  }

  /** Template or group that the last {@link #advance} acts on. */
  int target() {
    return target;
  }

  /** What the last {@link #advance} wants of the guest. */
  GuestSteps.Kind guestStep() {
    return guestStep;
  }

  /** What was drawn for it, uniform in 0..1. */
  double uniform() {
    return uniform;
  }

  /** Lets the next guest or halt step of a task end at once. */
  void signal(int task) {
    signalled[task] = true;
  }

  /** Takes the next step if it only takes CPU time. @return how much, ns, or 0 */
  long takeCompute(TaskTable tasks, int task) {
    Program program = programs[tasks.template(task)];
    int at = pc[task];
    if (program.op(at) == Program.ROUND && takesOnlyTime(program.op(0), task)) {
      tasks.addRound(task);
      at = 0;
    }
    int op = program.op(at);
    if (!takesOnlyTime(op, task)) {
      return 0;
    }
    pc[task] = at + 1;
    modes.setMode(task, modeOf(op));
    return draw(program, task, at);
  }

  private boolean takesOnlyTime(int op, int task) {
    boolean guest = (op == Program.GUEST || op == Program.GUEST_KERNEL) && !signalled[task];
    return op == Program.COMPUTE || op == Program.KERNEL || guest;
  }

  private static int modeOf(int op) {
    return switch (op) {
      case Program.GUEST -> TaskModes.GUEST;
      case Program.GUEST_KERNEL -> TaskModes.GUEST_KERNEL;
      case Program.KERNEL, Program.HALT -> TaskModes.KERNEL;
      default -> TaskModes.USER;
    };
  }

  /** Whether a guest or halt step is skipped because of a signal, which is used up by that. */
  private boolean takeSignal(int task) {
    boolean taken = signalled[task];
    signalled[task] = false;
    return taken;
  }

  /**
   * Goes on to the next step that takes time.
   *
   * @param nowNs kernel time, ns
   */
  Action advance(TaskTable tasks, int task, long nowNs) {
    Program program = programs[tasks.template(task)];
    for (int steps = 0; steps < SPIN_MAX; steps++) {
      int at = pc[task]++;
      int op = program.op(at);
      if (executes(op)) {
        if (entersMode(program, task, at)) {
          return op == Program.HALT ? Action.HALT : Action.COMPUTE;
        }
        continue;
      }
      switch (op) {
        case Program.SIGNAL -> {
          target = program.a(at);
          return Action.SIGNAL;
        }
        case Program.WRITE_CPU_MAX -> {
          return drawWrite(program, task, at);
        }
        case Program.SLEEP, Program.BLOCK_IO -> {
          if (draw(program, task, at) > 0) {
            return op == Program.SLEEP ? Action.SLEEP : Action.BLOCK_IO;
          }
        }
        case Program.UNTIL -> {
          amountNs = draw(program, task, at) - nowNs; // an absolute instant
          if (amountNs > 0) {
            return Action.SLEEP;
          }
        }
        case Program.PSI_POLL -> {
          draw(program, task, at);
          return Action.PSI_POLL;
        }
        case Program.GUEST_STEP -> {
          return drawGuestStep(program, task, at);
        }
        case Program.YIELD -> {
          return Action.YIELD;
        }
        case Program.EXIT -> {
          return Action.EXIT;
        }
        case Program.LOOP_START ->
            counter[task * COUNTERS_MAX + program.b(at)] = draw(program, task, at);
        case Program.LOOP_TEST -> {
          if (counter[task * COUNTERS_MAX + program.b(at)]-- > 0) {
            pc[task] = program.a(at);
          }
        }
        case Program.JUMP -> pc[task] = program.a(at);
        case Program.CHOOSE -> pc[task] = program.target(program.a(at), streams[task].nextDouble());
        default -> {
          tasks.addRound(task);
          pc[task] = 0;
        }
      }
    }
    return Action.SPIN;
  }

  private static boolean executes(int op) {
    return switch (op) {
      case Program.COMPUTE,
          Program.KERNEL,
          Program.GUEST,
          Program.GUEST_KERNEL,
          Program.HALT,
          Program.USER_RETURN ->
          true;
      default -> false;
    };
  }

  /** Whether a step that executes somewhere takes place: it has time, and no signal ends it. */
  private boolean entersMode(Program program, int task, int at) {
    int op = program.op(at);
    boolean taken;
    if (op == Program.USER_RETURN) {
      amountNs = 0;
      taken = modes.mode(task) != TaskModes.USER;
    } else {
      boolean inGuest = op == Program.GUEST || op == Program.GUEST_KERNEL || op == Program.HALT;
      taken = !(inGuest && takeSignal(task)) && draw(program, task, at) > 0;
    }
    if (taken) {
      modes.setMode(task, modeOf(op));
    }
    return taken;
  }

  private Action drawWrite(Program program, int task, int at) {
    target = program.b(at);
    amountNs = Math.round(program.law(program.a(at)).sample(streams[task]));
    secondAmount = Math.round(program.law(program.a(at) + 1).sample(streams[task]));
    return Action.WRITE_CPU_MAX;
  }

  private Action drawGuestStep(Program program, int task, int at) {
    guestStep = GUEST_STEPS[program.b(at)];
    target = program.a(at);
    uniform = 0;
    if (guestStep == GuestSteps.Kind.IPI) {
      draw(program, task, at);
    }
    if (guestStep == GuestSteps.Kind.IPI || guestStep == GuestSteps.Kind.LOCK) {
      uniform = streams[task].nextDouble();
    }
    return Action.GUEST_STEP;
  }

  private long draw(Program program, int task, int at) {
    amountNs = Math.max(0, Math.round(program.law(program.a(at)).sample(streams[task])));
    return amountNs;
  }

  /** Gives every task's stream a new future. */
  void reseed(int level, long branch) {
    for (int t = 0; t < count; t++) {
      streams[t].reseed(level, branch);
    }
  }

  @Override
  public void save(StateBuffer out) {
    out.put(pc, count);
    out.put(counter, count * COUNTERS_MAX);
    out.put(signalled, count);
    long[] room = out.room(count * RandomStream.STATE_LONGS);
    int at = out.writeAt();
    for (int t = 0; t < count; t++) {
      at = streams[t].save(room, at);
    }
    out.wrote(at);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(pc, count);
    in.take(counter, count * COUNTERS_MAX);
    in.take(signalled, count);
    int at = in.readAt();
    for (int t = 0; t < count; t++) {
      at = streams[t].restore(in.source(), at);
    }
    in.tookTo(at);
  }
}
