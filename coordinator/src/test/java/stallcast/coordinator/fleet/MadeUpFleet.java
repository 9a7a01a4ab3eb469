package stallcast.coordinator.fleet;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import stallcast.kernel.host.EndReason;
import stallcast.kernel.host.HostOutcome;
import stallcast.kernel.random.Exponential;
import stallcast.kernel.random.Fixed;
import stallcast.kernel.random.Uniform;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.Fidelity;
import stallcast.kernel.scenario.HostSpec;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.kernel.scenario.KernelSpec;
import stallcast.kernel.scenario.MeasureSpec;
import stallcast.kernel.scenario.MetricKind;
import stallcast.kernel.scenario.MetricName;
import stallcast.kernel.scenario.MetricScope;
import stallcast.kernel.scenario.OperationSpec;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.kernel.scenario.StratumSpec;
import stallcast.kernel.scenario.TaskSpec;
import stallcast.kernel.scenario.TextChoice;
import stallcast.worker.shard.OutcomeBlock;

/**
 * Outcomes that nothing simulated: host i is a function of i, so that any cut into blocks holds the
 * same rows. Two strata, one kernel preset of two, a migration that leads to RT throttles and these
 * to soft lockups, some failed hosts, two measures.
 */
public final class MadeUpFleet {
  /** Kind of most incidents. */
  public static final IncidentKind LOCKUP = IncidentKind.SOFT_LOCKUP;

  /** Kind that causes lockups. */
  public static final IncidentKind THROTTLE = IncidentKind.RT_THROTTLE_LONG;

  /** Hosts that fail: every this many. */
  public static final int FAILED_EVERY = 97;

  private static final int KINDS = IncidentKind.values().length;
  private static final long SECOND_NS = 1_000_000_000L;
  private static final int STOP_EVERY_SECONDS = 3600; // records of one hour have one stop
  private static final long DAY_NS = 86_400 * SECOND_NS;

  private final ScenarioSpec spec;

  /**
   * A fleet.
   *
   * @param hosts hosts that the scenario plans
   */
  public MadeUpFleet(long hosts) {
    OperationSpec migration =
        new OperationSpec(
            OperationSpec.Kind.LIVE_MIGRATION,
            new OperationSpec.Occurrence.Rate(new Uniform(1e-5, 1e-4)),
            new OperationSpec.Effect.Stop(
                new CpuSelection.All(),
                new OperationSpec.Blackout.Drawn(new Exponential(1e7)),
                new OperationSpec.ClockVisibility.Share(new Fixed(1)),
                new Fixed(1),
                new Fixed(0),
                OperationSpec.ResumeOrder.INDEX));
    TaskSpec task =
        new TaskSpec(
            "nm-sending",
            new TaskSpec.TaskCount(new Fixed(4), false),
            TaskSpec.Policy.FIFO,
            new Fixed(50),
            new Fixed(0),
            new Fixed(0),
            new CpuSelection.All(),
            "/",
            new Fixed(0),
            List.of());
    HostSpec host =
        new HostSpec(
            new Uniform(64, 192),
            new Fixed(2),
            new Fixed(2),
            new KernelSpec(
                new TextChoice(List.of("5.15", "6.12.90"), List.of(0.5, 0.5)), List.of()),
            List.of(),
            List.of(task),
            List.of(),
            List.of(migration));
    MetricName longest =
        new MetricName(MetricScope.TASK, "nm-sending", MetricKind.TASK_MAX_OFF_CPU);
    MetricName operations = new MetricName(MetricScope.MACHINE, "", MetricKind.MACHINE_OPERATIONS);
    spec =
        new ScenarioSpec(
            "made-up",
            -42,
            hosts,
            DAY_NS,
            Fidelity.AUTO,
            Optional.empty(),
            ScenarioSpec.MAX_EVENTS_DEFAULT,
            ScenarioSpec.FREEZE_THRESHOLD_DEFAULT_NS,
            List.of(new StratumSpec("web", 0.7, host), new StratumSpec("storage", 0.3, host)),
            List.of(
                new MeasureSpec(longest, OptionalLong.of(90 * SECOND_NS)),
                new MeasureSpec(operations, OptionalLong.empty())));
  }

  /** The scenario. */
  public ScenarioSpec spec() {
    return spec;
  }

  /** Hosts {@code first} to {@code first + rows - 1}. */
  public OutcomeBlock block(long first, int rows) {
    int configColumns = 3; // cpus, kernel_preset, op0_live_migration_rate_per_day
    OutcomeBlock block =
        new OutcomeBlock(
            first,
            rows,
            new int[rows],
            new double[configColumns][rows],
            new int[KINDS][rows],
            new long[KINDS][rows],
            new long[KINDS][rows],
            new long[spec.measures().size()][rows],
            new int[rows],
            new int[rows],
            new long[rows],
            noIncidents(),
            List.of());
    List<int[]> records = new ArrayList<>();
    List<OutcomeBlock.HostFailure> failures = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      fill(block, row, records, failures);
    }
    return new OutcomeBlock(
        first,
        rows,
        block.stratum(),
        block.config(),
        block.counts(),
        block.firstNs(),
        block.longestNs(),
        block.measures(),
        block.endReason(),
        block.operations(),
        block.events(),
        incidents(records),
        failures);
  }

  /** The hosts 0 to {@code hosts - 1} in consecutive blocks of a size, the last one shorter. */
  public List<OutcomeBlock> blocks(long hosts, int size) {
    List<OutcomeBlock> blocks = new ArrayList<>();
    for (long first = 0; first < hosts; first += size) {
      blocks.add(block(first, (int) Math.min(size, hosts - first)));
    }
    return blocks;
  }

  private static void fill(
      OutcomeBlock block, int row, List<int[]> records, List<OutcomeBlock.HostFailure> failures) {
    long host = block.firstHost() + row;
    SplittableRandom random = new SplittableRandom(host);
    block.stratum()[row] = random.nextInt(10) < 7 ? 0 : 1;
    for (int k = 0; k < KINDS; k++) {
      block.firstNs()[k][row] = HostOutcome.NONE;
      block.longestNs()[k][row] = HostOutcome.NONE;
    }
    block.measures()[0][row] = HostOutcome.NONE;
    block.measures()[1][row] = HostOutcome.NONE;
    if (host % FAILED_EVERY == FAILED_EVERY - 1) {
      block.endReason()[row] = EndReason.FAILED.ordinal();
      for (double[] column : block.config()) {
        column[row] = Double.NaN;
      }
      failures.add(new OutcomeBlock.HostFailure(host, "IllegalStateException: host " + host));
      return;
    }
    block.config()[0][row] = 64 + random.nextInt(129);
    block.config()[1][row] = random.nextInt(2);
    block.config()[2][row] = random.nextDouble() * 8;
    block.operations()[row] = random.nextInt(5);
    block.events()[row] = random.nextLong(1_000_000);
    block.measures()[1][row] = block.operations()[row];
    if (random.nextInt(3) > 0) {
      block.measures()[0][row] = random.nextLong(7 * SECOND_NS);
    }
    if (block.operations()[row] > 0 && random.nextInt(10) == 0) {
      addChain(block, row, random, records);
    }
    if (random.nextInt(20) == 0) {
      addRecord(block, row, records, LOCKUP, random.nextInt(80_000), 23, -1, -1);
    }
  }

  /** A throttle after an operation, and one to three lockups from it. */
  private static void addChain(
      OutcomeBlock block, int row, SplittableRandom random, List<int[]> records) {
    int start = random.nextInt(80_000);
    int throttle = 0;
    addRecord(block, row, records, THROTTLE, start, 40 + random.nextInt(60), -1, 0);
    for (int i = random.nextInt(3); i >= 0; i--) {
      addRecord(block, row, records, LOCKUP, start + 22 * (i + 1), 21, throttle, 0);
    }
  }

  private static void addRecord(
      OutcomeBlock block,
      int row,
      List<int[]> records,
      IncidentKind kind,
      int startSeconds,
      int seconds,
      int parent,
      int operation) {
    int k = kind.ordinal();
    records.add(new int[] {row, k, startSeconds, seconds, parent, operation});
    long startNs = startSeconds * SECOND_NS;
    block.counts()[k][row]++;
    long first = block.firstNs()[k][row];
    block.firstNs()[k][row] = first == HostOutcome.NONE ? startNs : Math.min(first, startNs);
    block.longestNs()[k][row] = Math.max(block.longestNs()[k][row], seconds * SECOND_NS);
  }

  private static OutcomeBlock.IncidentRows noIncidents() {
    return incidents(List.of());
  }

  private static OutcomeBlock.IncidentRows incidents(List<int[]> records) {
    int n = records.size();
    int[] ones = new int[n];
    Arrays.fill(ones, 1);
    long[] none = new long[n];
    Arrays.fill(none, HostOutcome.NONE);
    long[] start = records.stream().mapToLong(r -> r[2] * SECOND_NS).toArray();
    long[] end = records.stream().mapToLong(r -> (r[2] + r[3]) * SECOND_NS).toArray();
    int[] branch = records.stream().mapToInt(r -> r[1] == THROTTLE.ordinal() ? 'B' : 0).toArray();
    return new OutcomeBlock.IncidentRows(
        column(records, 0),
        column(records, 1),
        start,
        end,
        start,
        ones,
        new int[n],
        ones,
        branch,
        none,
        none,
        new int[n],
        new int[n],
        ones,
        column(records, 3),
        column(records, 4),
        column(records, 5),
        records.stream().mapToInt(r -> r[2] / STOP_EVERY_SECONDS).toArray());
  }

  private static int[] column(List<int[]> records, int index) {
    return records.stream().mapToInt(r -> r[index]).toArray();
  }
}
