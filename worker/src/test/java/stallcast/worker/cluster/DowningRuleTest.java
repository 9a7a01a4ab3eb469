package stallcast.worker.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who is given up when members miss one another: never the coordinator. */
class DowningRuleTest {
  private static final Set<String> C = Set.of("coordinator");

  private final DowningRule<String> coordinator = new DowningRule<>("coordinator", 10);
  private final DowningRule<String> worker = new DowningRule<>("worker", 10);

  private static Set<String> dueAt(long nowNs, DowningRule<String> rule) {
    return rule.due(nowNs);
  }

  @Test
  void aMissedWorkerIsGivenUpByTheCoordinatorAfterAWhile() {
    coordinator.see(Map.of("worker", Set.of("other")), C, 100);
    coordinator.see(Map.of("worker", Set.of("other", "coordinator")), C, 105);
    assertEquals(Set.of(), dueAt(109, coordinator));
    assertEquals(Set.of("worker"), dueAt(110, coordinator));
    coordinator.see(Map.of(), C, 111);
    assertEquals(Set.of(), dueAt(1000, coordinator));
  }

  /** It wakes up and misses those that missed it: Pekko's resolver downs both. */
  @Test
  void aWorkerThatWakesUpCostsTheCoordinatorNothing() {
    Map<String, Set<String>> both =
        Map.of(
            "worker",
            Set.of("coordinator"),
            "coordinator",
            Set.of("worker"),
            "other",
            Set.of("worker"));
    coordinator.see(both, C, 100);
    assertEquals(Set.of("worker"), dueAt(1000, coordinator));
    worker.see(both, C, 100);
    assertEquals(Set.of(), dueAt(109, worker));
    assertEquals(Set.of("worker"), dueAt(110, worker));
  }

  @Test
  void aWorkerThatOnlyHearsOfItWaitsLonger() {
    worker.see(Map.of("coordinator", Set.of("other")), C, 100);
    assertEquals(Set.of(), dueAt(119, worker));
    assertEquals(Set.of("worker"), dueAt(120, worker));
    worker.see(Map.of("coordinator", Set.of("other", "worker")), C, 102);
    assertEquals(Set.of("worker"), dueAt(112, worker));
  }

  @Test
  void workersDoNotJudgeOneAnother() {
    worker.see(Map.of("other", Set.of("worker", "coordinator")), C, 100);
    assertEquals(Set.of(), dueAt(1000, worker));
  }
}
