package stallcast.coordinator.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import stallcast.coordinator.scenario.ScenarioException;
import stallcast.coordinator.scenario.ScenarioReader;
import stallcast.kernel.cpu.IncidentLog;
import stallcast.kernel.host.EndReason;
import stallcast.kernel.host.HostOutcome;
import stallcast.kernel.host.HostSimulation;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.kernel.scenario.ScenarioSpec;

/**
 * Windows around the operations give what the full horizon gives (design.md section 3).
 *
 * <p>Both simulate the same hosts with the same pauses, but machines that boot anew for each window
 * have other phases and draws, so per host the incidents differ and only their law is the same.
 * Compared are the differences per host between the two, which are independent from host to host
 * with mean 0 if windows are right: z = mean / standard error. Eight differences are tested (four
 * kinds, hit or not and number); {@link #Z_MAX} makes the chance that a right simulator fails in
 * any of them, over all seeds, one in a thousand (Bonferroni, 1.25e-4 each, two-sided). The seed is
 * fixed. A shift of a mean by about five standard errors would be found nine times in ten.
 */
class WindowCompositionTest {
  private static final Path FLEET = Path.of("src/test/resources/fleets/windowed.yaml");
  private static final double Z_MAX = 3.84; // normal quantile of 1 - 1.25e-4 / 2
  private static final int EVENTS_MIN = 20; // hosts hit, for the normal law to hold

  private static final Map<Boolean, List<int[]>> COUNTS = new TreeMap<>(); // by "in windows"

  @BeforeAll
  static void simulateBoth() throws IOException, ScenarioException {
    String text = Files.readString(FLEET);
    COUNTS.put(true, counts(read(text)));
    COUNTS.put(false, counts(read(withoutWindow(text))));
  }

  private static String withoutWindow(String text) {
    return text.lines().filter(l -> !l.startsWith("window:")).collect(Collectors.joining("\n"));
  }

  private static ScenarioSpec read(String text) throws ScenarioException {
    return new ScenarioReader().readText(text, "test", List.of()).spec();
  }

  /** Per host the incidents of each kind. */
  private static List<int[]> counts(ScenarioSpec spec) {
    HostSimulation simulation = new HostSimulation(spec);
    List<int[]> counts = new ArrayList<>();
    for (long host = 0; host < spec.hosts(); host++) {
      HostOutcome outcome = simulation.run(host);
      assertEquals(EndReason.HORIZON, outcome.endReason());
      int[] ofHost = new int[IncidentKind.values().length];
      for (IncidentKind kind : IncidentKind.values()) {
        ofHost[kind.ordinal()] = outcome.count(kind);
      }
      counts.add(ofHost);
    }
    return counts;
  }

  @ParameterizedTest
  @EnumSource(names = {"RT_THROTTLE_LONG", "RT_THROTTLE_SHORT", "VM_BLACKOUT", "SOFT_LOCKUP"})
  void windowsGiveTheProbabilitiesAndCountsOfTheFullHorizon(IncidentKind kind) {
    List<Integer> hits = new ArrayList<>();
    List<Integer> numbers = new ArrayList<>();
    int hit = 0;
    for (int host = 0; host < COUNTS.get(true).size(); host++) {
      int inWindows = COUNTS.get(true).get(host)[kind.ordinal()];
      int inFull = COUNTS.get(false).get(host)[kind.ordinal()];
      hits.add(Integer.signum(inWindows) - Integer.signum(inFull));
      numbers.add(inWindows - inFull);
      hit += Integer.signum(inFull);
    }
    assertTrue(hit >= EVENTS_MIN, kind + " on " + hit + " hosts only");
    assertEquals(0, z(hits), Z_MAX, kind + " per host: " + hits);
    assertEquals(0, z(numbers), Z_MAX, "number of " + kind + ": " + numbers);
  }

  private static double z(List<Integer> differences) {
    int n = differences.size();
    double mean = differences.stream().mapToInt(Integer::intValue).average().orElseThrow();
    double squares = differences.stream().mapToDouble(d -> (d - mean) * (d - mean)).sum();
    return squares == 0 ? (mean == 0 ? 0 : Double.MAX_VALUE) : mean / Math.sqrt(squares / n / (n - 1));
  }

  /** A stop depends on the operation alone, not on what runs on the machine. */
  @Test
  void blackoutsAreTheSameOnEveryHost() {
    int kind = IncidentKind.VM_BLACKOUT.ordinal();
    for (int host = 0; host < COUNTS.get(true).size(); host++) {
      int index = host;
      assertEquals(
          COUNTS.get(false).get(host)[kind],
          COUNTS.get(true).get(host)[kind],
          () -> "host " + index);
    }
  }

  /**
   * Nothing is random, and a machine that boots whole periods of everything periodic (1 s of the
   * programs and of RT bandwidth, 4 s of the watchdog) later is at the same point of all of them.
   */
  @ParameterizedTest
  @CsvSource({"50, 9000", "150, 700", "290, 27000", "310, 3000", "555, 45500", "999, 12345"})
  void pinnedPeriodicHostHasTheSameIncidentsToTheNanosecond(int phaseMs, int blackoutMs)
      throws ScenarioException {
    String text =
        """
        name: pinned
        horizon: 30m
        window: {before: %dms, after: 2s}
        host:
          cpus: 2
          kernel:
            preset: "5.15"
            hz: 250
            watchdog-phase: 1s
          tasks:
            - {name: a, policy: fifo, priority: 50, cpus: 0, program: [{compute: 300ms}, {sleep: 700ms}]}
            - {name: b, policy: fifo, priority: 50, cpus: 1, program: [{compute: 150ms}, {sleep: 350ms}]}
            - {name: c, cpus: 1, program: [{compute: 20ms}, {sleep: 30ms}]}
          operations:
            - pause: {at: %dms, blackout: %dms, guest-stopped-flag: false, resume-skew: 0}
        """
            .formatted(20_000 + phaseMs, 1_000_000 + phaseMs, blackoutMs);
    List<String> full = incidents(read(withoutWindow(text)));
    assertEquals(full, incidents(read(text)));
    assertTrue(!full.isEmpty() || phaseMs > 300, "nothing happened");
  }

  private static List<String> incidents(ScenarioSpec spec) {
    IncidentLog log = new HostSimulation(spec).run(0).incidents();
    List<String> incidents = new ArrayList<>();
    for (int i = 0; i < log.size(); i++) {
      incidents.add(
          "%s cpu %d task %d %d..%d seen %d parent %d branch %d peak %d residual %d refills %d"
              .formatted(
                  log.kind(i).key(),
                  log.cpu(i),
                  log.task(i),
                  log.startNs(i),
                  log.endNs(i),
                  log.detectedNs(i),
                  log.parent(i),
                  log.branch(i),
                  log.peakRtTimeNs(i),
                  log.residualRtTimeNs(i),
                  log.refills(i)));
    }
    return incidents;
  }
}
