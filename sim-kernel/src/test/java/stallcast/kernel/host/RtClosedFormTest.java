package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.compute;
import static stallcast.kernel.host.TestFleet.fixed;
import static stallcast.kernel.host.TestFleet.on;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import stallcast.kernel.cpu.IncidentLog;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.OperationSpec;
import stallcast.kernel.scenario.OperationSpec.Blackout;
import stallcast.kernel.scenario.OperationSpec.ClockVisibility;
import stallcast.kernel.scenario.OperationSpec.Occurrence;
import stallcast.kernel.scenario.OperationSpec.ResumeOrder;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec.Policy;

/**
 * The closed form of rt-throttle.md section 6 against the event model, to the nanosecond, on random
 * stops S, distances u to the next period expiry and debts r0 at the pause.
 */
class RtClosedFormTest {
  private static final int CASES = Integer.getInteger("stallcast.cases", 20_000);
  private static final long DEBT_NS = 1_500 * MS; // first stop: makes the debt r0
  private static final long LEAD_NS = 10_000; // the period timer starts so much earlier
  private static final long RUN_NS = 1_000; // what a task runs after its stop
  private static final long TICK_NS = MS; // 1000 Hz

  private final SplittableRandom random = new SplittableRandom(20_260_507);
  private final int[] seen = new int['D'];

  /** One case; {@code timerFirst} resumes the timer's CPU 1 ns ahead of the victim's. */
  private record Case(
      long periodNs,
      long budgetNs,
      long stopNs,
      long untilExpiryNs,
      long debtNs,
      boolean timerFirst) {

    /** The stop that leaves r0 on the books once one budget is paid back. */
    long debtStopNs() {
      return budgetNs + debtNs - RUN_NS;
    }

    long anchorNs() {
      return DEBT_NS - LEAD_NS;
    }

    /** An expiry, from which on the debt is r0. */
    long debtPaidDownNs() {
      long waitNs = debtNs == 0 ? 0 : DEBT_NS + debtStopNs() - anchorNs();
      return anchorNs() + (waitNs + periodNs - 1) / periodNs * periodNs;
    }

    long pauseNs() {
      return debtPaidDownNs() + periodNs - untilExpiryNs;
    }

    /** What the victim's CPU sees: it goes on 2 ns later when the timer is to be first. */
    long seenStopNs() {
      return timerFirst ? stopNs + 2 : stopNs;
    }

    long resumeNs() {
      return pauseNs() + seenStopNs();
    }
  }

  /** What section 6 says. */
  private record Expected(int branch, long peakNs, long offNs, long refills, long restNs) {
    static final Expected NONE = new Expected(0, 0, 0, 0, 0);

    static Expected of(Case c) {
      long stop = c.seenStopNs();
      long u = c.untilExpiryNs();
      long q = c.budgetNs();
      long missed = stop < u ? 0 : (stop - u) / c.periodNs() + 1;
      long toNext = u + missed * c.periodNs() - stop;
      long toTick = TICK_NS - c.pauseNs() % TICK_NS;
      boolean late = missed > 0;
      char branch = !late ? 'C' : c.timerFirst() || u <= toTick ? 'A' : 'B';
      long debt =
          branch == 'A'
              ? Math.max(0, c.debtNs() - missed * q) + stop
              : Math.max(0, c.debtNs() + stop - missed * q);
      boolean episode = branch == 'B' ? c.debtNs() + stop > q : debt > q;
      if (!episode) {
        return NONE;
      }
      if (branch == 'B' && debt < q) {
        return new Expected(branch, c.debtNs() + stop, 0, missed, debt);
      }
      long n = Math.max(1, debt / q);
      long off = toNext + (n - 1) * c.periodNs();
      return branch == 'B'
          ? new Expected(branch, c.debtNs() + stop, off, missed + n, debt - n * q)
          : new Expected(branch, debt, off, n, debt - n * q);
    }

    static Expected of(IncidentLog log, int record) {
      return new Expected(
          log.branch(record),
          log.peakRtTimeNs(record),
          log.lengthNs(record, 0),
          log.refills(record),
          log.residualRtTimeNs(record));
    }
  }

  @Test
  void eventModelEqualsTheClosedForm() {
    for (int i = 0; i < CASES; i++) {
      Case c = draw();
      Expected expected = Expected.of(c);
      assertEquals(expected, simulate(c), () -> c.toString());
      seen[expected.branch()]++;
    }
    for (char branch = 'A'; branch <= 'C'; branch++) {
      assertTrue(seen[branch] > CASES / 50, branch + " episodes: " + seen[branch]);
    }
  }

  private Case draw() {
    boolean defaults = random.nextBoolean();
    long period = defaults ? SECOND : random.nextLong(20, 2_000) * MS;
    long budget = defaults ? 950 * MS : period / 1_000 * random.nextLong(50, 999);
    budget -= budget % 1_000;
    long stop =
        switch (random.nextInt(3)) {
          case 0 -> random.nextLong(TICK_NS, period);
          case 1 -> random.nextLong(TICK_NS, 3 * period);
          default -> random.nextLong(TICK_NS, 40 * period);
        };
    long u = random.nextLong(1, period - 2 * RUN_NS);
    if (random.nextInt(8) == 0) {
      u = random.nextLong(1, 2 * TICK_NS); // around the race of the timer with the next tick
    }
    long debt = random.nextInt(4) == 0 ? 0 : random.nextLong(RUN_NS + 1, budget);
    boolean sameOverrun =
        Math.floorDiv(stop + 1 - u, period) == Math.floorDiv(stop + 2 - u, period);
    boolean timerFirst = sameOverrun && random.nextBoolean();
    return new Case(period, budget, stop, u, debt, timerFirst);
  }

  private static Expected simulate(Case c) {
    int timerCpu = c.timerFirst() ? 0 : 1;
    int victimCpu = 1 - timerCpu;
    long periodUs = c.periodNs() / 1_000;
    long budgetUs = c.budgetNs() / 1_000;
    TestFleet fleet = new TestFleet();
    fleet.horizonNs = c.resumeNs() + (c.seenStopNs() / c.budgetNs() + 4) * c.periodNs();
    fleet
        .knob(KernelKnob.HZ, 1000)
        .knob(KernelKnob.SCHED_RT_PERIOD_US, (double) periodUs)
        .knob(KernelKnob.SCHED_RT_RUNTIME_US, (double) budgetUs);
    // Without a debt the timer would stop at its first expiry: it starts one period before it.
    addTask(fleet, "anchor", timerCpu, c.debtNs() == 0 ? c.debtPaidDownNs() : c.anchorNs());
    if (c.debtNs() > 0) {
      addTask(fleet, "indebted", victimCpu, DEBT_NS);
      addStop(fleet, on(victimCpu), DEBT_NS, c.debtStopNs(), 0);
    }
    addTask(fleet, "victim", victimCpu, c.pauseNs());
    addStop(fleet, new CpuSelection.All(), c.pauseNs(), c.stopNs(), c.timerFirst() ? 1 : 0);
    IncidentLog log = fleet.run().incidents();
    for (int record = 0; record < log.size(); record++) {
      boolean throttle = log.refills(record) > 0;
      if (throttle && log.startNs(record) == c.resumeNs()) {
        return Expected.of(log, record);
      }
    }
    return Expected.NONE;
  }

  private static void addTask(TestFleet fleet, String name, int cpu, long atNs) {
    fleet.tasks(
        name, 1, Policy.FIFO, 50, on(cpu), fixed((double) atNs), compute(RUN_NS), new Step.Exit());
  }

  private static void addStop(
      TestFleet fleet, CpuSelection cpus, long atNs, long stopNs, long skewNs) {
    fleet.operations.add(
        new OperationSpec(
            OperationSpec.Kind.PAUSE,
            new Occurrence.At(List.of(fixed((double) atNs))),
            new OperationSpec.Effect.Stop(
                cpus,
                new Blackout.Drawn(fixed((double) stopNs)),
                new ClockVisibility.Share(fixed(1)),
                fixed(0),
                fixed((double) skewNs),
                ResumeOrder.INDEX)));
  }
}
