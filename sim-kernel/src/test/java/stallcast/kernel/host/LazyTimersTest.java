package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumMap;
import org.junit.jupiter.api.Test;
import stallcast.kernel.scenario.Fidelity;
import stallcast.kernel.scenario.IncidentKind;

/** Settling ticks and watchdog samples lazily changes nothing but the number of events. */
class LazyTimersTest {
  private static final int MACHINES = Integer.getInteger("stallcast.seeds", 1600);

  @Test
  void lazyTicksGiveTheSameTraceAsRealOnes() {
    long exactEvents = 0;
    long lazyEvents = 0;
    EnumMap<IncidentKind, Long> seen = new EnumMap<>(IncidentKind.class);
    for (long seed = 0; seed < MACHINES; seed++) {
      TestFleet fleet = RandomMachines.machine(seed);
      fleet.fidelity = Fidelity.EXACT;
      String exact = trace(fleet);
      exactEvents += events;
      fleet.fidelity = Fidelity.AUTO;
      assertEquals(exact, trace(fleet), "seed " + seed);
      lazyEvents += events;
      for (IncidentKind kind : IncidentKind.values()) {
        seen.merge(kind, (long) outcome.count(kind), Long::sum);
      }
    }
    for (IncidentKind kind : IncidentKind.values()) {
      boolean tooLongForThese = kind == IncidentKind.FREEZE || kind == IncidentKind.VM_BLACKOUT;
      assertTrue(tooLongForThese || seen.get(kind) > 0, kind.key() + " never fired");
    }
    // Interrupts, and ticks that cost time, are run in both.
    assertTrue(lazyEvents < exactEvents * 0.9, lazyEvents + " of " + exactEvents);
  }

  private long events;
  private HostOutcome outcome;

  private String trace(TestFleet fleet) {
    HostSimulation simulation = new HostSimulation(fleet.spec());
    TraceHash[] hash = new TraceHash[1];
    simulation.watch(machine -> hash[0] = new TraceHash(machine));
    outcome = simulation.run(0);
    events = outcome.events();
    StringBuilder text = new StringBuilder(outcome.endReason().key());
    for (IncidentKind kind : IncidentKind.values()) {
      text.append(' ').append(outcome.count(kind)).append('/').append(outcome.longestNs(kind));
    }
    return text.append(" switches and more: ")
        .append(hash[0].count())
        .append(' ')
        .append(Long.toHexString(hash[0].value()))
        .toString();
  }
}
