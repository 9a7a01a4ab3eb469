package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.random.Refusal.assertRefused;

import org.junit.jupiter.api.Test;

/*
 * References, mpmath:
 * cdf(x): gammainc(floor(x)+1, 4, inf, regularized=True)
 * mean: mpf(4)
 */
class PoissonTest extends DistributionContract {
  @Override
  Distribution subject() {
    return new Poisson(4);
  }

  @Override
  double[][] references() {
    return new double[][] {
      {0.0, 0.01831563888873418},
      {1.0, 0.09157819444367091},
      {3.0, 0.43347012036670896},
      {4.0, 0.6288369351798735},
      {7.0, 0.9488663842071526},
      {12.0, 0.9997262831771445}
    };
  }

  @Override
  double expectedMean() {
    return 4.0;
  }

  @Test
  void samplesAreCountsWithTheRightVariance() {
    for (double mean : new double[] {0.01, 1, 4, 300}) {
      Poisson law = new Poisson(mean);
      RandomStream stream = stream(9);
      int samples = 20_000;
      double squares = 0;
      for (int i = 0; i < samples; i++) {
        double count = law.sample(stream);
        assertEquals(Math.rint(count), count);
        squares += (count - mean) * (count - mean);
      }
      // the fourth central moment is mean + 3 mean^2; 4.9 standard errors: false alarm 1e-6
      double deviation = Math.sqrt((mean + 2 * mean * mean) / samples);
      assertEquals(mean, squares / samples, 4.9 * deviation);
    }
  }

  @Test
  void quantileIsExactForSmallAndLargeMeans() {
    for (double mean : new double[] {1e-6, 0.1, 2, 50, 1e4, 1e6}) {
      Poisson law = new Poisson(mean);
      for (double p : new double[] {1e-12, 0.01, 0.5, 0.99, 1 - 1e-12}) {
        double count = law.quantile(p);
        assertTrue(law.cdf(count) >= p && (count == 0 || law.cdf(count - 1) < p));
      }
    }
  }

  @Test
  void illegalParametersAreRefused() {
    assertRefused("mean", () -> new Poisson(0));
    assertRefused("mean", () -> new Poisson(Double.NaN));
    assertRefused("mean", () -> new Poisson(2e6));
  }
}
