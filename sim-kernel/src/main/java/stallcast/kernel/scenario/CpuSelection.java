package stallcast.kernel.scenario;

import java.util.List;

/** Which CPUs a task may use, or an operation hits. */
public sealed interface CpuSelection {

  /** Every CPU of the host. */
  record All() implements CpuSelection {}

  /** Task i of a template is pinned to CPU {@code i mod cpus}. */
  record Each() implements CpuSelection {}

  /**
   * Each task is pinned to a CPU that is drawn with the host; of all tasks that are placed so,
   * every CPU gets equally many, give or take one.
   */
  record Shuffled() implements CpuSelection {}

  /**
   * Task i of a template is pinned to the i-th of these CPUs, and so on from the first.
   *
   * @param cpus CPU numbers, ascending, without repeats
   */
  record EachOf(List<Integer> cpus) implements CpuSelection {

    /** Copies the list. */
    public EachOf {
      cpus = List.copyOf(cpus);
    }
  }

  /**
   * Task i of a template has called {@code migrate_disable()} on the i-th of these CPUs: it may run
   * anywhere by its affinity, and does not move.
   *
   * @param homes CPU numbers, ascending, without repeats
   */
  record MigrationDisabled(List<Integer> homes) implements CpuSelection {

    /** Copies the list. */
    public MigrationDisabled {
      homes = List.copyOf(homes);
    }
  }

  /**
   * Listed CPUs, in kernel list syntax ({@code 0-3,8}).
   *
   * @param cpus CPU numbers, ascending, without repeats
   */
  record Listed(List<Integer> cpus) implements CpuSelection {

    /** Copies the list. */
    public Listed {
      cpus = List.copyOf(cpus);
    }
  }
}
