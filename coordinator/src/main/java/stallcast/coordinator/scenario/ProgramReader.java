package stallcast.coordinator.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import stallcast.kernel.cpu.TaskPrograms;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.scenario.CgroupSpec;
import stallcast.kernel.scenario.KernelPreset;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TextChoice;

/** Reads the {@code program} of a task. */
final class ProgramReader {
  private static final ScalarReader TIME = new ScalarReader(Quantity.TIME, Bounds.NOT_NEGATIVE);
  private static final ScalarReader TIMES =
      new ScalarReader(Quantity.WHOLE, Bounds.of(0, Integer.MAX_VALUE));

  // Windows of PSI triggers, ns (incidents-and-sysctls.md 2): 500 ms..10 s before 6.5.
  private static final double WINDOW_MAX_NS = 10e9;
  private static final Bounds WINDOW_OLD = Bounds.of(0.5e9, WINDOW_MAX_NS);
  private static final Bounds WINDOW_NEW = Bounds.above(0, WINDOW_MAX_NS);

  private final ScalarReader window;
  private final List<String> tasks;
  private final Optional<List<CgroupSpec>> cgroups;
  private final GuestStepReader guests;

  /**
   * A reader for one class of hosts.
   *
   * @param preset kernels of the hosts; if none could be read, what any kernel takes is legal
   * @param tasks names of their task templates
   * @param cgroups their control groups, empty if they could not be read
   * @param guests reader of what guests do to each other
   */
  ProgramReader(
      Optional<TextChoice> preset,
      List<String> tasks,
      Optional<List<CgroupSpec>> cgroups,
      GuestStepReader guests) {
    boolean old =
        preset.stream()
            .flatMap(choice -> choice.values().stream())
            .anyMatch(word -> !KernelPreset.parse(word).orElseThrow().atLeast(6, 5));
    window = new ScalarReader(Quantity.TIME, old ? WINDOW_OLD : WINDOW_NEW);
    this.tasks = tasks;
    this.cgroups = cgroups;
    this.guests = guests;
  }

  /**
   * Reads the program of a task.
   *
   * @return empty with a problem reported
   */
  Optional<List<Step>> read(Cursor task) {
    Optional<Cursor> at = task.find("program");
    if (at.isEmpty()) {
      return Optional.empty(); // the schema reports it
    }
    Cursor program = at.get();
    List<Step> steps = steps(program);
    if (program.problems().isBroken(program.field())) {
      return Optional.empty();
    }
    if (steps.isEmpty()) {
      program.problem("program must have at least one step");
      return Optional.empty();
    }
    if (repeats(steps) > TaskPrograms.COUNTERS_MAX) {
      program.problem("a program can have at most " + TaskPrograms.COUNTERS_MAX + " repeat steps");
      return Optional.empty();
    }
    if (!takesTime(steps)) {
      program.problem(
          "one round of the program can pass without taking any time: every path needs"
              + " compute, sleep or block-io with a time above 0, psi-poll or exit");
      return Optional.empty();
    }
    return guests.check(task, program, steps) ? Optional.of(steps) : Optional.empty();
  }

  private List<Step> steps(Cursor list) {
    List<Step> steps = new ArrayList<>();
    for (Cursor item : list.items()) {
      step(item).ifPresent(steps::add);
    }
    return steps;
  }

  private Optional<Step> step(Cursor item) {
    String word = item.text().orElse(item.keys().isEmpty() ? "" : item.keys().get(0));
    Optional<Cursor> body = item.find(word);
    return switch (word) {
      case "compute" -> timed(body, Step.Compute::new);
      case "guest" -> timed(body, Step.Guest::new);
      case "guest-kernel" -> timed(body, Step.GuestKernel::new);
      case "lock" -> body.flatMap(guests::lock);
      case "unlock" -> Optional.of(new Step.Unlock());
      case "ipi" -> body.flatMap(GuestStepReader::ipi);
      case "wait-ipi" -> Optional.of(new Step.WaitIpi());
      case "yield-to" -> body.flatMap(guests::yieldTo);
      case "kernel" -> timed(body, Step.Kernel::new);
      case "syscall" -> timed(body, Step.Syscall::new);
      case "halt" -> timed(body, Step.Halt::new);
      case "sleep" -> timed(body, Step.Sleep::new);
      case "until" -> timed(body, Step.Until::new);
      case "block-io" -> timed(body, Step.BlockIo::new);
      case "psi-poll" -> body.flatMap(window::read).map(Step.PsiPoll::new);
      case "yield" -> Optional.of(new Step.Yield());
      case "exit" -> Optional.of(new Step.Exit());
      case "signal" -> body.flatMap(this::signal);
      case "write" -> body.flatMap(this::write);
      case "repeat" -> body.flatMap(this::repeat);
      case "choose" -> body.flatMap(this::choose);
      default -> Optional.empty(); // the schema reports it
    };
  }

  private static Optional<Step> timed(Optional<Cursor> body, Function<Distribution, Step> step) {
    return body.flatMap(TIME::read).map(step);
  }

  private Optional<Step> signal(Cursor body) {
    String name = body.text().orElse("");
    if (!tasks.contains(name)) {
      ScalarReader.fault(body, body.field(), Suggestion.unknown("task", name, tasks));
      return Optional.empty();
    }
    return Optional.of(new Step.Signal(name));
  }

  private Optional<Step> write(Cursor body) {
    String path = body.text("cgroup", "");
    Optional<CpuMaxReader.Limit> limit = body.find("cpu.max").flatMap(CpuMaxReader::limit);
    List<String> legal = cgroups.orElse(List.of()).stream().map(CgroupSpec::path).toList();
    if (cgroups.isPresent() && body.has("cgroup") && !legal.contains(path)) {
      Cursor at = body.find("cgroup").orElseThrow();
      ScalarReader.fault(at, at.field(), Suggestion.unknown("cgroup", path, legal));
      return Optional.empty();
    }
    return limit.map(l -> new Step.WriteCpuMax(path, l.quotaUs(), l.periodUs()));
  }

  private Optional<Step> repeat(Cursor body) {
    Optional<Distribution> times = body.find("times").flatMap(TIMES::read);
    List<Step> steps = body.find("program").map(this::steps).orElse(List.of());
    return times.map(law -> new Step.Repeat(law, steps));
  }

  private Optional<Step> choose(Cursor body) {
    List<Double> weights = new ArrayList<>();
    List<List<Step>> bodies = new ArrayList<>();
    for (Cursor item : body.items()) {
      double weight =
          item.find("weight").map(w -> Weights.read(w, w.field(), "weight")).orElse(Double.NaN);
      List<Step> steps = item.find("program").map(this::steps).orElse(List.of());
      if (weight > 0) {
        weights.add(weight);
        bodies.add(steps);
      }
    }
    if (weights.isEmpty() || !Weights.hasMass(weights, body, body.field())) {
      if (!body.problems().isBroken(body.field())) {
        body.problem("choose needs at least one alternative with a weight above 0");
      }
      return Optional.empty();
    }
    double[] shares = Weights.normalised(weights);
    List<Double> normalised = new ArrayList<>();
    for (double share : shares) {
      normalised.add(share);
    }
    return Optional.of(new Step.Choose(normalised, bodies));
  }

  private static int repeats(List<Step> steps) {
    int sum = 0;
    for (Step step : steps) {
      if (step instanceof Step.Repeat repeat) {
        sum += 1 + repeats(repeat.body());
      } else if (step instanceof Step.Choose choose) {
        sum += choose.bodies().stream().mapToInt(ProgramReader::repeats).sum();
      }
    }
    return sum;
  }

  /** Whether every path through the steps takes time or ends the task. */
  private static boolean takesTime(List<Step> steps) {
    for (Step step : steps) {
      if (step instanceof Step.Exit
          || (step instanceof Step.Compute compute && compute.ns().upper() > 0)
          || (step instanceof Step.Kernel kernel && kernel.ns().upper() > 0)
          || (step instanceof Step.Syscall syscall && syscall.ns().upper() > 0)
          || (step instanceof Step.Guest guest && guest.ns().upper() > 0)
          || (step instanceof Step.GuestKernel guest && guest.ns().upper() > 0)
          || (step instanceof Step.Halt halt && halt.ns().upper() > 0)
          || (step instanceof Step.Sleep sleep && sleep.ns().upper() > 0)
          || step instanceof Step.PsiPoll
          || (step instanceof Step.BlockIo io && io.ns().upper() > 0)
          || (step instanceof Step.Repeat repeat
              && Math.rint(repeat.times().lower()) >= 1
              && takesTime(repeat.body()))
          || (step instanceof Step.Choose choose
              && choose.bodies().stream().allMatch(ProgramReader::takesTime))) {
        return true;
      }
    }
    return false;
  }
}
