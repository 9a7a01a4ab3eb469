package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static stallcast.kernel.random.Refusal.assertRefused;

import org.junit.jupiter.api.Test;

/*
 * References, mpmath:
 * cdf(x): -expm1(-mpf(1.3)*log(x/20))/-expm1(-mpf(1.3)*log(mpf(250)))
 * mean: mpf(1.3)*20*expm1(-mpf(0.3)*log(mpf(250)))/-mpf(0.3)/-expm1(-mpf(1.3)*log(mpf(250)))
 */
class BoundedParetoTest extends DistributionContract {
  @Override
  Distribution subject() {
    return new BoundedPareto(20, 5000, 1.3);
  }

  @Override
  double[][] references() {
    return new double[][] {
      {20.0, 0.0},
      {20.001, 6.50459102742185e-05},
      {30.0, 0.41000127933227387},
      {100.0, 0.8772628155303258},
      {1000.0, 0.9945741383513701},
      {4999.0, 0.9999998013526182}
    };
  }

  @Override
  double expectedMean() {
    return 70.182726121145;
  }

  @Test
  void equalsTheTruncatedUnboundedLaw() {
    Distribution truncated = new Truncated(new Pareto(20, 1.3), 20, 5000);
    for (double p : new double[] {0.001, 0.5, 0.999}) {
      assertEquals(truncated.quantile(p), subject().quantile(p), 1e-10 * truncated.quantile(p));
    }
    assertEquals(truncated.mean(), subject().mean(), 1e-12 * truncated.mean());
  }

  @Test
  void shapeOneHasItsOwnClosedForm() {
    assertEquals(StrictMath.log(10) / 0.9, new BoundedPareto(1, 10, 1).mean(), 1e-14);
  }

  @Test
  void illegalParametersAreRefused() {
    assertRefused("min", () -> new BoundedPareto(0, 1, 1));
    assertRefused("max", () -> new BoundedPareto(2, 1, 1));
    assertRefused("max", () -> new BoundedPareto(2, Double.NaN, 1));
    assertRefused("shape", () -> new BoundedPareto(1, 2, 0));
    assertRefused("shape", () -> new BoundedPareto(1, 2, Double.NaN));
    assertRefused("max / min", () -> new BoundedPareto(1e-300, 1e300, 1));
  }
}
