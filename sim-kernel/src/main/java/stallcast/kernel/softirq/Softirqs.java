package stallcast.kernel.softirq;

import java.util.Arrays;
import stallcast.kernel.cpu.CpuTicks;
import stallcast.kernel.cpu.Interrupts;
import stallcast.kernel.cpu.KernelClock;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.cpu.KernelThreads;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.cpu.SoftirqPort;
import stallcast.kernel.cpu.TaskRunner;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.SoftirqVector;

/**
 * Serves softirqs: at the end of hard interrupts, or in ksoftirqd.
 *
 * <p>Models: {@code handle_softirqs()}, {@code tasklet_action_common()}, {@code run_ksoftirqd()}
 * (kernel/softirq.c, v6.12), {@code net_rx_action()} by {@link NapiPolls}. One invocation repeats
 * while new work is pending, less than 2 ms in jiffies have gone, no reschedule is wanted, at most
 * ten times. Vectors other than NET_RX take what is queued when their turn comes, all of it. State:
 * per CPU with sources the pending and the current mask, the invocation under way; queue [slot]
 * [vector]. Drives: {@link Interrupts}. Leaves out: {@code local_bh_disable()} sections of tasks,
 * RCU's batch limits.
 */
public final class Softirqs implements SoftirqPort, Stateful {
  private static final SoftirqVector[] VECTORS = SoftirqVector.values();
  private static final int MAX_PASSES = 10; // MAX_SOFTIRQ_RESTART
  private static final long MAX_TIME_MS = 2; // MAX_SOFTIRQ_TIME
  private static final int NOW_MASK = SoftirqVector.HI.bit() | SoftirqVector.TASKLET.bit();

  private final KernelClock clock;
  private final CpuTicks ticks;
  private final Interrupts interrupts;
  private final Scheduler scheduler;
  private final TaskTable tasks;
  private final TaskRunner runner;
  private final KernelThreads threads;
  private final NapiPolls polls;
  private SoftirqSources sources;
  private KernelObserver observer = new KernelObserver() {};
  private boolean observed;
  private boolean threaded; // softirqs run in ksoftirqd only
  private boolean preemptible; // and like any task there
  private boolean gated; // a runnable ksoftirqd keeps most softirqs from running elsewhere
  private long limitJiffies;
  private int slots; // CPUs with sources
  private int[] slotOf = new int[0]; // [cpu] or -1
  private WorkQueue[] queues = new WorkQueue[0]; // [slot][VECTORS]
  private int[] pending = new int[0]; // [slot] raised and not served
  private int[] serving = new int[0]; // [slot] still to be served in this pass
  private int[] passes = new int[0]; // [slot] of this invocation
  private int[] left = new int[0]; // [slot] items of the list under way, its current one included
  private long[] behindNs = new long[0]; // [slot] work of the list behind its current item
  private boolean[] working = new boolean[0]; // [slot] an item of a preemptible thread is under way
  private long[] endJiffy = new long[0]; // [slot] no new pass from here on
  private final SoftirqBooks books;

  /** Softirqs of one kernel. */
  public Softirqs(KernelCore core) {
    clock = core.clock();
    ticks = core.ticks();
    interrupts = core.interrupts();
    scheduler = core.scheduler();
    tasks = core.tasks();
    runner = core.runner();
    threads = core.threads();
    polls = new NapiPolls(clock, ticks);
    books = new SoftirqBooks(clock);
  }

  void feedFrom(SoftirqSources from) {
    sources = from;
  }

  /** Starts with nothing pending; the sources must have been reset. */
  public void reset(HostConfig config, KernelObserver newObserver) {
    observer = newObserver;
    observed = newObserver.wantsSwitches();
    preemptible = config.isOn(KernelKnob.PREEMPT_RT);
    threaded = preemptible || config.isOn(KernelKnob.THREADIRQS);
    gated = config.isOn(KernelKnob.KSOFTIRQD_GATE);
    long hz = config.knob(KernelKnob.HZ);
    limitJiffies = (MAX_TIME_MS * hz + 999) / 1000; // msecs_to_jiffies()
    slots = threads.cpus().length;
    if (slotOf.length < config.cpus()) {
      slotOf = new int[config.cpus()];
    }
    Arrays.fill(slotOf, 0, config.cpus(), -1);
    for (int slot = 0; slot < slots; slot++) {
      slotOf[threads.cpus()[slot]] = slot;
    }
    reserve();
    books.reset(slots);
    resetQueues();
    polls.reset(config, sources, slots);
    threads.onKsoftirqd(this::onKsoftirqd);
  }

  private void reserve() {
    if (pending.length < slots) {
      pending = new int[slots];
      serving = new int[slots];
      passes = new int[slots];
      left = new int[slots];
      behindNs = new long[slots];
      working = new boolean[slots];
      endJiffy = new long[slots];
      int had = queues.length;
      queues = Arrays.copyOf(queues, slots * VECTORS.length);
      for (int q = had; q < queues.length; q++) {
        queues[q] = new WorkQueue();
      }
    }
    Arrays.fill(pending, 0, slots, 0);
    Arrays.fill(serving, 0, slots, 0);
    Arrays.fill(passes, 0, slots, 0);
    Arrays.fill(left, 0, slots, 0);
    Arrays.fill(behindNs, 0, slots, 0);
    Arrays.fill(working, 0, slots, false);
    Arrays.fill(endJiffy, 0, slots, 0);
  }

  private void resetQueues() {
    for (int slot = 0; slot < slots; slot++) {
      for (SoftirqVector vector : VECTORS) {
        int room = 0;
        for (int row = 0; row < sources.rows(); row++) {
          boolean mine = slotOf[sources.cpu(row)] == slot && sources.spec(row).vector() == vector;
          room += mine ? sources.pool(row) : 0;
        }
        queues[slot * VECTORS.length + vector.ordinal()].reset(room);
        if (vector == SoftirqVector.TASKLET) {
          books.fullFrom(slot, Math.max(1, room - room / 10));
        }
      }
    }
  }

  /**
   * Leaves an item to a vector and raises it.
   *
   * @return false if there is no room
   */
  boolean add(int cpu, SoftirqVector vector, int row, int tasklet, long bodyNs) {
    int slot = slotOf[cpu];
    WorkQueue queue =
        vector == SoftirqVector.NET_RX
            ? polls.queue(row)
            : queues[slot * VECTORS.length + vector.ordinal()];
    if (queue.isFull()) {
      return false;
    }
    queue.add(row, tasklet, bodyNs);
    if (vector != SoftirqVector.NET_RX) {
      pending[slot] |= vector.bit();
    }
    return true;
  }

  /** Schedules the poll of a network queue. @return whether it was not scheduled yet */
  boolean startPoll(int cpu, int row) {
    int slot = slotOf[cpu];
    if (!polls.schedule(slot, row)) {
      return false;
    }
    pending[slot] |= SoftirqVector.NET_RX.bit();
    return true;
  }

  @Override
  public boolean isPending(int cpu) {
    return slotOf[cpu] >= 0 && pending[slotOf[cpu]] != 0;
  }

  @Override
  public long remainingNs(int cpu) {
    return slotOf[cpu] < 0 ? 0 : behindNs[slotOf[cpu]];
  }

  @Override
  public void onIrqExit(int cpu) {
    int slot = slotOf[cpu];
    if (threaded) {
      threads.wake(threads.ksoftirqdOf(cpu));
    } else if (!gated || (pending[slot] & NOW_MASK) != 0 || !isKsoftirqdRunnable(cpu)) {
      begin(cpu, slot);
    }
  }

  private boolean isKsoftirqdRunnable(int cpu) {
    return tasks.isRunnable(threads.ksoftirqdOf(cpu));
  }

  private void onKsoftirqd(int cpu) {
    int slot = slotOf[cpu];
    if (working[slot]) {
      working[slot] = false;
      onWorkDone(cpu);
    } else if (pending[slot] != 0) {
      begin(cpu, slot);
    } else {
      threads.sleep(cpu);
    }
  }

  private void begin(int cpu, int slot) {
    passes[slot] = 0;
    endJiffy[slot] = ticks.jiffies(clock.nowNs()) + limitJiffies;
    if (!preemptible) {
      interrupts.enter(cpu);
    }
    books.onEntry(slot);
    if (observed) {
      observer.onSoftirqEntry(cpu, pending[slot]);
    }
    startPass(cpu, slot);
  }

  private void startPass(int cpu, int slot) {
    passes[slot]++;
    serving[slot] = pending[slot];
    pending[slot] = 0;
    serveNext(cpu, slot);
  }

  private void serveNext(int cpu, int slot) {
    while (serving[slot] != 0) {
      int vector = Integer.numberOfTrailingZeros(serving[slot]);
      if (vector == SoftirqVector.NET_RX.ordinal()) {
        if (polls.begin(slot)) {
          execute(cpu, slot, polls.pollNs(slot));
          return;
        }
      } else {
        WorkQueue queue = queues[slot * VECTORS.length + vector];
        if (queue.size() > 0) {
          left[slot] = queue.size();
          behindNs[slot] = queue.sumNs();
          books.onList(slot, left[slot]);
          startItem(cpu, slot, queue);
          return;
        }
      }
      serving[slot] &= serving[slot] - 1;
    }
    endPass(cpu, slot);
  }

  private void startItem(int cpu, int slot, WorkQueue queue) {
    long bodyNs = queue.firstBodyNs();
    sources.onStarted(queue.firstRow(), queue.firstIndex());
    queue.removeFirst();
    behindNs[slot] -= bodyNs;
    execute(cpu, slot, bodyNs);
  }

  private void execute(int cpu, int slot, long ns) {
    if (preemptible) {
      working[slot] = true;
      runner.compute(cpu, ns);
    } else {
      interrupts.execute(cpu, ns);
    }
  }

  @Override
  public void onWorkDone(int cpu) {
    int slot = slotOf[cpu];
    int vector = Integer.numberOfTrailingZeros(serving[slot]);
    if (vector == SoftirqVector.NET_RX.ordinal()) {
      books.onItems(slot, polls.polled(slot));
      if (polls.goOn(slot)) {
        execute(cpu, slot, polls.pollNs(slot));
        return;
      }
      pending[slot] |= polls.isLeft(slot) ? SoftirqVector.NET_RX.bit() : 0;
    } else {
      books.onItems(slot, 1);
      if (--left[slot] > 0) {
        startItem(cpu, slot, queues[slot * VECTORS.length + vector]);
        return;
      }
      books.onListEnd(slot);
    }
    serving[slot] &= serving[slot] - 1;
    serveNext(cpu, slot);
  }

  private void endPass(int cpu, int slot) {
    if (pending[slot] != 0) {
      boolean inTime = ticks.jiffies(clock.nowNs()) < endJiffy[slot];
      if (inTime && !scheduler.needsResched(cpu) && passes[slot] < MAX_PASSES) {
        startPass(cpu, slot);
        return;
      }
      threads.wake(threads.ksoftirqdOf(cpu));
    }
    books.onExit(slot);
    if (observed) {
      observer.onSoftirqExit(cpu, books.itemsOfInvocation(slot));
    }
    if (preemptible) {
      runner.compute(cpu, 0); // ksoftirqd looks again
    } else {
      interrupts.leave(cpu);
    }
  }

  /** What was counted, by slot. */
  public SoftirqBooks books() {
    return books;
  }

  /** Position of a CPU among those with sources, or -1. */
  public int slotOf(int cpu) {
    return slotOf[cpu];
  }

  /** Items that wait on a CPU, the one under way included. */
  public long backlog(int cpu) {
    int slot = slotOf[cpu];
    if (slot < 0) {
      return 0;
    }
    long waiting = left[slot] > 0 ? 1 : 0;
    for (int v = 0; v < VECTORS.length; v++) {
      waiting += queues[slot * VECTORS.length + v].size();
    }
    return waiting + polls.waiting(slot);
  }

  @Override
  public void save(StateBuffer out) {
    out.put(pending, slots);
    out.put(serving, slots);
    out.put(passes, slots);
    out.put(left, slots);
    out.put(behindNs, slots);
    out.put(working, slots);
    out.put(endJiffy, slots);
    for (int q = 0; q < slots * VECTORS.length; q++) {
      queues[q].save(out);
    }
    polls.save(out);
    books.save(out);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(pending, slots);
    in.take(serving, slots);
    in.take(passes, slots);
    in.take(left, slots);
    in.take(behindNs, slots);
    in.take(working, slots);
    in.take(endJiffy, slots);
    for (int q = 0; q < slots * VECTORS.length; q++) {
      queues[q].restore(in);
    }
    polls.restore(in);
    books.restore(in);
  }
}
