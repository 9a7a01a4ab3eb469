package stallcast.coordinator.aggregate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfidenceSequenceTest {
  private static final double LEVEL = 0.95;

  // The vectors of statistics.md section 4.2.
  @ParameterizedTest
  @CsvSource({
    "12, 100000, 0.5, 0.5, 2.59219468138e-5, 3.31857980207e-4",
    "12, 100000, 0.5, 5000, 4.22042704942e-5, 2.60698639307e-4",
    "0, 10000, 0.5, 0.5, 0, 8.16994068706e-4",
    "47, 1000000, 0.5, 0.5, 2.24925200184e-5, 8.49487957032e-5",
  })
  void limitsAgreeWithThePublishedVectors(
      long k, long n, double a, double b, double low, double high) {
    Interval interval = new ConfidenceSequence(a, b).at(new Proportion(n, k), LEVEL);
    assertEquals(low, interval.low(), low * 5e-12);
    assertEquals(high, interval.high(), high * 5e-12);
  }

  @Test
  void isWiderThanTheIntervalOfOneLook() {
    Proportion seen = new Proportion(5_000, 20);
    Interval sequence = ConfidenceSequence.UNINFORMED.at(seen, LEVEL);
    Interval once = seen.clopperPearson(LEVEL);
    assertTrue(sequence.low() < once.low() && sequence.high() > once.high());
  }

  @Test
  void everythingIsPossibleBeforeTheFirstHost() {
    Interval start = ConfidenceSequence.UNINFORMED.at(new Proportion(0, 0), LEVEL);
    assertEquals(0, start.low());
    assertEquals(1, start.high());
  }

  @Test
  void allHitMirrorsNoneHit() {
    Interval all = ConfidenceSequence.UNINFORMED.at(new Proportion(300, 300), LEVEL);
    Interval none = ConfidenceSequence.UNINFORMED.at(new Proportion(300, 0), LEVEL);
    assertEquals(1 - none.high(), all.low(), 1e-12);
    assertEquals(1, all.high());
  }

  /** 1000 runs, 40 looks each: statistics.md section 14.6 allows 73 runs with a miss. */
  @Test
  void lookingOftenDoesNotBreakTheLevel() {
    double truth = 0.01;
    int missed = 0;
    for (int run = 0; run < 1000; run++) {
      SplittableRandom random = new SplittableRandom(run);
      boolean inside = true;
      long k = 0;
      for (int n = 1; n <= 4000; n++) {
        k += random.nextDouble() < truth ? 1 : 0;
        if (n % 100 == 0) {
          inside &= ConfidenceSequence.UNINFORMED.at(new Proportion(n, k), LEVEL).contains(truth);
        }
      }
      missed += inside ? 0 : 1;
    }
    assertTrue(missed <= 73, missed + " of 1000 runs missed");
  }
}
