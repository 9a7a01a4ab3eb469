package stallcast.kernel.random;

import static stallcast.kernel.random.Refusal.assertRefused;

import org.junit.jupiter.api.Test;

/*
 * References, mpmath:
 * cdf(x): log(x/mpf(1e-6))/log(mpf(1e-3)/mpf(1e-6))
 * mean: (mpf(1e-3)-mpf(1e-6))/log(mpf(1e-3)/mpf(1e-6))
 */
class LogUniformTest extends DistributionContract {
  @Override
  Distribution subject() {
    return new LogUniform(1e-6, 1e-3);
  }

  @Override
  double[][] references() {
    return new double[][] {
      {1.1e-6, 0.01379756171940836},
      {5e-6, 0.23299000144533963},
      {1e-5, 0.33333333333333337},
      {1e-4, 0.6666666666666666},
      {9e-4, 0.9847475031464417}
    };
  }

  @Override
  double expectedMean() {
    return 0.00014462006247378286;
  }

  @Test
  void illegalParametersAreRefused() {
    assertRefused("min", () -> new LogUniform(0, 1));
    assertRefused("min", () -> new LogUniform(Double.NaN, 1));
    assertRefused("max", () -> new LogUniform(1, 1));
    assertRefused("max", () -> new LogUniform(1, Double.NaN));
    assertRefused("max / min", () -> new LogUniform(1e-300, 1e300));
  }
}
