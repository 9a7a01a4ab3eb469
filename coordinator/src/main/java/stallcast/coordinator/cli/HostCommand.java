package stallcast.coordinator.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.IntPredicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import stallcast.coordinator.aggregate.NsText;
import stallcast.coordinator.scenario.ScenarioException;
import stallcast.coordinator.scenario.ScenarioFile;
import stallcast.coordinator.scenario.ScenarioReader;
import stallcast.coordinator.trace.TimelineTrace;
import stallcast.kernel.cpu.IncidentLog;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.cpu.KernelObservers;
import stallcast.kernel.host.HostOutcome;
import stallcast.kernel.host.HostSimulation;
import stallcast.kernel.host.Machine;
import stallcast.kernel.scenario.ConfigColumn;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.MeasureSpec;
import stallcast.kernel.trace.TextTrace;

/** {@code stallcast host}: replays one host of a fleet and shows what happened on it. */
@Command(
    name = "host",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Replays exactly one host of a fleet and shows its timeline.",
    description = {
      "The host is the same as in 'run' with the same scenario, seed and settings. The"
          + " timeline shows the stops of the machine and, on the CPUs with incidents, what led"
          + " to them."
    },
    footerHeading = "%n",
    footer = {
      "Examples:",
      "  stallcast host configs/quickstart.yaml --host 7",
      "  stallcast host fleet.yaml --host 123 --cpu 45 --switches",
      "  stallcast host configs/softirq-lockup-reproducer.yaml --host 0 --trace storm.json",
      "",
      "Which hosts are worth a look, from the dataset of a run:",
      "  SELECT host_index FROM 'run/outcomes/*/*.parquet'",
      "    ORDER BY rt_throttle_long_longest_ns DESC",
    })
public final class HostCommand implements Callable<Integer> {
  private static final int CPUS_SHOWN = 3;

  @Spec private CommandSpec spec;
  private Machine watched;
  private TimelineTrace timeline;
  @Mixin private ScenarioOptions scenario = new ScenarioOptions();

  @Option(
      names = "--host",
      required = true,
      paramLabel = "N",
      description = "Index of the host in the fleet, from 0.")
  private long host;

  @Option(
      names = "--cpu",
      paramLabel = "LIST|all",
      split = ",",
      description = "CPUs to show. Default: the three with the longest incidents.")
  private Set<String> cpus = new TreeSet<>();

  @Option(names = "--switches", description = "Show every context switch and wake-up there too.")
  private boolean switches;

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description = {
        "Write a timeline of the shown CPUs that ui.perfetto.dev or chrome://tracing opens.",
        "It has the tasks, softirqs, reports, throttling, waiting and counters of each."
      })
  private Path traceFile;

  @Override
  public Integer call() throws ScenarioException {
    ScenarioFile file = new ScenarioReader().read(scenario.scenario(), scenario.overrides());
    if (host < 0 || host >= file.spec().hosts()) {
      throw new BadInputException(
          "--host must be in 0.." + (file.spec().hosts() - 1) + ", got " + host,
          "The scenario has " + file.spec().hosts() + " hosts.");
    }
    replay(file);
    return ExitCode.DONE;
  }

  private void replay(ScenarioFile file) {
    PrintWriter out = spec.commandLine().getOut();
    HostSimulation simulation = new HostSimulation(file.spec());
    HostOutcome outcome = simulation.run(host);
    HostConfig config = outcome.config();
    Set<Integer> hit = worstCpus(outcome);
    IntPredicate shows = shown(hit, config.cpus());
    describe(file, simulation, config, out);
    boolean cut = false;
    if (traceFile == null) {
      outcome = watch(simulation, machine -> text(machine, shows, out));
    } else {
      try (Writer target = Files.newBufferedWriter(traceFile)) {
        outcome = watch(simulation, machine -> observers(machine, shows, out, target));
        timeline.close();
        cut = timeline.isCut();
      } catch (IOException | UncheckedIOException e) {
        throw new BadInputException(
            "--trace " + traceFile + " cannot be written: " + e.getMessage(), "");
      }
    }
    int loops = watched.core().loops().found();
    out.println();
    summary(file, simulation, outcome, out);
    if (loops > 0) {
      out.println(
          loops + " loops on CPUs of their own are not shown: the scheduler need not run them");
    }
    if (cpus.isEmpty() && !hit.isEmpty()) {
      out.println("shown: CPUs " + hit + "; others with --cpu LIST or --cpu all");
    }
    if (cut) {
      out.println(
          traceFile
              + " ends after "
              + TimelineTrace.EVENTS_MAX
              + " events; fewer CPUs or a shorter horizon show all");
    }
    out.flush();
  }

  private HostOutcome watch(HostSimulation simulation, Function<Machine, KernelObserver> observer) {
    simulation.watch(
        machine -> {
          watched = machine;
          return observer.apply(machine);
        });
    return simulation.run(host);
  }

  private KernelObserver observers(
      Machine machine, IntPredicate shows, PrintWriter out, Writer target) {
    timeline = new TimelineTrace(machine, machine.host().cpus(), shows, target);
    return new KernelObservers(List.of(text(machine, shows, out), timeline));
  }

  private TextTrace text(Machine machine, IntPredicate shows, PrintWriter out) {
    TextTrace.Names names =
        new TextTrace.Names(
            machine::taskName,
            op -> machine.host().operations().get(op).spec().kind().key(),
            group -> group == 0 ? "/" : machine.host().cgroups().get(group - 1).path());
    return new TextTrace(machine.core(), machine.bandwidth(), names, shows, switches, out::println);
  }

  private IntPredicate shown(Set<Integer> hit, int cpuCount) {
    if (cpus.isEmpty()) {
      return hit::contains;
    }
    if (cpus.contains("all")) {
      return cpu -> true;
    }
    Set<Integer> chosen = new TreeSet<>();
    for (String word : cpus) {
      try {
        int dash = word.indexOf('-');
        int first = Integer.parseInt(dash < 0 ? word : word.substring(0, dash));
        int last = dash < 0 ? first : Integer.parseInt(word.substring(dash + 1));
        for (int cpu = first; cpu <= last && cpu < cpuCount; cpu++) {
          chosen.add(cpu);
        }
        if (first < 0 || first > last || last >= cpuCount) {
          throw new NumberFormatException(word);
        }
      } catch (NumberFormatException e) {
        throw new BadInputException(
            "--cpu " + word + " is no CPU of 0.." + (cpuCount - 1) + ", no range and not 'all'",
            "");
      }
    }
    return chosen::contains;
  }

  private static Set<Integer> worstCpus(HostOutcome outcome) {
    IncidentLog log = outcome.incidents();
    Map<Integer, Long> longest = new TreeMap<>();
    for (int i = 0; i < log.size(); i++) {
      if (log.cpu(i) >= 0) {
        longest.merge(log.cpu(i), log.lengthNs(i, Long.MAX_VALUE), Math::max);
      }
    }
    Set<Integer> worst = new TreeSet<>();
    longest.entrySet().stream()
        .sorted(
            Map.Entry.<Integer, Long>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(CPUS_SHOWN)
        .forEach(e -> worst.add(e.getKey()));
    return worst;
  }

  private void describe(
      ScenarioFile file, HostSimulation simulation, HostConfig config, PrintWriter out) {
    out.println(
        "host " + host + " of " + file.spec().name() + ", seed " + file.spec().masterSeed());
    StringBuilder line = new StringBuilder();
    line.append("stratum ").append(file.spec().strata().get(config.stratum()).name());
    line.append(", ").append(config.cpus()).append(" CPUs, kernel ");
    line.append(config.preset().major()).append('.').append(config.preset().minor());
    for (int c = 0; c < simulation.columns().size(); c++) {
      ConfigColumn column = simulation.columns().get(c);
      double value = config.columns()[c];
      if (!Double.isNaN(value)) {
        line.append(", ").append(column.name()).append(' ').append(text(column, value));
      }
    }
    out.println(line);
    out.println();
  }

  private static String text(ConfigColumn column, double value) {
    return switch (column.type()) {
      case LONG -> Long.toString((long) value);
      case DOUBLE -> String.format(java.util.Locale.ROOT, "%.4g", value);
      case TEXT -> column.words().get((int) value);
    };
  }

  private static void summary(
      ScenarioFile file, HostSimulation simulation, HostOutcome outcome, PrintWriter out) {
    IncidentLog log = outcome.incidents();
    out.println(
        log.size()
            + (log.size() == 1 ? " incident, " : " incidents, ")
            + outcome.operations()
            + (outcome.operations() == 1 ? " operation, " : " operations, ")
            + outcome.events()
            + " events, ended by "
            + outcome.endReason().key());
    for (int i = 0; i < log.size(); i++) {
      String where = log.cpu(i) < 0 ? "" : " on cpu " + log.cpu(i);
      String who = log.task(i) < 0 ? "" : " " + simulation.taskName(log.task(i));
      String length =
          log.isOpen(i) ? "open at the end" : NsText.rounded(log.lengthNs(i, Long.MAX_VALUE));
      String refills = log.refills(i) == 0 ? "" : ", " + log.refills(i) + " refills";
      out.println("  " + log.kind(i).key() + where + who + ": " + length + refills);
    }
    for (int m = 0; m < file.spec().measures().size(); m++) {
      MeasureSpec measure = file.spec().measures().get(m);
      long value = outcome.measure(m);
      String text =
          value == HostOutcome.NONE
              ? "absent"
              : measure.metric().what().isTime() ? NsText.exact(value) : Long.toString(value);
      out.println("  " + measure.column() + " = " + text);
    }
  }
}
