package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.US;
import static stallcast.kernel.host.TestFleet.compute;
import static stallcast.kernel.host.TestFleet.fixed;
import static stallcast.kernel.host.TestFleet.on;
import static stallcast.kernel.host.TestFleet.sleep;
import static stallcast.kernel.host.TestFleet.until;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.Fidelity;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec.Policy;

/** When the threads of PSI triggers wake (psi_rtpoll_work(), v6.12): a poller alone on CPU 0. */
class PsiPollsTest {
  private static final long WINDOW_NS = SECOND;
  private static final long POLL_NS = WINDOW_NS / 10;

  private final TestFleet fleet = new TestFleet();

  PsiPollsTest() {
    fleet.preset = "6.12";
    fleet.horizonNs = 30 * SECOND;
    fleet.task("psimon", Policy.FIFO, 1, on(0), new Step.PsiPoll(fixed((double) WINDOW_NS)));
  }

  /** A task on CPU 1 that is woken at these instants. */
  private void wakeAt(List<Long> instants) {
    List<Step> program = new ArrayList<>();
    for (long atNs : instants) {
      program.add(until(atNs));
      program.add(compute(US));
    }
    program.add(new Step.Exit());
    fleet.tasks("other", 1, Policy.OTHER, 0, on(1), fixed(US), program.toArray(new Step[0]));
  }

  /** Instants at which the poller is switched in, us. */
  private List<Long> polls() {
    return Watched.run(fleet).all("switch").stream()
        .filter(e -> e.cpu() == 0 && e.other() == 0)
        .map(Watched.Event::atNs)
        .toList();
  }

  /** What the kernel's rule gives for wake-ups of others at some instants, ns. */
  private static List<Long> expected(List<Long> wakeups, long horizonNs, long jiffyNs) {
    List<Long> polls = new ArrayList<>();
    long now = 0;
    long seenNs = -1; // wake-ups up to here were seen
    long activeUntilNs = -1;
    while (now < horizonNs) {
      polls.add(now);
      long at = now;
      long since = seenNs;
      boolean first = polls.size() == 1;
      if (first || wakeups.stream().anyMatch(w -> w > since && w <= at)) {
        activeUntilNs = now + WINDOW_NS;
      }
      seenNs = now;
      if (now <= activeUntilNs) {
        now += POLL_NS;
      } else {
        now = wakeups.stream().filter(w -> w > at).findFirst().orElse(horizonNs) + jiffyNs;
      }
    }
    return polls;
  }

  @Test
  void pollerGoesOnForOneWindowBehindTheLastChangeAndThenSleeps() {
    wakeAt(List.of(10 * MS, 5_010 * MS));
    List<Long> ms = polls().stream().map(ns -> ns / MS).toList();
    List<Long> before = LongStream.rangeClosed(0, 12).mapToObj(i -> 100 * i).toList();
    List<Long> again = LongStream.rangeClosed(0, 11).mapToObj(i -> 5_014 + 100 * i).toList();
    List<Long> all = new ArrayList<>(before);
    all.addAll(again);
    assertEquals(all, ms, "a jiffy of 4 ms lies between the change and the poll");
  }

  @ParameterizedTest
  @CsvSource({"100", "250", "300", "1000"})
  void pollsFollowTheRuleForRandomWakeups(int hz) {
    fleet.knob(KernelKnob.HZ, hz);
    int slept = 0;
    for (int seed = 0; seed < 25; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<Long> instants = new ArrayList<>();
      long at = 0;
      while (instants.size() < 12) {
        at += random.nextLong(2 * US, random.nextBoolean() ? 300 * MS : 5 * SECOND);
        instants.add(at);
      }
      fleet.tasks.removeIf(task -> task.name().equals("other"));
      wakeAt(instants);
      List<Long> wakeups = new ArrayList<>(List.of(US)); // the start of the task itself
      wakeups.addAll(instants);
      List<Long> expected = expected(wakeups, fleet.horizonNs, SECOND / hz);
      assertEquals(expected, polls(), "seed " + seed);
      for (int i = 1; i < expected.size(); i++) {
        slept += expected.get(i) - expected.get(i - 1) != POLL_NS ? 1 : 0;
      }
    }
    assertTrue(slept > 25, slept + " sleeps without end");
  }

  @ParameterizedTest
  @EnumSource(Fidelity.class)
  void pollerNeverRestsWhileLoopsWakeAllTheTime(Fidelity fidelity) {
    fleet.fidelity = fidelity;
    fleet.cpus = 5;
    fleet.tasks(
        "loop",
        3,
        Policy.FIFO,
        50,
        new CpuSelection.EachOf(List.of(2, 3, 4)),
        fixed(0),
        compute(10 * US),
        sleep(30 * MS));
    fleet.measure("host.task psimon.nr_wakeups", "host.machine.events");
    HostOutcome outcome = fleet.run();
    assertEquals(300, outcome.measure(0));
    assertTrue(outcome.measure(1) > (fidelity == Fidelity.EXACT ? 6_000 : 600));
    assertTrue(fidelity == Fidelity.EXACT || outcome.measure(1) < 2_000, "loops are not run");
  }

  @ParameterizedTest
  @CsvSource({"5, 300", "45, 300", "55, 300", "900, 300", "3000, 120", "10000, 36"})
  void pollerRestsBetweenTheRoundsOfASlowLoop(long sleepMs, long polls) {
    fleet.task("loop", Policy.FIFO, 50, on(1), compute(10 * US), sleep(sleepMs * MS));
    fleet.measure("host.task psimon.nr_wakeups");
    fleet.fidelity = Fidelity.EXACT;
    assertEquals((double) polls, (double) fleet.run().measure(0), 1.0);
    long exact = fleet.run().measure(0);
    fleet.fidelity = Fidelity.AUTO;
    assertEquals(exact, fleet.run().measure(0));
  }

  @Test
  void pollersDoNotKeepEachOtherAwake() {
    fleet.cpus = 3;
    fleet.task("more", Policy.FIFO, 1, on(2), new Step.PsiPoll(fixed(2.0 * WINDOW_NS)));
    fleet.measure("host.task psimon.nr_wakeups", "host.task more.nr_wakeups");
    HostOutcome outcome = fleet.run();
    assertEquals(13, outcome.measure(0), "0 to 1.2 s: it sees the other one being created");
    assertEquals(12, outcome.measure(1), "0 to 2.2 s");
  }
}
