package stallcast.coordinator.aggregate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import stallcast.coordinator.fleet.MadeUpFleet;
import stallcast.coordinator.fleet.OneHost;
import stallcast.kernel.host.EndReason;
import stallcast.kernel.scenario.IncidentKind;
import stallcast.worker.shard.OutcomeBlock;

class IncidentTallyTest {
  private static final int HOSTS = 600;

  private final MadeUpFleet fleet = new MadeUpFleet(HOSTS);

  private IncidentTally tallyOf(OutcomeBlock... blocks) {
    IncidentTally tally = new IncidentTally(fleet.spec());
    for (OutcomeBlock block : blocks) {
      tally.fold(block);
    }
    return tally;
  }

  /** Any cut into blocks, any order, any number of tallies merged in any order: one state. */
  @Test
  void stateDoesNotDependOnPartitionOrOrder() {
    List<StratumTally> whole = tallyOf(fleet.block(0, HOSTS)).state();
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      List<OutcomeBlock> blocks = new ArrayList<>();
      for (int first = 0; first < HOSTS; ) {
        int rows = Math.min(1 + random.nextInt(120), HOSTS - first);
        blocks.add(fleet.block(first, rows));
        first += rows;
      }
      Collections.shuffle(blocks, random);
      List<IncidentTally> tallies = new ArrayList<>();
      for (int i = 0; i < 1 + random.nextInt(5); i++) {
        tallies.add(tallyOf());
      }
      for (OutcomeBlock block : blocks) {
        tallies.get(random.nextInt(tallies.size())).fold(block);
      }
      Collections.shuffle(tallies, random);
      IncidentTally merged = tallyOf();
      for (IncidentTally tally : tallies) {
        merged.merge(tally);
      }
      assertEquals(whole, merged.state(), "seed " + seed);
    }
  }

  @Test
  void aMissingHostShowsInTheState() {
    assertNotEquals(
        tallyOf(fleet.block(0, HOSTS)).state(), tallyOf(fleet.block(0, HOSTS - 1)).state());
  }

  @Test
  void fleetIsTheSumOfItsStrata() {
    IncidentTally tally = tallyOf(fleet.block(0, HOSTS));
    StratumTally web = tally.stratum(0);
    StratumTally storage = tally.stratum(1);
    int failed = HOSTS / MadeUpFleet.FAILED_EVERY;
    assertEquals(HOSTS - failed, tally.fleet().hosts());
    assertEquals(failed, tally.fleet().failed());
    assertEquals(tally.fleet().hosts(), web.hosts() + storage.hosts());
    assertEquals(
        tally.fleet().hit(MadeUpFleet.LOCKUP).k(),
        web.hit(MadeUpFleet.LOCKUP).k() + storage.hit(MadeUpFleet.LOCKUP).k());
  }

  @Test
  void hitHostsAndRecordsAreThoseOfTheBlock() {
    OutcomeBlock block = fleet.block(0, HOSTS);
    long hit = 0;
    long records = 0;
    for (int row = 0; row < HOSTS; row++) {
      int count = block.counts()[MadeUpFleet.LOCKUP.ordinal()][row];
      hit += count > 0 ? 1 : 0;
      records += count;
    }
    KindTally lockups = tallyOf(block).fleet().kind(MadeUpFleet.LOCKUP);
    assertEquals(hit, lockups.records().hit());
    assertEquals(records, lockups.records().events());
  }

  @Test
  void recordsWithinAQuietHourAreOneIncident() {
    // Ends at 122 s; the next starts 3599 s, then 3600 s after the end of the one before.
    KindTally close = lockups(new OneHost().lockup(100, 22).lockup(3721, 10));
    assertEquals(1, close.incidents().events());
    assertEquals(2, close.records().events());
    KindTally apart = lockups(new OneHost().lockup(100, 22).lockup(3722, 10));
    assertEquals(2, apart.incidents().events());
  }

  @Test
  void quietPeriodIsCountedFromTheLatestEndWhateverTheOrderOfRecords() {
    // The long one ends at 5000 s and covers the gap before the one at 4500 s.
    KindTally tally = lockups(new OneHost().lockup(4500, 10).lockup(100, 4900).lockup(200, 10));
    assertEquals(1, tally.incidents().events());
    assertEquals(4_900_000_000_000L, tally.longestNs());
    assertEquals(BigInteger.valueOf(4_920_000_000_000L), tally.lengthNs());
  }

  @Test
  void openRecordsHaveNoLengthButCount() {
    KindTally tally = lockups(new OneHost().openLockup(100).lockup(200, 20));
    assertEquals(1, tally.stillOpen());
    assertEquals(20_000_000_000L, tally.longestNs());
    assertEquals(2, tally.records().events());
  }

  @Test
  void anOperationCountsOnceForAllThatItLedTo() {
    // One migration: a throttle (record 0) and two lockups that it caused.
    OneHost host = new OneHost().operations(1);
    host.record(MadeUpFleet.THROTTLE, 100, 60, -1, 0);
    host.record(MadeUpFleet.LOCKUP, 122, 20, 0, -1);
    host.record(MadeUpFleet.LOCKUP, 150, 20, 0, -1);
    StratumTally fleetTally = tallyOf(host.block()).fleet();
    assertEquals(1, fleetTally.kind(MadeUpFleet.LOCKUP).operations().events());
    assertEquals(BigInteger.ONE, fleetTally.operations().sum());
  }

  @Test
  void incidentsWithoutAnOperationCountForNone() {
    StratumTally tally = tallyOf(new OneHost().operations(3).lockup(100, 20).block()).fleet();
    assertEquals(0, tally.kind(MadeUpFleet.LOCKUP).operations().events());
  }

  @Test
  void severalOperationsOnAHostAreToldApart() {
    OneHost host = new OneHost().operations(5);
    host.record(MadeUpFleet.LOCKUP, 100, 20, -1, 0);
    host.record(MadeUpFleet.LOCKUP, 9000, 20, -1, 0);
    KindTally tally = tallyOf(host.block()).fleet().kind(MadeUpFleet.LOCKUP);
    assertEquals(2, tally.operations().events());
  }

  @Test
  void failedHostsAreInNoOtherNumber() {
    OneHost host = new OneHost().operations(2).lockup(100, 20).end(EndReason.FAILED);
    StratumTally tally = tallyOf(host.block()).fleet();
    assertEquals(1, tally.failed());
    assertEquals(0, tally.hosts());
    assertEquals(KindTally.NONE, tally.kind(MadeUpFleet.LOCKUP));
    assertEquals(Exposure.NONE, tally.operations());
  }

  @Test
  void hostsThatEndedEarlyAreCountedApart() {
    assertEquals(1, tallyOf(new OneHost().end(EndReason.PANIC).block()).fleet().panicked());
    assertEquals(1, tallyOf(new OneHost().end(EndReason.EVENT_LIMIT).block()).fleet().truncated());
    assertEquals(1, tallyOf(new OneHost().end(EndReason.PROGRAM_SPIN).block()).fleet().truncated());
    assertEquals(
        1, tallyOf(new OneHost().end(EndReason.INCIDENT_LIMIT).block()).fleet().dropping());
  }

  @Test
  void moreCountsThanRecordsStillCount() {
    OneHost host = new OneHost();
    OutcomeBlock block = host.block();
    block.counts()[IncidentKind.FREEZE.ordinal()][0] = 20_000;
    KindTally tally = tallyOf(block).fleet().kind(IncidentKind.FREEZE);
    assertEquals(20_000, tally.records().events());
    assertEquals(1, tally.incidents().events());
  }

  @Test
  void recordsThatBelongToNoRowAreABrokenBlock() {
    OutcomeBlock broken = new OneHost().lockup(100, 20).block();
    broken.incidents().row()[0] = 3;
    assertThrows(IllegalStateException.class, () -> tallyOf(broken));
  }

  private KindTally lockups(OneHost host) {
    return tallyOf(host.block()).fleet().kind(MadeUpFleet.LOCKUP);
  }
}
