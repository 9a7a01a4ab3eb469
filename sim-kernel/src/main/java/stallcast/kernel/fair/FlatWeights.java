package stallcast.kernel.fair;

import static stallcast.kernel.fair.FairQueues.NONE;

import java.util.Arrays;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;

/**
 * The groups of the flattened pick. Their queues hold nothing: they count their members and the
 * weights of these, from which the weight follows that a task has in the one queue of its CPU.
 *
 * <p>Models: {@code enqueue_hierarchy()}, {@code dequeue_hierarchy()}, {@code
 * __calc_prop_weight()}, {@code update_cfs_group()} (kernel/sched/fair.c, v7.3). State: count, load
 * and owner's weight of group queues in {@link FairQueues}; weights by nice value [task]; which
 * CPUs have no tick to wait for. Drives: {@link Scheduler#lookAtTick} of CPUs whose current task a
 * tick may reweight.
 */
final class FlatWeights implements Stateful {
  private final FairQueues queues;
  private final GroupShares shares;
  private final CfsBandwidth bandwidth;
  private final TaskTable tasks;
  private final Scheduler scheduler;
  private int cpuCount;
  private long[] own = new long[0]; // [task] weight in its group
  private int[] top = new int[0]; // [group] the one above it that is a child of the root
  private long[] quiet = new long[0]; // [cpu / 64] bits: no tick would change the current task

  FlatWeights(FairQueues queues, GroupShares shares, CfsBandwidth bandwidth, KernelCore core) {
    this.queues = queues;
    this.shares = shares;
    this.bandwidth = bandwidth;
    tasks = core.tasks();
    scheduler = core.scheduler();
  }

  /** Takes over the weights of tasks from the queues. */
  void reset(int cpus) {
    cpuCount = cpus;
    if (own.length < tasks.count()) {
      own = new long[tasks.count()];
    }
    System.arraycopy(queues.weight, 0, own, 0, tasks.count());
    if (top.length < queues.groupCount) {
      top = new int[queues.groupCount];
    }
    for (int g = 1; g < queues.groupCount; g++) { // parents come before children
      top[g] = queues.parent[g] == 0 ? g : top[queues.parent[g]];
    }
    if (quiet.length < words()) {
      quiet = new long[words()];
    }
    Arrays.fill(quiet, 0, words(), 0);
  }

  /** A task joins its group on its CPU, and the group its parent if it is the first. */
  void join(int task) {
    long weight = own[task];
    boolean joins = true;
    for (int q = queues.leafOf(tasks, task); q >= cpuCount && joins; q = queues.above(q)) {
      queues.addLoad(q, weight);
      joins = queues.count[q]++ == 0;
      if (joins) {
        bandwidth.onEnqueueFirst(q / cpuCount, q % cpuCount);
      }
      weight = queues.weight[queues.ownerOf(q)];
    }
  }

  /** A task leaves its group on its CPU, and the group its parent if it was the last. */
  void leave(int task) {
    long weight = own[task];
    boolean leaves = true;
    for (int q = queues.leafOf(tasks, task); q >= cpuCount && leaves; q = queues.above(q)) {
      queues.addLoad(q, -weight);
      leaves = --queues.count[q] == 0;
      if (leaves) {
        bandwidth.onQueueEmpty(q / cpuCount, q % cpuCount);
      }
      weight = queues.weight[queues.ownerOf(q)];
    }
  }

  /** Brings the weights of the groups above a task on its CPU up to date. */
  void refresh(int task) {
    boolean changed = false;
    for (int q = queues.leafOf(tasks, task); q >= cpuCount; q = queues.above(q)) {
      int owner = queues.ownerOf(q);
      long delta = shares.weightOf(q) - queues.weight[owner];
      queues.weight[owner] += delta;
      int above = queues.above(q);
      if (above >= cpuCount && queues.count[q] > 0) {
        queues.addLoad(above, delta);
      }
      changed |= delta != 0;
    }
    if (changed) {
      lookAtTicks(task);
    }
  }

  /** Weight of a task that has joined its group, in the queue of its CPU. */
  long effective(int task) {
    long weight = FairWeights.NICE_0;
    long member = own[task];
    for (int q = queues.leafOf(tasks, task); q >= cpuCount; q = queues.above(q)) {
      weight = Math.max(FairWeights.GROUP_MIN, weight * member / queues.load[q]);
      member = queues.weight[queues.ownerOf(q)];
    }
    return Math.max(FairWeights.GROUP_MIN, weight * member / FairWeights.NICE_0);
  }

  /** The weight of a CPU's current task has just been computed. */
  void onWeighed(int cpu, int task) {
    if (tasks.group(task) > 0) {
      quiet[cpu / Long.SIZE] |= 1L << cpu;
    }
  }

  /** Whether the next tick of a CPU may change the weight of its current task. */
  boolean mayReweigh(int cpu, int task) {
    return tasks.group(task) > 0 && (quiet[cpu / Long.SIZE] >>> cpu & 1) == 0;
  }

  /** Something has changed in the groups of a task: ticks of tasks below the same one matter. */
  void lookAtTicks(int task) {
    int group = tasks.group(task);
    for (int word = 0; group > 0 && word < words(); word++) {
      for (long left = quiet[word]; left != 0; left &= left - 1) {
        int cpu = word * Long.SIZE + Long.numberOfTrailingZeros(left);
        int current = queues.current[cpu];
        if (current == NONE || top[tasks.group(current)] == top[group]) {
          quiet[word] &= ~Long.lowestOneBit(left);
          scheduler.lookAtTick(cpu);
        }
      }
    }
  }

  private int words() {
    return (cpuCount + Long.SIZE - 1) / Long.SIZE;
  }

  @Override
  public void save(StateBuffer out) {
    out.put(quiet, words());
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(quiet, words());
  }
}
