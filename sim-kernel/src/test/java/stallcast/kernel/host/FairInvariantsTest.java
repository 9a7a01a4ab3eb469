package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.fair.FairInvariants;
import stallcast.kernel.scenario.KernelKnob;

/** The queues of the fair class are consistent after every wake-up and switch. */
class FairInvariantsTest {
  private static final int MACHINES = Integer.getInteger("stallcast.seeds", 300);

  @Test
  void sumsLagsAndCountsHoldAtEveryEvent() {
    long checks = 0;
    for (long seed = 0; seed < MACHINES; seed++) {
      HostSimulation simulation = new HostSimulation(RandomMachines.machine(seed).spec());
      Checker[] checker = new Checker[1];
      simulation.watch(machine -> checker[0] = new Checker(machine));
      simulation.run(0);
      checks += checker[0].checks;
    }
    assertTrue(checks > MACHINES * 100L, checks + " checks");
  }

  private static final class Checker implements KernelObserver {
    private static final int EVERY_AFTER = 2_000; // long runs repeat themselves

    private final Machine machine;
    private long events;
    private long checks;

    Checker(Machine machine) {
      this.machine = machine;
    }

    @Override
    public boolean wantsSwitches() {
      return true;
    }

    @Override
    public void onSwitch(int cpu, int prev, int next) {
      check();
    }

    @Override
    public void onWakeup(int task, int cpu) {
      check();
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
