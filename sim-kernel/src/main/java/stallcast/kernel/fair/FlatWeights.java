package stallcast.kernel.fair;

import static stallcast.kernel.fair.FairQueues.NONE;

import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.cpu.TaskTable;

/**
 * The groups of the flattened pick. Their queues hold nothing: they count their members and the
 * weights of these, from which the weight follows that a task has in the one queue of its CPU.
 *
 * <p>Models: {@code enqueue_hierarchy()}, {@code dequeue_hierarchy()}, {@code
 * __calc_prop_weight()}, {@code update_cfs_group()} (kernel/sched/fair.c, v7.3). State: count, load
 * and owner's weight of group queues in {@link FairQueues}; weights by nice value [task]. Drives:
 * {@link Scheduler#lookAtTick} of CPUs whose current task a tick is about to reweight.
 */
final class FlatWeights {
  private final FairQueues queues;
  private final GroupShares shares;
  private final CfsBandwidth bandwidth;
  private final TaskTable tasks;
  private final Scheduler scheduler;
  private int cpuCount;
  private long[] own = new long[0]; // [task] weight in its group

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
    for (int q = queues.leafOf(tasks, task); q >= cpuCount; q = queues.above(q)) {
      int owner = queues.ownerOf(q);
      long delta = shares.weightOf(q) - queues.weight[owner];
      queues.weight[owner] += delta;
      int above = queues.above(q);
      if (above >= cpuCount && queues.count[q] > 0) {
        queues.addLoad(above, delta);
      }
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

  /** Whether a tick would change the weight of a queued task or of a group above it. */
  boolean isStale(int task) {
    for (int q = queues.leafOf(tasks, task); q >= cpuCount; q = queues.above(q)) {
      if (shares.weightOf(q) != queues.weight[queues.ownerOf(q)]) {
        return true;
      }
    }
    return effective(task) != queues.weight[task];
  }

  /** Something has changed in the groups of a task: it may concern who runs on any CPU. */
  void lookAtTicks(int task) {
    int top = tasks.group(task);
    if (top == 0) {
      return;
    }
    while (queues.parent[top] > 0) {
      top = queues.parent[top];
    }
    for (int cpu = 0; cpu < cpuCount; cpu++) {
      int current = queues.current[cpu];
      if (queues.count[top * cpuCount + cpu] > 0 && current != NONE && isStale(current)) {
        scheduler.lookAtTick(cpu);
      }
    }
  }
}
