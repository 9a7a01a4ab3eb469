package stallcast.kernel.cpu;

/** Who carries out a write to {@code cpu.max} of a control group. */
@FunctionalInterface
public interface CpuMaxWriter {

  /**
   * Writes new limits.
   *
   * @param group control group, index + 1
   * @param quotaUs us, or {@link stallcast.kernel.scenario.CgroupSpec.CpuMax#MAX}
   * @param periodUs us
   * @param byCpu CPU that executes the write
   */
  void writeCpuMax(int group, long quotaUs, long periodUs, int byCpu);
}
