package stallcast.kernel.host;

import java.util.ArrayList;
import java.util.List;
import stallcast.kernel.cpu.IncidentLog;
import stallcast.kernel.cpu.KernelCore;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.cpu.KernelObservers;
import stallcast.kernel.cpu.Picker;
import stallcast.kernel.cpu.SchedClass;
import stallcast.kernel.cpu.Topology;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerQueue;
import stallcast.kernel.fair.CfsBandwidth;
import stallcast.kernel.fair.FairClass;
import stallcast.kernel.fair.FairServer;
import stallcast.kernel.random.RandomStream;
import stallcast.kernel.random.StreamPurpose;
import stallcast.kernel.rt.RtBandwidth;
import stallcast.kernel.rt.RtClass;
import stallcast.kernel.scenario.Fidelity;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.kernel.scenario.StratumSpec;
import stallcast.kernel.softirq.SoftirqSources;
import stallcast.kernel.softirq.Softirqs;
import stallcast.kernel.virt.OperationPlan;
import stallcast.kernel.virt.Operations;
import stallcast.kernel.virt.VcpuRunLoop;
import stallcast.kernel.watchdog.Console;
import stallcast.kernel.watchdog.HardLockupDetector;
import stallcast.kernel.watchdog.HungTaskChecker;
import stallcast.kernel.watchdog.IncidentRecorder;
import stallcast.kernel.watchdog.RcuStallDetector;
import stallcast.kernel.watchdog.SoftLockupDetector;
import stallcast.kernel.watchdog.SoftirqTraps;
import stallcast.kernel.watchdog.WorkqueueWatchdog;

/**
 * A wired machine: engine, kernel and what is done to it. Only constructs, resets and copies; it
 * decides nothing about scheduling. Objects are built once per thread and reset for every run.
 *
 * <p>State: all of it, through {@link #save}, {@link #restore} and {@link #reseed}.
 */
public final class Machine implements Stateful {
  private final ScenarioSpec spec;
  private final TimerQueue timers = new TimerQueue();
  private final KernelCore core = new KernelCore(timers);
  private final RtBandwidth bandwidth =
      new RtBandwidth(core.clock(), core.scheduler(), core.cpuTime(), core.guestStoppedFlag());
  private final RtClass rt = new RtClass(core, bandwidth);
  private final FairServer fairServer = new FairServer(core);
  private final CfsBandwidth cfs = new CfsBandwidth(core, timers);
  private final FairClass fair = new FairClass(core, fairServer, cfs);
  private final SchedClass[] owners = {rt, fair, core.stopClass()};
  private final Picker[] pickers = {core.stopClass(), fairServer, rt, fair};
  private final Softirqs softirqs = new Softirqs(core);
  private final SoftirqSources sources = new SoftirqSources(core, softirqs);
  private final SoftLockupDetector softLockup = new SoftLockupDetector(timers, core);
  private final Console console = new Console(core, softLockup);
  private final HardLockupDetector hardLockup =
      new HardLockupDetector(timers, core, softLockup, console);
  private final SoftirqTraps traps = new SoftirqTraps(core);
  private final RcuStallDetector rcu = new RcuStallDetector(timers, core, console);
  private final WorkqueueWatchdog workqueues = new WorkqueueWatchdog(core, console);
  private final HungTaskChecker hungTasks = new HungTaskChecker(core);
  private final IncidentLog incidents = new IncidentLog();
  private final IncidentRecorder recorder = new IncidentRecorder(core, bandwidth, incidents);
  private final VcpuRunLoop vcpus = new VcpuRunLoop(core);
  private final OperationPlan plan = new OperationPlan();
  private final Operations operations = new Operations(timers, core, plan, sources);
  private final Probes probes;
  private final List<KernelCore.Programs> programs = new ArrayList<>(); // [stratum]
  private final RandomStream guestState = new RandomStream();
  private KernelObserver observer = recorder;
  private HostConfig host;

  /** A machine for hosts of one scenario. */
  public Machine(ScenarioSpec spec) {
    this.spec = spec;
    probes = new Probes(spec, timers, this);
    for (StratumSpec stratum : spec.strata()) {
      programs.add(new KernelCore.Programs(stratum.host()));
    }
  }

  /** Lets somebody watch all following runs, next to the incident recorder. */
  public void watch(KernelObserver extra) {
    observer = new KernelObservers(List.of(recorder, extra));
  }

  /** Starts a host: nothing recorded, its operations drawn. */
  void begin(HostConfig config) {
    host = config;
    incidents.clear();
    plan.draw(config, spec.masterSeed(), spec.horizonNs());
    probes.begin(config);
    core.tasks().latencies().begin(config.tasks().size(), wantsWakeupQuantiles());
  }

  private boolean wantsWakeupQuantiles() {
    return spec.measures().stream().anyMatch(m -> m.metric().what().wakeupQuantile() > 0);
  }

  /**
   * Boots the machine.
   *
   * @param startNs engine time, ns
   * @param firstOccurrence first operation of the plan that can hit it
   * @param replicate number of the run on this host
   */
  void boot(HostConfig config, long startNs, int firstOccurrence, int replicate) {
    timers.reset(startNs, config.cpus() + 1);
    Topology topology = new Topology(config.cpus(), config.numaNodes(), config.smt());
    core.reset(
        config,
        programs.get(config.stratum()),
        spec.masterSeed(),
        replicate,
        spec.fidelity(),
        observer);
    bandwidth.reset(config, observer);
    rt.reset(config, topology, spec.masterSeed(), replicate, observer);
    fairServer.reset(config, fair, observer);
    fair.reset(config, topology);
    vcpus.reset(config, spec.masterSeed(), replicate);
    cfs.reset(config, fair, spec.fidelity(), spec.masterSeed(), replicate, observer);
    softLockup.reset(config, spec.fidelity(), watchdogPhaseNs(config, replicate), observer);
    console.reset(config, spec.masterSeed(), replicate);
    hardLockup.reset(config, spec.masterSeed(), replicate, observer);
    traps.reset(config, spec.freezeThresholdNs(), observer);
    rcu.reset(config, spec.masterSeed(), replicate, observer);
    workqueues.reset(config, spec.masterSeed(), replicate, observer);
    hungTasks.reset(config, spec.fidelity(), spec.masterSeed(), replicate, observer);
    recorder.reset(config, spec.freezeThresholdNs());
    sources.reset(config, spec.masterSeed(), replicate);
    softirqs.reset(config, observer);
    core.start(config, pickers, owners, softirqs, observer, spec.freezeThresholdNs());
    if (!observer.wantsEveryTask() && !bandwidth.isAccounting()) {
      core.isolateLoops(config, spec.fidelity() == Fidelity.EXACT);
    }
    operations.reset(config, spec.masterSeed(), firstOccurrence, observer);
    probes.arm(startNs);
  }

  private long watchdogPhaseNs(HostConfig config, int replicate) {
    long given = config.knob(KernelKnob.WATCHDOG_PHASE_NS);
    if (given >= 0) {
      return given;
    }
    long sampleNs = SoftLockupDetector.samplePeriodNs(config.knob(KernelKnob.WATCHDOG_THRESH));
    guestState.derive(
        spec.masterSeed(), StreamPurpose.GUEST_STATE, 0, config.hostIndex(), replicate, 0);
    return (long) (guestState.nextDouble() * sampleNs);
  }

  /**
   * Gives everything random a new future.
   *
   * @param level splitting level
   * @param branch its branch
   */
  public void reseed(int level, long branch) {
    core.reseed(level, branch);
    sources.reseed(level, branch);
    rt.reseed(level, branch);
    vcpus.reseed(level, branch);
    console.reseed(level, branch);
    rcu.reseed(level, branch);
    workqueues.reseed(level, branch);
    operations.reseed(level, branch);
  }

  /** The host that runs, or ran last. */
  public HostConfig host() {
    return host;
  }

  /** The engine. */
  public TimerQueue timers() {
    return timers;
  }

  /** The kernel. */
  public KernelCore core() {
    return core;
  }

  /** Its real-time bandwidth. */
  public RtBandwidth bandwidth() {
    return bandwidth;
  }

  /** Its cpu.max bandwidth. */
  public CfsBandwidth cfs() {
    return cfs;
  }

  /** Its vCPUs. */
  VcpuRunLoop vcpus() {
    return vcpus;
  }

  /** Its fair class. */
  FairClass fair() {
    return fair;
  }

  /** Its real-time class. */
  public RtClass rt() {
    return rt;
  }

  /** How it serves softirqs. */
  public Softirqs softirqs() {
    return softirqs;
  }

  /** Where its softirq work comes from. */
  public SoftirqSources sources() {
    return sources;
  }

  /** Name of a task, of the scenario or of the kernel's own. */
  public String taskName(int task) {
    return core.threads().isThread(task) ? core.threads().name(task) : host.taskName(task);
  }

  /** What is done to it. */
  public Operations operations() {
    return operations;
  }

  /** When that happens. */
  public OperationPlan plan() {
    return plan;
  }

  /** What it recorded. */
  public IncidentLog incidents() {
    return incidents;
  }

  IncidentRecorder recorder() {
    return recorder;
  }

  /** Whether a detector has ended it. */
  boolean isPanicked() {
    return softLockup.isPanicked() || hardLockup.isPanicked();
  }

  Probes probes() {
    return probes;
  }

  @Override
  public void save(StateBuffer out) {
    timers.save(out);
    core.save(out);
    bandwidth.save(out);
    rt.save(out);
    fairServer.save(out);
    fair.save(out);
    cfs.save(out);
    vcpus.save(out);
    sources.save(out);
    softirqs.save(out);
    softLockup.save(out);
    console.save(out);
    hardLockup.save(out);
    traps.save(out);
    rcu.save(out);
    workqueues.save(out);
    hungTasks.save(out);
    recorder.save(out);
    operations.save(out);
    probes.save(out);
  }

  @Override
  public void restore(StateBuffer in) {
    timers.restore(in);
    core.restore(in);
    bandwidth.restore(in);
    rt.restore(in);
    fairServer.restore(in);
    fair.restore(in);
    cfs.restore(in);
    vcpus.restore(in);
    sources.restore(in);
    softirqs.restore(in);
    softLockup.restore(in);
    console.restore(in);
    hardLockup.restore(in);
    traps.restore(in);
    rcu.restore(in);
    workqueues.restore(in);
    hungTasks.restore(in);
    recorder.restore(in);
    operations.restore(in);
    probes.restore(in);
    if (!in.isExhausted()) {
      throw new IllegalStateException("a snapshot was not read to its end");
    }
  }
}
