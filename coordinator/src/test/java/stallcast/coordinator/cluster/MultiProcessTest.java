package stallcast.coordinator.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stallcast.coordinator.plan.ShardPlan;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.worker.cluster.NodeAddress;
import stallcast.worker.shard.ShardRunner;

/** Coordinator in this process, workers in JVMs of their own, over loopback TCP. */
class MultiProcessTest {
  private static final int HOSTS = 3000;
  private static final ScenarioSpec SPEC = FleetSamples.mixed(HOSTS);
  private static final ShardPlan PLAN = ShardPlan.ofSize(HOSTS, 20);
  private static final long LIMIT_SECONDS = 80; // of one run on a loaded machine

  @TempDir private Path folder;

  private final List<Process> workers = new ArrayList<>();

  /** Starts a worker whose messages go to a file. */
  private Process startWorker(NodeAddress seed) throws IOException {
    Path log = folder.resolve("worker-" + workers.size() + ".log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                WorkerMain.class.getName(),
                "--seed-node",
                seed.toString(),
                "--threads",
                "1")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    workers.add(process);
    return process;
  }

  private String logOf(int worker) throws IOException {
    return Files.readString(folder.resolve("worker-" + worker + ".log"));
  }

  @AfterEach
  void endWorkers() {
    workers.forEach(Process::destroyForcibly);
  }

  private static ClusterRun start(int workersMin, ShardSink sink) {
    ClusterOptions options =
        new ClusterOptions(
            new ClusterOptions.Listening(
                NodeAddress.loopback(), 0, Optional.empty(), false, Duration.ofSeconds(2)),
            DispatchSettings.DEFAULT.withWorkersMin(workersMin));
    return ClusterRun.start(SPEC, PLAN, options, sink, RunProgress.NONE);
  }

  private static RowsByHost expected() {
    RowsByHost rows = new RowsByHost();
    rows.accept(
        0,
        new ShardRunner(SPEC).run(0, HOSTS, () -> false),
        new byte[0],
        new ShardProvenance("", 1, 0, 0));
    return rows;
  }

  private static RunSummary await(ClusterRun run) throws Exception {
    return run.summary().toCompletableFuture().get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  private void assertWorkerEndedWell(int worker) throws Exception {
    assertTrue(workers.get(worker).waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), "does not end");
    String log = logOf(worker);
    assertEquals(0, workers.get(worker).exitValue(), log);
    assertTrue(log.contains("the run is complete"), log);
  }

  private void assertWorkerIsQuiet(int worker) throws IOException {
    String log = logOf(worker);
    assertFalse(log.contains("WARN") || log.contains("ERROR"), log);
  }

  @Test
  void anyNumberOfWorkersGivesTheRowsOfOneThread() throws Exception {
    for (int count : new int[] {1, 2}) {
      RowsByHost rows = new RowsByHost();
      int before = workers.size();
      ClusterRun run = start(count, rows);
      for (int i = 0; i < count; i++) {
        startWorker(run.address());
      }
      RunSummary summary = await(run);
      assertTrue(summary.isComplete());
      assertEquals(expected().rows(), rows.rows(), count + " workers");
      for (int i = before; i < workers.size(); i++) {
        assertWorkerEndedWell(i);
        assertWorkerIsQuiet(i);
      }
    }
  }

  @Test
  void killedWorkerCostsNoRow() throws Exception {
    RowsByHost rows = new RowsByHost();
    AtomicInteger stored = new AtomicInteger();
    CountDownLatch midway = new CountDownLatch(1);
    CountDownLatch killed = new CountDownLatch(1);
    ShardSink sink = // stands still in the middle until a worker is dead, so that none can be done
        (shard, block, packed, provenance) -> {
          rows.accept(shard, block, packed, provenance);
          if (stored.incrementAndGet() == 20) {
            midway.countDown();
            awaitLatch(killed);
          }
        };
    ClusterRun run = start(3, sink);
    for (int i = 0; i < 3; i++) {
      startWorker(run.address());
    }
    assertTrue(midway.await(LIMIT_SECONDS, TimeUnit.SECONDS), "does not get to the middle");
    workers.get(1).destroyForcibly(); // SIGKILL
    assertEquals(128 + 9, workers.get(1).waitFor());
    killed.countDown();
    RunSummary summary = await(run);
    assertTrue(summary.isComplete());
    assertEquals(expected().rows(), rows.rows());
    assertWorkerEndedWell(0);
    assertWorkerEndedWell(2);
    assertTrue(summary.retries() + summary.secondCopies() > 0, summary::toString);
  }

  private static void awaitLatch(CountDownLatch latch) throws IOException {
    try {
      if (!latch.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("nobody was killed");
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
