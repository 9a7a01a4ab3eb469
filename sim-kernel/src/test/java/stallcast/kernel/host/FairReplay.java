package stallcast.kernel.host;

import static stallcast.kernel.host.TestFleet.MS;
import static stallcast.kernel.host.TestFleet.US;
import static stallcast.kernel.host.TestFleet.compute;
import static stallcast.kernel.host.TestFleet.fixed;
import static stallcast.kernel.host.TestFleet.sleep;
import static stallcast.kernel.host.TestFleet.until;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import stallcast.kernel.cpu.KernelObserver;
import stallcast.kernel.cpu.Scheduler;
import stallcast.kernel.cpu.TaskTable;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.TaskSpec;
import stallcast.kernel.scenario.TaskSpec.Policy;

/** One workload of the real-kernel measurements as a test fleet, and its metrics. */
final class FairReplay {
  private static final long SLACK_NS = 50 * US; // default timer slack
  private static final long SHORTEST_JOB_NS = 7 * US; // a job of 0 ms still reads clocks
  private static final long YIELD_NS = US; // one system call
  private static final long SHORTEST_GAP_NS = MS; // shorter gaps are not counted
  private static final long BEGIN_NS = 100 * MS; // T0: tasks exist and sleep until then

  private final String id;
  private final String preset;
  private final int cpus;
  private final long windowNs;
  private final long baseSliceNs;
  private final List<String[]> groups = new ArrayList<>();
  private final List<String[]> tasks = new ArrayList<>();
  private final Map<String, double[]> measured = new HashMap<>(); // median, low, high, weak

  /**
   * Starts a case.
   *
   * @param fields C, id, preset, CPUs, window in ms, base slice in ns or 0
   */
  FairReplay(String[] fields) {
    id = fields[1];
    preset = fields[2];
    cpus = Integer.parseInt(fields[3]);
    windowNs = (long) (Double.parseDouble(fields[4]) * MS);
    baseSliceNs = Long.parseLong(fields[5]);
  }

  /** Adds a line of the case: G group, T task or M metric. */
  void add(String[] fields) {
    switch (fields[0]) {
      case "G" -> groups.add(fields);
      case "T" -> tasks.add(fields);
      default -> {
        double[] values = new double[4];
        for (int i = 0; i < values.length; i++) {
          values[i] = Double.parseDouble(fields[2 + i]);
        }
        measured.put(fields[1], values);
      }
    }
  }

  String id() {
    return id;
  }

  /** What the kernel did: median, low, high, 1 if the band is weak. */
  Map<String, double[]> measured() {
    return measured;
  }

  /** Runs it once with phases of its own. */
  Map<String, Double> run(long seed) {
    HostSimulation simulation = new HostSimulation(fleet(seed).spec());
    Timeline[] timeline = new Timeline[1];
    simulation.watch(machine -> timeline[0] = new Timeline(machine));
    simulation.run(0);
    return timeline[0].metrics();
  }

  private TestFleet fleet(long seed) {
    TestFleet fleet = new TestFleet();
    fleet.seed = seed;
    fleet.preset = preset;
    fleet.cpus = cpus;
    fleet.horizonNs = BEGIN_NS + windowNs;
    fleet.knob(KernelKnob.TICK_PHASE_NS, new SplittableRandom(seed).nextInt((int) (4 * MS)));
    if (baseSliceNs > 0) {
      fleet.knob(KernelKnob.BASE_SLICE_NS, (double) baseSliceNs);
    }
    Map<String, String> paths = new HashMap<>();
    paths.put("", "/");
    for (String[] group : groups) {
      String path = (group[2].isEmpty() ? "" : paths.get(group[2])) + "/" + group[1];
      paths.put(group[1], path);
      int weight = (int) Math.round(Integer.parseInt(group[3]) * 100 / 1024.0);
      fleet.cgroups.add(TestFleet.cgroup(path, 0, 1_000_000, weight));
    }
    for (String[] task : tasks) {
      List<Integer> on = new ArrayList<>();
      for (String cpu : task[10].split(",", -1)) {
        on.add(Integer.parseInt(cpu));
      }
      fleet.tasks.add(
          new TaskSpec(
              task[1],
              new TaskSpec.TaskCount(fixed(1), false),
              Policy.valueOf(task[2]),
              fixed(0),
              fixed(Integer.parseInt(task[3])),
              fixed(Double.parseDouble(task[5])),
              new CpuSelection.Listed(on),
              paths.get(task[4]),
              fixed(0),
              program(task)));
    }
    return fleet;
  }

  private static List<Step> program(String[] task) {
    long runNs = Math.max(SHORTEST_JOB_NS, (long) (Double.parseDouble(task[7]) * MS));
    long sleepNs = (long) (Double.parseDouble(task[8]) * MS) + SLACK_NS;
    Step begin = until(BEGIN_NS + (long) (Double.parseDouble(task[9]) * MS) + SLACK_NS);
    return switch (task[6]) {
      case "busy" -> List.of(begin, compute(1_000_000 * MS));
      case "sleep_loop" -> List.of(begin, sleep(sleepNs), compute(runNs));
      case "run_then_sleep" -> List.of(begin, compute(runNs), sleep(sleepNs));
      case "yield_loop" -> List.of(begin, compute(YIELD_NS), new Step.Yield());
      default -> throw new IllegalArgumentException(task[6]);
    };
  }

  /** When each task ran, waited and finished. */
  private final class Timeline implements KernelObserver {
    private static final long NONE = -1;

    private final Machine machine;
    private final List<List<long[]>> runs = new ArrayList<>(); // [task] from, to
    private final List<List<Double>> wakeUs = new ArrayList<>();
    private final List<List<Double>> responseMs = new ArrayList<>();
    private final long[] wokenNs;
    private final long[] releasedNs;
    private final int[] wakeups;
    private final boolean[] started;

    Timeline(Machine machine) {
      this.machine = machine;
      for (int task = 0; task < tasks.size(); task++) {
        runs.add(new ArrayList<>());
        wakeUs.add(new ArrayList<>());
        responseMs.add(new ArrayList<>());
      }
      wokenNs = new long[tasks.size()];
      releasedNs = new long[tasks.size()];
      wakeups = new int[tasks.size()];
      started = new boolean[tasks.size()];
      Arrays.fill(wokenNs, NONE);
    }

    @Override
    public boolean wantsSwitches() {
      return true;
    }

    @Override
    public void onWakeup(int task, int cpu) {
      long now = machine.core().clock().nowNs();
      if (now < BEGIN_NS) {
        return;
      }
      releasedNs[task] = now;
      if (started[task]) {
        wakeups[task]++;
        wokenNs[task] = now;
      }
      started[task] = true; // the wake-up at T0 is not one of the workload
    }

    @Override
    public void onSwitch(int cpu, int prev, int next) {
      long now = machine.core().clock().nowNs();
      TaskTable table = machine.core().tasks();
      if (prev != Scheduler.IDLE) {
        List<long[]> own = runs.get(prev);
        own.get(own.size() - 1)[1] = now;
        if (now > BEGIN_NS && !table.isRunnable(prev)) {
          responseMs.get(prev).add((now - releasedNs[prev] + SLACK_NS) / (double) MS);
        }
      }
      if (next != Scheduler.IDLE) {
        runs.get(next).add(new long[] {now, BEGIN_NS + windowNs});
        if (wokenNs[next] != NONE) {
          wakeUs.get(next).add((now - wokenNs[next] + SLACK_NS) / (double) US);
          wokenNs[next] = NONE;
        }
      }
    }

    Map<String, Double> metrics() {
      Map<String, Double> all = new HashMap<>();
      double seconds = windowNs / 1e9;
      double sum = 0;
      double least = 1;
      double most = 0;
      double migrations = 0;
      for (int task = 0; task < tasks.size(); task++) {
        String prefix = "task." + tasks.get(task)[1] + ".";
        long onNs = 0;
        runs.get(task).removeIf(run -> run[1] <= BEGIN_NS);
        for (long[] run : runs.get(task)) {
          onNs += run[1] - run[0];
        }
        double share = onNs / (double) windowNs;
        all.put(prefix + "share", share);
        sum += share;
        least = Math.min(least, share);
        most = Math.max(most, share);
        migrations += machine.core().tasks().migrations(task);
        all.put(prefix + "wakeups_per_s", wakeups[task] / seconds);
        all.put(prefix + "jobs_per_s", responseMs.get(task).size() / seconds);
        all.put(
            prefix + "first_run_delay_ms",
            runs.get(task).isEmpty()
                ? Double.NaN
                : (runs.get(task).get(0)[0] - BEGIN_NS) / (double) MS
                    - Double.parseDouble(tasks.get(task)[9]));
        quantiles(all, prefix + "wake_us.", wakeUs.get(task));
        quantiles(all, prefix + "resp_ms.", responseMs.get(task));
        gaps(all, prefix, runs.get(task));
      }
      all.put("all.share.sum", sum);
      all.put("all.share.min", least);
      all.put("all.share.max", most);
      all.put("all.migrations_per_s", migrations / seconds);
      all.put("cpu.0.idle", 1 - sum);
      return all;
    }

    private void gaps(Map<String, Double> all, String prefix, List<long[]> own) {
      List<Double> off = new ArrayList<>();
      List<Double> on = new ArrayList<>();
      long sinceNs = -1; // end of the last gap
      for (int i = 1; i < own.size(); i++) {
        long gapNs = own.get(i)[0] - own.get(i - 1)[1];
        if (gapNs >= SHORTEST_GAP_NS) {
          off.add(gapNs / (double) MS);
          if (sinceNs >= 0) {
            on.add((own.get(i - 1)[1] - sinceNs) / (double) MS);
          }
          sinceNs = own.get(i)[0];
        }
      }
      all.put(prefix + "off_per_s", off.size() / (windowNs / 1e9));
      quantiles(all, prefix + "off_ms.", off);
      quantiles(all, prefix + "on_ms.", on);
    }

    private void quantiles(Map<String, Double> all, String prefix, List<Double> values) {
      if (values.isEmpty()) {
        return;
      }
      List<Double> sorted = values.stream().sorted().toList();
      all.put(prefix + "max", sorted.get(sorted.size() - 1));
      for (int percent : new int[] {10, 50, 90, 99}) {
        double at = (sorted.size() - 1) * percent / 100.0;
        int below = (int) at;
        int above = Math.min(below + 1, sorted.size() - 1);
        double value = sorted.get(below) + (at - below) * (sorted.get(above) - sorted.get(below));
        all.put(prefix + "p" + percent, value);
      }
    }
  }
}
