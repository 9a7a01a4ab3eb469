package stallcast.kernel.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.scenario.ConfigColumn.Type;

/**
 * Which configuration values vary over a fleet, and how a drawn host's values are read. A value
 * varies if it is random in some stratum or differs between strata.
 */
final class HostColumns {
  private static final double SECONDS_PER_DAY = 86_400;

  /** One column with the way to read it. */
  private record Source(ConfigColumn column, ToDoubleFunction<HostConfig> read) {}

  private final List<Source> sources = new ArrayList<>();
  private final List<ConfigColumn> list;
  private final List<String> presets = new ArrayList<>();
  private final int presetColumn;

  HostColumns(ScenarioSpec spec) {
    List<HostSpec> hosts = spec.strata().stream().map(StratumSpec::host).toList();
    addWhole(hosts, "cpus", HostSpec::cpus, HostConfig::cpus);
    addWhole(hosts, "numa_nodes", HostSpec::numaNodes, HostConfig::numaNodes);
    addWhole(hosts, "smt", HostSpec::smt, HostConfig::smt);
    presetColumn = addPreset(hosts);
    for (KernelKnob knob : KernelKnob.values()) {
      addKnob(hosts, knob);
    }
    for (String name : taskNames(hosts)) {
      addTask(hosts, name);
    }
    int operations = hosts.stream().mapToInt(h -> h.operations().size()).max().orElse(0);
    for (int o = 0; o < operations; o++) {
      addRate(hosts, o);
    }
    list = sources.stream().map(Source::column).toList();
  }

  List<ConfigColumn> list() {
    return list;
  }

  /** Writes a host's values into its column array. */
  void fill(HostConfig config, StratumSpec stratum, int presetChoice) {
    double[] into = config.columns();
    for (int c = 0; c < into.length; c++) {
      into[c] = sources.get(c).read().applyAsDouble(config);
    }
    if (presetColumn >= 0) {
      into[presetColumn] =
          presets.indexOf(stratum.host().kernel().preset().values().get(presetChoice));
    }
  }

  private void addWhole(
      List<HostSpec> hosts,
      String name,
      Function<HostSpec, Distribution> law,
      ToDoubleFunction<HostConfig> read) {
    if (varies(hosts.stream().map(law).toList())) {
      sources.add(new Source(new ConfigColumn(name, Type.LONG, List.of()), read));
    }
  }

  private int addPreset(List<HostSpec> hosts) {
    for (HostSpec host : hosts) {
      for (String word : host.kernel().preset().values()) {
        if (!presets.contains(word)) {
          presets.add(word);
        }
      }
    }
    if (presets.size() == 1) {
      return -1;
    }
    sources.add(new Source(new ConfigColumn("kernel_preset", Type.TEXT, presets), h -> 0));
    return sources.size() - 1;
  }

  private void addKnob(List<HostSpec> hosts, KernelKnob knob) {
    List<Distribution> laws = new ArrayList<>();
    boolean everywhere = true;
    for (HostSpec host : hosts) {
      boolean found = false;
      for (KernelSpec.Override override : host.kernel().overrides()) {
        if (override.knob() == knob) {
          laws.add(override.value());
          found = true;
        }
      }
      everywhere &= found;
    }
    if (!laws.isEmpty() && (!everywhere || varies(laws))) {
      ConfigColumn column = new ConfigColumn(knob.column(), Type.LONG, List.of());
      sources.add(new Source(column, h -> h.knob(knob)));
    }
  }

  private static List<String> taskNames(List<HostSpec> hosts) {
    List<String> names = new ArrayList<>();
    for (HostSpec host : hosts) {
      for (TaskSpec task : host.tasks()) {
        if (!names.contains(task.name())) {
          names.add(task.name());
        }
      }
    }
    return names;
  }

  private void addTask(List<HostSpec> hosts, String name) {
    List<Distribution> laws = new ArrayList<>();
    boolean perCpu = false;
    for (HostSpec host : hosts) {
      for (TaskSpec task : host.tasks()) {
        if (task.name().equals(name)) {
          laws.add(task.count().value());
          perCpu |= task.count().perCpu();
        }
      }
    }
    boolean everywhere = laws.size() == hosts.size();
    boolean cpusVary = perCpu && varies(hosts.stream().map(HostSpec::cpus).toList());
    if (everywhere && !varies(laws) && !cpusVary) {
      return;
    }
    String column = "tasks_" + name.replace('-', '_');
    sources.add(new Source(new ConfigColumn(column, Type.LONG, List.of()), h -> countOf(h, name)));
  }

  private static double countOf(HostConfig host, String name) {
    for (HostConfig.Template task : host.tasks()) {
      if (task.spec().name().equals(name)) {
        return task.count();
      }
    }
    return Double.NaN;
  }

  private void addRate(List<HostSpec> hosts, int operation) {
    List<Distribution> laws = new ArrayList<>();
    String key = "";
    for (HostSpec host : hosts) {
      if (operation < host.operations().size()) {
        OperationSpec spec = host.operations().get(operation);
        if (spec.occurrence() instanceof OperationSpec.Occurrence.Rate rate) {
          laws.add(rate.perSecond());
          key = spec.kind().key();
        }
      }
    }
    if (laws.isEmpty() || (laws.size() == hosts.size() && !varies(laws))) {
      return;
    }
    String column = "op" + operation + "_" + key.replace('-', '_') + "_rate_per_day";
    sources.add(
        new Source(
            new ConfigColumn(column, Type.DOUBLE, List.of()),
            h ->
                operation < h.operations().size()
                    ? h.operations().get(operation).ratePerSecond() * SECONDS_PER_DAY
                    : Double.NaN));
  }

  private static boolean varies(List<Distribution> laws) {
    for (Distribution law : laws) {
      if (!law.isFixed() || !law.equals(laws.get(0))) {
        return true;
      }
    }
    return false;
  }
}
