package stallcast.coordinator.aggregate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import stallcast.kernel.scenario.IncidentKind;

/**
 * What the hosts of one stratum, or of the whole fleet, came to. Failed hosts are counted and in
 * nothing else.
 *
 * @param failed hosts on which the simulator failed
 * @param panicked hosts that went down before the horizon
 * @param truncated hosts that hit a limit of the simulator before the horizon
 * @param dropping hosts with more incidents than a host may record
 * @param events timer expiries, the work done
 * @param time simulated time of the hosts that did not fail, ns
 * @param operations their operations
 * @param kinds [IncidentKind] their incidents
 * @param measures [measures of the scenario] their measured values
 */
public record StratumTally(
    long failed,
    long panicked,
    long truncated,
    long dropping,
    long events,
    Exposure time,
    Exposure operations,
    List<KindTally> kinds,
    List<ValueTally> measures) {

  /** Copies the lists. */
  public StratumTally {
    kinds = List.copyOf(kinds);
    measures = List.copyOf(measures);
  }

  /**
   * No host.
   *
   * @param measureCount measures of the scenario
   */
  public static StratumTally none(int measureCount) {
    return new StratumTally(
        0,
        0,
        0,
        0,
        0,
        Exposure.NONE,
        Exposure.NONE,
        Collections.nCopies(IncidentKind.values().length, KindTally.NONE),
        Collections.nCopies(measureCount, ValueTally.NONE));
  }

  /** Hosts that were simulated, failed ones not included. */
  public long hosts() {
    return time.hosts();
  }

  /** Incidents of one kind. */
  public KindTally kind(IncidentKind kind) {
    return kinds.get(kind.ordinal());
  }

  /** Share of the hosts with at least one incident of a kind. */
  public Proportion hit(IncidentKind kind) {
    return new Proportion(hosts(), kind(kind).records().hit());
  }

  /** Both together. */
  public StratumTally plus(StratumTally other) {
    List<KindTally> kindSums = new ArrayList<>(kinds.size());
    for (int k = 0; k < kinds.size(); k++) {
      kindSums.add(kinds.get(k).plus(other.kinds.get(k)));
    }
    List<ValueTally> measureSums = new ArrayList<>(measures.size());
    for (int m = 0; m < measures.size(); m++) {
      measureSums.add(measures.get(m).plus(other.measures.get(m)));
    }
    return new StratumTally(
        failed + other.failed,
        panicked + other.panicked,
        truncated + other.truncated,
        dropping + other.dropping,
        Math.addExact(events, other.events),
        time.plus(other.time),
        operations.plus(other.operations),
        kindSums,
        measureSums);
  }
}
