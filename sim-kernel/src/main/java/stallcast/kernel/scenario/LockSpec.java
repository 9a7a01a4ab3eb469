package stallcast.kernel.scenario;

import java.util.Locale;
import java.util.Optional;
import stallcast.kernel.random.Distribution;

/**
 * A kind of lock that the guests of virtual machines have; every virtual machine has its own.
 *
 * @param name what {@code lock} steps call it
 * @param kind how it is waited for
 * @param count how many a virtual machine has, 1..{@link #COUNT_MAX}; a step takes one at random
 */
public record LockSpec(String name, Kind kind, Distribution count) {
  /** Most locks of one name. */
  public static final int COUNT_MAX = 1024;

  /** How a lock is waited for. */
  public enum Kind {
    /** Test and set: any vCPU that is spinning when the lock is released may get it. */
    SPIN,
    /** A queue: whoever waits longest gets it, running or not. */
    QUEUE,
    /** A queue whose waiters halt after a while, to be kicked by the one that releases. */
    PV,
    /** Test and set in user mode of the guest. */
    USER;

    /** The word in scenarios. */
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it is handed over in order of arrival. */
    public boolean isQueue() {
      return this == QUEUE || this == PV;
    }

    /** Finds a kind by its word. */
    public static Optional<Kind> find(String key) {
      for (Kind kind : values()) {
        if (kind.key().equals(key)) {
          return Optional.of(kind);
        }
      }
      return Optional.empty();
    }
  }
}
