package stallcast.kernel.rt;

import java.util.Arrays;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;

/**
 * The queued real-time tasks of each CPU in order of priority, equals in order of arrival, and
 * which CPUs have a task to give away.
 *
 * <p>Models: {@code struct rt_prio_array} and the overload mask of {@code struct root_domain}
 * (kernel/sched/sched.h, v6.1). State: one doubly linked list per CPU [cpu], [task]; counts [cpu].
 */
final class RtQueues implements Stateful {
  private static final int NO_TASK = Scheduler.IDLE;

  private final TaskTable tasks;
  private int cpuCount;
  private boolean byPushable; // a CPU with a pushable task is overloaded, even a single one
  private int[] head = new int[0]; // [cpu] first task in order
  private int[] count = new int[0]; // [cpu] rt_nr_running
  private int[] movable = new int[0]; // [cpu] queued tasks that may run elsewhere
  private int[] running = new int[0]; // [cpu] queued task that has the CPU
  private long[] mask = new long[0]; // [cpu / 64] rd.rto_mask
  private int[] next = new int[0]; // [task]
  private int[] prev = new int[0]; // [task]
  private Runnable onOverload = () -> {};
  private int overloaded; // CPUs with a task to give away

  RtQueues(TaskTable tasks) {
    this.tasks = tasks;
  }

  /** Sets who is told that the mask has changed. */
  void onOverload(Runnable action) {
    onOverload = action;
  }

  /**
   * Starts with empty queues.
   *
   * @param pushableOverloads whether one pushable task makes a CPU overloaded (v6.7), or only two
   *     tasks one of which may move
   */
  void reset(int cpus, boolean pushableOverloads) {
    cpuCount = cpus;
    byPushable = pushableOverloads;
    if (head.length < cpus) {
      head = new int[cpus];
      count = new int[cpus];
      movable = new int[cpus];
      running = new int[cpus];
      mask = new long[words()];
    }
    if (next.length < tasks.count()) {
      next = new int[tasks.count()];
      prev = new int[tasks.count()];
    }
    Arrays.fill(head, 0, cpus, NO_TASK);
    Arrays.fill(count, 0, cpus, 0);
    Arrays.fill(movable, 0, cpus, 0);
    Arrays.fill(running, 0, cpus, NO_TASK);
    Arrays.fill(mask, 0, words(), 0);
    Arrays.fill(next, 0, tasks.count(), NO_TASK);
    Arrays.fill(prev, 0, tasks.count(), NO_TASK);
    overloaded = 0;
  }

  int count(int cpu) {
    return count[cpu];
  }

  /** The first task of a CPU, or {@link Scheduler#IDLE}. */
  int first(int cpu) {
    return head[cpu];
  }

  /** The task behind a queued one, or {@link Scheduler#IDLE}. */
  int after(int task) {
    return next[task];
  }

  /** Priority that others must beat to run on a CPU: its best queued RT task, 0 if none. */
  int highest(int cpu) {
    return head[cpu] == NO_TASK ? 0 : tasks.priority(head[cpu]);
  }

  /** Whether another task of the same priority is queued beside this one. */
  boolean hasPeer(int task) {
    int mine = tasks.priority(task);
    return (next[task] != NO_TASK && tasks.priority(next[task]) == mine)
        || (prev[task] != NO_TASK && tasks.priority(prev[task]) == mine);
  }

  /** Whether a task that does not run may run elsewhere ({@code has_pushable_tasks}). */
  boolean hasPushable(int cpu) {
    boolean runs = running[cpu] != NO_TASK && tasks.allowedCount(running[cpu]) > 1;
    return movable[cpu] > (runs ? 1 : 0);
  }

  /** Whether the CPU is in the overload mask. */
  boolean isOverloaded(int cpu) {
    return (mask[cpu >> 6] >>> cpu & 1) != 0;
  }

  /** {@code rd.rto_count}. */
  int overloadedCount() {
    return overloaded;
  }

  /** The first overloaded CPU behind another one, or -1. */
  int overloadedAfter(int cpu) {
    int from = cpu + 1;
    for (int word = from >> 6; word < words(); word++) {
      long bits = mask[word] & (word == from >> 6 ? -1L << from : -1L);
      if (bits != 0) {
        return (word << 6) + Long.numberOfTrailingZeros(bits);
      }
    }
    return -1;
  }

  private int words() {
    return (cpuCount + Long.SIZE - 1) / Long.SIZE;
  }

  void add(int cpu, int task) {
    linkBehindEquals(cpu, task);
    count[cpu]++;
    movable[cpu] += tasks.allowedCount(task) > 1 ? 1 : 0;
    updateOverload(cpu);
  }

  void remove(int cpu, int task) {
    unlink(cpu, task);
    count[cpu]--;
    movable[cpu] -= tasks.allowedCount(task) > 1 ? 1 : 0;
    if (running[cpu] == task) {
      running[cpu] = NO_TASK;
    }
    updateOverload(cpu);
  }

  /** A queued task gets the CPU, or {@link Scheduler#IDLE}: none of them has it. */
  void setRunning(int cpu, int task) {
    running[cpu] = task;
    updateOverload(cpu);
  }

  private void updateOverload(int cpu) {
    boolean is = byPushable ? hasPushable(cpu) : count[cpu] > 1 && movable[cpu] > 0;
    if (is != isOverloaded(cpu)) {
      mask[cpu >> 6] ^= 1L << cpu;
      overloaded += is ? 1 : -1;
      onOverload.run();
    }
  }

  /** Makes a queued task the last of its priority. */
  void moveBehindEquals(int cpu, int task) {
    unlink(cpu, task);
    linkBehindEquals(cpu, task);
  }

  /** Makes a queued task the first of its priority. */
  void moveBeforeEquals(int cpu, int task) {
    unlink(cpu, task);
    link(cpu, task, tasks.priority(task));
  }

  private void linkBehindEquals(int cpu, int task) {
    link(cpu, task, tasks.priority(task) - 1);
  }

  /** Links a task in front of the first one whose priority is at most {@code beforePriority}. */
  private void link(int cpu, int task, int beforePriority) {
    int after = NO_TASK;
    int at = head[cpu];
    while (at != NO_TASK && tasks.priority(at) > beforePriority) {
      after = at;
      at = next[at];
    }
    prev[task] = after;
    next[task] = at;
    if (after == NO_TASK) {
      head[cpu] = task;
    } else {
      next[after] = task;
    }
    if (at != NO_TASK) {
      prev[at] = task;
    }
  }

  private void unlink(int cpu, int task) {
    if (prev[task] == NO_TASK) {
      head[cpu] = next[task];
    } else {
      next[prev[task]] = next[task];
    }
    if (next[task] != NO_TASK) {
      prev[next[task]] = prev[task];
    }
  }

  @Override
  public void save(StateBuffer out) {
    out.put(overloaded);
    out.put(head, cpuCount);
    out.put(count, cpuCount);
    out.put(movable, cpuCount);
    out.put(running, cpuCount);
    out.put(mask, words());
    out.put(next, tasks.count());
    out.put(prev, tasks.count());
  }

  @Override
  public void restore(StateBuffer in) {
    overloaded = in.takeInt();
    in.take(head, cpuCount);
    in.take(count, cpuCount);
    in.take(movable, cpuCount);
    in.take(running, cpuCount);
    in.take(mask, words());
    in.take(next, tasks.count());
    in.take(prev, tasks.count());
  }
}
