package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.fair.FairInvariants;
import stallcast.kernel.scenario.KernelKnob;

/** The queues of the fair class are consistent after every wake-up and switch. */
class FairInvariantsTest {
  private static final int MACHINES = Integer.getInteger("stallcast.seeds", 100);

  @Test
  void sumsLagsAndCountsHoldAtEveryEvent() {
    long checks = 0;
    for (long seed = 0; seed < MACHINES; seed++) {
      checks += run(seed, false).checks;
    }
    assertTrue(checks > MACHINES * 100L, checks + " checks");
  }

  @Test
  void theyHoldWhileGroupsAreThrottledAndNothingThrottledRuns() {
    long throttles = 0;
    for (long seed = 0; seed < MACHINES; seed++) {
      throttles += run(seed, true).throttles;
    }
    assertTrue(throttles > MACHINES, throttles + " throttles");
  }

  private static Checker run(long seed, boolean throttling) {
    HostSimulation simulation = new HostSimulation(RandomMachines.machine(seed).spec());
    Checker[] checker = new Checker[1];
    simulation.watch(
        machine ->
            checker[0] = new Checker(machine, throttling ? new SplittableRandom(seed) : null));
    simulation.run(0);
    return checker[0];
  }

  private static final class Checker implements KernelObserver {
    private static final int EVERY_AFTER = 500; // long runs repeat themselves

    private final Machine machine;
    private final SplittableRandom random; // null if nothing is to be throttled
    private boolean[] throttled = {}; // [group][cpu]
    private long events;
    private long checks;
    private long throttles;

    Checker(Machine machine, SplittableRandom random) {
      this.machine = machine;
      this.random = random;
    }

    @Override
    public boolean wantsSwitches() {
      return true;
    }

    @Override
    public void onSwitch(int cpu, int prev, int next) {
      boolean fair = next != Scheduler.IDLE && !machine.host().tasks().isEmpty();
      if (random != null && fair && machine.core().tasks().rank(next) == fairRank()) {
        assertFalse(isThrottled(machine.core().tasks().group(next), cpu), "task " + next);
      }
      check();
    }

    private static int fairRank() {
      return stallcast.kernel.cpu.KernelCore.RANK_FAIR;
    }

    private boolean isThrottled(int group, int cpu) {
      for (int g = group; g > 0; g = machine.host().cgroups().get(g - 1).parent() + 1) {
        if (throttled.length > 0 && throttled[g * machine.host().cpus() + cpu]) {
          return true;
        }
      }
      return false;
    }

    @Override
    public void onWakeup(int task, int cpu) {
      check();
      int groups = machine.host().cgroups().size();
      if (random != null && groups > 0 && random.nextInt(4) == 0) {
        toggle(1 + random.nextInt(groups), random.nextInt(machine.host().cpus()));
        check();
      }
    }

    private void toggle(int group, int cpu) {
      if (throttled.length == 0) {
        throttled = new boolean[(machine.host().cgroups().size() + 1) * machine.host().cpus()];
      }
      int at = group * machine.host().cpus() + cpu;
      throttled[at] = !throttled[at];
      if (throttled[at]) {
        throttles++;
        machine.fair().throttleQueue(group, cpu);
        machine.core().scheduler().resched(cpu);
      } else {
        machine.fair().unthrottleQueue(group, cpu);
      }
    }

    private void check() {
      if (++events < EVERY_AFTER || events % 16 == 0) {
        checks++;
        boolean eevdf = machine.host().isOn(KernelKnob.EEVDF);
        FairInvariants.check(machine.fair(), machine.core(), eevdf);
      }
    }
  }
}
