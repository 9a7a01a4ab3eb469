package stallcast.kernel.cpu;

import java.util.Arrays;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.TimerQueue;

/**
 * The class of the stopper threads, above all others; at most one task per CPU.
 *
 * <p>Models: kernel/sched/stop_task.c, v6.12. State: runnable stopper [cpu].
 */
final class StopClass implements SchedClass {
  private final KernelClock clock;
  private final TaskTable tasks;
  private final Scheduler scheduler;
  private int[] queued = new int[0]; // [cpu] task, or IDLE
  private int cpuCount;

  StopClass(KernelClock clock, TaskTable tasks, Scheduler scheduler) {
    this.clock = clock;
    this.tasks = tasks;
    this.scheduler = scheduler;
  }

  void reset(int cpus) {
    cpuCount = cpus;
    if (queued.length < cpus) {
      queued = new int[cpus];
    }
    Arrays.fill(queued, 0, cpus, Scheduler.IDLE);
  }

  @Override
  public int selectCpu(int task, int wakerCpu) {
    return tasks.cpu(task);
  }

  @Override
  public void enqueue(int cpu, int task, int wakerCpu) {
    queued[cpu] = task;
  }

  @Override
  public void dequeue(int cpu, int task, boolean sleeps) {
    if (scheduler.current(cpu) == task) {
      updateCurr(cpu);
    }
    queued[cpu] = Scheduler.IDLE;
  }

  @Override
  public boolean preempts(int cpu, int woken, int current) {
    return false;
  }

  @Override
  public void woken(int cpu, int task) {
    // It cannot go anywhere else.
  }

  @Override
  public void updateCurr(int cpu) {
    settleTicks(cpu, clock.nowNs(), 0);
  }

  @Override
  public void setNext(int cpu, int task) {
    tasks.setExecStartNs(task, clock.nowNs());
  }

  @Override
  public void putPrev(int cpu, int task) {
    // Nothing preempts a stopper.
  }

  @Override
  public void tick(int cpu) {
    updateCurr(cpu);
  }

  @Override
  public long nextTickNs(int cpu, long firstTickNs) {
    return TimerQueue.NEVER;
  }

  @Override
  public void settleTicks(int cpu, long atNs, long count) {
    int task = scheduler.current(cpu);
    tasks.addExecNs(task, Math.max(0, atNs - tasks.execStartNs(task)));
    tasks.setExecStartNs(task, atNs);
  }

  @Override
  public void yieldCurrent(int cpu) {
    throw new IllegalStateException("a stopper does not yield");
  }

  @Override
  public void balance(int cpu, int prev) {
    // Stoppers do not move.
  }

  @Override
  public int pick(int cpu) {
    return queued[cpu];
  }

  @Override
  public int queued(int cpu) {
    return queued[cpu] == Scheduler.IDLE ? 0 : 1;
  }

  @Override
  public void save(StateBuffer out) {
    out.put(queued, cpuCount);
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(queued, cpuCount);
  }
}
