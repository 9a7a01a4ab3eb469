package stallcast.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.random.Fixed;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.KernelPreset;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec;
import stallcast.kernel.scenario.VcpuArch;

/** The polling window of a halted vCPU, by the rules of kvm_vcpu_halt(). */
class VcpuHaltsTest {
  private static final long US = 1_000;

  private final VcpuHalts halts = new VcpuHalts();
  private long nowNs;

  private void boot(VcpuArch arch, long pollNs, long shrink) {
    long[] knobs = KernelPreset.parse("6.12").orElseThrow().defaults();
    knobs[KernelKnob.HALT_POLL_NS.ordinal()] = pollNs;
    knobs[KernelKnob.HALT_POLL_NS_SHRINK.ordinal()] = shrink;
    TaskSpec task =
        new TaskSpec(
            "vcpu",
            new TaskSpec.TaskCount(new Fixed(1), false),
            TaskSpec.Policy.OTHER,
            new Fixed(0),
            new Fixed(0),
            new Fixed(0),
            new CpuSelection.All(),
            "/",
            new Fixed(0),
            arch,
            "",
            List.of(new Step.Halt(new Fixed(1))));
    HostConfig config =
        new HostConfig(
            0,
            0,
            1,
            1,
            1,
            KernelPreset.parse("6.12").orElseThrow(),
            knobs,
            List.of(),
            List.of(new HostConfig.Template(task, 1, 0, 0, 0, -1)),
            List.of(),
            List.of(),
            List.of(),
            new double[0]);
    TaskTable tasks = new TaskTable();
    tasks.reset(1, 1);
    tasks.define(0, 0, KernelCore.RANK_FAIR, false, 0);
    halts.reset(config, tasks);
  }

  /** One halt. @return how long it polled, ns */
  private long halt(long ns) {
    long poll = halts.begin(0, nowNs, ns);
    assertTrue(halts.isPolling(0));
    if (poll < ns) {
      assertFalse(halts.isDue(0, nowNs + poll));
      assertEquals(nowNs + ns, halts.block(0));
      assertTrue(halts.isBlocked(0));
    }
    nowNs += ns;
    halts.end(0, nowNs);
    return poll;
  }

  @Test
  void windowGrowsWithShortHaltsUpToTheArchitecturesLimit() {
    boot(VcpuArch.X86, -1, 2);
    long[] expected = {0, 10, 20, 40, 80, 160, 190, 190};
    for (long us : expected) {
      assertEquals(us * US, halt(190 * US));
    }
  }

  @Test
  void windowShrinksWhenHaltsOutlastTheLimit() {
    boot(VcpuArch.X86, -1, 2);
    for (int i = 0; i < 6; i++) {
      halt(190 * US);
    }
    assertEquals(200 * US, halt(300 * US)); // 320 us, cut to the limit
    assertEquals(100 * US, halt(300 * US));
    assertEquals(50 * US, halt(300 * US));
    assertEquals(25 * US, halt(300 * US));
    assertEquals(12_500, halt(300 * US));
    assertEquals(0, halt(300 * US)); // 6.25 us is below the first window
  }

  @Test
  void shrinkOfZeroGivesUpAtOnce() {
    boot(VcpuArch.ARM64, -1, 0);
    for (int i = 0; i < 5; i++) {
      halt(400 * US);
    }
    assertTrue(halt(900 * US) > 0);
    assertEquals(0, halt(900 * US));
  }

  @Test
  void zeroTurnsPollingOff() {
    boot(VcpuArch.X86, 0, 2);
    for (int i = 0; i < 4; i++) {
      assertEquals(0, halt(5 * US));
    }
  }

  @Test
  void signalEndsTheHaltAndASnapshotBringsItBack() {
    boot(VcpuArch.X86, -1, 2);
    halt(100 * US);
    halts.begin(0, nowNs, 90 * US);
    halts.block(0);
    StateBuffer snapshot = new StateBuffer();
    halts.save(snapshot);
    halts.cutShort(0, nowNs);
    assertTrue(halts.isDue(0, nowNs));
    halts.end(0, nowNs);
    snapshot.rewind();
    halts.restore(snapshot);
    assertTrue(halts.isBlocked(0));
    assertFalse(halts.isDue(0, nowNs));
  }
}
