package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.random.Refusal.assertRefused;

import org.junit.jupiter.api.Test;

/*
 * References, mpmath:
 * cdf(x): 1.0 if x >= 2.5 else 0.0
 * mean: 2.5
 */
class FixedTest extends DistributionContract {
  @Override
  Distribution subject() {
    return new Fixed(2.5);
  }

  @Override
  double[][] references() {
    return new double[][] {
      {2.4, 0.0},
      {2.5, 1.0}
    };
  }

  @Override
  boolean isInverted() {
    return false;
  }

  @Override
  double expectedMean() {
    return 2.5;
  }

  @Test
  void fixedIsFixed() {
    assertTrue(subject().isFixed());
    assertEquals(0, subject().drawsPerSample());
  }

  @Test
  void illegalParametersAreRefused() {
    assertRefused("value", () -> new Fixed(Double.NaN));
    assertRefused("value", () -> new Fixed(Double.NEGATIVE_INFINITY));
  }
}
