package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.compute;
import static stallcast.kernel.host.TestFleet.fixed;
import static stallcast.kernel.host.TestFleet.on;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.TaskSpec;
import stallcast.kernel.scenario.TaskSpec.Policy;

/** CPU-bound tasks of one CPU get what weights promise, whatever the tree of groups. */
class FairSharesTest {
  private static final String[] PRESETS = {
    "5.15", "6.1", "6.6", "6.12", "6.12.95", "6.18", "7.2", "7.3"
  };
  private static final int MIXES = 200;
  private static final long RUN_NS = 60 * SECOND;

  // sched_prio_to_weight of nice -10, -5, 0, 5, 10 (eevdf-and-directed-yield.md 1.1)
  private static final int[] NICE = {-10, -5, 0, 5, 10};
  private static final int[] WEIGHT = {9548, 3121, 1024, 335, 110};

  /** A random mix: tasks and groups, each in a group or in the root. */
  private static final class Mix {
    final TestFleet fleet = new TestFleet();
    final List<Integer> groupOf = new ArrayList<>(); // [task] 0 for the root
    final List<Double> weight = new ArrayList<>(); // [task]
    final List<String> paths = new ArrayList<>(List.of(""));
    final List<Integer> parent = new ArrayList<>(List.of(-1)); // [group]
    final List<Double> groupWeight = new ArrayList<>(List.of(0.0)); // [group]

    Mix(long seed, String preset) {
      SplittableRandom random = new SplittableRandom(seed);
      fleet.preset = preset;
      fleet.cpus = 1;
      fleet.horizonNs = RUN_NS;
      fleet.knob(KernelKnob.HZ, random.nextBoolean() ? 1000 : 250);
      int groups = random.nextInt(5);
      for (int g = 1; g <= groups; g++) {
        int above = random.nextInt(g);
        int cpuWeight = 20 + random.nextInt(400);
        parent.add(above);
        paths.add(paths.get(above) + "/g" + g);
        groupWeight.add(cpuWeight * 1024 / 100.0);
        fleet.cgroups.add(TestFleet.cgroup(paths.get(g), 0, 1_000_000, cpuWeight));
      }
      int tasks = 2 + random.nextInt(6);
      for (int t = 0; t < tasks; t++) {
        int kind = random.nextInt(NICE.length);
        int group = random.nextInt(groups + 1);
        boolean batch = random.nextInt(4) == 0;
        groupOf.add(group);
        weight.add((double) WEIGHT[kind]);
        long slice = random.nextInt(3) == 0 ? random.nextLong(100_000, 10 * MS) : 0;
        fleet.tasks.add(
            new TaskSpec(
                "t" + t,
                new TaskSpec.TaskCount(fixed(1), false),
                batch ? Policy.BATCH : Policy.OTHER,
                fixed(0),
                fixed(NICE[kind]),
                fixed((double) slice),
                on(0),
                group == 0 ? "/" : paths.get(group),
                fixed(0),
                List.of(compute(1_000 * SECOND))));
      }
    }

    double theory(int task) {
      double share = weight.get(task) / sumIn(groupOf.get(task));
      for (int g = groupOf.get(task); g != 0; g = parent.get(g)) {
        share *= groupWeight.get(g) / sumIn(parent.get(g));
      }
      return share;
    }

    private double sumIn(int group) {
      double sum = 0;
      for (int t = 0; t < weight.size(); t++) {
        sum += groupOf.get(t) == group ? weight.get(t) : 0;
      }
      for (int g = 1; g < parent.size(); g++) {
        sum += parent.get(g) == group && isBusy(g) ? groupWeight.get(g) : 0;
      }
      return sum;
    }

    private boolean isBusy(int group) {
      for (int t = 0; t < weight.size(); t++) {
        for (int g = groupOf.get(t); g > 0; g = parent.get(g)) {
          if (g == group) {
            return true;
          }
        }
      }
      return false;
    }
  }

  @Test
  void sharesOfRandomMixesFollowWeights() {
    for (int seed = 0; seed < MIXES; seed++) {
      expectTheory(seed, PRESETS[seed % PRESETS.length]);
    }
  }

  @Test
  void sharesInOneFlatQueueAreThoseOfTheTree() {
    for (int seed = MIXES; seed < 2 * MIXES; seed++) {
      expectTheory(seed, "7.3");
    }
  }

  private static void expectTheory(long seed, String preset) {
    Mix mix = new Mix(seed, preset);
    Watched run = Watched.run(mix.fleet);
    run.machine().core().scheduler().settleTicks(0);
    for (int task = 0; task < mix.weight.size(); task++) {
      double share = run.machine().core().tasks().sumExecNs(task) / (double) RUN_NS;
      String what = "seed " + seed + " " + mix.fleet.preset + " task " + task;
      assertEquals(mix.theory(task), share, 0.005, what);
      // What is left of a turn at the end, and nothing that grows with time.
      double lag = 4 * (10 * MS + 4 * MS) / (double) RUN_NS;
      assertEquals(mix.theory(task), share, 0.005 * mix.theory(task) + lag, what);
      // No starvation: a turn of the others is at most a slice and two ticks.
      long waitNs = run.machine().core().tasks().maxOffNs(task);
      assertTrue(waitNs < 2 * (10 * MS + 8 * MS) / mix.theory(task), what + " waits " + waitNs);
    }
  }

  /** Tasks on CPU 0 of eight: a slice of 2.8 ms (eevdf-and-directed-yield.md 1.4). */
  private static Watched hogs(int hz, int... nice) {
    TestFleet fleet = new TestFleet();
    fleet.preset = "6.18";
    fleet.cpus = 8;
    fleet.horizonNs = 10 * SECOND;
    fleet.knob(KernelKnob.HZ, hz);
    for (int t = 0; t < nice.length; t++) {
      fleet.nice = nice[t];
      fleet.task("t" + t, Policy.OTHER, 0, on(0), compute(1_000 * SECOND));
    }
    return Watched.run(fleet);
  }

  private static void expect(
      Watched run, double switchesPerSec, double[] shares, long[] longestWaitsMs) {
    run.machine().core().scheduler().settleTicks(0);
    assertEquals(switchesPerSec, run.machine().core().cpuTime().switches(0) / 10.0, 1.5);
    for (int t = 0; t < shares.length; t++) {
      double share = run.machine().core().tasks().sumExecNs(t) / (10.0 * SECOND);
      assertEquals(shares[t], share, 0.001, "task " + t);
      long waitMs = run.machine().core().tasks().maxOffNs(t) / MS;
      assertTrue(waitMs <= longestWaitsMs[t], "task " + t + " waited " + waitMs);
    }
  }

  @Test
  void equalTasksAlternateEverySliceRoundedToTheTick() {
    expect(hogs(1000, 0, 0), 333, new double[] {0.5, 0.5}, new long[] {3, 3});
    expect(hogs(250, 0, 0), 250, new double[] {0.5, 0.5}, new long[] {4, 4});
    double[] quarter = {0.25, 0.25, 0.25, 0.25};
    expect(hogs(250, 0, 0, 0, 0), 250, quarter, new long[] {12, 12, 12, 12});
  }

  @Test
  void niceFiveGetsAQuarterAndWaitsLonger() {
    expect(hogs(1000, 0, 5), 164, new double[] {0.7534, 0.2466}, new long[] {3, 10});
  }
}
