package stallcast.kernel.fair;

import static stallcast.kernel.fair.FairQueues.DELAYED;
import static stallcast.kernel.fair.FairQueues.IDLE;
import static stallcast.kernel.fair.FairQueues.MOVED;
import static stallcast.kernel.fair.FairQueues.NEW;
import static stallcast.kernel.fair.FairQueues.NONE;
import static stallcast.kernel.fair.FairQueues.ON_RQ;
import static stallcast.kernel.fair.FairQueues.THROTTLED;

import java.util.Arrays;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;

/**
 * The tree of group queues of every CPU: enqueues, dequeues and picks along it. With the flattened
 * pick all tasks of a CPU stand in its root queue, so that every path has one level, and {@link
 * FlatWeights} says what they weigh there.
 *
 * <p>Models: {@code enqueue_task_fair()}, {@code dequeue_entities()}, {@code pick_task_fair()},
 * {@code set_next_entity()}, {@code throttle_cfs_rq()} (direct dequeue, up to 6.17;
 * kernel/sched/fair.c, v6.12), {@code throttle_cfs_rq_work()} and {@code tg_unthrottle_up()}
 * (v7.2), the single run queue of v7.3. State: in {@link FairQueues}; queue of the last current
 * task [cpu]. Leaves out: PELT. A group's load on a CPU is the weight that is queued there now; up
 * to 7.2 its weight follows at the next enqueue, dequeue or fresh pick, not at the tick.
 */
final class FairHierarchy implements Stateful {
  private final FairQueues queues;
  private final TaskTable tasks;
  private final CfsBandwidth bandwidth;
  private final HeldTasks held;
  private final GroupShares shares;
  private final FlatWeights flatWeights;
  private QueueOrder order;
  private boolean flat;
  private int[] leaf = new int[0]; // [cpu] queue of the last current task, or NONE
  private int cpuCount;

  FairHierarchy(FairQueues queues, KernelCore core, CfsBandwidth bandwidth, HeldTasks held) {
    this.queues = queues;
    tasks = core.tasks();
    this.bandwidth = bandwidth;
    this.held = held;
    shares = new GroupShares(queues);
    flatWeights = new FlatWeights(queues, shares, bandwidth, core);
  }

  void reset(HostConfig config, QueueOrder newOrder) {
    order = newOrder;
    cpuCount = config.cpus();
    flat = config.isOn(KernelKnob.FLAT_PICK);
    boolean leavesByItself = config.isOn(KernelKnob.THROTTLE_TASK_WORK);
    if (flat && !(config.isOn(KernelKnob.EEVDF) && leavesByItself)) {
      throw new IllegalStateException("the flattened pick needs EEVDF and throttling by task work");
    }
    shares.reset(config);
    flatWeights.reset(cpuCount);
    if (leaf.length < cpuCount) {
      leaf = new int[cpuCount];
    }
    Arrays.fill(leaf, 0, cpuCount, NONE);
    for (int g = 1; g <= config.cgroups().size(); g++) {
      boolean idle = config.cgroups().get(g - 1).idle();
      for (int cpu = 0; cpu < cpuCount; cpu++) {
        int entity = queues.ownerOf(g * cpuCount + cpu);
        queues.flags[entity] = idle ? IDLE : 0;
        queues.weight[entity] = shares.of(g);
      }
    }
  }

  /** Queues a task that was asleep or has moved. */
  void enqueue(int task) {
    int leaf = queues.leafOf(tasks, task);
    shares.count(tasks.group(task), 1);
    if (queues.is(task, DELAYED)) {
      order.requeueDelayed(queues.queue[task], task);
      count(leaf, 0, 1);
    } else {
      int q = leaf;
      if (flat) {
        flatWeights.join(task);
        q = leaf % cpuCount;
      }
      insert(q, task, !queues.is(task, MOVED));
      queues.clear(task, NEW | MOVED);
      insertOwners(q);
      count(leaf, 1, 1);
    }
    flatWeights.lookAtTicks(task);
  }

  /** Queues the owners of a queue that is not empty, up to a throttled one. */
  private void insertOwners(int from) {
    int own = from;
    for (int e = queues.ownerOf(own); e != NONE; e = queues.ownerOf(own)) {
      if (queues.is(e, THROTTLED)) {
        return;
      }
      order.inheritSlice(e, own);
      if (!queues.is(e, ON_RQ)) {
        insert(queues.queue[e], e, true);
      } else {
        if (queues.is(e, DELAYED)) {
          order.requeueDelayed(queues.queue[e], e);
        }
        refreshWeight(e);
      }
      own = queues.queue[e];
    }
  }

  private void insert(int q, int entity, boolean wakes) {
    refreshWeight(entity);
    order.place(q, entity, wakes);
    queues.queue[entity] = q;
    queues.link(q, entity);
    if (queues.count[q] == 1 && q >= cpuCount) {
      bandwidth.onEnqueueFirst(q / cpuCount, q % cpuCount);
    }
  }

  /** Takes a task off its queue, unless it may only block later. */
  void dequeue(int task, boolean sleeps) {
    int leaf = queues.leafOf(tasks, task);
    shares.count(tasks.group(task), -1);
    if (sleeps && order.delaysDequeue(queues.queue[task], task)) {
      standAside(task);
      count(leaf, 0, -1);
    } else {
      remove(task, sleeps, true);
      if (!sleeps) {
        queues.set(task, MOVED);
      }
      count(leaf, -1, -1);
    }
    flatWeights.lookAtTicks(task);
  }

  /**
   * Removes an entity, and those above it whose queues become empty.
   *
   * @param mayDelay whether those above may block later, as they do unless bandwidth is at work
   */
  private void remove(int entity, boolean sleeps, boolean mayDelay) {
    int q = queues.queue[entity];
    takeOut(q, entity, sleeps);
    if (flat) {
      flatWeights.leave(entity);
      flatWeights.refresh(entity);
    }
    for (int e = queues.ownerOf(q); e != NONE; e = queues.ownerOf(q)) {
      if (queues.is(e, THROTTLED)) {
        return;
      }
      if (queues.count[q] > 0) {
        order.inheritSlice(e, q);
        refreshWeight(e);
      } else if (mayDelay && !queues.is(e, DELAYED) && order.delaysDequeue(queues.queue[e], e)) {
        standAside(e);
      } else if (!queues.is(e, DELAYED)) {
        takeOut(queues.queue[e], e, true);
      }
      q = queues.queue[e];
    }
  }

  private void takeOut(int q, int entity, boolean sleeps) {
    forgetPreference(q, entity);
    order.leave(q, entity, sleeps);
    queues.unlink(q, entity);
    if (queues.count[q] == 0 && q >= cpuCount) {
      bandwidth.onQueueEmpty(q / cpuCount, q % cpuCount);
    }
  }

  /** A blocked entity stays queued, but not as the current one. */
  private void standAside(int entity) {
    int q = queues.queue[entity];
    forgetPreference(q, entity);
    if (queues.current[q] == entity) {
      queues.putBack(q);
    }
  }

  /** {@code clear_buddies()}. */
  void forgetPreference(int q, int entity) {
    if (queues.buddy[q] == entity) {
      queues.buddy[q] = NONE;
    }
    if (queues.skip[q] == entity) {
      queues.skip[q] = NONE;
    }
  }

  private void count(int from, int queued, int runnable) {
    for (int q = from; q != NONE; q = queues.above(q)) {
      queues.tasksBelow[q] += queued;
      queues.runnableBelow[q] += runnable;
      if (q >= cpuCount && queues.is(queues.ownerOf(q), THROTTLED)) {
        return;
      }
    }
  }

  /**
   * Picks a task and makes it and its groups current; blocked entities that are found on the way
   * leave, and so does the current task if it is picked and its task work is due.
   *
   * @return the task, or {@link FairQueues#NONE}
   */
  int pick(int cpu) {
    int q = cpu;
    while (queues.count[cpu] > 0) {
      if (q >= cpuCount) {
        bandwidth.onPutPrev(q / cpuCount, cpu);
        if (queues.is(queues.ownerOf(q), THROTTLED)) {
          q = cpu;
          continue;
        }
      }
      int entity = order.pick(q, true);
      if (queues.is(entity, DELAYED)) {
        remove(entity, true, true);
        if (entity < queues.taskCount) {
          count(queues.leafOf(tasks, entity), -1, 0);
          flatWeights.lookAtTicks(entity);
        }
        q = cpu;
      } else if (entity < queues.taskCount && queues.current[q] == entity && held.isDue(entity)) {
        hold(entity);
        q = cpu;
      } else if (entity < queues.taskCount) {
        makeCurrent(cpu, entity);
        return entity;
      } else {
        q = queues.ownedBy(entity);
      }
    }
    return NONE;
  }

  /** What runs on already stays current at its level, and keeps its protection. */
  private void makeCurrent(int cpu, int task) {
    for (int q = leaf[cpu]; q != NONE; q = queues.above(q)) {
      int old = queues.current[q];
      if (old != NONE && !isAbove(old, task)) {
        queues.putBack(q);
      }
      askWhenPut(q); // those that go on have runtime: the pick has seen to that
    }
    for (int e = task; e != NONE; e = queues.parentOf(e)) {
      int q = queues.queue[e];
      if (queues.current[q] != e) {
        forgetPreference(q, e);
        refreshWeight(e);
        queues.current[q] = e;
        order.picked(q, e);
        if (flat) {
          flatWeights.onWeighed(cpu, task);
        }
      }
    }
    leaf[cpu] = queues.queue[task];
  }

  private boolean isAbove(int entity, int task) {
    for (int e = task; e != NONE; e = queues.parentOf(e)) {
      if (e == entity) {
        return true;
      }
    }
    return false;
  }

  /** No fair task runs on a CPU any more. */
  void putAll(int cpu) {
    for (int q = leaf[cpu]; q != NONE; q = queues.above(q)) {
      queues.putBack(q);
      askWhenPut(q);
    }
    leaf[cpu] = NONE;
  }

  /** A queue without runtime is throttled when its current entity is put. */
  private void askWhenPut(int q) {
    if (q >= cpuCount) {
      bandwidth.onPutPrev(q / cpuCount, q % cpuCount);
    }
  }

  /** {@code update_cfs_group()}; of a flat task also the weights above it. */
  private void refreshWeight(int entity) {
    if (flat) {
      flatWeights.refresh(entity);
    }
    long weight = weightNow(entity);
    if (weight != queues.weight[entity]) {
      order.reweight(queues.queue[entity], entity, weight);
    }
  }

  /** Weight of an entity in its queue, as it should be now. */
  long weightNow(int entity) {
    int own = queues.ownedBy(entity);
    if (own != NONE) {
      return shares.weightOf(own);
    }
    return flat ? flatWeights.effective(entity) : queues.weight[entity];
  }

  /** A tick of a CPU has charged its current task. */
  void onTick(int cpu, int task) {
    if (flat && queues.is(task, ON_RQ)) {
      refreshWeight(task);
      flatWeights.onWeighed(cpu, task);
    }
  }

  /** Whether the next tick of a CPU may change the weight of its current task. */
  boolean mayReweigh(int cpu, int task) {
    return flat && queues.is(task, ON_RQ) && flatWeights.mayReweigh(cpu, task);
  }

  /** See {@link CfsQueues#throttleQueue}. */
  void throttle(int q) {
    int owner = queues.ownerOf(q);
    if (queues.is(owner, THROTTLED)) {
      return;
    }
    if (queues.is(owner, ON_RQ)) {
      int queued = queues.tasksBelow[q];
      int runnable = queues.runnableBelow[q];
      remove(owner, true, false);
      count(queues.above(q), -queued, -runnable);
    }
    queues.set(owner, THROTTLED);
  }

  /** See {@link CfsQueues#unthrottleQueue}. */
  void unthrottle(int q) {
    int owner = queues.ownerOf(q);
    if (!queues.is(owner, THROTTLED)) {
      return;
    }
    queues.clear(owner, THROTTLED);
    if (queues.count[q] > 0) {
      insertOwners(q);
      count(queues.above(q), queues.tasksBelow[q], queues.runnableBelow[q]);
    }
  }

  /** Task work takes a task off its throttled queue. */
  void hold(int task) {
    int leaf = queues.leafOf(tasks, task);
    shares.count(tasks.group(task), -1);
    remove(task, true, false);
    count(leaf, -1, -1);
    held.add(leaf, task);
    bandwidth.onHold(leaf / cpuCount, leaf % cpuCount);
    flatWeights.lookAtTicks(task);
  }

  /** Queues the tasks again that are held back at a queue and below it, the lowest ones first. */
  void release(int group, int cpu) {
    for (int g = queues.groupCount - 1; g >= group; g--) { // parents come before children
      if (bandwidth.isWithin(g, group) && !bandwidth.isThrottledHierarchy(g, cpu)) {
        int q = g * cpuCount + cpu;
        for (int task = held.take(q); task != NONE; task = held.take(q)) {
          enqueue(task);
        }
      }
    }
  }

  @Override
  public void save(StateBuffer out) {
    queues.save(out);
    shares.save(out);
    flatWeights.save(out);
    held.save(out);
    out.put(leaf, cpuCount);
  }

  @Override
  public void restore(StateBuffer in) {
    queues.restore(in);
    shares.restore(in);
    flatWeights.restore(in);
    held.restore(in);
    in.take(leaf, cpuCount);
  }
}
