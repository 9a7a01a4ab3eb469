package stallcast.coordinator.scenario;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stallcast.coordinator.store.RunDescription;
import stallcast.kernel.random.Fixed;
import stallcast.kernel.random.Mmpp;
import stallcast.kernel.random.OnOff;
import stallcast.kernel.random.Pareto;
import stallcast.kernel.random.Periodic;
import stallcast.kernel.random.PoissonArrivals;
import stallcast.kernel.random.TraceArrivals;
import stallcast.kernel.random.Uniform;
import stallcast.kernel.scenario.ConfigColumn;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.HostConfig;
import stallcast.kernel.scenario.HostSampler;
import stallcast.kernel.scenario.HostSpec;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.OperationSpec;
import stallcast.kernel.scenario.OperationSpec.Effect;
import stallcast.kernel.scenario.PushIpiFix;
import stallcast.kernel.scenario.SoftirqSpec;
import stallcast.kernel.scenario.SoftirqVector;
import stallcast.kernel.scenario.Step;

/** Softirq sources, their recordings, bursts and PSI polls give the specification they say. */
final class SoftirqReaderTest {
  private static final String HOST =
      """
      name: one
      horizon: 1d
      host:
        cpus: 8
        kernel: {preset: "6.12"}
      """;
  private static final ScenarioReader READER = new ScenarioReader();

  @TempDir private Path folder;

  private static HostSpec host(ScenarioFile file) {
    return file.spec().strata().get(0).host();
  }

  private ScenarioFile read(String below) throws ScenarioException {
    return READER.readText(HOST + below, folder.resolve("one.yaml").toString(), List.of());
  }

  private String problem(String below) {
    ScenarioException refusal = assertThrows(ScenarioException.class, () -> read(below));
    assertEquals(1, refusal.problems().size(), () -> "" + refusal.problems());
    return refusal.problems().get(0).text().replace(folder + "/", "");
  }

  private static String traced(String keys) {
    return "  softirq: [{name: a, body: 1us, arrivals: {" + keys + "}}]\n";
  }

  @Test
  void sourcesAreReadWithTheirDefaults() throws ScenarioException {
    List<SoftirqSpec> sources =
        host(read(
                """
                  softirq:
                    - {name: a, arrivals: {every: 750us}, body: 500us}
                    - name: b
                      cpus: 5,0-2
                      arrivals: {poisson: 2/s}
                      utilisation: {uniform: [0, 0.5]}
                      vector: net-rx
                      pool: 20000
                      body: 8us
                      overhead: {uniform: [0, 137us]}
                      interrupt-cost: 1us
                      start: 3s
                    - {name: c, arrivals: {mmpp: {rates: [1/s, 2/s], sojourns: [1s, 2s]}}, body: 0}
                    - name: d
                      arrivals:
                        on-off:
                          {sources: 3, on: {pareto: {min: 1us, shape: 2}}, off: 9us, rate: 4/s}
                      body: 1us
                      utilisation: 0
                """))
            .softirq();
    assertEquals(
        new SoftirqSpec(
            "a",
            new CpuSelection.All(),
            new Periodic(750_000),
            new Fixed(0),
            SoftirqVector.TASKLET,
            new Fixed(1000),
            new Fixed(500_000),
            new Fixed(0),
            new Fixed(0),
            new Fixed(0)),
        sources.get(0));
    assertEquals(
        new SoftirqSpec(
            "b",
            new CpuSelection.Listed(List.of(0, 1, 2, 5)),
            new PoissonArrivals(2),
            new Uniform(0, 0.5),
            SoftirqVector.NET_RX,
            new Fixed(20_000),
            new Fixed(8_000),
            new Uniform(0, 137_000),
            new Fixed(1_000),
            new Fixed(3e9)),
        sources.get(1));
    assertEquals(new Mmpp(new double[] {1, 2}, new double[] {1e9, 2e9}), sources.get(2).arrivals());
    assertEquals(
        new OnOff(3, new Pareto(1_000, 2), new Fixed(9_000), 4), sources.get(3).arrivals());
    assertEquals(new Fixed(0), sources.get(3).utilisation());
  }

  @Test
  void burstsAndPsiPollsAreRead() throws ScenarioException {
    ScenarioFile file =
        read(
            """
              softirq: [{name: rx, arrivals: {every: 1ms}, body: 1us}]
              tasks: [{name: psimon, policy: fifo, priority: 1, program: [{psi-poll: 100ms}]}]
              operations:
                - load-burst: {rate: {uniform: [1/day, 2/day]}, source: rx, factor: 3, length: 2s}
            """);
    OperationSpec operation = host(file).operations().get(0);
    assertEquals(OperationSpec.Kind.LOAD_BURST, operation.kind());
    assertEquals(new Effect.Burst("rx", new Fixed(3), new Fixed(2e9)), operation.effect());
    assertEquals(List.of(new Step.PsiPoll(new Fixed(1e8))), host(file).tasks().get(0).program());
    HostSampler sampler = new HostSampler(file.spec());
    assertEquals(
        List.of("op0_load_burst_rate_per_day"),
        sampler.columns().stream().map(ConfigColumn::name).toList());
    HostConfig drawn = sampler.sample(5);
    assertTrue(drawn.columns()[0] > 1 && drawn.columns()[0] < 2);
    assertEquals(host(file).softirq().get(0), drawn.softirq().get(0).spec());
  }

  @Test
  void traceIsFoundBesideTheScenarioAndBecomesPartOfIt() throws Exception {
    Path file = folder.resolve("one.csv");
    Files.writeString(file, "\uFEFF# from a host\r\ntime\r\n.5\r\n\r\n1e0\r\n 2.0000000014\t\n3");
    ScenarioFile once = read(traced("trace: one.csv"));
    TraceArrivals expected = new TraceArrivals(new double[] {5e8, 5e8, 1e9 + 1, 1e9 - 1}, false);
    assertEquals(expected, host(once).softirq().get(0).arrivals());
    ScenarioFile again = read(traced("trace: " + file + ", repeat: true"));
    TraceArrivals repeated = (TraceArrivals) host(again).softirq().get(0).arrivals();
    assertTrue(repeated.repeat());
    assertArrayEquals(expected.gapsNs(), repeated.gapsNs());
  }

  @Test
  void changedTraceIsAnotherRunAndNotTheOneThatWasRecorded() throws Exception {
    Path file = Files.writeString(folder.resolve("one.csv"), "0.5\n");
    ScenarioFile first = read(traced("trace: one.csv"));
    assertEquals(run(first), run(read(traced("trace: one.csv"))));
    ScenarioFile same = READER.readText(first.canonicalJson(), first.source(), List.of());
    assertEquals(first.spec(), same.spec());
    assertEquals(first.canonicalJson(), same.canonicalJson());
    Files.writeString(file, "0.6\n");
    ScenarioFile second = read(traced("trace: one.csv"));
    assertNotEquals(first.spec(), second.spec());
    assertNotEquals(run(first).scenarioHash(), run(second).scenarioHash());
    assertNotEquals(run(first).runId(), run(second).runId());
    assertThrows(
        ScenarioException.class,
        () -> READER.readText(first.canonicalJson(), first.source(), List.of()));
  }

  @Test
  void traceOfAStratumIsPartOfTheRunToo() throws Exception {
    Files.writeString(folder.resolve("one.csv"), "0.5\n");
    String source = "{name: a, body: 1us, arrivals: {trace: one.csv}}";
    String strata = "strata: [{name: a, weight: 1, host: {softirq: [" + source + "]}}]\n";
    String text = read(strata).canonicalJson();
    Files.writeString(folder.resolve("one.csv"), "0.6\n");
    assertNotEquals(text, read(strata).canonicalJson());
  }

  private static RunDescription run(ScenarioFile file) {
    return new RunDescription(
        file.spec(), file.canonicalJson(), List.of(), "base", Map.of(), "1", "1");
  }

  @Test
  void traceHasLimits() throws IOException {
    Files.writeString(folder.resolve("lines.csv"), "0.5" + "\n".repeat(TraceCsv.LINES_MAX) + "#");
    assertEquals(
        "lines.csv:1000001:1: a trace can have at most 1000000 lines",
        problem(traced("trace: lines.csv")));
    try (RandomAccessFile large =
        new RandomAccessFile(folder.resolve("large.csv").toFile(), "rw")) {
      large.setLength((64 << 20) + 1);
    }
    assertEquals(
        "one.yaml:6:45: trace large.csv: is longer than 64 MiB",
        problem(traced("trace: large.csv")));
    assertTrue(problem(traced("trace: /dev/zero")).endsWith("(a pipe or a device)"));
  }

  @Test
  void largestTraceIsRead() throws Exception {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i <= TraceCsv.LINES_MAX; i++) {
      text.append(i / 1e3).append('\n');
    }
    Files.writeString(folder.resolve("most.csv"), text);
    TraceArrivals trace =
        (TraceArrivals) host(read(traced("trace: most.csv"))).softirq().get(0).arrivals();
    assertEquals(TraceCsv.LINES_MAX, trace.arrivals());
    assertEquals(1000, trace.meanRatePerSecond(), 1e-9);
    StringBuilder sources = new StringBuilder("  softirq:\n");
    for (int i = 0; i < 11; i++) {
      sources.append("    - {name: s").append(i);
      sources.append(", body: 1us, arrivals: {trace: most.csv}}\n");
    }
    assertEquals(
        "one.yaml:1:1: the traces of all strata and sources have 11000000 instants,"
            + " at most 10000000 are possible",
        problem(sources.toString()));
  }

  @Test
  void overridesReachSourcesAndCosts() throws ScenarioException {
    String text = HOST + "  softirq: [{name: rx, arrivals: {every: 1ms}, body: 1us}]\n";
    List<ScenarioOverride> overrides =
        List.of(
            ScenarioOverride.parse("--set", "host.softirq.rx.utilisation=30%"),
            ScenarioOverride.parse("--set", "host.softirq.rx.arrivals.every=2ms"),
            ScenarioOverride.parse("--set", "host.softirq[0].vector=net-rx"),
            ScenarioOverride.parse("--set", "costs.tick=2us"),
            ScenarioOverride.parse("--set", "rt-push-ipi=limit-16"));
    ScenarioFile file = READER.readText(text, "one.yaml", overrides);
    SoftirqSpec source = host(file).softirq().get(0);
    assertEquals(new Fixed(0.3), source.utilisation());
    assertEquals(new Periodic(2_000_000), source.arrivals());
    assertEquals(SoftirqVector.NET_RX, source.vector());
    HostConfig drawn = new HostSampler(file.spec()).sample(0);
    assertEquals(2_000, drawn.knob(KernelKnob.COST_TICK_NS));
    assertEquals(PushIpiFix.LIMIT_16.ordinal(), drawn.knob(KernelKnob.FIX_RT_PUSH_IPI));
  }

  private static List<String> notices(String kernel) throws ScenarioException {
    String text = HOST.replace("preset: \"6.12\"", kernel);
    ScenarioFile file = READER.readText(text, "one.yaml", List.of());
    return file.notices().stream().map(Notice::message).toList();
  }

  @Test
  void settingsWithoutEffectAreNoticed() throws ScenarioException {
    String merged = "preset: 6.12.96, fixes: {rt-push-ipi: not-pull, rto-skip-self: true}";
    assertEquals(
        List.of(
            "rt-push-ipi has no effect on preset 6.12.96: RT_PUSH_IPI is off there",
            "rto-skip-self has no effect on preset 6.12.96: RT_PUSH_IPI is off there"),
        notices(merged));
    assertEquals(List.of(), notices(merged + ", sched-features: [RT_PUSH_IPI]"));
    String threaded = "preset: 6.1, fixes: {rt-push-ipi: threaded-only}";
    assertEquals(
        List.of(
            "rt-push-ipi: threaded-only turns RT_PUSH_IPI off on preset 6.1:"
                + " neither threadirqs nor PREEMPT_RT is on there"),
        notices(threaded));
    assertEquals(List.of(), notices(threaded + ", boot: {threadirqs: true}"));
    assertEquals(
        List.of("costs ipi-entry has no effect on preset 6.1: RT_PUSH_IPI is off there"),
        notices("preset: 6.1, fixes: {rt-push-ipi: default-off}, costs: {ipi-entry: 1us}"));
    assertEquals(
        List.of(
            "kernel.hardlockup_panic has no effect on preset 6.1:"
                + " the hard-lockup detector is off there"),
        notices(
            "preset: 6.1, sysctl: {kernel.nmi_watchdog: false, kernel.hardlockup_panic: true}"));
  }

  @Test
  void endsOfRangesAreLegal() throws ScenarioException {
    for (String kernel :
        List.of(
            "preset: 6.1, sysctl: {kernel.watchdog_thresh: 0}",
            "preset: 6.1, sysctl: {kernel.watchdog_thresh: 60}",
            "preset: 6.12, sysctl: {net.core.netdev_budget_usecs: 0}",
            "preset: 6.12, sysctl: {net.core.netdev_budget_usecs: 8000}",
            "preset: 6.12, hz: 1000, sysctl: {net.core.netdev_budget_usecs: 2000}",
            "preset: 6.11, sysctl: {net.core.netdev_budget_usecs: 1}",
            "preset: 6.1, console-touch: 100%",
            "preset: 6.1, costs: {tick: 1ms, hrtimer: 0}")) {
      assertEquals(List.of(), notices(kernel), kernel);
    }
  }

  @Test
  void variantOfTheStormsFixIsHeldByItsPlace() throws ScenarioException {
    for (PushIpiFix fix : PushIpiFix.values()) {
      String kernel = "preset: \"6.1\", fixes: {rt-push-ipi: " + fix.key() + "}";
      String text = HOST.replace("preset: \"6.12\"", kernel);
      HostConfig drawn =
          new HostSampler(READER.readText(text, "one.yaml", List.of()).spec()).sample(0);
      assertEquals(fix.ordinal(), drawn.knob(KernelKnob.FIX_RT_PUSH_IPI));
    }
  }
}
