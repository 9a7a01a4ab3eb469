package stallcast.coordinator.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import stallcast.worker.protocol.WorkerInbox;

/** The workers that take part, each with a number for the ledger that is never given again. */
final class WorkerRoster {

  /** One worker. */
  static final class Member {
    private final int number;
    private final String id;
    private final ActorRef<WorkerInbox> ref;
    private final int threads;
    private int credits; // shards it wants to hold at once
    private boolean ready; // it has the scenario

    private Member(int number, String id, ActorRef<WorkerInbox> ref, int threads) {
      this.number = number;
      this.id = id;
      this.ref = ref;
      this.threads = threads;
    }

    int number() {
      return number;
    }

    String id() {
      return id;
    }

    ActorRef<WorkerInbox> ref() {
      return ref;
    }

    int credits() {
      return credits;
    }

    boolean isReady() {
      return ready;
    }

    void grantCredits(int count) {
      credits = count;
      ready = true;
    }
  }

  private final Map<String, Member> byId = new LinkedHashMap<>();
  private final Map<Integer, Member> byNumber = new HashMap<>();
  private int nextNumber;

  Optional<Member> find(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  Optional<Member> find(int number) {
    return Optional.ofNullable(byNumber.get(number));
  }

  Member add(String id, ActorRef<WorkerInbox> ref, int threads) {
    Member member = new Member(nextNumber++, id, ref, threads);
    byId.put(id, member);
    byNumber.put(member.number, member);
    return member;
  }

  void remove(Member member) {
    byId.remove(member.id);
    byNumber.remove(member.number);
  }

  /** All of them, in order of their coming. */
  List<Member> all() {
    return new ArrayList<>(byId.values());
  }

  int size() {
    return byId.size();
  }

  /** How many have the scenario and can compute. */
  int readyCount() {
    return (int) byId.values().stream().filter(m -> m.ready).count();
  }

  /** Hosts that all of them simulate at once. */
  int slots() {
    return byId.values().stream().mapToInt(m -> m.threads).sum();
  }
}
