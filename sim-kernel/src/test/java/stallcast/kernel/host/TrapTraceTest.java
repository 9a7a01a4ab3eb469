package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.TestFleet.SECOND;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import stallcast.kernel.trace.TextTrace;

/** What a trace shows of a softirq trap, in the words of a kernel log. */
class TrapTraceTest {

  private static List<String> trace(TestFleet fleet, boolean everySwitch) {
    List<String> lines = new ArrayList<>();
    HostSimulation simulation = new HostSimulation(fleet.spec());
    simulation.watch(
        machine ->
            new TextTrace(
                machine.core(),
                machine.bandwidth(),
                new TextTrace.Names(machine::taskName, op -> "stop", group -> "/" + group),
                cpu -> true,
                everySwitch,
                lines::add));
    simulation.run(0);
    return lines;
  }

  @Test
  void trapIsToldFromItsFirstSoftirqToItsLast() {
    TestFleet fleet = SoftirqTrapTest.trap(101 * SECOND, 30 * SECOND);
    fleet.horizonNs = 131_001_000_000L;
    List<String> all = trace(fleet, true);
    int entry = find(all, "softirq_entry");
    assertEquals("[   101.000000000] cpu000 softirq_entry   vec=TASKLET in hog", all.get(entry));
    List<String> lines = all.subList(entry + 1, all.size());
    assertEquals(
        List.of(
            "[   106.000000000] cpu000 softirq-trap    no task has made progress for 5.000000 s",
            "[   122.004000000] cpu000 rcu-stall       stuck for 21 s",
            "[   124.000000000] cpu000 watchdog        BUG: soft lockup - CPU#0 stuck for 22s!"
                + " [hog]",
            "[   131.000000000] cpu000 softirq_exit    1 item served",
            "[   131.000000000] cpu000 freeze          migration/0 was runnable without CPU for"
                + " 27.000000 s",
            "[   131.000000000] cpu000 sched_switch    hog ==> migration/0"),
        lines.stream().filter(l -> !l.contains("sched_wakeup")).limit(6).toList());
    assertTrue(lines.stream().anyMatch(l -> l.endsWith("a task makes progress again")));
  }

  @Test
  void briefTraceLeavesSoftirqsOut() {
    TestFleet fleet = SoftirqTrapTest.trap(101 * SECOND, 30 * SECOND);
    List<String> lines = trace(fleet, false);
    assertEquals(-1, find(lines, "softirq_e"));
    assertTrue(find(lines, "soft lockup") >= 0);
  }

  @Test
  void hitsOfTheWalkerAreCountedFromLineToLine() {
    TestFleet fleet = HardLockupTest.starved(1, 13.0 * SECOND, 130_000);
    fleet.horizonNs = 19 * SECOND;
    List<String> lines = trace(fleet, true);
    int hits = find(lines, "irq_work");
    assertTrue(lines.get(hits).matches(".*push walker came by [0-9]+ times"), lines.get(hits));
    assertEquals(
        "[    18.000900000] cpu001 softirq-trap    no task has made progress for 5.000000 s",
        lines.get(hits + 1).replaceAll("18.0[0-9]*", "18.000900000"));
  }

  private static int find(List<String> lines, String text) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).contains(text)) {
        return i;
      }
    }
    return -1;
  }
}
