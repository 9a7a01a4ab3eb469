package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.US;
import static stallcast.kernel.host.TestFleet.arriving;
import static stallcast.kernel.host.TestFleet.compute;
import static stallcast.kernel.host.TestFleet.fixed;
import static stallcast.kernel.host.TestFleet.on;
import static stallcast.kernel.host.TestFleet.sleep;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import stallcast.kernel.random.Periodic;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.OperationSpec;
import stallcast.kernel.scenario.OperationSpec.Blackout;
import stallcast.kernel.scenario.OperationSpec.ClockVisibility;
import stallcast.kernel.scenario.OperationSpec.Occurrence;
import stallcast.kernel.scenario.OperationSpec.ResumeOrder;
import stallcast.kernel.scenario.SoftirqVector;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec.Policy;

/** What interrupts and context switches cost, whom they delay and who is charged. One CPU. */
class InterruptCostTest {
  private final TestFleet fleet = SoftirqsTest.cpu();

  InterruptCostTest() {
    fleet.horizonNs = SECOND;
  }

  private void hog() {
    fleet.task("hog", Policy.OTHER, 0, on(0), compute(100 * SECOND));
  }

  private void interrupts(long periodNs, long costNs) {
    fleet.softirq(SoftirqVector.TASKLET, on(0), new Periodic(periodNs), 1_000, fixed(0), costNs, 0);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 999, 5_000, 400_000})
  void interruptsStretchTheWorkOfATaskByTheirTime(long costNs) {
    hog();
    interrupts(MS, costNs);
    fleet.measure(
        "host.task hog.work-time",
        "host.task hog.sum_exec_runtime",
        "host.cpu 0.irq-time",
        "host.cpu 0.fair-cpu-time",
        "host.cpu 0.softirq-time");
    HostOutcome outcome = fleet.run();
    assertEquals(SECOND - 999 * costNs, outcome.measure(0));
    assertEquals(SECOND, outcome.measure(1), "without IRQ_TIME_ACCOUNTING the task pays");
    assertEquals(999 * costNs, outcome.measure(2));
    assertEquals(SECOND, outcome.measure(3));
    assertEquals(0, outcome.measure(4), "no work is left to softirq");
  }

  @Test
  void taskEndsLaterByTheInterruptsThatHitIt() {
    fleet.task("t", Policy.FIFO, 5, on(0), compute(10 * MS), new Step.Exit());
    interrupts(MS, 25 * US);
    fleet.measure("host.task t.work-time", "host.task t.sum_exec_runtime");
    Watched run = Watched.run(fleet);
    // 10 ms and ten interrupts, the one at 10 ms included.
    assertEquals(List.of("0 t", "10250 -"), run.switches(0, US, 2, "t", "migration"));
    assertEquals(10 * MS, run.outcome().measure(0));
    assertEquals(10_250 * US, run.outcome().measure(1));
  }

  @Test
  void interruptsThatOverlapFollowEachOther() {
    hog();
    fleet.softirq(SoftirqVector.TASKLET, on(0), arriving(MS), 1, fixed(MS), 30 * US, 0);
    fleet.softirq(SoftirqVector.TASKLET, on(0), arriving(MS + US), 1, fixed(MS), 50 * US, 0);
    Watched run = Watched.run(fleet);
    assertEquals(List.of(1_080L), run.times("softirq-entry", 0, US, 9));
    assertEquals(List.of(3_080L), run.times("softirq-exit", 0, US, 9));
    assertEquals(2, run.all("softirq-exit").get(0).value());
  }

  @ParameterizedTest
  @CsvSource({"100, 7000", "250, 7000", "1000, 1", "1000, 90000"})
  void ticksOfABusyCpuCostTheirTime(int hz, long costNs) {
    hog();
    fleet.knob(KernelKnob.HZ, hz).knob(KernelKnob.COST_TICK_NS, (double) costNs);
    fleet.measure(
        "host.task hog.work-time", "host.task hog.sum_exec_runtime", "host.cpu 0.irq-time");
    HostOutcome outcome = fleet.run();
    assertEquals((hz - 1) * costNs, outcome.measure(2), "the first tick is one period after 0");
    assertEquals(SECOND - (hz - 1) * costNs, outcome.measure(0));
    assertEquals(SECOND, outcome.measure(1));
  }

  @Test
  void timersOfSleepersCostTheirTime() {
    hog();
    fleet.task("sleeper", Policy.FIFO, 5, on(0), compute(100 * US), sleep(900 * US));
    fleet.knob(KernelKnob.COST_HRTIMER_NS, 20 * US);
    fleet.measure(
        "host.task hog.work-time",
        "host.task sleeper.rounds",
        "host.task sleeper.work-time",
        "host.cpu 0.irq-time",
        "host.task hog.sum_exec_runtime",
        "host.cpu 0.idle-time");
    fleet.horizonNs = 20 * US + 980 * 1_020 * US;
    HostOutcome outcome = fleet.run();
    // Both are woken at 0; then every round takes 20 us more than its 1 ms.
    assertEquals(40 * US, outcome.measure(5));
    assertEquals(979, outcome.measure(1));
    assertEquals(980 * 100 * US, outcome.measure(2));
    assertEquals(980 * 900 * US, outcome.measure(0));
    assertEquals((2 + 979) * 20 * US, outcome.measure(3));
    assertEquals(980 * 900 * US + 979 * 20 * US, outcome.measure(4));
  }

  @Test
  void interruptsStretchSoftirqWorkByTheirTime() {
    hog();
    fleet.knob(KernelKnob.HZ, 1000).knob(KernelKnob.COST_TICK_NS, 10 * US);
    fleet.softirq(SoftirqVector.TASKLET, on(0), arriving(1_500 * US), 1, fixed(20 * MS));
    fleet.measure("host.cpu 0.longest-softirq", "host.cpu 0.irq-time", "host.cpu 0.softirq-time");
    HostOutcome outcome = fleet.run();
    assertEquals(20 * MS + 20 * 10 * US, outcome.measure(0), "ticks at 2 to 21 ms");
    assertEquals(999 * 10 * US, outcome.measure(1));
    assertEquals(outcome.measure(0), outcome.measure(2));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 5_000, 300_000})
  void contextSwitchDelaysTheWorkAndIsCharged(long costNs) {
    fleet.task("t", Policy.FIFO, 5, on(0), compute(MS), sleep(MS));
    fleet.knob(KernelKnob.COST_CONTEXT_SWITCH_NS, (double) costNs);
    fleet.horizonNs = 300 * (2 * MS + costNs);
    fleet.measure(
        "host.task t.work-time",
        "host.task t.sum_exec_runtime",
        "host.task t.rounds",
        "host.cpu 0.rt-cpu-time",
        "host.task t.max-wakeup-latency");
    HostOutcome outcome = fleet.run();
    assertEquals(300 * MS, outcome.measure(0));
    assertEquals(300 * (MS + costNs), outcome.measure(1));
    assertEquals(299, outcome.measure(2));
    assertEquals(300 * (MS + costNs), outcome.measure(3));
    assertEquals(0, outcome.measure(4), "the switch itself is no waiting");
  }

  @Test
  void interruptDuringASwitchDelaysItsEnd() {
    fleet.task("t", Policy.FIFO, 5, on(0), compute(MS), new Step.Exit());
    fleet.knob(KernelKnob.COST_CONTEXT_SWITCH_NS, 100 * US);
    fleet.softirq(SoftirqVector.TASKLET, on(0), arriving(60 * US), 1, fixed(0), 10 * US, 0);
    Watched run = Watched.run(fleet);
    assertEquals(List.of("0 t", "1110 -"), run.switches(0, US, 2, "t", "migration"));
  }

  /** Three interrupts of 10 us leave 500 us each; a stop hits them in every phase. */
  @ParameterizedTest
  @ValueSource(doubles = {1, 0.4, 0})
  void stopDelaysInterruptsAndSoftirqsAndLosesNothing(double shown) {
    for (long atNs = 0; atNs < 4 * MS; atNs += 37 * US + 1) {
      TestFleet one = SoftirqsTest.cpu();
      one.horizonNs = 100 * MS;
      one.task("hog", Policy.OTHER, 0, on(0), compute(100 * SECOND));
      one.softirq(
          SoftirqVector.TASKLET,
          on(0),
          arriving(MS, MS + 300 * US, 3 * MS),
          10,
          fixed(500 * US),
          10 * US,
          0);
      one.operation(
          new Occurrence.At(List.of(fixed((double) atNs))),
          fixed(7 * MS),
          shown,
          false,
          fixed(0),
          ResumeOrder.INDEX);
      one.measure(
          "host.task hog.work-time",
          "host.cpu 0.softirq-items",
          "host.cpu 0.irq-time",
          "host.cpu 0.softirq-lost",
          "host.cpu 0.softirq-time",
          "host.task hog.sum_exec_runtime");
      HostOutcome outcome = one.run();
      String at = "stop at " + atNs;
      assertEquals(93 * MS - 3 * 510 * US, outcome.measure(0), at);
      assertEquals(3, outcome.measure(1), at);
      assertEquals(30 * US, outcome.measure(2), at);
      assertEquals(0, outcome.measure(3), at);
      long shownNs = Math.round(shown * 7 * MS);
      long extraNs = outcome.measure(4) - 3 * 500 * US;
      boolean hits = (atNs > 1_010 * US && atNs < 2_020 * US) || atNs > 3_010 * US;
      hits &= atNs < 3_510 * US;
      long interruptsNs = extraNs - (hits ? shownNs : 0);
      assertTrue(interruptsNs >= 0 && interruptsNs <= 20 * US, at + ": " + extraNs);
      assertEquals(93 * MS + shownNs, outcome.measure(5), at);
    }
  }

  @Test
  void stopOfOneCpuLeavesTheSoftirqsOfOthersAlone() {
    fleet.cpus = 2;
    fleet.tasklets(on(0, 1), 750 * US, 100, 500 * US);
    fleet.operations.add(
        new OperationSpec(
            OperationSpec.Kind.PAUSE,
            new Occurrence.At(List.of(fixed(900.0 * US))),
            new OperationSpec.Effect.Stop(
                on(0),
                new Blackout.Drawn(fixed(20 * MS)),
                new ClockVisibility.Share(fixed(1)),
                fixed(0),
                fixed(0),
                ResumeOrder.INDEX)));
    Watched run = Watched.run(fleet);
    assertEquals(List.of(21_250L), run.times("softirq-exit", 0, US, 1));
    assertEquals(List.of(1_250L, 2_000L), run.times("softirq-exit", 1, US, 2));
  }
}
