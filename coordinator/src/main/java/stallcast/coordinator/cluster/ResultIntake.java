package stallcast.coordinator.cluster;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import stallcast.worker.protocol.Parcel;

/**
 * Results that are being received or wait for the sink: never more than there are places. A result
 * without a place is not listened to; its worker is told to begin when one is free.
 */
final class ResultIntake {

  /**
   * One copy of a shard.
   *
   * @param shard index in the plan
   * @param worker number of the worker
   */
  record Copy(int shard, int worker) {}

  private final int places;
  private final Map<Copy, Parcel.Assembly> receiving = new HashMap<>();
  private final Set<Copy> parked = new LinkedHashSet<>();
  private int undelivered;

  ResultIntake(int places) {
    this.places = places;
  }

  /** Whether a copy has a place, or got the last free one; otherwise it is parked. */
  boolean admit(Copy copy) {
    if (receiving.containsKey(copy)) {
      return true;
    }
    if (receiving.size() + undelivered >= places) {
      parked.add(copy);
      return false;
    }
    parked.remove(copy);
    receiving.put(copy, new Parcel.Assembly());
    return true;
  }

  /**
   * Takes a chunk of an admitted copy.
   *
   * @return chunks received without a gap
   */
  int accept(Copy copy, Parcel.Chunk chunk) {
    return receiving.get(copy).accept(chunk);
  }

  boolean isComplete(Copy copy) {
    return receiving.get(copy).isComplete();
  }

  /** Takes a complete copy out; its place stays taken until {@link #delivered}. */
  byte[] take(Copy copy) {
    Parcel.Assembly assembly = receiving.remove(copy);
    byte[] bytes = assembly.bytes(); // a refusal frees the place
    undelivered++;
    return bytes;
  }

  /** The sink is done with one result. */
  void delivered() {
    undelivered--;
  }

  /** Forgets a copy that will not be finished or is not wanted. */
  void forget(Copy copy) {
    receiving.remove(copy);
    parked.remove(copy);
  }

  /** Forgets all copies of a shard that is done. */
  void forgetShard(int shard) {
    receiving.keySet().removeIf(copy -> copy.shard() == shard);
    parked.removeIf(copy -> copy.shard() == shard);
  }

  /** Forgets all copies of a worker. */
  void forgetWorker(int worker) {
    receiving.keySet().removeIf(copy -> copy.worker() == worker);
    parked.removeIf(copy -> copy.worker() == worker);
  }

  /** The next parked copy, if there is a place for it. */
  Optional<Copy> next() {
    if (parked.isEmpty() || receiving.size() + undelivered >= places) {
      return Optional.empty();
    }
    Copy copy = parked.iterator().next();
    admit(copy);
    return Optional.of(copy);
  }

  int undelivered() {
    return undelivered;
  }
}
