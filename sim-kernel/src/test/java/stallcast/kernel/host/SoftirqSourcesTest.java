package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.US;
import static stallcast.kernel.host.TestFleet.arriving;
import static stallcast.kernel.host.TestFleet.fixed;
import static stallcast.kernel.host.TestFleet.on;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.Exponential;
import stallcast.kernel.random.Mmpp;
import stallcast.kernel.random.Periodic;
import stallcast.kernel.random.PoissonArrivals;
import stallcast.kernel.random.TraceArrivals;
import stallcast.kernel.random.Uniform;
import stallcast.kernel.scenario.OperationSpec;
import stallcast.kernel.scenario.OperationSpec.Occurrence;
import stallcast.kernel.scenario.SoftirqSpec;
import stallcast.kernel.scenario.SoftirqVector;

/** When the interrupts of softirq sources arrive: laws, utilisation, recordings, bursts. */
class SoftirqSourcesTest {
  private final TestFleet fleet = SoftirqsTest.cpu();

  SoftirqSourcesTest() {
    fleet.horizonNs = SECOND;
  }

  private void burst(double factor, long lengthNs, long... atNs) {
    List<Distribution> at = Arrays.stream(atNs).mapToObj(t -> fixed((double) t)).toList();
    burst(fixed(factor), fixed((double) lengthNs), new Occurrence.At(at));
  }

  private void burst(Distribution factor, Distribution length, Occurrence occurrence) {
    fleet.operations.add(
        new OperationSpec(
            OperationSpec.Kind.LOAD_BURST,
            occurrence,
            new OperationSpec.Effect.Burst("source-0", factor, length)));
  }

  /** Instants at which softirqs were entered, ns. */
  private List<Long> entries() {
    return Watched.run(fleet).all("softirq-entry").stream().map(Watched.Event::atNs).toList();
  }

  @Test
  void recordedArrivalsComeWhenTheRecordingSays() {
    long[] at = {1, 1_500, 1_501, 3 * MS, 900 * MS, 999 * MS};
    fleet.softirq(SoftirqVector.TASKLET, on(0), arriving(at), 10, fixed(0));
    assertEquals(Arrays.stream(at).boxed().toList(), entries());
  }

  @Test
  void recordingThatRepeatsBeginsAgainWithItsLastArrival() {
    double[] gaps = {2e6, 1e6, 4e6};
    fleet.horizonNs = 22 * MS;
    fleet.softirq(SoftirqVector.TASKLET, on(0), new TraceArrivals(gaps, true), 10, fixed(0));
    assertEquals(
        List.of(2 * MS, 3 * MS, 7 * MS, 9 * MS, 10 * MS, 14 * MS, 16 * MS, 17 * MS, 21 * MS),
        entries());
  }

  @Test
  void sourceStartsWhenItsStartSays() {
    SoftirqSpec plain =
        fleet.softirq(SoftirqVector.TASKLET, on(0), new Periodic(MS), 10, fixed(0)).softirq.get(0);
    fleet.softirq.set(
        0,
        new SoftirqSpec(
            plain.name(),
            plain.cpus(),
            plain.arrivals(),
            plain.utilisation(),
            plain.vector(),
            plain.pool(),
            plain.bodyNs(),
            plain.overheadNs(),
            plain.interruptNs(),
            fixed(995.5 * MS)));
    assertEquals(List.of(996_500 * US, 997_500 * US, 998_500 * US, 999_500 * US), entries());
  }

  /** 500 us of work each. */
  @ParameterizedTest
  @CsvSource({"0.25, 2000000", "0.5, 1000000", "0.4, 1250000", "0.9, 555555.5555555556"})
  void utilisationStretchesAFixedPeriod(double utilisation, double periodNs) {
    fleet.softirq(
        SoftirqVector.TASKLET, on(0), new Periodic(750 * US), 10, fixed(500 * US), 0, utilisation);
    List<Long> entries = entries();
    for (int i = 0; i < entries.size(); i++) {
      assertEquals((i + 1) * periodNs, entries.get(i), 1.01, "rounding does not add up");
    }
    assertEquals((int) (1e9 / periodNs), entries.size(), 1);
  }

  /**
   * The share of the CPU meets what is asked for within 5 standard errors: false with probability
   * 6e-7 each.
   */
  @ParameterizedTest
  @ValueSource(doubles = {0.05, 0.4, 0.7})
  void utilisationIsMetWhateverTheLaws(double utilisation) {
    fleet.horizonNs = 20 * SECOND;
    fleet.softirq.add(
        new SoftirqSpec(
            "poisson",
            on(0),
            new PoissonArrivals(777),
            fixed(utilisation),
            SoftirqVector.TASKLET,
            fixed(100_000),
            new Exponential(80 * US),
            fixed(20 * US),
            fixed(0),
            fixed(0)));
    fleet.measure("host.cpu 0.softirq-time");
    double share = fleet.run().measure(0) / 20e9;
    double square = 100e3 * 100e3 + 80e3 * 80e3; // of the work of one item, ns^2
    double error = Math.sqrt(utilisation / 100e3 * 20e9 * square) / 20e9;
    assertEquals(utilisation, share, 5 * error);
    assertTrue(error < 0.02 * utilisation, "shows something");
  }

  @Test
  void utilisationKeepsTheShapeOfAProcess() {
    // States of 30 ms and 10 ms at 100/s and 1700/s: 500/s on average; asked for three times that.
    fleet.horizonNs = 200 * SECOND;
    fleet.softirq(
        SoftirqVector.TASKLET,
        on(0),
        new Mmpp(new double[] {100, 1_700}, new double[] {30e6, 10e6}),
        10_000,
        fixed(100 * US),
        0,
        0.15);
    fleet.measure("host.cpu 0.softirq-time");
    // Index of dispersion: 1 + 2 (1600^2 * 3/16) / 500 / (1/0.03 + 1/0.01 per s) of the own time.
    double dispersion = 1 + 2 * 1_600.0 * 1_600 * 3 / 16 / 500 / (1 / 0.03 + 1 / 0.01);
    double arrivals = 1_500.0 * 200;
    double error = Math.sqrt(arrivals * dispersion) / arrivals;
    assertEquals(0.15 * 200e9, (double) fleet.run().measure(0), 5 * error * 0.15 * 200e9);
  }

  /** Load of a periodic source: its time runs as fast as the bursts say. */
  private static final class Pace implements KernelObserver {
    private final Machine machine;
    private final List<double[]> bursts = new ArrayList<>(); // operation, at, factor, length

    Pace(Machine machine) {
      this.machine = machine;
    }

    @Override
    public void onBurst(int operation, int occurrence, double factor, long lengthNs) {
      bursts.add(new double[] {operation, machine.timers().nowNs(), factor, lengthNs});
    }
  }

  /** What the source's own time shows at an instant. */
  private static double ownNs(List<double[]> bursts, int operations, double untilNs) {
    List<Double> cuts = new ArrayList<>(List.of(0.0, untilNs));
    bursts.forEach(b -> cuts.addAll(List.of(b[1], b[1] + b[3])));
    cuts.removeIf(cut -> cut > untilNs);
    cuts.sort(null);
    double own = 0;
    for (int i = 1; i < cuts.size(); i++) {
      double mid = (cuts.get(i - 1) + cuts.get(i)) / 2;
      double pace = 1;
      for (int op = 0; op < operations; op++) {
        pace *= factorAt(bursts, op, mid);
      }
      own += pace * (cuts.get(i) - cuts.get(i - 1));
    }
    return own;
  }

  /** Overlapping bursts of one operation are one, of the later one's strength. */
  private static double factorAt(List<double[]> bursts, int operation, double ns) {
    double factor = 1;
    double endNs = 0;
    for (double[] burst : bursts) {
      if (burst[0] == operation && burst[1] <= ns) {
        factor = burst[2];
        endNs = Math.max(endNs, burst[1] + burst[3]);
      }
    }
    return ns < endNs ? factor : 1;
  }

  @Test
  void burstMultipliesTheRateForItsTime() {
    fleet.softirq(SoftirqVector.TASKLET, on(0), new Periodic(MS), 10, fixed(0));
    burst(4, 50 * MS, 100 * MS + 400 * US);
    List<Long> entries = entries();
    assertEquals(999 + 150, entries.size());
    assertEquals(100 * MS, entries.get(99));
    assertEquals(100 * MS + 550 * US, entries.get(100), "what is left of a gap shrinks, too");
    assertEquals(100 * MS + 800 * US, entries.get(101));
    assertEquals(150 * MS + 300 * US, entries.get(299));
    assertEquals(151 * MS, entries.get(300));
  }

  @Test
  void burstsOfOneOperationJoinAndThoseOfSeveralMultiply() {
    fleet.softirq(SoftirqVector.TASKLET, on(0), new Periodic(MS), 10, fixed(0));
    burst(2, 50 * MS, 100 * MS, 120 * MS); // until 170 ms
    burst(3, 100 * MS, 150 * MS); // until 250 ms
    fleet.measure("host.cpu 0.softirq-items");
    fleet.horizonNs = SECOND - 100 * US;
    // 50 ms at twice, 20 ms at six times, 80 ms at three times the rate.
    assertEquals(999 + 50 + 20 * 5 + 80 * 2, fleet.run().measure(0));
  }

  @Test
  void randomBurstsKeepTheSourcesOwnTime() {
    int joined = 0;
    for (int seed = 0; seed < 60; seed++) {
      fleet.seed = seed;
      fleet.operations.clear();
      fleet.softirq.clear();
      fleet.softirq(SoftirqVector.TASKLET, on(0), new Periodic(MS), 10, fixed(0));
      fleet.measures.clear();
      fleet.measure("host.cpu 0.softirq-items", "host.machine.operations");
      for (int op = 0; op < 2; op++) {
        burst(new Uniform(0.2, 6), new Uniform(MS, 150e6), new Occurrence.Times(fixed(4)));
      }
      HostSimulation simulation = new HostSimulation(fleet.spec());
      Pace[] pace = new Pace[1];
      simulation.watch(machine -> pace[0] = new Pace(machine));
      HostOutcome outcome = simulation.run(0);
      double own = ownNs(pace[0].bursts, 2, SECOND);
      // Each change of pace and each scaled gap rounds to 1 ns.
      assertEquals(own / MS, (double) outcome.measure(0), 1.01, "seed " + seed);
      assertEquals(8, outcome.measure(1));
      double sum = 1e9;
      for (double[] burst : pace[0].bursts) {
        sum += (burst[2] - 1) * burst[3];
      }
      joined += Math.abs(sum - own) > 5 * MS ? 1 : 0;
    }
    assertTrue(joined > 30, joined + " with bursts that overlap");
  }

  @Test
  void burstsLeaveOtherSourcesAlone() {
    fleet.softirq(SoftirqVector.TASKLET, on(0), arriving(999 * MS), 10, fixed(0));
    fleet.cpus = 2;
    fleet.softirq(SoftirqVector.TASKLET, on(1), new Periodic(MS), 10, fixed(0));
    fleet.measure("host.cpu 1.softirq-items", "host.cpu 0.softirq-items");
    burst(1_000, 50 * MS, 100 * MS);
    HostOutcome outcome = fleet.run();
    assertEquals(999, outcome.measure(0));
    assertEquals(1, outcome.measure(1), "its time runs faster, and it is all there is");
  }

  @Test
  void cpusOfOneSourceDrawTheirOwnArrivals() {
    fleet.cpus = 2;
    fleet.softirq(SoftirqVector.TASKLET, on(0, 1), new PoissonArrivals(100), 10, fixed(0));
    Watched run = Watched.run(fleet);
    assertNotEquals(run.times("softirq-entry", 0, 1, 20), run.times("softirq-entry", 1, 1, 20));
  }
}
