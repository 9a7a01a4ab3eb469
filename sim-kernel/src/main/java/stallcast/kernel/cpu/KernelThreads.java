package stallcast.kernel.cpu;

import java.util.Arrays;

/**
 * Threads of the kernel itself, as tasks behind those of the scenario: the stopper ({@code
 * migration/N}) and {@code ksoftirqd/N} of every CPU that serves softirqs. On other CPUs nothing
 * delays them, and what they do is done at once.
 */
public final class KernelThreads {
  private static final int PER_CPU = 2;

  private final TaskTable tasks;
  private final Scheduler scheduler;
  private int first; // id of the first thread
  private int[] cpus = new int[0]; // [count / PER_CPU] CPUs with threads
  private int count;
  private int[] index = new int[0]; // [cpu] position in cpus, or -1
  private Body stopper = cpu -> {};
  private Body ksoftirqd = cpu -> {};

  KernelThreads(TaskTable tasks, Scheduler scheduler) {
    this.tasks = tasks;
    this.scheduler = scheduler;
  }

  /** What a thread does when it has the CPU. */
  @FunctionalInterface
  public interface Body {

    /** The thread runs on its CPU; it ends with {@link KernelThreads#sleep} or in softirq. */
    void run(int cpu);
  }

  /** Number of threads that a set of CPUs needs. */
  static int needed(int cpusWithThreads) {
    return PER_CPU * cpusWithThreads;
  }

  /**
   * Creates the threads, asleep.
   *
   * @param firstTask id of the first one
   * @param withThreads CPUs that need them, ascending
   * @param size how many
   */
  void reset(int firstTask, int cpuCount, int[] withThreads, int size) {
    first = firstTask;
    count = PER_CPU * size;
    if (cpus.length != size) {
      cpus = new int[size];
    }
    System.arraycopy(withThreads, 0, cpus, 0, size);
    if (index.length < cpuCount) {
      index = new int[cpuCount];
    }
    Arrays.fill(index, 0, cpuCount, -1);
    for (int i = 0; i < size; i++) {
      index[cpus[i]] = i;
      define(stopperOf(cpus[i]), KernelCore.RANK_STOP, cpus[i]);
      define(ksoftirqdOf(cpus[i]), KernelCore.RANK_FAIR, cpus[i]);
    }
  }

  private void define(int task, int rank, int cpu) {
    tasks.define(task, -1, rank, false, 0);
    tasks.allow(task, cpu);
  }

  /** Sets what the stoppers do until the next call. */
  public void onStopper(Body body) {
    stopper = body;
  }

  /** Sets what the ksoftirqd threads do until the next call. */
  public void onKsoftirqd(Body body) {
    ksoftirqd = body;
  }

  /** CPUs with threads, ascending; not to be changed. */
  public int[] cpus() {
    return cpus;
  }

  /** Whether a CPU has threads. */
  public boolean has(int cpu) {
    return index[cpu] >= 0;
  }

  /** Task id of a CPU's stopper. */
  public int stopperOf(int cpu) {
    return first + PER_CPU * index[cpu];
  }

  /** Task id of a CPU's ksoftirqd. */
  public int ksoftirqdOf(int cpu) {
    return first + PER_CPU * index[cpu] + 1;
  }

  /** Whether a task is one of these threads. */
  public boolean isThread(int task) {
    return task >= first && task < first + count;
  }

  /** {@code migration/47}. */
  public String name(int task) {
    int cpu = cpus[(task - first) / PER_CPU];
    return ((task - first) % PER_CPU == 0 ? "migration/" : "ksoftirqd/") + cpu;
  }

  /** Wakes a thread if it sleeps. */
  public void wake(int task) {
    if (!tasks.isRunnable(task)) {
      tasks.setRemainingNs(task, 0);
      scheduler.wakeUp(task, tasks.cpu(task));
    }
  }

  /** The running thread of a CPU has nothing more to do. */
  public void sleep(int cpu) {
    scheduler.leave(cpu, TaskTable.SLEEPING);
  }

  void run(int cpu, int task) {
    if ((task - first) % PER_CPU == 0) {
      stopper.run(cpu);
    } else {
      ksoftirqd.run(cpu);
    }
  }
}
