package stallcast.kernel.scenario;

import java.util.List;

/** Which CPUs a task may use, or an operation hits. */
public sealed interface CpuSelection {

  /** Every CPU of the host. */
  record All() implements CpuSelection {}

  /** Task i of a template is pinned to CPU {@code i mod cpus}. */
  record Each() implements CpuSelection {}

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
