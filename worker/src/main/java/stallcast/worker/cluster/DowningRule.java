package stallcast.worker.cluster;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Who leaves the cluster when members do not hear one another: never the coordinator, which alone
 * decides. It gives up whom others miss for long enough, and also who misses the coordinator
 * itself, as a worker does that wakes up from a pause. A worker that misses the coordinator gives
 * itself up.
 *
 * <p>Pekko's keep-oldest would down both sides of a broken connection, the coordinator included.
 *
 * @param <A> address of a member
 */
final class DowningRule<A> {
  private final A self;
  private final long patienceNs;
  private final Map<A, Long> dueNs = new HashMap<>(); // who is to be given up, and from when on

  /**
   * The rule of one member.
   *
   * @param patienceNs how long members may be missed
   */
  DowningRule(A self, long patienceNs) {
    this.self = self;
    this.patienceNs = patienceNs;
  }

  /**
   * Takes note of who misses whom.
   *
   * @param observers by whom each missed member is missed
   * @param coordinators the members with that role
   */
  void see(Map<A, Set<A>> observers, Set<A> coordinators, long nowNs) {
    Map<A, Long> patience = new HashMap<>();
    if (coordinators.contains(self)) {
      Set<A> accusers = observers.getOrDefault(self, Set.of());
      accusers.forEach(accuser -> patience.put(accuser, patienceNs));
      observers.forEach(
          (missed, by) -> {
            Set<A> credible = new HashSet<>(by);
            credible.removeAll(accusers); // it is they who do not hear
            if (!missed.equals(self) && !credible.isEmpty()) {
              patience.put(missed, patienceNs);
            }
          });
    } else {
      for (A coordinator : coordinators) {
        Set<A> by = observers.getOrDefault(coordinator, Set.of());
        if (!by.isEmpty()) { // the coordinator may give up a single accuser first
          patience.put(self, by.contains(self) ? patienceNs : 2 * patienceNs);
        }
      }
    }
    dueNs.keySet().retainAll(patience.keySet());
    patience.forEach(
        (member, waitNs) -> dueNs.merge(member, nowNs + waitNs, (one, two) -> Math.min(one, two)));
  }

  /** Members that are given up now. */
  Set<A> due(long nowNs) {
    Set<A> due = new HashSet<>();
    dueNs.forEach(
        (member, atNs) -> {
          if (nowNs - atNs >= 0) {
            due.add(member);
          }
        });
    return due;
  }
}
