package stallcast.kernel.random;

import static stallcast.kernel.random.Refusal.assertRefused;

import org.junit.jupiter.api.Test;

/*
 * References, mpmath:
 * cdf(x): (x+1)/4
 * mean: mpf(1)
 */
class UniformTest extends DistributionContract {
  @Override
  Distribution subject() {
    return new Uniform(-1, 3);
  }

  @Override
  double[][] references() {
    return new double[][] {
      {-1.0, 0.0},
      {-0.5, 0.125},
      {0.0, 0.25},
      {2.9, 0.975},
      {3.0, 1.0}
    };
  }

  @Override
  double expectedMean() {
    return 1.0;
  }

  @Test
  void illegalParametersAreRefused() {
    assertRefused("min", () -> new Uniform(Double.NaN, 1));
    assertRefused("max", () -> new Uniform(1, 1));
    assertRefused("max", () -> new Uniform(1, Double.NaN));
    assertRefused("max", () -> new Uniform(0, Double.POSITIVE_INFINITY));
    assertRefused("max - min", () -> new Uniform(-1e308, 1e308));
  }
}
