package stallcast.kernel.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import stallcast.kernel.cpu.IsolatedLoops;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.random.ArrivalProcess;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.Fixed;
import stallcast.kernel.random.Periodic;
import stallcast.kernel.random.TraceArrivals;
import stallcast.kernel.scenario.CgroupSpec;
import stallcast.kernel.scenario.CgroupSpec.CpuMax;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.Fidelity;
import stallcast.kernel.scenario.HostSpec;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.KernelSpec;
import stallcast.kernel.scenario.LockSpec;
import stallcast.kernel.scenario.MeasureSpec;
import stallcast.kernel.scenario.MetricName;
import stallcast.kernel.scenario.OperationSpec;
import stallcast.kernel.scenario.OperationSpec.Blackout;
import stallcast.kernel.scenario.OperationSpec.ClockVisibility;
import stallcast.kernel.scenario.OperationSpec.Occurrence;
import stallcast.kernel.scenario.OperationSpec.ResumeOrder;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.kernel.scenario.SoftirqSpec;
import stallcast.kernel.scenario.SoftirqVector;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.StratumSpec;
import stallcast.kernel.scenario.TaskSpec;
import stallcast.kernel.scenario.TextChoice;
import stallcast.kernel.scenario.VcpuArch;
import stallcast.kernel.scenario.WindowSpec;

/** Builds scenarios in tests; every value has a plain default. */
final class TestFleet {
  static final long US = 1_000;
  static final long MS = 1_000_000;
  static final long SECOND = 1_000_000_000;

  long seed = 1;
  long horizonNs = 100 * SECOND;
  Fidelity fidelity = Fidelity.AUTO;
  Optional<WindowSpec> window = Optional.empty();
  int cpus = 2;
  int numaNodes = 1;
  int smt = 1;
  int nice; // of the tasks that are added from now on
  long sliceNs; // of these tasks
  Distribution vmStart = new Fixed(0); // of virtual machines that are added from now on
  String cgroup = "/"; // of these tasks
  String preset = "5.15";
  final List<KernelSpec.Setting> knobs = new ArrayList<>();
  final List<CgroupSpec> cgroups = new ArrayList<>();
  final List<TaskSpec> tasks = new ArrayList<>();
  final List<LockSpec> locks = new ArrayList<>();
  final List<SoftirqSpec> softirq = new ArrayList<>();
  final List<OperationSpec> operations = new ArrayList<>();
  final List<MeasureSpec> measures = new ArrayList<>();

  static CgroupSpec cgroup(String path, int rtRuntimeUs, int rtPeriodUs, int weight) {
    return new CgroupSpec(path, fixed(rtRuntimeUs), fixed(rtPeriodUs), fixed(weight), fixed(0));
  }

  static Distribution fixed(double value) {
    return new Fixed(value);
  }

  TestFleet knob(KernelKnob knob, double value) {
    knobs.removeIf(o -> o.knob() == knob);
    knobs.add(new KernelSpec.Setting(knob, fixed(value)));
    return this;
  }

  TestFleet task(
      String name, TaskSpec.Policy policy, int priority, CpuSelection cpus, Step... program) {
    return tasks(name, 1, policy, priority, cpus, fixed(0), program);
  }

  TestFleet tasks(
      String name,
      int count,
      TaskSpec.Policy policy,
      int priority,
      CpuSelection cpus,
      Distribution start,
      Step... program) {
    tasks.add(
        new TaskSpec(
            name,
            new TaskSpec.TaskCount(fixed(count), false),
            policy,
            fixed(priority),
            fixed(nice),
            fixed((double) sliceNs),
            cpus,
            cgroup,
            start,
            List.of(program)));
    return this;
  }

  /** A group with a limit of CPU time; its period timer's grid starts at 0. */
  TestFleet limit(String path, long quotaUs, long periodUs) {
    CpuMax max = new CpuMax(fixed((double) quotaUs), fixed((double) periodUs), fixed(0), fixed(0));
    cgroups.add(new CgroupSpec(path, fixed(0), fixed(1_000_000), fixed(100), fixed(0), max));
    return this;
  }

  /** Tasks of a group, task i on CPU i. */
  TestFleet vcpus(String name, int count, String path, VcpuArch arch, Step... program) {
    tasks.add(
        new TaskSpec(
            name,
            new TaskSpec.TaskCount(fixed(count), false),
            TaskSpec.Policy.OTHER,
            fixed(0),
            fixed(0),
            fixed((double) sliceNs),
            new CpuSelection.Each(),
            path,
            fixed(0),
            arch,
            "",
            List.of(program)));
    return this;
  }

  /** vCPUs of a virtual machine, which is a template of the same name. */
  TestFleet vm(String name, int count, CpuSelection onCpus, VcpuArch arch, Step... program) {
    return vcpusOf(name, name, count, onCpus, arch, program);
  }

  /** A template of vCPUs of a virtual machine. */
  TestFleet vcpusOf(
      String vm, String name, int count, CpuSelection onCpus, VcpuArch arch, Step... program) {
    tasks.add(
        new TaskSpec(
            name,
            new TaskSpec.TaskCount(fixed(count), false),
            TaskSpec.Policy.OTHER,
            fixed(0),
            fixed(nice),
            fixed((double) sliceNs),
            onCpus,
            cgroup,
            vmStart,
            arch,
            vm,
            List.of(program)));
    return this;
  }

  /** A lock of every virtual machine. */
  TestFleet lock(String name, LockSpec.Kind kind, int count) {
    locks.add(new LockSpec(name, kind, fixed(count)));
    return this;
  }

  /** A source of tasklets with fixed bodies on some CPUs, one arrival every period. */
  TestFleet tasklets(CpuSelection onCpus, long periodNs, int pool, long bodyNs) {
    return softirq(
        SoftirqVector.TASKLET, onCpus, new Periodic(periodNs), pool, fixed((double) bodyNs));
  }

  TestFleet softirq(
      SoftirqVector vector,
      CpuSelection onCpus,
      ArrivalProcess arrivals,
      int pool,
      Distribution bodyNs) {
    return softirq(vector, onCpus, arrivals, pool, bodyNs, 0, 0);
  }

  TestFleet softirq(
      SoftirqVector vector,
      CpuSelection onCpus,
      ArrivalProcess arrivals,
      int pool,
      Distribution bodyNs,
      long interruptNs,
      double utilisation) {
    softirq.add(
        new SoftirqSpec(
            "source-" + softirq.size(),
            onCpus,
            arrivals,
            fixed(utilisation),
            vector,
            fixed(pool),
            bodyNs,
            fixed(0),
            fixed((double) interruptNs),
            fixed(0)));
    return this;
  }

  /** Arrivals at these instants, ns, ascending. */
  static ArrivalProcess arriving(long... atNs) {
    double[] gaps = new double[atNs.length];
    for (int i = 0; i < atNs.length; i++) {
      gaps[i] = atNs[i] - (i == 0 ? 0 : atNs[i - 1]);
    }
    return new TraceArrivals(gaps, false);
  }

  /** A stop of the whole machine at one instant, all of it shown by the clock. */
  TestFleet stopAt(long atNs, long stopNs, boolean flag, long skewNs, ResumeOrder order) {
    return operation(
        new Occurrence.At(List.of(fixed((double) atNs))),
        fixed((double) stopNs),
        1,
        flag,
        fixed((double) skewNs),
        order);
  }

  TestFleet operation(
      Occurrence occurrence,
      Distribution stop,
      double shown,
      boolean flag,
      Distribution skew,
      ResumeOrder order) {
    operations.add(
        new OperationSpec(
            OperationSpec.Kind.LIVE_MIGRATION,
            occurrence,
            new OperationSpec.Effect.Stop(
                new CpuSelection.All(),
                new Blackout.Drawn(stop),
                new ClockVisibility.Share(fixed(shown)),
                fixed(flag ? 1 : 0),
                skew,
                order)));
    return this;
  }

  TestFleet measure(String... names) {
    for (String name : names) {
      List<String> problems = new ArrayList<>();
      MetricName metric =
          MetricName.parse(name, problems)
              .orElseThrow(() -> new IllegalArgumentException(problems.toString()));
      measures.add(new MeasureSpec(metric, OptionalLong.empty()));
    }
    return this;
  }

  static CpuSelection on(Integer... cpus) {
    return new CpuSelection.Listed(List.of(cpus));
  }

  static Step compute(long ns) {
    return new Step.Compute(fixed((double) ns));
  }

  static Step sleep(long ns) {
    return new Step.Sleep(fixed((double) ns));
  }

  static Step until(long ns) {
    return new Step.Until(fixed((double) ns));
  }

  ScenarioSpec spec() {
    HostSpec host =
        new HostSpec(
            fixed(cpus),
            fixed(numaNodes),
            fixed(smt),
            new KernelSpec(TextChoice.of(preset), knobs),
            cgroups,
            tasks,
            softirq,
            operations,
            locks);
    return new ScenarioSpec(
        "test",
        seed,
        1,
        horizonNs,
        fidelity,
        window,
        ScenarioSpec.MAX_EVENTS_DEFAULT,
        ScenarioSpec.FREEZE_THRESHOLD_DEFAULT_NS,
        List.of(new StratumSpec("all", 1, host)),
        measures);
  }

  HostOutcome run() {
    return new HostSimulation(spec()).run(0);
  }

  /** Runs every task by the scheduler, even those that nobody can see ({@link IsolatedLoops}). */
  HostOutcome runEveryTask() {
    HostSimulation simulation = new HostSimulation(spec());
    simulation.watch(
        machine ->
            new KernelObserver() {
              @Override
              public boolean wantsEveryTask() {
                return true;
              }
            });
    return simulation.run(0);
  }
}
