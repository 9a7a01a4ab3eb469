package stallcast.kernel.cpu;

import stallcast.kernel.random.RandomStream;
import stallcast.kernel.random.StreamPurpose;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.HostConfig;

/**
 * CPUs for tasks that are pinned at random, as many to each CPU as to any other, give or take one:
 * drawn once per host ({@link StreamPurpose#PLACEMENT}), dealt in the order of the tasks.
 */
final class PlacementDeck {
  private final RandomStream stream = new RandomStream();
  private int[] cards = new int[0]; // [shuffled task] CPU
  private int dealt;

  /** Shuffles for a host. */
  void reset(HostConfig config, long masterSeed) {
    int count = 0;
    for (HostConfig.Template template : config.tasks()) {
      count += template.spec().cpus() instanceof CpuSelection.Shuffled ? template.count() : 0;
    }
    if (cards.length < count) {
      cards = new int[count];
    }
    dealt = 0;
    stream.derive(masterSeed, StreamPurpose.PLACEMENT, 0, config.hostIndex(), 0, 0);
    for (int i = 0; i < count; i++) {
      int at = (int) (stream.nextDouble() * (i + 1));
      cards[i] = cards[at];
      cards[at] = i % config.cpus();
    }
  }

  /** The CPU of the next task. */
  int next() {
    return cards[dealt++];
  }
}
