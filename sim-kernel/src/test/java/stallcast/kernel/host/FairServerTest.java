package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.compute;
import static stallcast.kernel.host.TestFleet.on;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.OperationSpec.ResumeOrder;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec.Policy;

/** Kernels from 6.12 on without RT groups (rt-throttle.md section 10); times in ms. */
class FairServerTest {
  private static final Step FOREVER = compute(10_000 * SECOND);

  private static TestFleet hogs(int hz) {
    TestFleet fleet = new TestFleet();
    fleet.cpus = 1;
    fleet.preset = "6.12";
    fleet.horizonNs = 40 * SECOND;
    return fleet
        .knob(KernelKnob.HZ, hz)
        .task("rt", Policy.FIFO, 50, on(0), FOREVER)
        .task("fair", Policy.OTHER, 0, on(0), FOREVER);
  }

  @ParameterizedTest
  @ValueSource(ints = {250, 1000})
  void starvedFairTaskGets50MsAfter950Ms(int hz) {
    Watched run = Watched.run(hogs(hz));
    List<Long> on = run.times("server-on", 0, MS, 20);
    List<Long> off = run.times("server-off", 0, MS, 20);
    long tickMs = 1000 / hz;
    long start = 0;
    for (int i = 0; i < 20; i++) {
      assertEquals(start + 950, on.get(i));
      long expected = (on.get(i) + 50 + tickMs - 1) / tickMs * tickMs; // tick that sees the end
      assertEquals(expected, off.get(i));
      start = off.get(i);
    }
    assertEquals(List.of(), run.all("throttle"));
  }

  @Test
  void rtAloneIsNeverStopped() {
    TestFleet fleet = hogs(250);
    fleet.tasks.remove(1);
    Watched run = Watched.run(fleet);
    assertEquals(List.of("0 rt"), run.switches(0, MS, 9, "rt"));
  }

  @Test
  void serverWithoutRuntimeIsOff() {
    TestFleet fleet = hogs(250).knob(KernelKnob.FAIR_SERVER_RUNTIME_NS, 0);
    assertEquals(List.of("0 rt"), Watched.run(fleet).switches(0, MS, 9, "rt", "fair"));
  }

  @Test
  void stallChargedToRtIsNoEpisode() {
    TestFleet fleet = hogs(250).stopAt(5_500 * MS, 20 * SECOND, false, 0, ResumeOrder.INDEX);
    Watched run = Watched.run(fleet);
    assertEquals(List.of(), run.all("throttle"));
  }

  @Test
  void stallChargedToAFairTaskCostsOneFreshPeriod() {
    TestFleet fleet = hogs(250).stopAt(960 * MS, 20 * SECOND, false, 0, ResumeOrder.INDEX);
    Watched run = Watched.run(fleet);
    // The server runs at the pause; the overdue tick takes 20 s from its 50 ms.
    assertEquals(List.of(950L, 20_960L + 950), run.times("server-on", 0, MS, 2));
    assertEquals(List.of(20_960L), run.times("server-off", 0, MS, 1));
    assertEquals(
        List.of("0 rt", "950 fair", "20960 rt", "21910 fair"),
        run.switches(0, MS, 4, "rt", "fair"));
  }
}
