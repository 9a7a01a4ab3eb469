package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.fair.FairInvariants;
import stallcast.kernel.scenario.CgroupSpec.CpuMax;
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
    private final SplittableRandom random; // null if nobody is to write limits
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
      boolean byTaskWork = machine.host().isOn(KernelKnob.THROTTLE_TASK_WORK);
      if (next != Scheduler.IDLE
          && !byTaskWork // there it is picked, and leaves when it returns to user mode
          && machine.core().tasks().rank(next) == KernelCore.RANK_FAIR) {
        int group = machine.core().tasks().group(next);
        assertFalse(FairInvariants.isThrottled(machine.cfs(), group, cpu), "task " + next);
      }
      check();
    }

    @Override
    public void onCfsThrottle(int cpu, int group, long remainingNs) {
      throttles++;
    }

    @Override
    public void onWakeup(int task, int cpu) {
      check();
      int groups = machine.host().cgroups().size();
      if (random != null && groups > 0 && random.nextInt(4) == 0) {
        long quotaUs = random.nextBoolean() ? CpuMax.MAX : 1_000 + random.nextInt(5_000);
        int periodUs = 1_000 + random.nextInt(50_000);
        machine.cfs().writeCpuMax(1 + random.nextInt(groups), quotaUs, periodUs, cpu);
        check();
      }
    }

    private void check() {
      if (++events < EVERY_AFTER || events % 16 == 0) {
        checks++;
        boolean eevdf = machine.host().isOn(KernelKnob.EEVDF);
        boolean flat = machine.host().isOn(KernelKnob.FLAT_PICK);
        FairInvariants.check(machine.fair(), machine.core(), eevdf, flat);
      }
    }
  }
}
