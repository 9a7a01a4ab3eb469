package stallcast.coordinator.aggregate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import stallcast.coordinator.fleet.MadeUpFleet;
import stallcast.coordinator.fleet.OneHost;
import stallcast.kernel.host.EndReason;
import stallcast.kernel.scenario.IncidentKind;

class EstimateTableTest {
  private static final int HOSTS = 2000;
  private static final RunIdentity IDENTITY =
      new RunIdentity("run", "made-up", "{}", -42, "hash", "test");

  private final MadeUpFleet fleet = new MadeUpFleet(HOSTS);
  private final IncidentTally tally = new IncidentTally(fleet.spec());

  private List<EstimateRow> rows() {
    return new EstimateTable(fleet.spec(), IDENTITY).rows(tally, "planned-hosts");
  }

  private EstimateRow row(String stratum, String metric) {
    return rows().stream()
        .filter(r -> r.text(EstimateColumn.STRATUM).equals(stratum))
        .filter(r -> r.text(EstimateColumn.METRIC).equals(metric))
        .findFirst()
        .orElseThrow();
  }

  private static double number(EstimateRow row, EstimateColumn column) {
    return row.real(column).orElseThrow();
  }

  @Test
  void probabilityRowCarriesBothIntervalsAndTheAnytimeOne() {
    tally.fold(fleet.block(0, HOSTS));
    EstimateRow row = row("FLEET", "soft-lockup.probability-per-host");
    Proportion hit = tally.fleet().hit(MadeUpFleet.LOCKUP);
    assertEquals("per host-day", row.text(EstimateColumn.UNIT));
    assertEquals(hit.n(), row.whole(EstimateColumn.N_HOSTS).orElseThrow());
    assertEquals(hit.k(), row.whole(EstimateColumn.N_EVENTS).orElseThrow());
    assertEquals(hit.estimate(), number(row, EstimateColumn.ESTIMATE));
    assertEquals("wilson", row.text(EstimateColumn.CI_METHOD));
    assertEquals(hit.wilson(0.95).high(), number(row, EstimateColumn.WILSON_HIGH), 1e-11);
    assertEquals(hit.clopperPearson(0.95).low(), number(row, EstimateColumn.CP_LOW), 1e-11);
    assertTrue(number(row, EstimateColumn.CS_LOW) < number(row, EstimateColumn.CP_LOW));
    assertEquals("planned-hosts", row.text(EstimateColumn.STOP_REASON));
    assertEquals(HOSTS, row.whole(EstimateColumn.WATERMARK_HOST).orElseThrow());
    assertEquals(hit.n() * 86_400.0, number(row, EstimateColumn.EXPOSURE_HOST_SECONDS));
    assertFalse(row.has(EstimateColumn.WORK_CPU_NS));
    assertFalse(row.has(EstimateColumn.GAIN_VS_CRUDE));
    assertTrue(row.flags().contains("FAILED_HOSTS"));
  }

  @Test
  void noEventGivesAnUpperLimitAndAFlag() {
    tally.fold(fleet.block(0, HOSTS));
    EstimateRow row = row("FLEET", "hung-task.probability-per-host");
    assertEquals(List.of("FAILED_HOSTS", "ZERO_EVENTS"), row.flags());
    assertTrue(number(row, EstimateColumn.CI_HIGH) > 0);
    assertFalse(row.has(EstimateColumn.STD_ERROR));
    assertFalse(row.has(EstimateColumn.MAX));
  }

  @Test
  void clustersOfReportsAreFlaggedAndDeclustered() {
    tally.fold(fleet.block(0, HOSTS));
    EstimateRow incidents = row("FLEET", "soft-lockup.rate-per-host-day");
    EstimateRow records = row("FLEET", "soft-lockup.records-per-host-day");
    assertTrue(
        number(incidents, EstimateColumn.ESTIMATE) < number(records, EstimateColumn.ESTIMATE));
    assertEquals("garwood", incidents.text(EstimateColumn.CI_METHOD));
    assertEquals("cluster-robust", records.text(EstimateColumn.CI_METHOD));
    assertTrue(records.flags().contains("OVERDISPERSED"));
  }

  @Test
  void strataComeAfterTheFleetAndAddUpToIt() {
    tally.fold(fleet.block(0, HOSTS));
    String metric = "rt-throttle-long.probability-per-host";
    long web = row("web", metric).whole(EstimateColumn.N_EVENTS).orElseThrow();
    long storage = row("storage", metric).whole(EstimateColumn.N_EVENTS).orElseThrow();
    assertEquals(row("FLEET", metric).whole(EstimateColumn.N_EVENTS).orElseThrow(), web + storage);
    assertEquals("FLEET", rows().get(0).text(EstimateColumn.STRATUM));
  }

  @Test
  void perOperationHasOperationsAsTrials() {
    tally.fold(fleet.block(0, HOSTS));
    EstimateRow row = row("FLEET", "rt-throttle-long.probability-per-operation");
    assertEquals(
        tally.fleet().operations().sum().longValue(),
        row.whole(EstimateColumn.N_TRIALS).orElseThrow());
    assertTrue(number(row, EstimateColumn.CI_LOW) < number(row, EstimateColumn.ESTIMATE));
  }

  @Test
  void steadyThrottlingIsNoIncident() {
    tally.fold(fleet.block(0, HOSTS));
    String steady = IncidentKind.RT_THROTTLE_STEADY.key();
    assertTrue(rows().stream().noneMatch(r -> r.text(EstimateColumn.METRIC).startsWith(steady)));
  }

  @Test
  void measureHasMeanAndExtremes() {
    tally.fold(fleet.block(0, HOSTS));
    EstimateRow row = row("FLEET", "host.machine.operations.mean");
    assertEquals("count", row.text(EstimateColumn.UNIT));
    assertEquals(0, row.whole(EstimateColumn.MIN).orElseThrow());
    assertEquals(4, row.whole(EstimateColumn.MAX).orElseThrow());
    assertEquals(2, number(row, EstimateColumn.ESTIMATE), 0.2);
    assertEquals("student-t", row.text(EstimateColumn.CI_METHOD));
  }

  @Test
  void aRunInWhichEveryHostFailedEstimatesNothing() {
    tally.fold(new OneHost().end(EndReason.FAILED).block());
    EstimateRow row = row("FLEET", "soft-lockup.probability-per-host");
    assertFalse(row.has(EstimateColumn.ESTIMATE));
    assertEquals(1, number(row, EstimateColumn.CI_HIGH));
    assertFalse(row("FLEET", "soft-lockup.rate-per-host-day").has(EstimateColumn.CI_HIGH));
    assertEquals(1, row.whole(EstimateColumn.N_FAILED).orElseThrow());
  }

  @Test
  void unitNamesAnotherHorizon() {
    assertEquals("per host-2h", EstimateTable.hostUnit(7_200_000_000_000L));
    assertEquals("per host-day", EstimateTable.hostUnit(NsText.DAY_NS));
  }

  @Test
  void limitsAreRoundedSoThatTheLastBitOfALogarithmCannotShow() {
    assertEquals(1.23456789012e-7, EstimateRow.roundedLimit(1.234567890123456e-7));
    assertEquals(EstimateRow.roundedLimit(Math.nextUp(0.1234)), EstimateRow.roundedLimit(0.1234));
  }

  @Test
  void aColumnTakesOnlyItsType() {
    assertThrows(
        IllegalArgumentException.class, () -> new EstimateRow().set(EstimateColumn.SEED, "x"));
  }
}
