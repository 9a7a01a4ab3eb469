package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static stallcast.kernel.random.Refusal.assertRefused;

import org.junit.jupiter.api.Test;

/*
 * References, mpmath:
 * cdf(x): -expm1(-(x/2)**mpf(0.7))
 * mean: 2*gamma(1+1/mpf(0.7))
 */
class WeibullTest extends DistributionContract {
  @Override
  Distribution subject() {
    return new Weibull(2, 0.7);
  }

  @Override
  double[][] references() {
    return new double[][] {
      {1e-9, 3.085168837686616e-07},
      {0.01, 0.024208527817123338},
      {0.5, 0.3154058798272132},
      {2.0, 0.6321205588285577},
      {10.0, 0.9542777081610151},
      {40.0, 0.999708890371279}
    };
  }

  @Override
  double expectedMean() {
    return 2.5316470121145667;
  }

  @Test
  void shapeOneIsExponential() {
    for (double p : new double[] {0.001, 0.5, 0.999}) {
      assertEquals(new Exponential(3).quantile(p), new Weibull(3, 1).quantile(p), 1e-13);
    }
  }

  @Test
  void illegalParametersAreRefused() {
    assertRefused("scale", () -> new Weibull(0, 1));
    assertRefused("scale", () -> new Weibull(Double.NaN, 1));
    assertRefused("shape", () -> new Weibull(1, 0));
    assertRefused("shape", () -> new Weibull(1, Double.NaN));
    assertRefused("shape", () -> new Weibull(1, 1001));
    assertRefused("mean", () -> new Weibull(1e300, 0.01));
  }
}
