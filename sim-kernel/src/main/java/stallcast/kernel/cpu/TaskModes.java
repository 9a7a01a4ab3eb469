package stallcast.kernel.cpu;

import java.util.Arrays;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.scenario.HostConfig;

/**
 * Where each task executes: in user mode, in a guest or in the kernel. That decides when task work
 * that is pending for it runs (TIF_NOTIFY_RESUME).
 *
 * <p>Models: {@code exit_to_user_mode_loop()}, {@code xfer_to_guest_mode_handle_work()}
 * (kernel/entry, v7.2). State: mode [task].
 */
public final class TaskModes implements Stateful {
  /** Executes in user mode. */
  static final int USER = 0;

  /** Executes a guest, inside {@code ioctl(KVM_RUN)}. */
  static final int GUEST = 1;

  /** Executes or sleeps inside the kernel. */
  static final int KERNEL = 2;

  /** Executes the kernel of a guest. */
  static final int GUEST_KERNEL = 3;

  private final TaskTable tasks;
  private int[] mode = new int[0]; // [task]
  private boolean[] drainsGuest = new boolean[0]; // [template] task work runs before guest entry

  TaskModes(TaskTable tasks) {
    this.tasks = tasks;
  }

  void reset(HostConfig config) {
    int templates = config.tasks().size();
    if (mode.length < tasks.count()) {
      mode = new int[tasks.count()];
    }
    if (drainsGuest.length < templates) {
      drainsGuest = new boolean[templates];
    }
    Arrays.fill(mode, 0, tasks.count(), USER);
    for (int t = 0; t < templates; t++) {
      drainsGuest[t] = config.tasks().get(t).spec().arch().drainsAtGuestEntry(config);
    }
  }

  int mode(int task) {
    return mode[task];
  }

  void setMode(int task, int newMode) {
    mode[task] = newMode;
  }

  /** Whether a task executes a guest, or is interrupted in it. */
  boolean isGuest(int task) {
    return mode[task] == GUEST || mode[task] == GUEST_KERNEL;
  }

  /** Whether a task executes the kernel of a guest, or is interrupted in it. */
  public boolean isGuestKernel(int task) {
    return mode[task] == GUEST_KERNEL;
  }

  /**
   * Whether task work that is queued now runs before the task executes on: an interrupt of user
   * mode ends with the return to it, one of a guest with a guest entry.
   */
  public boolean runsTaskWork(int task) {
    return mode[task] == USER || (isGuest(task) && drainsGuest[tasks.template(task)]);
  }

  @Override
  public void save(StateBuffer out) {
    out.put(mode, tasks.count());
  }

  @Override
  public void restore(StateBuffer in) {
    in.take(mode, tasks.count());
  }
}
