package stallcast.kernel.cpu;

/** Softirq processing as the interrupt code sees it. */
public interface SoftirqPort {
  /** A machine without softirq work. */
  SoftirqPort NONE =
      new SoftirqPort() {
        @Override
        public boolean isPending(int cpu) {
          return false;
        }

        @Override
        public long remainingNs(int cpu) {
          return 0;
        }

        @Override
        public void onIrqExit(int cpu) {}

        @Override
        public void onWorkDone(int cpu) {}
      };

  /** Whether a softirq is raised and not served. */
  boolean isPending(int cpu);

  /** Work that must be done before the CPU can leave softirq, without the piece under way, ns. */
  long remainingNs(int cpu);

  /**
   * A hard interrupt ends that did not interrupt softirq, and a softirq is pending ({@code
   * irq_exit_rcu}): either {@link Interrupts#enter} or a wake-up of ksoftirqd.
   */
  void onIrqExit(int cpu);

  /** The work given to {@link Interrupts#execute} is done. */
  void onWorkDone(int cpu);
}
