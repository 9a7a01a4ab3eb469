package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.US;
import static stallcast.kernel.host.TestFleet.compute;
import static stallcast.kernel.host.TestFleet.fixed;
import static stallcast.kernel.host.TestFleet.on;
import static stallcast.kernel.host.TestFleet.sleep;

import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import stallcast.kernel.engine.RunLimits;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.Exponential;
import stallcast.kernel.random.Uniform;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.Fidelity;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.HostSampler;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.MeasureSpec;
import stallcast.kernel.scenario.OperationSpec.Occurrence;
import stallcast.kernel.scenario.OperationSpec.ResumeOrder;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec.Policy;

/** Loops that the scheduler does not run show the same numbers as loops that it runs. */
class IsolatedLoopsTest {
  private static final int FLEETS = Integer.getInteger("stallcast.loops", 150);
  private static final String[] TASK = {
    "rounds",
    "nr_wakeups",
    "sum_exec_runtime",
    "work-time",
    "max-off-cpu",
    "max-wakeup-latency",
    "wakeup-latency-p50",
    "wakeup-latency-p999",
    "nr_involuntary_switches"
  };
  private static final String[] CPU = {
    "idle-time", "rt-cpu-time", "fair-cpu-time", "nr_switches", "rt_nr_running"
  };

  private static Distribution law(SplittableRandom random, double meanNs) {
    return switch (random.nextInt(3)) {
      case 0 -> fixed(Math.rint(meanNs));
      case 1 -> new Exponential(meanNs);
      default -> new Uniform(0, 2 * meanNs);
    };
  }

  /** Loops on CPUs of their own, and tasks that are none on the other CPUs. */
  private static TestFleet loops(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    TestFleet fleet = new TestFleet();
    fleet.seed = seed;
    fleet.preset = random.nextBoolean() ? "6.12" : "7.1";
    fleet.horizonNs = SECOND + random.nextLong(2 * SECOND);
    int loops = 1 + random.nextInt(5);
    fleet.cpus = loops + random.nextInt(3);
    fleet.knob(KernelKnob.COST_CONTEXT_SWITCH_NS, random.nextInt(2) * random.nextInt(20_000));
    for (int i = 0; i < loops; i++) {
      fleet.tasks(
          "loop-" + i,
          1,
          random.nextBoolean() ? Policy.FIFO : Policy.RR,
          1 + random.nextInt(90),
          on(i),
          new Uniform(0, 50e6),
          new Step.Compute(law(random, random.nextDouble(1e3, 200e3))),
          new Step.Sleep(law(random, random.nextDouble(100e3, 1e6))));
    }
    if (fleet.cpus - loops >= 2) { // whoever leaves a CPU waits for the locks of overloaded ones
      fleet.knob(KernelKnob.RT_PUSH_IPI, 0);
      fleet.knob(KernelKnob.COST_PULL_LOCK_NS, random.nextInt(200_000));
      List<Integer> others = IntStream.range(loops, fleet.cpus).boxed().toList();
      long workNs = random.nextLong(3 * MS);
      fleet.tasks(
          "waits",
          3,
          Policy.FIFO,
          3,
          new CpuSelection.Listed(others),
          fixed(0),
          compute(workNs),
          sleep(workNs));
    }
    for (int cpu = loops; cpu < fleet.cpus; cpu++) {
      fleet.task("mixed-" + cpu, Policy.FIFO, 5, on(cpu), compute(MS), sleep(20 * MS));
      fleet.task("hog-" + cpu, Policy.OTHER, 0, on(cpu), compute(1_000 * SECOND));
    }
    return fleet;
  }

  private static void measureAll(TestFleet fleet, SplittableRandom random, int probes) {
    for (int probe = 0; probe <= probes; probe++) {
      int first = fleet.measures.size();
      if (probe == probes) { // at the end
        fleet.tasks.forEach(task -> measureTask(fleet, task.name()));
        for (int cpu = 0; cpu < fleet.cpus; cpu++) {
          measureCpu(fleet, cpu);
        }
      } else if (random.nextBoolean()) {
        measureTask(fleet, fleet.tasks.get(random.nextInt(fleet.tasks.size())).name());
      } else {
        measureCpu(fleet, random.nextInt(fleet.cpus));
      }
      for (int m = first; m < fleet.measures.size() && probe < probes; m++) {
        long atNs = random.nextLong(fleet.horizonNs);
        fleet.measures.set(
            m, new MeasureSpec(fleet.measures.get(m).metric(), OptionalLong.of(atNs)));
      }
    }
  }

  private static void measureTask(TestFleet fleet, String name) {
    for (String what : TASK) {
      fleet.measure("host.task " + name + "." + what);
    }
  }

  private static void measureCpu(TestFleet fleet, int cpu) {
    for (String what : CPU) {
      fleet.measure("host.cpu " + cpu + "." + what);
    }
  }

  private static void assertSame(TestFleet fleet, HostOutcome exact, HostOutcome auto, String of) {
    for (int m = 0; m < fleet.measures.size(); m++) {
      MeasureSpec measure = fleet.measures.get(m);
      String what = of + ": " + measure.metric().text() + " at " + measure.atNs();
      assertEquals(exact.measure(m), auto.measure(m), what);
    }
    assertEquals(exact.endReason(), auto.endReason());
  }

  @Test
  void everyMetricIsTheSameAtRandomInstantsAndAcrossStops() {
    long allEvents = 0;
    long exactEvents = 0;
    long autoEvents = 0;
    for (long seed = 0; seed < FLEETS; seed++) {
      TestFleet fleet = loops(seed);
      SplittableRandom random = new SplittableRandom(~seed);
      for (int stops = random.nextInt(3); stops > 0; stops--) {
        fleet.operation(
            new Occurrence.At(List.of(new Uniform(0, fleet.horizonNs))),
            new Uniform(0, 300e6),
            random.nextInt(3) / 2.0,
            random.nextBoolean(),
            new Exponential(20e3),
            random.nextBoolean() ? ResumeOrder.INDEX : ResumeOrder.INDEPENDENT);
      }
      measureAll(fleet, random, 3);
      fleet.fidelity = Fidelity.EXACT;
      HostOutcome all = fleet.runEveryTask();
      boolean costs = fleet.knobs.stream().anyMatch(k -> k.knob() == KernelKnob.RT_PUSH_IPI);
      allEvents += costs ? 0 : all.events();
      HostOutcome exact = fleet.run();
      exactEvents += costs ? 0 : exact.events();
      assertSame(fleet, all, exact, "exact, seed " + seed);
      fleet.fidelity = Fidelity.AUTO;
      HostOutcome auto = fleet.run();
      autoEvents += costs ? 0 : auto.events();
      assertSame(fleet, all, auto, "auto, seed " + seed);
    }
    assertTrue(exactEvents < allEvents, exactEvents + " of " + allEvents);
    assertTrue(autoEvents < allEvents / 10, autoEvents + " of " + allEvents);
  }

  /** Instants at which a fixed loop wakes or goes to sleep, and the same for stops. */
  @Test
  void metricsAreTheSameAtTheVeryInstantsOfTheLoop() {
    for (int switchUs = 0; switchUs <= 100; switchUs += 100) {
      for (long atUs = 1_000; atUs <= 4_000; atUs += 50) {
        TestFleet fleet = new TestFleet();
        fleet.preset = "6.12";
        fleet.horizonNs = 10 * MS;
        fleet.knob(KernelKnob.COST_CONTEXT_SWITCH_NS, (double) (switchUs * US));
        fleet.tasks("loop", 1, Policy.FIFO, 5, on(0), fixed(0), compute(200 * US), sleep(300 * US));
        measureTask(fleet, "loop");
        measureCpu(fleet, 0);
        for (int m = 0; m < fleet.measures.size(); m++) {
          fleet.measures.set(
              m, new MeasureSpec(fleet.measures.get(m).metric(), OptionalLong.of(atUs * US)));
        }
        check(fleet, "probe at " + atUs);
        fleet.measures.clear();
        fleet.stopAt(atUs * US, 2 * MS + 10 * US, false, 0, ResumeOrder.INDEX);
        measureTask(fleet, "loop");
        measureCpu(fleet, 0);
        check(fleet, "stop at " + atUs);
        fleet.operations.clear();
        fleet.horizonNs = atUs * US;
        check(fleet, "end at " + atUs);
      }
    }
  }

  private static void check(TestFleet fleet, String what) {
    fleet.fidelity = Fidelity.EXACT;
    HostOutcome all = fleet.runEveryTask();
    for (Fidelity fidelity : Fidelity.values()) {
      fleet.fidelity = fidelity;
      assertSame(fleet, all, fleet.run(), fidelity + ", " + what);
    }
  }

  @Test
  void othersThatMayUseTheCpuOrStepsOfOtherKindsKeepALoopRunning() {
    TestFleet alone = new TestFleet();
    alone.preset = "6.12";
    alone.horizonNs = SECOND;
    alone.task("loop", Policy.FIFO, 5, on(0), compute(10 * US), sleep(90 * US));
    assertTrue(alone.run().events() < 100, "nothing but the first round and detectors");
    alone.task("other", Policy.OTHER, 0, new CpuSelection.All(), sleep(100 * SECOND));
    assertTrue(alone.run().events() > 20_000, "somebody might want the CPU");
    alone.tasks.remove(1);
    alone.knob(KernelKnob.COST_HRTIMER_NS, 100);
    assertTrue(alone.run().events() > 20_000, "interrupts that cost time are run");
    alone.knobs.clear();
    alone.preset = "6.1";
    assertTrue(alone.run().events() > 20_000, "real-time books are kept");
  }

  @Test
  void snapshotOfLoopsThatAreNotRunGoesOnAsIfNeverTaken() {
    for (long seed = 0; seed < FLEETS; seed++) {
      TestFleet fleet = loops(seed);
      SplittableRandom random = new SplittableRandom(~seed);
      measureAll(fleet, random, 2);
      fleet.fidelity = Fidelity.values()[random.nextInt(2)];
      ScenarioSpec spec = fleet.spec();
      Machine machine = new Machine(spec);
      HostConfig config = new HostSampler(spec).sample(0);
      machine.begin(config);
      machine.boot(config, 0, 0, 0);
      runTo(machine, random.nextLong(fleet.horizonNs));
      StateBuffer snapshot = new StateBuffer();
      machine.save(snapshot);
      runTo(machine, fleet.horizonNs);
      long[] values = values(machine, fleet);
      StateBuffer end = new StateBuffer();
      machine.save(end);
      snapshot.rewind();
      machine.restore(snapshot);
      runTo(machine, fleet.horizonNs);
      assertArrayEquals(values, values(machine, fleet), "seed " + seed);
      StateBuffer endAgain = new StateBuffer();
      machine.save(endAgain);
      assertTrue(end.sameAs(endAgain), "seed " + seed);
    }
  }

  private static void runTo(Machine machine, long untilNs) {
    machine.timers().run(new RunLimits(untilNs, Long.MAX_VALUE));
  }

  private static long[] values(Machine machine, TestFleet fleet) {
    HostMetrics metrics = new HostMetrics(machine);
    metrics.begin(machine.host());
    return fleet.measures.stream().mapToLong(m -> metrics.read(m.metric())).toArray();
  }
}
