package stallcast.coordinator.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import stallcast.coordinator.cluster.RunProgress;

/** Every number that an operator needs is a metric with the run's value. */
class RunStatusTest {
  private static final RunProgress.State STATE =
      new RunProgress.State(
          5, 20, 4, 1, 3, 7, 2, 500, 2000, 11, 123_000, 6, 48, 9_000_000_000L, 55.5);

  @Test
  void everythingIsThere() {
    RunStatus status = new RunStatus("1.2");
    status.update(STATE, "");
    List<String> lines = status.metrics().text().lines().toList();
    for (String line :
        List.of(
            "stallcast_info{version=\"1.2\"} 1",
            "stallcast_hosts 2000",
            "stallcast_hosts_done 500",
            "stallcast_hosts_failed_total 11",
            "stallcast_hosts_per_second 55.5000",
            "stallcast_events_total 123000",
            "stallcast_shards{state=\"pending\"} 10",
            "stallcast_shards{state=\"leased\"} 4",
            "stallcast_shards{state=\"done\"} 5",
            "stallcast_shards{state=\"failed\"} 1",
            "stallcast_retries_total 7",
            "stallcast_second_copies_total 2",
            "stallcast_results_waiting 3",
            "stallcast_workers 6",
            "stallcast_slots 48")) {
      assertTrue(lines.contains(line), line + " is not in " + lines);
    }
    for (String name : List.of("lag_seconds", "events_per_second", "memory_used_bytes")) {
      assertTrue(lines.stream().anyMatch(l -> l.startsWith("stallcast_" + name + " ")), name);
    }
  }

  @Test
  void readyIsARunWithWorkers() {
    RunStatus status = new RunStatus("1.2");
    assertEquals(Optional.of("the run has not begun"), status.idleness());
    status.update(STATE, "");
    assertEquals(Optional.empty(), status.idleness());
    assertEquals(Optional.empty(), status.illness());
  }
}
