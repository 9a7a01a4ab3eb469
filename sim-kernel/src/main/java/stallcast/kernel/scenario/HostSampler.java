package stallcast.kernel.scenario;

import java.util.ArrayList;
import java.util.List;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.RandomStream;
import stallcast.kernel.random.StreamPurpose;
import stallcast.kernel.scenario.OperationSpec.Occurrence;

/**
 * Draws hosts of a fleet. A host depends on the scenario, the master seed and its global index, and
 * on nothing else: every scalar has an address of its own in the configuration streams ({@link
 * StreamPurpose#CONFIG}), so that making one scalar random moves no other.
 */
public final class HostSampler {
  // Addresses in the configuration streams: append only, never reuse (statistics.md 10.1).
  private static final int STRATUM = 0;
  private static final int CPUS = 1;
  private static final int NUMA_NODES = 2;
  private static final int SMT = 3;
  private static final int PRESET = 4;
  private static final int KNOBS = 1 << 10; // + ordinal
  private static final int TASKS = 1 << 16; // + 8 * template + field
  private static final int CGROUPS = 1 << 20; // + 8 * cgroup + field
  private static final int OPERATIONS = 1 << 22; // + 8 * operation + field
  private static final int SOFTIRQ = 1 << 23; // + 8 * source + field
  private static final int LOCKS = 1 << 21; // + lock
  private static final int FIELDS = 8;

  private final ScenarioSpec spec;
  private final HostColumns columns;
  private final RandomStream stream = new RandomStream();
  private final KernelPreset[][] presets; // [stratum][choice]

  /** A sampler of one scenario. */
  public HostSampler(ScenarioSpec spec) {
    this.spec = spec;
    this.columns = new HostColumns(spec);
    presets = new KernelPreset[spec.strata().size()][];
    for (int s = 0; s < presets.length; s++) {
      List<String> words = spec.strata().get(s).host().kernel().preset().values();
      presets[s] = new KernelPreset[words.size()];
      for (int i = 0; i < words.size(); i++) {
        String word = words.get(i);
        presets[s][i] =
            KernelPreset.parse(word)
                .orElseThrow(() -> new IllegalArgumentException("unknown kernel preset " + word));
      }
    }
  }

  /** The configuration values that vary over the fleet, in column order. */
  public List<ConfigColumn> columns() {
    return columns.list();
  }

  /**
   * Draws one host.
   *
   * @param hostIndex global index, &gt;= 0
   */
  public HostConfig sample(long hostIndex) {
    int stratum = drawStratum(hostIndex);
    HostSpec host = spec.strata().get(stratum).host();
    int cpus = (int) whole(host.cpus(), hostIndex, CPUS);
    int numaNodes = (int) Math.min(cpus, whole(host.numaNodes(), hostIndex, NUMA_NODES));
    int smt = (int) Math.min(cpus, whole(host.smt(), hostIndex, SMT));
    int choice = drawWord(host.kernel().preset(), hostIndex);
    KernelPreset preset = presets[stratum][choice];
    long[] knobs = preset.defaults();
    for (KernelSpec.Setting setting : host.kernel().settings()) {
      int knob = setting.knob().ordinal();
      knobs[knob] = whole(setting.value(), hostIndex, KNOBS + knob);
    }
    List<HostConfig.Cgroup> cgroups = drawCgroups(host, hostIndex);
    List<HostConfig.Template> tasks = drawTasks(host, hostIndex, cpus);
    List<HostConfig.Operation> operations = drawOperations(host, hostIndex);
    HostConfig config =
        new HostConfig(
            hostIndex,
            stratum,
            cpus,
            numaNodes,
            smt,
            preset,
            knobs,
            cgroups,
            tasks,
            drawSoftirq(host, hostIndex),
            operations,
            drawLocks(host, hostIndex),
            new double[columns.list().size()]);
    columns.fill(config, spec.strata().get(stratum), choice);
    return config;
  }

  private int drawStratum(long hostIndex) {
    int last = spec.strata().size() - 1;
    if (last == 0) {
      return 0;
    }
    address(hostIndex, STRATUM);
    double u = stream.nextDouble();
    for (int s = 0; s < last; s++) {
      u -= spec.strata().get(s).weight();
      if (u < 0) {
        return s;
      }
    }
    return last;
  }

  private int drawWord(TextChoice choice, long hostIndex) {
    if (choice.isFixed()) {
      return 0;
    }
    address(hostIndex, PRESET);
    double u = stream.nextDouble();
    int last = choice.values().size() - 1;
    for (int i = 0; i < last; i++) {
      u -= choice.weights().get(i);
      if (u < 0) {
        return i;
      }
    }
    return last;
  }

  private List<HostConfig.Cgroup> drawCgroups(HostSpec host, long hostIndex) {
    List<HostConfig.Cgroup> drawn = new ArrayList<>(host.cgroups().size());
    for (int g = 0; g < host.cgroups().size(); g++) {
      CgroupSpec group = host.cgroups().get(g);
      int at = CGROUPS + FIELDS * g;
      drawn.add(
          new HostConfig.Cgroup(
              group.path(),
              parentOf(host.cgroups(), g),
              whole(group.rtRuntimeUs(), hostIndex, at),
              whole(group.rtPeriodUs(), hostIndex, at + 1),
              (int) whole(group.weight(), hostIndex, at + 2),
              whole(group.idle(), hostIndex, at + 3) != 0,
              whole(group.max().quotaUs(), hostIndex, at + 4),
              whole(group.max().periodUs(), hostIndex, at + 5),
              whole(group.max().burstUs(), hostIndex, at + 6),
              whole(group.max().timerPhaseNs(), hostIndex, at + 7)));
    }
    return drawn;
  }

  /** The listed group with the longest path that is a proper prefix of group {@code g}'s. */
  private static int parentOf(List<CgroupSpec> groups, int g) {
    int parent = -1;
    int longest = 0;
    for (int i = 0; i < groups.size(); i++) {
      String path = groups.get(i).path();
      if (i != g && groups.get(g).path().startsWith(path + "/") && path.length() > longest) {
        parent = i;
        longest = path.length();
      }
    }
    return parent;
  }

  private List<HostConfig.Template> drawTasks(HostSpec host, long hostIndex, int cpus) {
    List<HostConfig.Template> drawn = new ArrayList<>(host.tasks().size());
    for (int t = 0; t < host.tasks().size(); t++) {
      TaskSpec task = host.tasks().get(t);
      int at = TASKS + FIELDS * t;
      double count = real(task.count().value(), hostIndex, at);
      boolean fair = task.policy().isFair();
      drawn.add(
          new HostConfig.Template(
              task,
              (int) Math.rint(task.count().perCpu() ? count * cpus : count),
              fair ? 0 : (int) whole(task.priority(), hostIndex, at + 1),
              (int) whole(task.nice(), hostIndex, at + 2),
              whole(task.sliceNs(), hostIndex, at + 3),
              cgroupIndex(host.cgroups(), task.cgroup())));
    }
    return drawn;
  }

  private static int cgroupIndex(List<CgroupSpec> groups, String path) {
    for (int g = 0; g < groups.size(); g++) {
      if (groups.get(g).path().equals(path)) {
        return g;
      }
    }
    return -1;
  }

  private List<HostConfig.Softirq> drawSoftirq(HostSpec host, long hostIndex) {
    List<HostConfig.Softirq> drawn = new ArrayList<>(host.softirq().size());
    for (int s = 0; s < host.softirq().size(); s++) {
      SoftirqSpec source = host.softirq().get(s);
      int at = SOFTIRQ + FIELDS * s;
      drawn.add(
          new HostConfig.Softirq(
              source,
              (int) whole(source.pool(), hostIndex, at),
              whole(source.overheadNs(), hostIndex, at + 1),
              whole(source.interruptNs(), hostIndex, at + 2)));
    }
    return drawn;
  }

  private List<HostConfig.Lock> drawLocks(HostSpec host, long hostIndex) {
    List<HostConfig.Lock> drawn = new ArrayList<>(host.locks().size());
    for (int l = 0; l < host.locks().size(); l++) {
      LockSpec lock = host.locks().get(l);
      drawn.add(new HostConfig.Lock(lock, (int) whole(lock.count(), hostIndex, LOCKS + l)));
    }
    return drawn;
  }

  private List<HostConfig.Operation> drawOperations(HostSpec host, long hostIndex) {
    List<HostConfig.Operation> drawn = new ArrayList<>(host.operations().size());
    for (int o = 0; o < host.operations().size(); o++) {
      OperationSpec operation = host.operations().get(o);
      int at = OPERATIONS + FIELDS * o;
      double rate = 0;
      int times = 0;
      if (operation.occurrence() instanceof Occurrence.Rate law) {
        rate = real(law.perSecond(), hostIndex, at);
      } else if (operation.occurrence() instanceof Occurrence.Times law) {
        times = (int) whole(law.times(), hostIndex, at);
      }
      drawn.add(new HostConfig.Operation(operation, rate, times));
    }
    return drawn;
  }

  private void address(long hostIndex, int entity) {
    stream.derive(spec.masterSeed(), StreamPurpose.CONFIG, 0, hostIndex, 0, entity);
  }

  private double real(Distribution law, long hostIndex, int entity) {
    if (!law.isFixed()) {
      address(hostIndex, entity);
    }
    return law.sample(stream);
  }

  private long whole(Distribution law, long hostIndex, int entity) {
    return Math.round(real(law, hostIndex, entity));
  }
}
