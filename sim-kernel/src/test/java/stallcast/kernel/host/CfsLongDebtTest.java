package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.fixed;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import stallcast.kernel.scenario.Fidelity;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.VcpuArch;

/** A debt that takes weeks to pay costs nothing, and is the same as if every refill were run. */
class CfsLongDebtTest {
  private static final long HOUR = 3_600 * SECOND;
  private static final String[] METRICS = {
    "host.cgroup /vm.nr_periods",
    "host.cgroup /vm.nr_throttled",
    "host.cgroup /vm.throttled_usec",
    "host.cgroup /vm.runtime_remaining",
    "host.cgroup /vm.runtime_remaining-min",
    "host.task vcpu.max-off-cpu",
    "host.task vcpu.sum_exec_runtime",
    "host.incident cfs-debt.longest"
  };

  /** One hour in the guest with 1 ms per second, then user mode: 999 hours of freeze. */
  private static TestFleet fleet(Fidelity fidelity, long horizonNs) {
    TestFleet fleet = new TestFleet();
    fleet.cpus = 1;
    fleet.preset = "7.1";
    fleet.fidelity = fidelity;
    fleet.horizonNs = horizonNs;
    fleet.limit("/vm", 1_000, 1_000_000);
    fleet.vcpus(
        "vcpu", 1, "/vm", VcpuArch.BOOK3S_HV, new Step.Guest(fixed(HOUR)), TestFleet.compute(MS));
    return fleet.measure(METRICS);
  }

  private static String results(HostOutcome outcome) {
    StringBuilder text = new StringBuilder(outcome.endReason().key());
    for (int m = 0; m < METRICS.length; m++) {
      text.append(' ').append(outcome.measure(m));
    }
    return text.toString();
  }

  @Test
  void thousandHoursOfAFrozenVcpuTakeNoTimeAndEqualExact() {
    long horizonNs = 1_001 * HOUR + 500 * MS;
    TestFleet auto = fleet(Fidelity.AUTO, horizonNs);
    auto.run(); // warm
    HostOutcome lazy = assertTimeout(Duration.ofSeconds(1), auto::run);
    assertEquals(999.0 * HOUR, (double) lazy.measure(5), 2.0 * SECOND);
    assertTrue(lazy.events() < 150_000, lazy.events() + " events");
    String expected = results(lazy);
    HostOutcome exact = fleet(Fidelity.EXACT, horizonNs).run();
    assertEquals(results(exact), expected);
    assertTrue(exact.events() > 3_600_000, exact.events() + " events");
  }

  @Test
  void booksReadInTheMiddleOfASkippedDebtAreUpToDate() {
    for (long horizonNs = 30 * HOUR; horizonNs < 31 * HOUR; horizonNs += 977_777_777_777L) {
      String lazy = results(fleet(Fidelity.AUTO, horizonNs).run());
      assertEquals(results(fleet(Fidelity.EXACT, horizonNs).run()), lazy);
    }
  }
}
