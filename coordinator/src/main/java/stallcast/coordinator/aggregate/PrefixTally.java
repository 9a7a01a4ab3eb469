package stallcast.coordinator.aggregate;

import java.util.Map;
import java.util.TreeMap;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.worker.shard.OutcomeBlock;

/**
 * The tally of all hosts below a watermark while blocks arrive in any order. Only such a prefix may
 * be shown live or stop a run: hosts that happen to be quick are not a fair sample, the slow ones
 * have the incidents (statistics.md section 4.2). What is ahead of the watermark waits as a tally,
 * which is small.
 *
 * <p>Not thread-safe.
 */
public final class PrefixTally {
  private final ScenarioSpec spec;
  private final IncidentTally prefix;
  private final TreeMap<Long, Ahead> ahead = new TreeMap<>(); // by first host
  private long watermark;

  /** Hosts that came before their turn. */
  private record Ahead(IncidentTally tally, int rows) {}

  /** An empty tally of a scenario's hosts. */
  public PrefixTally(ScenarioSpec spec) {
    this.spec = spec;
    prefix = new IncidentTally(spec);
  }

  /**
   * Adds the hosts of a block.
   *
   * @throws IllegalStateException if the first of its hosts has come before
   */
  public void fold(OutcomeBlock block) {
    if (block.rows() == 0) {
      return;
    }
    if (block.firstHost() < watermark || ahead.containsKey(block.firstHost())) {
      throw new IllegalStateException("host " + block.firstHost() + " came twice");
    }
    if (block.firstHost() == watermark) {
      prefix.fold(block);
      watermark += block.rows();
    } else {
      IncidentTally early = new IncidentTally(spec);
      early.fold(block);
      ahead.put(block.firstHost(), new Ahead(early, block.rows()));
    }
    Map.Entry<Long, Ahead> next = ahead.firstEntry();
    while (next != null && next.getKey() == watermark) {
      ahead.remove(next.getKey());
      prefix.merge(next.getValue().tally());
      watermark += next.getValue().rows();
      next = ahead.firstEntry();
    }
  }

  /** The number of hosts in {@link #tally}: all with a smaller index. */
  public long watermark() {
    return watermark;
  }

  /** The hosts below the watermark. */
  public IncidentTally tally() {
    return prefix;
  }
}
