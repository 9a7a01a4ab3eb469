package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import stallcast.kernel.engine.RunLimits;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.HostSampler;
import stallcast.kernel.scenario.ScenarioSpec;

/** Restoring a snapshot and running on is never interrupted, on thousands of random machines. */
class SnapshotTest {
  private static final int MACHINES = Integer.getInteger("stallcast.seeds", 3000);

  @Test
  void restoringAndRunningOnGivesTheSameTrace() {
    StateBuffer snapshot = new StateBuffer();
    StateBuffer end = new StateBuffer();
    StateBuffer endAgain = new StateBuffer();
    for (long seed = 0; seed < MACHINES; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      TestFleet fleet = RandomMachines.machine(seed);
      ScenarioSpec spec = fleet.spec();
      Machine machine = new Machine(spec);
      TraceHash hash = new TraceHash(machine);
      machine.watch(hash);
      HostConfig config = new HostSampler(spec).sample(0);
      machine.begin(config);
      machine.boot(config, 0, 0, 0);
      runTo(machine, random.nextLong(fleet.horizonNs));
      snapshot.clear();
      machine.save(snapshot);
      long before = hash.value();
      runTo(machine, fleet.horizonNs);
      end.clear();
      machine.save(end);
      long after = hash.value();

      snapshot.rewind();
      machine.restore(snapshot);
      hash.set(before);
      runTo(machine, fleet.horizonNs);
      endAgain.clear();
      machine.save(endAgain);
      assertEquals(after, hash.value(), "seed " + seed);
      assertTrue(end.sameAs(endAgain), "seed " + seed);
    }
  }

  @Test
  void reseedingChangesTheFutureOfARandomMachine() {
    TestFleet fleet = RandomMachines.machine(4);
    ScenarioSpec spec = fleet.spec();
    Machine machine = new Machine(spec);
    TraceHash hash = new TraceHash(machine);
    machine.watch(hash);
    HostConfig config = new HostSampler(spec).sample(0);
    machine.begin(config);
    machine.boot(config, 0, 0, 0);
    runTo(machine, fleet.horizonNs / 4);
    StateBuffer snapshot = new StateBuffer();
    machine.save(snapshot);
    long before = hash.value();
    long[] ends = new long[3];
    for (int branch = 0; branch < 3; branch++) {
      snapshot.rewind();
      machine.restore(snapshot);
      hash.set(before);
      machine.reseed(1, branch % 2);
      runTo(machine, fleet.horizonNs);
      ends[branch] = hash.value();
    }
    assertNotEquals(ends[0], ends[1]);
    assertEquals(ends[0], ends[2]);
  }

  private static void runTo(Machine machine, long untilNs) {
    machine.timers().run(new RunLimits(untilNs, Long.MAX_VALUE));
  }
}
