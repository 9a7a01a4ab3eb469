package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.random.Refusal.assertRefused;

import org.junit.jupiter.api.Test;

/*
 * References, mpmath:
 * cdf(x): 1-(mpf(5)/6)**floor(x)
 * mean: mpf(6)
 */
class GeometricTest extends DistributionContract {
  @Override
  Distribution subject() {
    return new Geometric(6);
  }

  @Override
  double[][] references() {
    return new double[][] {
      {1.0, 0.16666666666666666},
      {2.0, 0.3055555555555556},
      {3.0, 0.4212962962962963},
      {6.0, 0.6651020233196159},
      {20.0, 0.9739159466954111},
      {60.0, 0.9999822529882377}
    };
  }

  @Override
  double expectedMean() {
    return 6.0;
  }

  @Test
  void meanOneAlwaysGivesOne() {
    Geometric law = new Geometric(1);
    assertTrue(law.isFixed());
    assertEquals(1, law.quantile(0.999));
    assertEquals(1, law.sample(stream(1)));
    assertEquals(1, law.partialMean(5));
  }

  @Test
  void largestSampleIsAnExactInteger() {
    double largest = new Geometric(1e12).quantile(1 - 0x1p-53);
    assertTrue(largest > 3e13 && largest == Math.rint(largest));
  }

  @Test
  void illegalParametersAreRefused() {
    assertRefused("mean", () -> new Geometric(0.999));
    assertRefused("mean", () -> new Geometric(Double.NaN));
    assertRefused("mean", () -> new Geometric(2e12));
  }
}
