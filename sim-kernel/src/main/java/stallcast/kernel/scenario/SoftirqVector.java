package stallcast.kernel.scenario;

import java.util.Locale;
import java.util.Optional;

/**
 * Softirq vectors in the order in which one pass serves them (include/linux/interrupt.h, v6.12).
 */
public enum SoftirqVector {
  /** High-priority tasklets. */
  HI,
  /** Timer wheel. */
  TIMER,
  /** Network transmit. */
  NET_TX,
  /** Network receive: NAPI polls with a budget. */
  NET_RX,
  /** Completions of block devices. */
  BLOCK,
  /** Polled completions. */
  IRQ_POLL,
  /** Tasklets. */
  TASKLET,
  /** Load balancing. */
  SCHED,
  /** High-resolution timers that expire in softirq. */
  HRTIMER,
  /** RCU callbacks. */
  RCU;

  /** The word in scenarios: kebab-case. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Bit of the vector in a pending mask. */
  public int bit() {
    return 1 << ordinal();
  }

  /** Whether its work is tasklets: distinct items, each queued at most once. */
  public boolean isTasklet() {
    return this == HI || this == TASKLET;
  }

  /** Finds a vector by its word. */
  public static Optional<SoftirqVector> find(String key) {
    for (SoftirqVector vector : values()) {
      if (vector.key().equals(key)) {
        return Optional.of(vector);
      }
    }
    return Optional.empty();
  }
}
