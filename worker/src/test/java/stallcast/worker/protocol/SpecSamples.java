package stallcast.worker.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import stallcast.kernel.random.ArrivalProcess;
import stallcast.kernel.random.Beta;
import stallcast.kernel.random.BoundedPareto;
import stallcast.kernel.random.Categorical;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.Empirical;
import stallcast.kernel.random.Exponential;
import stallcast.kernel.random.Fixed;
import stallcast.kernel.random.Gamma;
import stallcast.kernel.random.Geometric;
import stallcast.kernel.random.LogNormal;
import stallcast.kernel.random.LogUniform;
import stallcast.kernel.random.Mixture;
import stallcast.kernel.random.Mmpp;
import stallcast.kernel.random.Normal;
import stallcast.kernel.random.OnOff;
import stallcast.kernel.random.Pareto;
import stallcast.kernel.random.Periodic;
import stallcast.kernel.random.Poisson;
import stallcast.kernel.random.PoissonArrivals;
import stallcast.kernel.random.TraceArrivals;
import stallcast.kernel.random.Truncated;
import stallcast.kernel.random.Uniform;
import stallcast.kernel.random.Weibull;
import stallcast.kernel.scenario.CgroupSpec;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.Fidelity;
import stallcast.kernel.scenario.HostSpec;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.KernelSpec;
import stallcast.kernel.scenario.LockSpec;
import stallcast.kernel.scenario.MeasureSpec;
import stallcast.kernel.scenario.MetricName;
import stallcast.kernel.scenario.OperationSpec;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.kernel.scenario.SoftirqSpec;
import stallcast.kernel.scenario.SoftirqVector;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.StratumSpec;
import stallcast.kernel.scenario.TaskSpec;
import stallcast.kernel.scenario.TextChoice;
import stallcast.kernel.scenario.WindowSpec;

/** Scenarios for tests of the worker. */
public final class SpecSamples {
  private SpecSamples() {}

  /** A law that always gives one number. */
  public static Distribution fixed(double value) {
    return new Fixed(value);
  }

  /** One law of every kind. */
  public static List<Distribution> everyDistribution() {
    double[] three = {1, 2, 4};
    double[] two = {0.25, 0.75};
    return List.of(
        new Fixed(1),
        new Uniform(1, 2),
        new Exponential(3),
        new Beta(2, 3, 0, 1),
        new BoundedPareto(1, 100, 1.5),
        new Categorical(two, two),
        new Empirical(three, two, true),
        new Gamma(2, 3),
        new Geometric(3),
        new LogNormal(1, 0.5),
        new LogUniform(1, 10),
        new Mixture(new Distribution[] {new Fixed(1), new Normal(5, 1)}, two),
        new Normal(0, 1),
        new Pareto(1, 2),
        new Poisson(4),
        new Truncated(new Normal(0, 1), -1, Double.POSITIVE_INFINITY),
        new Weibull(1, 2));
  }

  /** One arrival process of every kind. */
  public static List<ArrivalProcess> everyArrivalProcess() {
    return List.of(
        new Periodic(750_000),
        new PoissonArrivals(2000),
        new Mmpp(new double[] {300, 3000}, new double[] {7e8, 1e8}),
        new OnOff(32, new Pareto(20e3, 1.6), new Pareto(20e3, 1.3), 5000),
        new TraceArrivals(new double[] {1, 2e9, 750_000}, true));
  }

  /** A scenario with softirq sources of every kind, a burst of one of them, and PSI polls. */
  public static ScenarioSpec softirq() {
    ScenarioSpec spec = scenario(1, List.of(task(new Step.PsiPoll(new Uniform(5e8, 1e10)))));
    HostSpec host = spec.strata().get(0).host();
    List<SoftirqSpec> sources = new ArrayList<>();
    for (ArrivalProcess arrivals : everyArrivalProcess()) {
      sources.add(source("source-" + sources.size(), arrivals));
    }
    OperationSpec burst =
        new OperationSpec(
            OperationSpec.Kind.LOAD_BURST,
            new OperationSpec.Occurrence.Times(fixed(3)),
            new OperationSpec.Effect.Burst("source-1", new Uniform(1, 5), new Exponential(1e9)));
    HostSpec busy =
        new HostSpec(
            host.cpus(),
            host.numaNodes(),
            host.smt(),
            host.kernel(),
            host.cgroups(),
            host.tasks(),
            sources,
            List.of(burst));
    return new ScenarioSpec(
        "softirq",
        spec.masterSeed(),
        spec.hosts(),
        spec.horizonNs(),
        spec.fidelity(),
        spec.window(),
        spec.maxEvents(),
        spec.freezeThresholdNs(),
        List.of(new StratumSpec("all", 1, busy)),
        spec.measures());
  }

  private static SoftirqSpec source(String name, ArrivalProcess arrivals) {
    return new SoftirqSpec(
        name,
        new CpuSelection.Listed(List.of(0, 1)),
        arrivals,
        new Beta(4, 6, 0, 1),
        SoftirqVector.TASKLET,
        fixed(20_000),
        new LogNormal(9, 1),
        fixed(100_000),
        fixed(1_000),
        fixed(0));
  }

  /** A scenario whose guests do everything that guests can. */
  public static ScenarioSpec guests() {
    ScenarioSpec spec =
        scenario(
            1,
            List.of(
                task(
                    new Step.GuestKernel(fixed(1e6)),
                    new Step.Lock("l"),
                    new Step.Unlock(),
                    new Step.Ipi(new Geometric(2)),
                    new Step.WaitIpi(),
                    new Step.YieldTo("spinner"))));
    HostSpec host = spec.strata().get(0).host();
    HostSpec locked =
        new HostSpec(
            host.cpus(),
            host.numaNodes(),
            host.smt(),
            host.kernel(),
            host.cgroups(),
            host.tasks(),
            host.softirq(),
            host.operations(),
            List.of(new LockSpec("l", LockSpec.Kind.PV, new Uniform(1, 4))));
    return new ScenarioSpec(
        "guests",
        spec.masterSeed(),
        spec.hosts(),
        spec.horizonNs(),
        spec.fidelity(),
        spec.window(),
        spec.maxEvents(),
        spec.freezeThresholdNs(),
        List.of(new StratumSpec("all", 1, locked)),
        spec.measures());
  }

  /** A fleet in which the CPU count varies and every host has five tasks. */
  public static ScenarioSpec small(long hosts) {
    return scenario(hosts, List.of(task(new Step.Compute(fixed(1e6)), new Step.Yield())));
  }

  /** A scenario of one stratum with the given task templates. */
  public static ScenarioSpec scenario(long hosts, List<TaskSpec> tasks) {
    HostSpec host =
        new HostSpec(
            everyDistribution().get(1),
            fixed(1),
            fixed(1),
            new KernelSpec(
                TextChoice.of("5.15"), List.of(new KernelSpec.Setting(KernelKnob.HZ, fixed(250)))),
            List.of(
                new CgroupSpec("/machine", fixed(950_000), fixed(1_000_000), fixed(100), fixed(0))),
            tasks,
            List.of(),
            operations());
    return new ScenarioSpec(
        "small",
        42,
        hosts,
        1_000_000_000L,
        Fidelity.AUTO,
        Optional.of(new WindowSpec(2_000_000_000L, 120_000_000_000L)),
        ScenarioSpec.MAX_EVENTS_DEFAULT,
        ScenarioSpec.FREEZE_THRESHOLD_DEFAULT_NS,
        List.of(new StratumSpec("all", 1, host)),
        List.of(measure("host.machine.events", OptionalLong.empty())));
  }

  /** A template of five tasks. */
  public static TaskSpec task(Step... program) {
    return new TaskSpec(
        "spinner",
        new TaskSpec.TaskCount(fixed(5), false),
        TaskSpec.Policy.FIFO,
        fixed(50),
        fixed(0),
        fixed(0),
        new CpuSelection.Listed(List.of(0, 1)),
        "/machine",
        fixed(0),
        List.of(program));
  }

  private static MeasureSpec measure(String name, OptionalLong atNs) {
    return new MeasureSpec(MetricName.parse(name, new java.util.ArrayList<>()).orElseThrow(), atNs);
  }

  private static List<OperationSpec> operations() {
    return List.of(
        new OperationSpec(
            OperationSpec.Kind.LIVE_MIGRATION,
            new OperationSpec.Occurrence.Rate(fixed(1e-5)),
            new OperationSpec.Effect.Stop(
                new CpuSelection.All(),
                new OperationSpec.Blackout.Drawn(fixed(5e7)),
                new OperationSpec.ClockVisibility.Share(fixed(1)),
                fixed(1),
                fixed(0),
                OperationSpec.ResumeOrder.INDEX)));
  }
}
