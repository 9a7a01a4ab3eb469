package stallcast.coordinator.run;

import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import stallcast.coordinator.aggregate.EstimateTable;
import stallcast.coordinator.aggregate.IncidentTally;
import stallcast.coordinator.store.DatasetRepair;
import stallcast.coordinator.store.DatasetRepair.Hosts;
import stallcast.coordinator.store.RunDescription;
import stallcast.coordinator.store.StoredFile;
import stallcast.coordinator.store.TableName;
import stallcast.worker.shard.OutcomeBlock;
import stallcast.worker.shard.ShardRunner;

/**
 * Simulates the hosts of damaged files again. Estimates need every host of the fleet; the table of
 * shards says how the run went and cannot be made again.
 */
public final class Repair {
  private static final int BLOCK_HOSTS = 100;

  private final URI dataset;
  private final RunDescription run;
  private final int threads;

  /**
   * A repair.
   *
   * @param run what the dataset's run was
   * @param threads hosts simulated at once, &gt;= 1
   */
  public Repair(URI dataset, RunDescription run, int threads) {
    this.dataset = dataset;
    this.run = run;
    this.threads = threads;
  }

  /**
   * Writes what can be written again.
   *
   * @param damaged files of the manifest
   * @param say told what is done, in lines for the user
   */
  public void of(List<StoredFile> damaged, Consumer<String> say) {
    TreeSet<Long> firsts = new TreeSet<>();
    boolean estimates = false;
    try (DatasetRepair repair = new DatasetRepair(dataset, run)) {
      for (StoredFile file : damaged) {
        switch (TableName.of(file.table())) {
          case OUTCOMES, INCIDENTS -> {
            Hosts hosts = DatasetRepair.hosts(file);
            if (firsts.add(hosts.first())) {
              say.accept("hosts " + hosts.first() + " to " + hosts.last() + " are run again");
              repair.writePart(hosts, blocks(hosts));
            }
          }
          case ESTIMATES -> estimates = true;
          case SHARDS -> say.accept(file.path() + " says how the run went: it is lost");
        }
      }
      if (estimates) {
        say.accept("all hosts are run again for the estimates");
        IncidentTally tally = new IncidentTally(run.spec());
        blocks(new Hosts(0, run.spec().hosts() - 1)).forEachRemaining(tally::fold);
        repair.writeEstimates(new EstimateTable(run.spec(), run.identity()).rows(tally, "BUDGET"));
      }
    }
  }

  /** Blocks in order of their hosts, some of them computed ahead. */
  private Iterator<OutcomeBlock> blocks(Hosts hosts) {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    ThreadLocal<ShardRunner> runners = ThreadLocal.withInitial(() -> new ShardRunner(run.spec()));
    Deque<CompletableFuture<OutcomeBlock>> ahead = new ArrayDeque<>();
    return new Iterator<>() {
      private long next = hosts.first();

      @Override
      public boolean hasNext() {
        while (next <= hosts.last() && ahead.size() < 2 * threads) {
          long first = next;
          int count = (int) Math.min(BLOCK_HOSTS, hosts.last() - first + 1);
          next += count;
          ahead.add(
              CompletableFuture.supplyAsync(
                  () -> runners.get().run(first, count, () -> false), pool));
        }
        if (ahead.isEmpty()) {
          pool.shutdown();
        }
        return !ahead.isEmpty();
      }

      @Override
      public OutcomeBlock next() {
        try {
          return ahead.remove().join();
        } catch (CompletionException e) {
          pool.shutdownNow();
          throw e;
        }
      }
    };
  }
}
