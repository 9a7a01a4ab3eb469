package stallcast.kernel.random;

import static stallcast.kernel.random.Refusal.assertRefused;

import org.junit.jupiter.api.Test;

/*
 * References, mpmath with N = ncdf:
 * cdf(x): N((x-30)/3)
 * mean: mpf(30)
 */
class NormalTest extends DistributionContract {
  @Override
  Distribution subject() {
    return new Normal(30, 3);
  }

  @Override
  double[][] references() {
    return new double[][] {
      {10.0, 1.3083924686053025e-11},
      {20.0, 0.00042906033319683746},
      {25.0, 0.04779035227281471},
      {29.0, 0.3694413401817636},
      {30.0, 0.5},
      {31.5, 0.6914624612740131},
      {36.0, 0.9772498680518208},
      {45.0, 0.9999997133484281}
    };
  }

  @Override
  double expectedMean() {
    return 30.0;
  }

  @Test
  void illegalParametersAreRefused() {
    assertRefused("mean", () -> new Normal(Double.NaN, 1));
    assertRefused("sd", () -> new Normal(0, 0));
    assertRefused("sd", () -> new Normal(0, -1));
    assertRefused("sd", () -> new Normal(0, Double.NaN));
  }
}
