package stallcast.kernel.host;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.SECOND;
import static stallcast.kernel.host.TestFleet.US;
import static stallcast.kernel.host.TestFleet.fixed;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stallcast.kernel.engine.RunLimits;
import stallcast.kernel.random.Exponential;
import stallcast.kernel.random.Uniform;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.HostSampler;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.LockSpec;
import stallcast.kernel.scenario.OperationSpec.Occurrence;
import stallcast.kernel.scenario.OperationSpec.ResumeOrder;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec.Policy;
import stallcast.kernel.scenario.VcpuArch;
import stallcast.kernel.scenario.YieldTargeting;

/** A large machine runs without allocating, by the thread's own allocation counter. */
class NoAllocationTest {
  private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** What the two calls of the counter and one {@link RunLimits} may take, bytes. */
  private static final long BYTES_MAX = 1_024;

  private static final long HORIZON_NS = 20 * SECOND;

  /** 192 CPUs with RT and fair load, devices, softirqs, traps, starvation, and five stops. */
  private static ScenarioSpec scenario(String preset) {
    TestFleet fleet = new TestFleet();
    fleet.preset = preset;
    fleet.cpus = 192;
    fleet.horizonNs = HORIZON_NS;
    fleet.cgroups.add(TestFleet.cgroup("/a", 0, 1_000_000, 50));
    fleet.cgroup = "/a";
    fleet.sliceNs = 5 * MS;
    fleet.tasks("grouped", 200, Policy.OTHER, 0, new CpuSelection.All(), fixed(0), work(2, 9));
    fleet.cgroup = "/";
    fleet.sliceNs = 0;
    fleet
        .knob(KernelKnob.RCU_CPU_STALL_TIMEOUT, 3)
        .knob(KernelKnob.WATCHDOG_THRESH, 1)
        .knob(KernelKnob.WORKQUEUE_WATCHDOG_THRESH, 1)
        .knob(KernelKnob.HUNG_TASK_TIMEOUT_SECS, 2)
        .tasks("rt", 192, Policy.FIFO, 5, new CpuSelection.Each(), new Uniform(0, MS), work(3, 20))
        .tasks("rr", 20, Policy.RR, 4, new CpuSelection.All(), fixed(0), work(30, 40))
        .tasks("fair", 300, Policy.OTHER, 0, new CpuSelection.All(), fixed(0), work(20, 30))
        .tasks(
            "io",
            20,
            Policy.OTHER,
            0,
            new CpuSelection.All(),
            fixed(0),
            new Step.Compute(fixed(MS)),
            new Step.BlockIo(new Uniform(0, 8.0 * SECOND)))
        .limit("/vm", 9_000_000, 100_000)
        .vcpus(
            "vcpu",
            180,
            "/vm",
            VcpuArch.BOOK3S_HV,
            new Step.Guest(new Exponential(30 * MS)),
            new Step.Halt(new Exponential(MS)),
            new Step.Syscall(new Exponential(5 * MS)))
        .vcpus(
            "agent",
            1,
            "/vm",
            VcpuArch.X86,
            new Step.Signal("vcpu"),
            new Step.WriteCpuMax("/vm", fixed(8_000_000), fixed(50_000)),
            new Step.Sleep(fixed(700 * MS)))
        .operation(
            new Occurrence.Times(fixed(5)),
            new Uniform(MS, 5.0 * SECOND),
            0.9,
            true,
            new Exponential(20 * US),
            ResumeOrder.INDEX);
    addMachine(fleet);
    SoftirqTrapTest.enter(fleet, 3, 6 * SECOND, 7 * SECOND);
    SoftirqTrapTest.enter(fleet, 7, 3 * MS, MS);
    fleet.knob(KernelKnob.CONSOLE_TOUCH_PERCENT, 50).knob(KernelKnob.COST_HRTIMER_NS, 900);
    RandomMachines.addStarvation(fleet, new SplittableRandom(preset.hashCode()));
    return fleet.spec();
  }

  private static void addMachine(TestFleet fleet) {
    fleet
        .lock("spin", LockSpec.Kind.SPIN, 2)
        .lock("pv", LockSpec.Kind.PV, 1)
        .vm("vm", 40, new CpuSelection.Shuffled(), VcpuArch.X86, guestWork())
        .knob(KernelKnob.APICV, 0)
        .knob(KernelKnob.PV_SCHED_YIELD, 1)
        .knob(KernelKnob.YIELD_TO_LAG_CREDIT, 1)
        .knob(KernelKnob.VCPU_DEBOOSTER_ENABLED, 1)
        .knob(KernelKnob.IPI_TRACKING_ENABLED, 1)
        .knob(KernelKnob.YIELD_TARGETING, YieldTargeting.IPI_PRIORITY.ordinal());
  }

  private static Step[] guestWork() {
    return new Step[] {
      new Step.Guest(new Exponential(20 * MS)),
      new Step.Lock("spin"),
      new Step.GuestKernel(new Exponential(MS)),
      new Step.Unlock(),
      new Step.Ipi(fixed(3)),
      new Step.WaitIpi(),
      new Step.Lock("pv"),
      new Step.GuestKernel(new Exponential(MS)),
      new Step.Unlock(),
      new Step.Ipi(fixed(1)),
      new Step.YieldTo("vm"),
      new Step.Halt(new Exponential(30 * MS))
    };
  }

  private static Step[] work(int computeMs, int sleepMs) {
    return new Step[] {
      new Step.Compute(new Exponential(computeMs * MS)),
      new Step.Sleep(new Exponential(sleepMs * MS))
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"5.4", "5.15", "6.6", "6.12", "7.1", "7.1+rfc", "7.2", "7.3"})
  void runOfAWarmMachineAllocatesNothing(String preset) {
    ScenarioSpec spec = scenario(preset);
    Machine machine = new Machine(spec);
    HostConfig config = new HostSampler(spec).sample(0);
    run(machine, config);
    long bytes = run(machine, config);
    long events = machine.timers().expiries();
    assertTrue(events > 100_000, events + " events");
    assertTrue(machine.incidents().size() > 3, machine.incidents().size() + " incidents");
    assertTrue(bytes <= BYTES_MAX, bytes + " bytes in " + events + " events");
  }

  /** Bytes that one run allocates, its boot left out. */
  private static long run(Machine machine, HostConfig config) {
    machine.begin(config);
    machine.boot(config, 0, 0, 0);
    long before = THREAD.getCurrentThreadAllocatedBytes();
    machine.timers().run(new RunLimits(HORIZON_NS, Long.MAX_VALUE));
    machine.recorder().finish();
    return THREAD.getCurrentThreadAllocatedBytes() - before;
  }
}
