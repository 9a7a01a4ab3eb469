package stallcast.kernel.cpu;

/** Who can make a source of softirq work busier. */
@FunctionalInterface
public interface LoadPort {

  /**
   * Changes how fast the interrupts of a source come from now on.
   *
   * @param source its name
   * @param times how many times as fast as usual, &gt; 0
   */
  void speedUp(String source, double times);
}
