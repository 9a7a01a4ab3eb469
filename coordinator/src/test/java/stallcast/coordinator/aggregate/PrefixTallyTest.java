package stallcast.coordinator.aggregate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import stallcast.coordinator.fleet.MadeUpFleet;
import stallcast.worker.shard.OutcomeBlock;

class PrefixTallyTest {
  private static final int HOSTS = 300;

  private final MadeUpFleet fleet = new MadeUpFleet(HOSTS);

  @Test
  void holdsExactlyTheHostsBelowTheWatermarkAtEveryMoment() {
    for (int seed = 0; seed < 20; seed++) {
      List<OutcomeBlock> blocks = new ArrayList<>(fleet.blocks(HOSTS, 17));
      Collections.shuffle(blocks, new Random(seed));
      PrefixTally prefix = new PrefixTally(fleet.spec());
      for (OutcomeBlock block : blocks) {
        prefix.fold(block);
        IncidentTally expected = new IncidentTally(fleet.spec());
        expected.fold(fleet.block(0, (int) prefix.watermark()));
        assertEquals(expected.state(), prefix.tally().state(), "seed " + seed);
      }
      assertEquals(HOSTS, prefix.watermark());
    }
  }

  @Test
  void aHostThatComesTwiceIsABug() {
    PrefixTally prefix = new PrefixTally(fleet.spec());
    prefix.fold(fleet.block(0, 10));
    prefix.fold(fleet.block(20, 10));
    assertThrows(IllegalStateException.class, () -> prefix.fold(fleet.block(5, 10)));
    assertThrows(IllegalStateException.class, () -> prefix.fold(fleet.block(20, 10)));
  }
}
