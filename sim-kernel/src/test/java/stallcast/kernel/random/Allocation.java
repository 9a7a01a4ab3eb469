package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Proof that a hot call allocates nothing, by the thread's own allocation counter. */
final class Allocation {
  private static final int CALLS = 10_000;
  private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Allocation() {}

  static void assertNone(Runnable call) {
    call.run(); // loads classes
    THREAD.getCurrentThreadAllocatedBytes();
    long before = THREAD.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < CALLS; i++) {
      call.run();
    }
    long bytes = THREAD.getCurrentThreadAllocatedBytes() - before;
    assertTrue(bytes < CALLS, () -> bytes + " bytes in " + CALLS + " calls");
  }
}
