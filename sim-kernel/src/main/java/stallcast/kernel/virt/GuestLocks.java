package stallcast.kernel.virt;

import java.util.Arrays;
import java.util.List;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.cpu.Vms;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.LockSpec;

/**
 * The locks of guests: who holds them and who waits, in order of arrival.
 *
 * <p>Models: test-and-set and queued spin locks of a guest, and the paravirtual one ({@code
 * pv_wait()}, {@code pv_kick()}, kernel/locking/qspinlock_paravirt.h, v6.12). State: holder and
 * list of waiters [lock]; lock held and lock waited for [task]. Leaves out: stealing of a queued
 * lock, contention of the memory that holds it.
 */
final class GuestLocks implements Stateful {
  static final int NONE = -1;

  private final Vms vms;
  private LockSpec.Kind[] kinds = new LockSpec.Kind[0]; // [declared]
  private int[] perVm = new int[0]; // [declared]
  private int[] base = new int[0]; // [declared] first lock of machine 0
  private int[] declared = new int[0]; // [lock]
  private int lockCount;
  private int taskCount;
  private int[] holder = new int[0]; // [lock] or NONE
  private int[] head = new int[0]; // [lock] the task that waits longest, or NONE
  private int[] tail = new int[0]; // [lock]
  private int[] next = new int[0]; // [task] in the list of the lock it waits for
  private int[] held = new int[0]; // [task] lock, or NONE
  private int[] awaited = new int[0]; // [task] lock, or NONE

  GuestLocks(Vms vms) {
    this.vms = vms;
  }

  void reset(HostConfig config, TaskTable tasks) {
    List<HostConfig.Lock> locks = config.locks();
    taskCount = tasks.count();
    kinds = locks.stream().map(lock -> lock.spec().kind()).toArray(LockSpec.Kind[]::new);
    perVm = locks.stream().mapToInt(HostConfig.Lock::count).toArray();
    base = new int[locks.size()];
    lockCount = 0;
    for (int d = 0; d < base.length; d++) {
      base[d] = lockCount;
      lockCount += perVm[d] * vms.count();
    }
    if (holder.length < lockCount) {
      declared = new int[lockCount];
      holder = new int[lockCount];
      head = new int[lockCount];
      tail = new int[lockCount];
    }
    if (next.length < taskCount) {
      next = new int[taskCount];
      held = new int[taskCount];
      awaited = new int[taskCount];
    }
    for (int d = 0; d < base.length; d++) {
      Arrays.fill(declared, base[d], base[d] + perVm[d] * vms.count(), d);
    }
    for (int[] ids : new int[][] {holder, head, tail}) {
      Arrays.fill(ids, 0, lockCount, NONE);
    }
    for (int[] ids : new int[][] {next, held, awaited}) {
      Arrays.fill(ids, 0, taskCount, NONE);
    }
  }

  /**
   * A task wants a lock.
   *
   * @param of which declared kind of lock
   * @param u uniform in 0..1, draws one of them
   * @return whether it has it at once; otherwise it waits
   */
  boolean acquire(int task, int of, double u) {
    int lock = base[of] + vms.of(task) * perVm[of] + (int) (u * perVm[of]);
    awaited[task] = lock;
    if (tryTake(task)) {
      return true;
    }
    next[task] = NONE;
    if (head[lock] == NONE) {
      head[lock] = task;
    } else {
      next[tail[lock]] = task;
    }
    tail[lock] = task;
    return false;
  }

  /** Whether a waiting task has its lock, which it takes if that is free for it. */
  boolean tryTake(int task) {
    int lock = awaited[task];
    if (holder[lock] == NONE) {
      grant(lock, task);
    }
    return holder[lock] == task;
  }

  /** The holder of the lock that a task waits for, or {@link #NONE}. */
  int holderFor(int task) {
    return holder[awaited[task]];
  }

  private void grant(int lock, int task) {
    int before = NONE;
    for (int t = head[lock]; t != NONE && t != task; t = next[t]) {
      before = t;
    }
    boolean waits = before == NONE ? head[lock] == task : next[before] == task;
    if (waits && before == NONE) {
      head[lock] = next[task];
    } else if (waits) {
      next[before] = next[task];
    }
    if (waits && tail[lock] == task) {
      tail[lock] = before;
    }
    next[task] = NONE;
    holder[lock] = task;
    held[task] = lock;
  }

  /**
   * The task that holds a lock releases it. One that is handed over has a new holder at once.
   *
   * @return the new holder, or {@link #NONE}
   */
  int release(int task) {
    int lock = held[task];
    held[task] = NONE;
    awaited[task] = NONE;
    holder[lock] = NONE;
    if (kinds[declared[lock]].isQueue() && head[lock] != NONE) {
      grant(lock, head[lock]);
    }
    return holder[lock];
  }

  /** The lock that a task holds, or {@link #NONE}. */
  int heldBy(int task) {
    return held[task];
  }

  /** Whether a task waits for a lock. */
  boolean isWaiting(int task) {
    return awaited[task] != NONE && held[task] == NONE;
  }

  /** The task that waits longest for a lock, or {@link #NONE}. */
  int firstWaiter(int lock) {
    return head[lock];
  }

  /** The next one in the same list. */
  int nextWaiter(int task) {
    return next[task];
  }

  /** Hands a free lock to one of its waiters. */
  void handOver(int lock, int task) {
    grant(lock, task);
  }

  /** Whether a task holds a lock of its guest's kernel, or waits for one. */
  boolean isInKernel(int task) {
    return awaited[task] != NONE && kinds[declared[awaited[task]]] != LockSpec.Kind.USER;
  }

  /** Whether the lock that a task waits for lets it halt. */
  boolean isParavirtual(int task) {
    return kinds[declared[awaited[task]]] == LockSpec.Kind.PV;
  }

  @Override
  public void save(StateBuffer out) {
    for (int[] ids : new int[][] {holder, head, tail}) {
      out.put(ids, lockCount);
    }
    for (int[] ids : new int[][] {next, held, awaited}) {
      out.put(ids, taskCount);
    }
  }

  @Override
  public void restore(StateBuffer in) {
    for (int[] ids : new int[][] {holder, head, tail}) {
      in.take(ids, lockCount);
    }
    for (int[] ids : new int[][] {next, held, awaited}) {
      in.take(ids, taskCount);
    }
  }
}
