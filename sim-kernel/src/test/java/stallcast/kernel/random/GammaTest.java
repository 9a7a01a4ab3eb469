package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static stallcast.kernel.random.Refusal.assertRefused;

import org.junit.jupiter.api.Test;

/*
 * References, mpmath with G(a, x) = gammainc(a, 0, x, regularized=True):
 * cdf(x): G(mpf(2.5), x/4)
 * mean: mpf(10)
 */
class GammaTest extends DistributionContract {
  @Override
  Distribution subject() {
    return new Gamma(2.5, 4);
  }

  @Override
  double[][] references() {
    return new double[][] {
      {1e-6, 9.403158046660435e-18},
      {0.1, 2.9209539998950108e-05},
      {1.0, 0.007876706767370407},
      {5.0, 0.2235049288766773},
      {10.0, 0.5841198130044921},
      {20.0, 0.9247647538534878},
      {60.0, 0.9999852514189616}
    };
  }

  @Override
  double expectedMean() {
    return 10.0;
  }

  @Test
  void shapeOneIsExponential() {
    for (double p : new double[] {1e-9, 0.3, 0.999}) {
      double expected = new Exponential(3).quantile(p);
      assertEquals(expected, new Gamma(1, 3).quantile(p), 1e-13 * expected);
    }
  }

  @Test
  void extremeShapesStillInvert() {
    for (double shape : new double[] {1e-6, 0.01, 0.3, 1, 7, 200, 1e4, 1e6}) {
      Gamma law = new Gamma(shape, 1);
      for (double p : new double[] {1e-9, 0.001, 0.5, 0.999, 1 - 1e-9}) {
        double x = law.quantile(p);
        if (x > 1e-300) {
          assertEquals(p, law.cdf(x), 1e-10 * p, () -> law + " at " + p);
        }
      }
    }
  }

  @Test
  void illegalParametersAreRefused() {
    assertRefused("shape", () -> new Gamma(0, 1));
    assertRefused("shape", () -> new Gamma(Double.NaN, 1));
    assertRefused("shape", () -> new Gamma(2e6, 1));
    assertRefused("scale", () -> new Gamma(1, 0));
    assertRefused("scale", () -> new Gamma(1, Double.NaN));
    assertRefused("mean", () -> new Gamma(1e6, 1e305));
  }
}
