package stallcast.kernel.cpu;

import java.util.List;
import stallcast.kernel.engine.StateBuffer;
import stallcast.kernel.engine.Stateful;
import stallcast.kernel.engine.TimerQueue;
import stallcast.kernel.random.RandomStream;
import stallcast.kernel.scenario.CgroupSpec;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.Fidelity;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.HostSpec;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.LockSpec;
import stallcast.kernel.scenario.TaskSpec;

/**
 * The part of a kernel instance that every mechanism stands on: clock, tasks, core scheduler,
 * ticks, programs and stops. Built once per thread and reset for every host.
 */
public final class KernelCore implements Stateful {
  /** Rank of real-time tasks. */
  public static final int RANK_RT = 0;

  /** Rank of fair tasks. */
  public static final int RANK_FAIR = 1;

  /** Rank of the stopper threads. */
  public static final int RANK_STOP = 2;

  private static final long NS_PER_SECOND = 1_000_000_000L;

  private final TimerQueue timers;
  private final KernelClock clock;
  private final TaskTable tasks = new TaskTable();
  private final TaskModes modes = new TaskModes(tasks);
  private final TaskPrograms programs = new TaskPrograms(modes);
  private final CpuTime cpuTime;
  private final CpuTicks ticks;
  private final Scheduler scheduler;
  private final Interrupts interrupts;
  private final KernelThreads threads;
  private final StopClass stopClass;
  private final IsolatedLoops loops;
  private final PsiPolls psi;
  private final PlacementDeck deck = new PlacementDeck();
  private final Vms vms = new Vms();
  private final YieldTo yieldTo;
  private final TaskRunner runner;
  private final GuestStoppedFlag flag = new GuestStoppedFlag();
  private final Stops stops;
  private int cpuCount;
  private int[] servedCpus = new int[0]; // [served] CPUs that softirq sources interrupt
  private int ownTasks; // tasks of the scenario; threads of the kernel follow

  /** A kernel on an engine. */
  public KernelCore(TimerQueue timers) {
    this.timers = timers;
    clock = new KernelClock(timers);
    cpuTime = new CpuTime(clock, tasks);
    ticks = new CpuTicks(clock, timers);
    scheduler = new Scheduler(clock, tasks, cpuTime, ticks);
    interrupts = new Interrupts(clock, cpuTime, ticks, scheduler);
    threads = new KernelThreads(tasks, scheduler);
    stopClass = new StopClass(clock, tasks, scheduler);
    loops = new IsolatedLoops(clock, tasks, programs, cpuTime, scheduler);
    psi = new PsiPolls(loops);
    runner =
        new TaskRunner(
            clock, tasks, cpuTime, scheduler, programs, modes, interrupts, threads, loops, psi);
    yieldTo = new YieldTo(tasks, scheduler);
    stops = new Stops(timers, clock, cpuTime, ticks, scheduler, interrupts, flag);
    stops.addListener(loops);
  }

  /** Compiled programs of one stratum's templates. */
  public static final class Programs {
    private final Program[] byTemplate;

    /** Compiles the programs of a class of hosts. */
    public Programs(HostSpec host) {
      List<String> templates = host.tasks().stream().map(TaskSpec::name).toList();
      List<String> groups = host.cgroups().stream().map(CgroupSpec::path).toList();
      List<String> locks = host.locks().stream().map(LockSpec::name).toList();
      byTemplate =
          host.tasks().stream()
              .map(task -> TaskPrograms.compile(task.program(), templates, groups, locks))
              .toArray(Program[]::new);
    }
  }

  /**
   * Boots a host: every task exists and sleeps; nothing runs yet.
   *
   * @param config the machine
   * @param compiled programs of its stratum
   * @param masterSeed master seed of the streams
   * @param replicate number of the run on this host
   * @param fidelity whether every tick is run
   * @param observer what watches
   */
  public void reset(
      HostConfig config,
      Programs compiled,
      long masterSeed,
      int replicate,
      Fidelity fidelity,
      KernelObserver observer) {
    cpuCount = config.cpus();
    clock.reset();
    deck.reset(config, masterSeed);
    createTasks(config);
    vms.reset(config, tasks);
    modes.reset(config);
    programs.reset(compiled.byTemplate, ownTasks, masterSeed, config.hostIndex(), replicate);
    stops.reset(cpuCount, observer);
    cpuTime.reset(cpuCount, runner::onCompletion);
    interrupts.reset(cpuCount, masterSeed, config.hostIndex(), replicate);
    ticks.reset(
        scheduler,
        interrupts,
        cpuCount,
        NS_PER_SECOND / config.knob(KernelKnob.HZ),
        config.knob(KernelKnob.TICK_PHASE_NS),
        config.knob(KernelKnob.COST_TICK_NS),
        fidelity == Fidelity.EXACT);
    loops.reset(ownTasks, config.knob(KernelKnob.COST_CONTEXT_SWITCH_NS), runner);
    psi.reset(ownTasks);
    runner.reset(config, ticks.periodNs());
    flag.reset(cpuCount, observer);
    timers.afterExpiry(scheduler::runPending);
  }

  /**
   * Completes the boot once the classes are reset.
   *
   * @param pickers who is asked for the next task, in order of precedence
   * @param owners the classes that own tasks, by rank
   * @param softirq who serves softirqs
   * @param longWaitNs waits from this length on are observed, ns
   */
  public void start(
      HostConfig config,
      Picker[] pickers,
      SchedClass[] owners,
      SoftirqPort softirq,
      KernelObserver observer,
      long longWaitNs) {
    stopClass.reset(cpuCount);
    long switchNs = config.knob(KernelKnob.COST_CONTEXT_SWITCH_NS);
    scheduler.reset(cpuCount, pickers, owners, switchNs, observer, longWaitNs);
    yieldTo.reset(owners);
    interrupts.connect(softirq);
    scheduler.connect(softirq);
    long now = clock.nowNs();
    int task = 0;
    for (HostConfig.Template template : config.tasks()) {
      for (int i = 0; i < template.count(); i++, task++) {
        RandomStream stream = programs.stream(task);
        runner.startAt(task, now + Math.round(template.spec().startNs().sample(stream)));
      }
    }
  }

  private void createTasks(HostConfig config) {
    int total = 0;
    for (HostConfig.Template template : config.tasks()) {
      total += template.count();
    }
    ownTasks = total;
    int served = 0;
    if (servedCpus.length < cpuCount) {
      servedCpus = new int[cpuCount];
    }
    for (int cpu = 0; cpu < cpuCount; cpu++) {
      if (isServed(config, cpu)) {
        servedCpus[served++] = cpu;
      }
    }
    tasks.reset(total + KernelThreads.needed(served), cpuCount);
    int task = 0;
    for (int t = 0; t < config.tasks().size(); t++) {
      HostConfig.Template template = config.tasks().get(t);
      TaskSpec spec = template.spec();
      boolean fair = spec.policy().isFair();
      for (int i = 0; i < template.count(); i++, task++) {
        boolean rr = spec.policy() == TaskSpec.Policy.RR;
        tasks.define(task, t, fair ? RANK_FAIR : RANK_RT, rr, template.priority());
        tasks.place(task, template.nice(), template.cgroup() + 1);
        allow(task, i, spec.cpus());
      }
    }
    threads.reset(total, cpuCount, servedCpus, served);
  }

  /** Whether a source of softirq work interrupts a CPU. */
  private static boolean isServed(HostConfig config, int cpu) {
    for (HostConfig.Softirq source : config.softirq()) {
      CpuSelection cpus = source.spec().cpus();
      if (!(cpus instanceof CpuSelection.Listed listed) || listed.cpus().contains(cpu)) {
        return true;
      }
    }
    return false;
  }

  private void allow(int task, int index, CpuSelection cpus) {
    if (cpus instanceof CpuSelection.Listed listed) {
      int size = listed.cpus().size();
      for (int i = 0; i < size; i++) {
        tasks.allow(task, listed.cpus().get((i + index) % size));
      }
    } else if (cpus instanceof CpuSelection.Shuffled) {
      tasks.allow(task, deck.next());
    } else if (cpus instanceof CpuSelection.Each) {
      tasks.allow(task, index % cpuCount);
    } else if (cpus instanceof CpuSelection.EachOf each) {
      tasks.allow(task, each.cpus().get(index % each.cpus().size()));
    } else if (cpus instanceof CpuSelection.MigrationDisabled disabled) {
      int home = disabled.homes().get(index % disabled.homes().size());
      tasks.allowAll(task, cpuCount, home);
      tasks.disableMigration(task);
    } else {
      tasks.allowAll(task, cpuCount, index % cpuCount);
    }
  }

  /** Gives all streams of the kernel a new future, for splitting. */
  public void reseed(int level, long branch) {
    programs.reseed(level, branch);
    interrupts.reseed(level, branch);
  }

  /** CPUs of this instance. */
  public int cpuCount() {
    return cpuCount;
  }

  /** Its clock. */
  public KernelClock clock() {
    return clock;
  }

  /** Its tasks. */
  public TaskTable tasks() {
    return tasks;
  }

  /** What its CPUs execute. */
  public CpuTime cpuTime() {
    return cpuTime;
  }

  /** Its ticks. */
  public CpuTicks ticks() {
    return ticks;
  }

  /** Its core scheduler. */
  public Scheduler scheduler() {
    return scheduler;
  }

  /** The class of its stopper threads. */
  public SchedClass stopClass() {
    return stopClass;
  }

  /** Its interrupt contexts. */
  public Interrupts interrupts() {
    return interrupts;
  }

  /** Tasks that need not be run. */
  public IsolatedLoops loops() {
    return loops;
  }

  /**
   * Leaves loops on CPUs of their own to {@link #loops}, where nobody can tell the difference: if
   * no interrupt of theirs costs time. Called between {@link #reset} and the first expiry.
   *
   * @param everyRound whether what they ask of others is asked at its very instant
   */
  public void isolateLoops(HostConfig config, boolean everyRound) {
    if (config.knob(KernelKnob.COST_HRTIMER_NS) == 0 && config.knob(KernelKnob.COST_TICK_NS) == 0) {
      loops.find(config, threads, everyRound);
    }
  }

  /** Its own threads. */
  public KernelThreads threads() {
    return threads;
  }

  /** Its virtual machines. */
  public Vms vms() {
    return vms;
  }

  /** Directed yield between its tasks. */
  public YieldTo yieldTo() {
    return yieldTo;
  }

  /** Lets somebody answer for the guests of vCPUs; done once when the host is built. */
  public void serveGuests(GuestSteps steps) {
    runner.serveGuests(steps);
    scheduler.serveGuests(steps);
  }

  /** Where its tasks execute. */
  public TaskModes modes() {
    return modes;
  }

  /** What runs the programs. */
  public TaskRunner runner() {
    return runner;
  }

  /** Its guest-stopped flags. */
  public GuestStoppedFlag guestStoppedFlag() {
    return flag;
  }

  /** What stops and resumes its CPUs. */
  public Stops stops() {
    return stops;
  }

  @Override
  public void save(StateBuffer out) {
    clock.save(out);
    tasks.save(out);
    programs.save(out);
    modes.save(out);
    cpuTime.save(out);
    ticks.save(out);
    scheduler.save(out);
    stopClass.save(out);
    interrupts.save(out);
    loops.save(out);
    psi.save(out);
    runner.save(out);
    flag.save(out);
  }

  @Override
  public void restore(StateBuffer in) {
    clock.restore(in);
    tasks.restore(in);
    programs.restore(in);
    modes.restore(in);
    cpuTime.restore(in);
    ticks.restore(in);
    scheduler.restore(in);
    stopClass.restore(in);
    interrupts.restore(in);
    loops.restore(in);
    psi.restore(in);
    runner.restore(in);
    flag.restore(in);
  }
}
