package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static stallcast.kernel.random.Refusal.assertRefused;

import org.junit.jupiter.api.Test;

/*
 * References, mpmath:
 * cdf(x): -expm1(-mpf(1.6)*log(x/20))
 * mean: mpf(1.6)*20/(mpf(1.6)-1)
 */
class ParetoTest extends DistributionContract {
  @Override
  Distribution subject() {
    return new Pareto(20, 1.6);
  }

  @Override
  double[][] references() {
    return new double[][] {
      {20.0, 0.0},
      {20.000001, 7.999999488223682e-08},
      {21.0, 0.07509501223130709},
      {50.0, 0.7691680150548459},
      {1000.0, 0.9980872950004199},
      {100000.0, 0.9999987931647327}
    };
  }

  @Override
  double expectedMean() {
    return 53.33333333333333;
  }

  @Test
  void meanIsInfiniteUpToShapeOne() {
    assertEquals(Double.POSITIVE_INFINITY, new Pareto(1, 1).mean());
    assertEquals(Double.POSITIVE_INFINITY, new Pareto(1, 0.5).mean());
    assertEquals(2 * StrictMath.log(10), new Pareto(2, 1).partialMean(20), 1e-14);
  }

  @Test
  void illegalParametersAreRefused() {
    assertRefused("min", () -> new Pareto(0, 1));
    assertRefused("min", () -> new Pareto(Double.NaN, 1));
    assertRefused("shape", () -> new Pareto(1, 0));
    assertRefused("shape", () -> new Pareto(1, Double.NaN));
  }
}
