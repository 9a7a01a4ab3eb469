package stallcast.kernel.engine;

/** What a mechanism does when one of its timers expires. */
@FunctionalInterface
public interface TimerHandler {

  /**
   * Called once per expiry with {@link TimerQueue#nowNs()} already set; the timer is idle and may
   * be armed again.
   *
   * @param index index of the timer within the block that the handler registered
   */
  void onExpiry(int index);
}
