package stallcast.kernel.random;

import static stallcast.kernel.random.Refusal.assertRefused;

import org.junit.jupiter.api.Test;

/*
 * References, mpmath:
 * cdf(x): -expm1(-x/mpf(0.067))
 * mean: mpf(0.067)
 */
class ExponentialTest extends DistributionContract {
  @Override
  Distribution subject() {
    return new Exponential(0.067);
  }

  @Override
  double[][] references() {
    return new double[][] {
      {1e-12, 1.4925373134216974e-11},
      {0.001, 0.014814541837353335},
      {0.05, 0.5258675930397063},
      {0.067, 0.6321205588285577},
      {0.3, 0.9886394896360985},
      {1.0, 0.9999996703957467}
    };
  }

  @Override
  double expectedMean() {
    return 0.067;
  }

  @Test
  void illegalParametersAreRefused() {
    assertRefused("mean", () -> new Exponential(0));
    assertRefused("mean", () -> new Exponential(-1));
    assertRefused("mean", () -> new Exponential(Double.NaN));
    assertRefused("mean", () -> new Exponential(Double.POSITIVE_INFINITY));
  }
}
