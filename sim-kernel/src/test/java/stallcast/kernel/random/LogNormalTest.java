package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static stallcast.kernel.random.Refusal.assertRefused;

import org.junit.jupiter.api.Test;

/*
 * References, mpmath with N = ncdf:
 * cdf(x): N((log(x)+mpf(1.45))/mpf(3.2))
 * mean: exp(mpf(-1.45)+mpf(3.2)**2/2)
 */
class LogNormalTest extends DistributionContract {
  @Override
  Distribution subject() {
    return new LogNormal(-1.45, 3.2);
  }

  @Override
  double[][] references() {
    return new double[][] {
      {1e-9, 8.56619938459017e-10},
      {0.01, 0.16206884241103708},
      {0.0833, 0.3731456762303746},
      {1.5, 0.7189863274889023},
      {6.0, 0.8444818208861005},
      {24.0, 0.9259488111202485},
      {99.0, 0.9705607816335386},
      {1e5, 0.9999744910439856}
    };
  }

  @Override
  double expectedMean() {
    return 39.251905860304525;
  }

  /** Google, VEE 2018: median 50 ms, p99 300 ms give sigma 0.770, mean 67 ms, P(> 1 s) = 5.0e-5. */
  @Test
  void blackoutOfMedian50AndP99Of300HasTheKnownShape() {
    LogNormal blackoutMs = LogNormal.ofMedianAndP99(50, 300);
    assertEquals(50, blackoutMs.quantile(0.5), 1e-12);
    assertEquals(300, blackoutMs.quantile(0.99), 1e-10);
    assertEquals(0.770, blackoutMs.sigma(), 0.0005);
    assertEquals(67, blackoutMs.mean(), 0.5);
    assertEquals(5.0e-5, 1 - blackoutMs.cdf(1000), 0.05e-5);
  }

  @Test
  void medianAndSigmaMakeTheirLaw() {
    assertEquals(8, LogNormal.ofMedianAndSigma(8, 1.0).quantile(0.5), 1e-14);
    assertEquals(1.0, LogNormal.ofMedianAndSigma(8, 1.0).sigma());
  }

  @Test
  void illegalParametersAreRefused() {
    assertRefused("mu", () -> new LogNormal(Double.NaN, 1));
    assertRefused("sigma", () -> new LogNormal(0, 0));
    assertRefused("sigma", () -> new LogNormal(0, Double.NaN));
    assertRefused("mean exp(mu + sigma^2 / 2)", () -> new LogNormal(0, 40));
    assertRefused("median", () -> LogNormal.ofMedianAndP99(0, 1));
    assertRefused("p99", () -> LogNormal.ofMedianAndP99(1, 1));
    assertRefused("p99", () -> LogNormal.ofMedianAndP99(1, Double.NaN));
    assertRefused("median", () -> LogNormal.ofMedianAndSigma(-1, 1));
    assertRefused("sigma", () -> LogNormal.ofMedianAndSigma(1, -1));
  }
}
