package stallcast.coordinator.scenario;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.Fixed;
import stallcast.kernel.scenario.CgroupSpec;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec;
import stallcast.kernel.scenario.TaskSpec.Policy;
import stallcast.kernel.scenario.TaskSpec.TaskCount;
import stallcast.kernel.scenario.VcpuArch;

/** Reads one entry of {@code tasks}. */
final class TaskReader {
  private static final double TASKS_MAX = 100_000;
  private static final ScalarReader COUNT =
      new ScalarReader(Quantity.WHOLE, Bounds.of(0, TASKS_MAX));
  private static final ScalarReader PER_CPU =
      new ScalarReader(Quantity.NUMBER, Bounds.of(0, 1_000));
  private static final ScalarReader PRIORITY = new ScalarReader(Quantity.WHOLE, Bounds.of(1, 99));
  private static final ScalarReader NICE = new ScalarReader(Quantity.WHOLE, Bounds.of(-20, 19));
  private static final double SLICE_MIN_NS = 100_000;
  private static final ScalarReader SLICE =
      new ScalarReader(Quantity.TIME, Bounds.of(0, 100_000_000));
  private static final ScalarReader START = new ScalarReader(Quantity.TIME, Bounds.NOT_NEGATIVE);

  private final int cpusMin;
  private final int cpusMax;
  private final Optional<List<CgroupSpec>> cgroups;
  private final boolean groupSched;
  private final ProgramReader programs;

  /**
   * A reader for one class of hosts.
   *
   * @param cpusMin CPUs of the smallest host
   * @param cpusMax CPUs of the largest host
   * @param cgroups its control groups, empty if they could not be read
   * @param groupSched whether RT_GROUP_SCHED may be on
   * @param programs reader of what its tasks do
   */
  TaskReader(
      int cpusMin,
      int cpusMax,
      Optional<List<CgroupSpec>> cgroups,
      boolean groupSched,
      ProgramReader programs) {
    this.cpusMin = cpusMin;
    this.cpusMax = cpusMax;
    this.cgroups = cgroups;
    this.groupSched = groupSched;
    this.programs = programs;
  }

  /**
   * Reads a task template.
   *
   * @return empty with a problem reported
   */
  Optional<TaskSpec> read(Cursor task) {
    Optional<TaskCount> count = count(task);
    Policy policy = policy(task);
    Optional<Distribution> priority = priority(task, policy);
    Optional<Distribution> nice = NICE.read(task, "nice", new Fixed(0));
    Optional<Distribution> slice = slice(task, policy);
    Optional<CpuSelection> cpus = new CpuListReader(cpusMin, true).read(task);
    Optional<Distribution> start = START.read(task, "start", new Fixed(0));
    Optional<List<Step>> program = programs.read(task);
    String cgroup = cgroup(task, policy);
    String name = task.text("name", "");
    boolean complete =
        count.isPresent()
            && priority.isPresent()
            && nice.isPresent()
            && slice.isPresent()
            && cpus.isPresent()
            && start.isPresent()
            && program.isPresent();
    if (!complete || task.problems().isBroken(task.field())) {
      return Optional.empty();
    }
    return Optional.of(
        new TaskSpec(
            name,
            count.get(),
            policy,
            priority.get(),
            nice.get(),
            slice.get(),
            cpus.get(),
            cgroup,
            start.get(),
            VcpuArch.find(task.text("arch", "x86")).orElse(VcpuArch.X86), // the schema reports it
            task.text("vm", ""),
            program.get()));
  }

  private Optional<TaskCount> count(Cursor task) {
    Optional<Cursor> at = task.find("count");
    if (at.isEmpty()) {
      return Optional.of(new TaskCount(new Fixed(1), false));
    }
    if (at.get().text().orElse("").equals("per-cpu")) {
      return Optional.of(new TaskCount(new Fixed(1), true));
    }
    Optional<Cursor> perCpu = at.get().find("per-cpu");
    if (perCpu.isPresent() && at.get().keys().size() == 1) {
      Optional<Distribution> law = PER_CPU.read(perCpu.get());
      if (law.isPresent() && law.get().upper() * cpusMax > TASKS_MAX) {
        perCpu.get().problem("count means more than 100000 tasks on the largest host");
      }
      return law.map(l -> new TaskCount(l, true));
    }
    return COUNT.read(at.get()).map(law -> new TaskCount(law, false));
  }

  private static Policy policy(Cursor task) {
    String word = task.text("policy", "other");
    for (Policy policy : Policy.values()) {
      if (policy.name().toLowerCase(Locale.ROOT).equals(word)) {
        return policy;
      }
    }
    return Policy.OTHER; // the schema reports it
  }

  private static Optional<Distribution> priority(Cursor task, Policy policy) {
    Optional<Cursor> at = task.find("priority");
    if (policy.isFair()) {
      String word = policy.name().toLowerCase(Locale.ROOT);
      at.ifPresent(p -> p.note("priority has no effect with policy " + word));
      if (policy == Policy.IDLE) {
        task.find("nice").ifPresent(n -> n.note("nice has no effect with policy idle"));
      }
      return PRIORITY.read(task, "priority", new Fixed(0)).map(law -> new Fixed(0));
    }
    task.find("nice").ifPresent(n -> n.note("nice has no effect with policy fifo or rr"));
    if (at.isEmpty()) {
      String words = policy.name().toLowerCase(Locale.ROOT);
      task.missing("priority", "policy " + words + " needs the key 'priority', 1..99");
      return Optional.empty();
    }
    return PRIORITY.read(at.get());
  }

  /** A slice as sched_setattr takes it; the kernel would move one out of range to its ends. */
  private static Optional<Distribution> slice(Cursor task, Policy policy) {
    Optional<Distribution> slice = SLICE.read(task, "slice", new Fixed(0));
    Optional<Cursor> at = task.find("slice");
    if (at.isPresent() && slice.isPresent()) {
      boolean none = slice.get().isFixed() && slice.get().mean() == 0;
      if (!none && slice.get().lower() < SLICE_MIN_NS) {
        at.get().problem("slice must be in 100us..100ms, or 0 for the base slice");
        return Optional.empty();
      }
      if (policy != Policy.OTHER && policy != Policy.BATCH) {
        String word = policy.name().toLowerCase(Locale.ROOT);
        at.get().note("slice has no effect with policy " + word);
      }
    }
    return slice;
  }

  private String cgroup(Cursor task, Policy policy) {
    String path = task.text("cgroup", "/");
    if (path.equals("/") || cgroups.isEmpty()) {
      return path;
    }
    Cursor at = task.find("cgroup").orElseThrow();
    List<CgroupSpec> groups = cgroups.get();
    Optional<CgroupSpec> group = groups.stream().filter(g -> g.path().equals(path)).findFirst();
    if (group.isEmpty()) {
      List<String> legal =
          Stream.concat(Stream.of("/"), groups.stream().map(CgroupSpec::path)).toList();
      at.problem(Suggestion.unknown("cgroup", path, legal));
    } else if (groupSched && !policy.isFair() && mayBeZero(group.get())) {
      at.problem(
          "with RT_GROUP_SCHED an RT task needs RT runtime, but cpu.rt_runtime_us of "
              + path
              + " can be 0 (its default): the kernel refuses the task");
    }
    return path;
  }

  private static boolean mayBeZero(CgroupSpec group) {
    Distribution law = group.rtRuntimeUs();
    return law.isFixed() ? law.mean() == 0 : law.cdf(0.5) - law.cdf(-0.5) > 0;
  }
}
