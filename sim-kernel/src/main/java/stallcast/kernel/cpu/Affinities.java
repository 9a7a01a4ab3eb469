package stallcast.kernel.cpu;

import java.util.Arrays;

/**
 * Which CPUs every task of a kernel may use. Set while the host is built, so it is no part of a
 * snapshot.
 *
 * <p>Models: {@code cpus_mask}, {@code nr_cpus_allowed} (include/linux/sched.h). State: a bit mask
 * and its number of bits [task].
 */
final class Affinities {
  private int words; // longs per mask
  private long[] masks = new long[0]; // [task][words]
  private int[] counts = new int[0]; // [task]

  /** Makes room for tasks that may use no CPU. */
  void reset(int taskCount, int cpuCount) {
    words = (cpuCount + Long.SIZE - 1) / Long.SIZE;
    if (masks.length < taskCount * words) {
      masks = new long[taskCount * words];
    }
    if (counts.length < taskCount) {
      counts = new int[Math.max(taskCount, 2 * counts.length)];
    }
    Arrays.fill(masks, 0, taskCount * words, 0);
    Arrays.fill(counts, 0, taskCount, 0);
  }

  /** Allows a CPU. @return whether it is the task's first one */
  boolean allow(int task, int cpu) {
    masks[task * words + (cpu >> 6)] |= 1L << cpu;
    return counts[task]++ == 0;
  }

  /** Allows every CPU. */
  void allowAll(int task, int cpuCount) {
    for (int c = 0; c < cpuCount; c += Long.SIZE) {
      int bits = Math.min(Long.SIZE, cpuCount - c);
      masks[task * words + (c >> 6)] = bits == Long.SIZE ? -1L : (1L << bits) - 1;
    }
    counts[task] = cpuCount;
  }

  boolean isAllowed(int task, int cpu) {
    return (masks[task * words + (cpu >> 6)] >>> cpu & 1) != 0;
  }

  int count(int task) {
    return counts[task];
  }
}
