package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.US;
import static stallcast.kernel.host.TestFleet.compute;
import static stallcast.kernel.host.TestFleet.fixed;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import stallcast.kernel.random.Uniform;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.Fidelity;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec.Policy;

/**
 * Random storms come to the same whether every interrupt of the walker is run or its rate: paired
 * comparison of what grows geometrically, and therefore shows any bias of the rate.
 */
class StormFidelityTest {
  private static final int STORMS = Integer.getInteger("stallcast.storms", 200);

  /**
   * A true model fails one of the five comparisons with probability 5 x 1e-5; the allowance is for
   * what a rate averages away.
   */
  private static final double SIGMAS = 4.4;

  private static final double ALLOWANCE = 0.02;

  private static TestFleet storm(long seed, Fidelity fidelity) {
    Random random = new Random(seed);
    int targets = 2 + random.nextInt(2);
    int loops = 8 + random.nextInt(5);
    TestFleet fleet = new TestFleet();
    fleet.seed = seed;
    fleet.fidelity = fidelity;
    fleet.preset = "7.0";
    fleet.cpus = targets + loops;
    fleet.horizonNs = 12 * SECOND;
    double scale = 8 + 4 * random.nextDouble(); // long costs make few events
    fleet.knob(KernelKnob.COST_IPI_DELIVERY_NS, Math.rint(1_000 * scale));
    fleet.knob(KernelKnob.COST_IPI_ENTRY_NS, Math.rint(900 * scale));
    fleet.knob(KernelKnob.COST_PUSH_HANDLER_NS, Math.rint(2_150 * scale));
    fleet.knob(KernelKnob.COST_IPI_EXIT_NS, Math.rint(1_900 * scale));
    fleet.knob(KernelKnob.COST_CONTEXT_SWITCH_NS, Math.rint(5_000 * scale * random.nextDouble()));
    fleet.knob(KernelKnob.WATCHDOG_THRESH, 1);
    fleet.knob(KernelKnob.HZ, 1000);
    double shared = targets == 2 ? 2.2 : 1.5; // about what the walk stretches work by
    double growth = 1.2 + 0.4 * random.nextDouble();
    long periodNs = 900 * US;
    long bodyNs = Math.round(periodNs * growth / shared);
    List<Integer> on = IntStream.range(0, targets).boxed().toList();
    fleet.tasklets(new CpuSelection.Listed(on), periodNs, 3_000, bodyNs);
    fleet.tasks(
        "psimon",
        2 * targets,
        Policy.FIFO,
        1,
        new CpuSelection.MigrationDisabled(on),
        new Uniform(0, 1e5),
        compute(2 * US),
        new Step.Sleep(new Uniform(25e3, 75e3)));
    double sleepNs = loops * 55e3;
    fleet.tasks(
        "storm",
        loops,
        Policy.FIFO,
        50,
        new CpuSelection.EachOf(IntStream.range(targets, fleet.cpus).boxed().toList()),
        new Uniform(0, sleepNs),
        compute(3 * US),
        new Step.Sleep(new Uniform(0.8 * sleepNs, 1.2 * sleepNs)));
    fleet.tasks(
        "hog", targets, Policy.OTHER, 0, new CpuSelection.EachOf(on), fixed(0), compute(SECOND));
    return fleet.measure(
        "host.cpu 0.batch-item-time",
        "host.cpu 0.largest-batch",
        "host.cpu 0.softirq-items",
        "host.machine.walker-visits",
        "host.incident soft-lockup.reports");
  }

  /** Mean and standard error of a paired difference. */
  private static final class Paired {
    private double sum;
    private double squares;
    private int count;

    void add(double difference) {
      sum += difference;
      squares += difference * difference;
      count++;
    }

    void assertNone(String what) {
      double mean = sum / count;
      double error = Math.sqrt((squares / count - mean * mean) / (count - 1));
      String found = what + ": " + mean + " +- " + error;
      assertTrue(Math.abs(mean) <= SIGMAS * error + ALLOWANCE, found);
      assertTrue(error < 0.2, found + " shows nothing");
    }
  }

  @Test
  void everyRequestOfALoopThatIsNotRunComesAtItsInstant() {
    for (long seed = 0; seed < STORMS / 20; seed++) {
      TestFleet storm = storm(seed, Fidelity.EXACT);
      HostOutcome all = storm.runEveryTask();
      HostOutcome exact = storm.run();
      for (int m = 0; m < storm.measures.size(); m++) {
        assertEquals(all.measure(m), exact.measure(m), storm.measures.get(m).metric().text());
      }
      assertTrue(exact.events() < all.events());
    }
  }

  @Test
  void ratesComeToTheSameAsInterrupts() {
    Paired[] difference = IntStream.range(0, 5).mapToObj(i -> new Paired()).toArray(Paired[]::new);
    long exactEvents = 0;
    long autoEvents = 0;
    long lockups = 0;
    for (long seed = 0; seed < STORMS; seed++) {
      HostOutcome exact = storm(seed, Fidelity.EXACT).run();
      HostOutcome auto = storm(seed, Fidelity.AUTO).run();
      exactEvents += exact.events();
      autoEvents += auto.events();
      lockups += exact.count(IncidentKind.SOFT_LOCKUP);
      for (int m = 0; m < 4; m++) {
        difference[m].add(Math.log((double) auto.measure(m) / exact.measure(m)));
      }
      difference[4].add((double) (auto.measure(4) - exact.measure(4)));
    }
    difference[0].assertNone("log time per item");
    difference[1].assertNone("log largest batch");
    difference[2].assertNone("log items");
    difference[3].assertNone("log interrupts");
    difference[4].assertNone("reports");
    assertTrue(lockups > STORMS / 4, lockups + " lockups");
    assertTrue(autoEvents < exactEvents / 5, autoEvents + " of " + exactEvents);
  }
}
