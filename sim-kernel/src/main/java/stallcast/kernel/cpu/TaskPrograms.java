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
    /** Sleeps as the thread of a PSI trigger with a window of {@link #amountNs()}. */
    PSI_POLL,
    /** Yields. */
    YIELD,
    /** Ends. */
    EXIT,
    /** Took too many steps without time. */
    SPIN
  }

  private Program[] programs = new Program[0]; // [template]
  private RandomStream[] streams = new RandomStream[0]; // [task]
  private int[] pc = new int[0]; // [task]
  private long[] counter = new long[0]; // [task][COUNTERS_MAX]
  private int count;
  private long amountNs;

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
    }
    Arrays.fill(pc, 0, taskCount, 0);
    Arrays.fill(counter, 0, taskCount * COUNTERS_MAX, 0);
    for (int t = 0; t < taskCount; t++) {
      streams[t].derive(masterSeed, StreamPurpose.TASK_PROGRAM, 0, hostIndex, replicate, t);
    }
  }

  /** Compiles a program. */
  static Program compile(List<Step> steps) {
    Program program = new Program(steps);
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

  /** Takes the next step if it is a {@code compute}. @return its CPU time, ns, or 0 */
  long takeCompute(TaskTable tasks, int task) {
    Program program = programs[tasks.template(task)];
    int at = pc[task];
    if (program.op(at) != Program.COMPUTE) {
      return 0;
    }
    pc[task]++;
    return draw(program, task, at);
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
      switch (program.op(at)) {
        case Program.COMPUTE -> {
          if (draw(program, task, at) > 0) {
            return Action.COMPUTE;
          }
        }
        case Program.SLEEP -> {
          if (draw(program, task, at) > 0) {
            return Action.SLEEP;
          }
        }
        case Program.BLOCK_IO -> {
          if (draw(program, task, at) > 0) {
            return Action.BLOCK_IO;
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
    int at = in.readAt();
    for (int t = 0; t < count; t++) {
      at = streams[t].restore(in.source(), at);
    }
    in.tookTo(at);
  }
}
