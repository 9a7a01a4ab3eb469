package stallcast.coordinator.cluster;

import java.util.List;
import java.util.Optional;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.Fixed;
import stallcast.kernel.random.Uniform;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.Fidelity;
import stallcast.kernel.scenario.HostSpec;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.KernelSpec;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.StratumSpec;
import stallcast.kernel.scenario.TaskSpec;
import stallcast.kernel.scenario.TextChoice;

/** Fleets for tests of the cluster. */
final class FleetSamples {
  private FleetSamples() {}

  /** Hosts of two strata whose CPU count and watchdog threshold vary. */
  static ScenarioSpec mixed(long hosts) {
    return new ScenarioSpec(
        "mixed",
        20261120,
        hosts,
        1_000_000_000L,
        Fidelity.AUTO,
        Optional.empty(),
        ScenarioSpec.MAX_EVENTS_DEFAULT,
        ScenarioSpec.FREEZE_THRESHOLD_DEFAULT_NS,
        List.of(
            new StratumSpec("web", 0.25, host(new Uniform(1, 8))),
            new StratumSpec("storage", 0.75, host(new Uniform(8, 16)))),
        List.of());
  }

  private static HostSpec host(Distribution cpus) {
    KernelSpec.Setting threshold =
        new KernelSpec.Setting(KernelKnob.WATCHDOG_THRESH, new Uniform(1, 60));
    TaskSpec task =
        new TaskSpec(
            "sleeper",
            new TaskSpec.TaskCount(new Fixed(2), false),
            TaskSpec.Policy.OTHER,
            new Fixed(0),
            new Fixed(0),
            new Fixed(0),
            new CpuSelection.All(),
            "/",
            new Fixed(0),
            List.of(new Step.Compute(new Fixed(1e6)), new Step.Sleep(new Fixed(1e8))));
    return new HostSpec(
        cpus,
        new Fixed(1),
        new Fixed(1),
        new KernelSpec(TextChoice.of("5.15"), List.of(threshold)),
        List.of(),
        List.of(task),
        List.of(),
        List.of());
  }
}
