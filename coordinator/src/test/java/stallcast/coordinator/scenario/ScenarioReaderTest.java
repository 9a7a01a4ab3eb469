package stallcast.coordinator.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stallcast.kernel.random.Categorical;
import stallcast.kernel.random.Distribution;
import stallcast.kernel.random.Exponential;
import stallcast.kernel.random.Fixed;
import stallcast.kernel.scenario.CpuSelection;
import stallcast.kernel.scenario.HostSampler;
import stallcast.kernel.scenario.KernelKnob;
import stallcast.kernel.scenario.KernelSpec;
import stallcast.kernel.scenario.OperationSpec.Blackout;
import stallcast.kernel.scenario.OperationSpec.ClockVisibility;
import stallcast.kernel.scenario.OperationSpec.Effect;
import stallcast.kernel.scenario.OperationSpec.Occurrence;
import stallcast.kernel.scenario.ScenarioSpec;
import stallcast.kernel.scenario.Step;
import stallcast.kernel.scenario.StratumSpec;
import stallcast.kernel.scenario.TaskSpec;
import stallcast.kernel.scenario.Unit;

/** Good scenarios give the specification that they say. */
final class ScenarioReaderTest {
  private static final String MINIMAL =
      """
      name: one
      horizon: 1d
      host:
        cpus: 8
        kernel: {preset: "6.1"}
      """;
  private static final ScenarioReader READER = new ScenarioReader();

  @TempDir private Path folder;

  private static ScenarioFile read(String text, String... set) throws ScenarioException {
    List<ScenarioOverride> overrides = new ArrayList<>();
    for (String each : set) {
      overrides.add(ScenarioOverride.parse("--set", each));
    }
    return READER.readText(text, "test.yaml", overrides);
  }

  private static Distribution knob(ScenarioSpec spec, KernelKnob knob) {
    return spec.strata().get(0).host().kernel().settings().stream()
        .filter(o -> o.knob() == knob)
        .map(KernelSpec.Setting::value)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void everythingHasADefault() throws ScenarioException {
    ScenarioSpec spec = read(MINIMAL).spec();
    assertEquals(1, spec.hosts());
    assertEquals(1, spec.masterSeed());
    assertEquals(86_400_000_000_000L, spec.horizonNs());
    assertEquals(ScenarioSpec.MAX_EVENTS_DEFAULT, spec.maxEvents());
    assertEquals(ScenarioSpec.FREEZE_THRESHOLD_DEFAULT_NS, spec.freezeThresholdNs());
    assertEquals(Optional.empty(), spec.window());
    StratumSpec all = spec.strata().get(0);
    assertEquals("all", all.name());
    assertEquals(1.0, all.weight());
    assertEquals(new Fixed(8), all.host().cpus());
    assertEquals(new Fixed(1), all.host().smt());
    assertEquals(List.of(), all.host().kernel().settings());
  }

  @Test
  void kernelSettingsAreReadInTheKernelsUnits() throws ScenarioException {
    ScenarioSpec spec =
        read("""
                name: knobs
                horizon: 1h
                host:
                  cpus: 8
                  kernel:
                    preset: 5.10
                    hz: {categorical: {250: 1, 1000: 3}}
                    tick-phase: 1ms
                    watchdog-phase: random
                    sysctl: {kernel.sched_rt_runtime_us: -1, kernel.watchdog: 1}
                    sched-features: [NO_RT_RUNTIME_SHARE, RT_PUSH_IPI]
                    config: {RT_GROUP_SCHED: {categorical: {true: 1, false: 1}}}
                    switches: {fair-server: true}
                    fair-server: {runtime: 40ms, period: 1s}
                    boot: {workqueue.watchdog_thresh: 0}
                    fixes: {rt-forgive-unobserved-stall: flag-only}
                """)
            .spec();
    assertEquals(List.of("5.10"), spec.strata().get(0).host().kernel().preset().values());
    assertEquals(
        new Categorical(new double[] {250, 1000}, new double[] {0.25, 0.75}),
        knob(spec, KernelKnob.HZ));
    assertEquals(new Fixed(1e6), knob(spec, KernelKnob.TICK_PHASE_NS));
    assertEquals(new Fixed(-1), knob(spec, KernelKnob.WATCHDOG_PHASE_NS));
    assertEquals(new Fixed(-1), knob(spec, KernelKnob.SCHED_RT_RUNTIME_US));
    assertEquals(new Fixed(0), knob(spec, KernelKnob.RT_RUNTIME_SHARE));
    assertEquals(new Fixed(1), knob(spec, KernelKnob.RT_PUSH_IPI));
    assertEquals(0.5, knob(spec, KernelKnob.RT_GROUP_SCHED).mean());
    assertEquals(new Fixed(4e7), knob(spec, KernelKnob.FAIR_SERVER_RUNTIME_NS));
    assertEquals(new Fixed(2), knob(spec, KernelKnob.FIX_RT_FORGIVE_UNOBSERVED_STALL));
  }

  @Test
  void tasksAndProgramsAreRead() throws ScenarioException {
    ScenarioSpec spec =
        read(MINIMAL
                + """
                      cgroups: {/a/b: {}, /a: {cpu.rt_runtime_us: 100, cpu.rt_period_us: 200}}
                      tasks:
                        - name: t
                          count: {per-cpu: 0.5}
                          policy: rr
                          priority: {uniform: [1, 99]}
                          cpus: 5,0-2
                          cgroup: /a
                          start: 3ms
                          program:
                            - until: 1s
                            - repeat: {times: 3, program: [{compute: 1us}, yield]}
                            - choose:
                                - {weight: 3, program: [{block-io: 5ms}]}
                                - {weight: 1, program: [{sleep: 1ms}, exit]}
                        - {name: each, cpus: each, program: [{compute: 1ms}]}
                        - {name: five, cpus: 5, count: per-cpu, program: [{compute: 1ms}]}
                    """)
            .spec();
    List<TaskSpec> tasks = spec.strata().get(0).host().tasks();
    TaskSpec task = tasks.get(0);
    assertEquals(new TaskSpec.TaskCount(new Fixed(0.5), true), task.count());
    assertEquals(TaskSpec.Policy.RR, task.policy());
    assertEquals(new CpuSelection.Listed(List.of(0, 1, 2, 5)), task.cpus());
    assertEquals("/a", task.cgroup());
    assertEquals(new Fixed(3e6), task.startNs());
    assertEquals(new Step.Until(new Fixed(1e9)), task.program().get(0));
    Step.Choose choose = (Step.Choose) task.program().get(2);
    assertEquals(List.of(0.75, 0.25), choose.weights());
    assertEquals(List.of(new Step.BlockIo(new Fixed(5e6))), choose.bodies().get(0));
    assertEquals(new CpuSelection.Each(), tasks.get(1).cpus());
    assertEquals(new CpuSelection.Listed(List.of(5)), tasks.get(2).cpus());
    assertEquals("/a", spec.strata().get(0).host().cgroups().get(0).path());
  }

  @Test
  void operationsAreReadWithQemusDefaults() throws ScenarioException {
    ScenarioSpec spec =
        read(MINIMAL
                + """
                        operations:
                          - live-migration:
                              rate: 2/day
                              pre-copy: {ram: 512GiB, dirty-rate: 1GiB/s}
                              clock-visibility: final-transfer
                              guest-stopped-flag: 0.5
                          - pause: {at: [1s, {uniform: [2s, 3s]}], cpus: "0-3", blackout: 5s}
                          - pause: {times: 3, blackout: 1s, guest-stopped-flag: false}
                      """)
            .spec();
    var operations = spec.strata().get(0).host().operations();
    assertEquals(new Occurrence.Rate(new Fixed(2 / 86_400.0)), operations.get(0).occurrence());
    Effect.Stop migration = (Effect.Stop) operations.get(0).effect();
    Blackout.PreCopy copy = (Blackout.PreCopy) migration.blackout();
    assertEquals(new Fixed(0x1p39), copy.ramBytes());
    assertEquals(new Fixed(0x1p39), copy.workingSetBytes());
    assertEquals(new Fixed(0x1p27), copy.bandwidthBytesPerSec());
    assertEquals(new Fixed(3e8), copy.downtimeLimitNs());
    assertEquals(new ClockVisibility.FinalTransfer(), migration.clock());
    assertEquals(new Exponential(20_000), migration.resumeSkewNs());
    assertEquals("INDEX", migration.resumeOrder().name());
    assertEquals(new Fixed(0.5), migration.guestStoppedFlag());
    Effect.Stop pause = (Effect.Stop) operations.get(1).effect();
    assertEquals(2, ((Occurrence.At) operations.get(1).occurrence()).atNs().size());
    assertEquals("INDEPENDENT", pause.resumeOrder().name());
    pause = (Effect.Stop) operations.get(2).effect();
    assertEquals(new Fixed(0), pause.guestStoppedFlag());
  }

  @Test
  void stratumOverridesOnlyWhatItNames() throws ScenarioException {
    ScenarioFile file =
        read(
            MINIMAL.replace("cpus: 8", "cpus: {uniform: [8, 16]}")
                + """
                strata:
                  - {name: small, weight: 3}
                  - {name: big, weight: 1, host: {cpus: {categorical: {64: 1}}, kernel: {hz: 1000}}}
                  - {name: none, weight: 0, host: {smt: 2}}
                """);
    List<StratumSpec> strata = file.spec().strata();
    assertEquals(2, strata.size());
    assertEquals(0.75, strata.get(0).weight());
    assertEquals(new Fixed(64), strata.get(1).host().cpus());
    assertEquals(List.of("6.1"), strata.get(1).host().kernel().preset().values());
    assertTrue(file.notices().get(0).text().contains("has weight 0"));
    assertEquals(2, new HostSampler(file.spec()).columns().size());
  }

  @Test
  void setReachesEveryPlace() throws ScenarioException {
    String text =
        MINIMAL
            + """
                tasks:
                  - {name: t, policy: fifo, priority: 5, program: [{compute: 1ms}]}
                operations:
                  - pause: {rate: 1/day, blackout: 1s}
              strata:
                - {name: a, weight: 1}
                - {name: b, weight: 1, host: {cpus: 16}}
              """;
    ScenarioSpec spec =
        read(
                text,
                "host.cpus=32",
                "kernel.sched_rt_runtime_us=-1",
                "fixes.rt-forgive-unobserved-stall=true",
                "host.kernel.boot.rcupdate.rcu_cpu_stall_timeout=5",
                "sched-features.RT_PUSH_IPI=false",
                "host.tasks.t.priority=7",
                "host.tasks[0].program[0].compute={uniform: [1ms, 2ms]}",
                "host.operations.pause.rate=3/day",
                "strata.b.weight=3",
                "hosts=5")
            .spec();
    assertEquals(5, spec.hosts());
    for (StratumSpec stratum : spec.strata()) {
      assertEquals(new Fixed(32), stratum.host().cpus());
    }
    assertEquals(0.75, spec.strata().get(1).weight());
    assertEquals(new Fixed(-1), knob(spec, KernelKnob.SCHED_RT_RUNTIME_US));
    assertEquals(new Fixed(1), knob(spec, KernelKnob.FIX_RT_FORGIVE_UNOBSERVED_STALL));
    assertEquals(new Fixed(5), knob(spec, KernelKnob.RCU_CPU_STALL_TIMEOUT));
    assertEquals(new Fixed(0), knob(spec, KernelKnob.RT_PUSH_IPI));
    TaskSpec task = spec.strata().get(0).host().tasks().get(0);
    assertEquals(new Fixed(7), task.priority());
    assertEquals(1.5e6, ((Step.Compute) task.program().get(0)).ns().mean());
  }

  @Test
  void everyKnobCanBeSetByItsOwnName() throws ScenarioException {
    Map<Unit, String> values = Map.of(Unit.TIME_NS, "100us");
    for (KernelKnob knob : KernelKnob.values()) {
      String section = knob.section().key();
      String path = "kernel." + (section.isEmpty() ? "" : section + ".") + knob.key();
      String value =
          values.getOrDefault(knob.unit(), knob == KernelKnob.HZ ? "1000" : "" + knob.max());
      value = knob == KernelKnob.FAIR_SERVER_PERIOD_NS ? "1s" : value;
      value = knob.unit() == Unit.VARIANT ? knob.words().get(0) : value;
      String period = KernelKnob.SCHED_RT_PERIOD_US.key() + "=2147483647";
      String preset = "kernel.preset=7.3+yield-v3"; // has every knob
      read(MINIMAL, preset, period, path + "=" + value);
    }
  }

  @Test
  void canonicalTextGivesTheSameScenario() throws ScenarioException, IOException {
    ScenarioFile starter = READER.read(starterFile(), List.of());
    ScenarioFile again = READER.readText(starter.canonicalJson(), "manifest", List.of());
    assertEquals(starter.spec(), again.spec());
    assertEquals(starter.canonicalJson(), again.canonicalJson());
    assertEquals(1, starter.canonicalJson().lines().count());
  }

  @Test
  void everyKeyOfTheLanguageIsAccepted() throws ScenarioException {
    Path file = Path.of("src/test/resources/good-scenarios/everything.yaml");
    ScenarioFile all = READER.read(file, List.of());
    assertEquals(2, all.spec().strata().size());
    assertEquals(List.of(), all.spec().strata().get(1).host().tasks());
    assertEquals(all.spec(), againFrom(all).spec());
    HostSampler sampler = new HostSampler(all.spec());
    for (long host = 0; host < 200; host++) {
      sampler.sample(host);
    }
  }

  private static ScenarioFile againFrom(ScenarioFile file) throws ScenarioException {
    return READER.readText(file.canonicalJson(), file.source(), List.of());
  }

  @Test
  void measuresAndExpectationsAreRead() throws ScenarioException {
    ScenarioFile file =
        read(
            MINIMAL
                + """
                measure: [host.machine.events, {metric: host.cpu 3.rt_time, at: 10s}]
                expect:
                  - {metric: host.cpu.3.rt_time, equals: 2s, tolerance: 0.1%, at: 10s, source: me}
                  - {metric: host.incident soft-lockup.first, absent: true}
                  - {metric: host.cpu 0.rt_throttled, equals: true}
                  - {metric: host.machine.events, between: [1, 1e6], statistic: max, name: some}
                  - probability-of: {metric: host.incident freeze.count, above: 0}
                    agrees-with: 0.0123
                    level: 0.99
                """);
    assertEquals(5, file.spec().measures().size());
    assertEquals(OptionalLong.of(10_000_000_000L), file.spec().measures().get(1).atNs());
    List<Expectation> expectations = file.expectations();
    assertEquals(new Expectation.Equals(2e9, 2e6), expectations.get(0).comparison());
    assertEquals("me", expectations.get(0).source());
    assertEquals(new Expectation.Absent(), expectations.get(1).comparison());
    assertEquals(new Expectation.Equals(1, 0), expectations.get(2).comparison());
    assertEquals(new Expectation.Between(1, 1e6), expectations.get(3).comparison());
    assertEquals("some", expectations.get(3).name());
    assertEquals(new Expectation.AgreesWith(0.0123), expectations.get(4).comparison());
    assertEquals(0.99, ((Expectation.ProbabilityOf) expectations.get(4).quantity()).level());
  }

  @Test
  void casesShareWhatIsCommon() throws ScenarioException, IOException {
    Path file = folder.resolve("cases.yaml");
    Files.writeString(
        file,
        "common:\n"
            + MINIMAL.replace("name: one\n", "").indent(2)
            + """
            cases:
              - {name: a}
              - {name: b, horizon: 2h, host: {cpus: 16}}
            """);
    List<ScenarioFile> cases = READER.readAll(file, List.of());
    assertEquals(2, cases.size());
    assertEquals(new Fixed(8), cases.get(0).spec().strata().get(0).host().cpus());
    assertEquals(new Fixed(16), cases.get(1).spec().strata().get(0).host().cpus());
    assertEquals(7_200_000_000_000L, cases.get(1).spec().horizonNs());
    assertThrows(ScenarioException.class, () -> READER.read(file, List.of()));
  }

  @Test
  void documentsAreCases() throws ScenarioException, IOException {
    Path file = folder.resolve("stream.yaml");
    String second = MINIMAL.replace("one", "two");
    Files.writeString(file, MINIMAL + "---\n" + second);
    assertEquals(2, READER.readAll(file, List.of()).size());
    Files.writeString(file, MINIMAL + "---\n" + MINIMAL);
    ScenarioException twice =
        assertThrows(ScenarioException.class, () -> READER.readAll(file, List.of()));
    assertTrue(twice.getMessage().contains(":7:1: two cases have the name 'one'"), "" + twice);
  }

  @Test
  void problemInCommonIsToldOnce() throws IOException {
    Path file = folder.resolve("cases.yaml");
    Files.writeString(
        file,
        """
        common: {horizon: 5, host: {cpus: 8, kernel: {preset: "6.1"}}}
        cases: [{name: a}, {name: b}, {name: c, bogus: 1}]
        """);
    ScenarioException e =
        assertThrows(ScenarioException.class, () -> READER.readAll(file, List.of()));
    assertEquals(2, e.problems().size(), e.getMessage());
    assertTrue(e.getMessage().contains(":1:10: horizon needs a unit"), e.getMessage());
    assertTrue(e.getMessage().contains("unknown key 'bogus'"), e.getMessage());
  }

  @Test
  void settingWithoutEffectIsNoticed() throws ScenarioException {
    ScenarioFile file = read(MINIMAL.replace("6.1", "6.12"), "kernel.sched_rt_runtime_us=900000");
    assertEquals(1, file.notices().size());
    assertTrue(
        file.notices().get(0).message().contains("has no effect on preset 6.12"),
        file.notices().get(0).message());
    assertEquals(List.of(), read(MINIMAL, "kernel.sched_rt_runtime_us=900000").notices());
  }

  private Path starterFile() throws IOException {
    Path file = folder.resolve("starter.yaml");
    try (var in =
        ScenarioReaderTest.class.getResourceAsStream("/stallcast/coordinator/cli/starter.yaml")) {
      Files.write(file, in.readAllBytes());
    }
    return file;
  }
}
