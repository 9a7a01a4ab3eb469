package stallcast.kernel.cpu;

/**
 * What vCPU threads do beyond running and halting: locks and IPIs of their guests, and yielding to
 * each other. Answered by the model of KVM.
 */
public interface GuestSteps {
  /** Machines without vCPUs that do such things. */
  GuestSteps UNSERVED =
      new GuestSteps() {
        @Override
        public void onSchedIn(int cpu, int task) {}

        @Override
        public boolean onCompletion(int cpu, int task) {
          return false;
        }

        @Override
        public boolean begin(int cpu, int task, Kind kind, int target, long amount, double u) {
          throw new IllegalStateException("task " + task + " is no vCPU");
        }

        @Override
        public boolean isBusy(int task) {
          return false;
        }

        @Override
        public void onExit(int cpu, int task) {}
      };

  /** A step of a program. */
  enum Kind {
    /** Takes a lock; the target is its index among {@code HostConfig.locks}. */
    LOCK,
    /** Releases the lock that is held. */
    UNLOCK,
    /** Sends an IPI; the amount is its number of receivers. */
    IPI,
    /** Waits until all receivers have handled it. */
    WAIT_IPI,
    /** Yields to the next task of a template, the target. */
    YIELD_TO
  }

  /** A task is switched in ({@code kvm_sched_in()}): its work may be replaced before it runs. */
  void onSchedIn(int cpu, int task);

  /**
   * The running task has done the work it was given.
   *
   * @return whether it was given more; otherwise it goes on with its program
   */
  boolean onCompletion(int cpu, int task);

  /**
   * The running task begins a step.
   *
   * @param u what is drawn for the step, uniform in 0..1
   * @return whether it was given work; otherwise the step took no time
   */
  boolean begin(int cpu, int task, Kind kind, int target, long amount, double u);

  /** Whether a task is in the middle of such a step, or of an interrupt of its guest. */
  boolean isBusy(int task);

  /** The running task ends. */
  void onExit(int cpu, int task);
}
