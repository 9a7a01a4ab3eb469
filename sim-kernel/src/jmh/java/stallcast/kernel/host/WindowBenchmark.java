package stallcast.kernel.host;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.random.Exponential;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.Fidelity;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.HostSampler;
import stallcast.kernel.scenario.OperationSpec.ResumeOrder;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec.Policy;

/**
 * A 192-CPU machine with real-time and ordinary load and one 2 s stop: ten simulated seconds, with
 * every tick and with lazily settled ones; booting it; a snapshot of it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class WindowBenchmark {
  @Param({"EXACT", "AUTO"})
  private Fidelity fidelity;

  private HostSimulation simulation;
  private Machine machine;
  private HostConfig config;
  private final StateBuffer snapshot = new StateBuffer();
  private long host;

  @Setup
  public void prepare() {
    TestFleet fleet = new TestFleet();
    fleet.cpus = 192;
    fleet.fidelity = fidelity;
    fleet.horizonNs = 10 * TestFleet.SECOND;
    fleet.tasks(
        "poller",
        48,
        Policy.FIFO,
        50,
        new CpuSelection.Each(),
        TestFleet.fixed(0),
        new Step.Compute(new Exponential(TestFleet.MS)),
        TestFleet.sleep(19 * TestFleet.MS));
    fleet.tasks(
        "service",
        96,
        Policy.OTHER,
        0,
        new CpuSelection.All(),
        TestFleet.fixed(0),
        new Step.Compute(new Exponential(8 * TestFleet.MS)),
        new Step.Sleep(new Exponential(14 * TestFleet.MS)));
    fleet.stopAt(
        4 * TestFleet.SECOND, 2 * TestFleet.SECOND, true, TestFleet.US, ResumeOrder.INDEX);
    ScenarioSpec spec = fleet.spec();
    simulation = new HostSimulation(spec);
    machine = new Machine(spec);
    config = new HostSampler(spec).sample(0);
    machine.begin(config);
    machine.boot(config, 0, 0, 0);
  }

  @Benchmark
  public long tenSimulatedSeconds() {
    return simulation.run(host++).events();
  }

  @Benchmark
  public int boot() {
    machine.boot(config, 0, 0, 0);
    return machine.timers().timerCount();
  }

  @Benchmark
  public int saveAndRestore() {
    snapshot.clear();
    machine.save(snapshot);
    snapshot.rewind();
    machine.restore(snapshot);
    return snapshot.size();
  }
}
