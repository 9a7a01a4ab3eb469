package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.random.Refusal.assertRefused;

import org.junit.jupiter.api.Test;

/*
 * References, mpmath with N = ncdf:
 * cdf(x): (N(log(x/2)/mpf(0.45))-N(log(mpf(0.5))/mpf(0.45)))/(N(log(mpf(3))/mpf(0.45))-N(log
 *     (mpf(0.5))/mpf(0.45)))
 * mean: 2*exp(mpf(0.45)**2/2)*(N(log(mpf(3))/mpf(0.45)-mpf(0.45))-N(log(mpf(0.5))/mpf(0.45)-
 *     mpf(0.45)))/(N(log(mpf(3))/mpf(0.45))-N(log(mpf(0.5))/mpf(0.45)))
 */
class TruncatedTest extends DistributionContract {
  @Override
  Distribution subject() {
    return new Truncated(LogNormal.ofMedianAndSigma(2, 0.45), 1, 6);
  }

  @Override
  double[][] references() {
    return new double[][] {
      {1.01, 0.0029429828438721477},
      {1.5, 0.21437998276766643},
      {2.0, 0.4707692797452388},
      {3.0, 0.8104404968034605},
      {5.9, 0.9991491272639454}
    };
  }

  @Override
  double expectedMean() {
    return 2.2667336065687684;
  }

  @Test
  void discreteLawIsCutWithItsEnds() {
    Truncated law = new Truncated(new Poisson(3), 2, 4);
    double[] masses = {4.5, 4.5, 3.375}; // e^3 P(N = 2, 3, 4)
    assertEquals(4.5 / 12.375, law.cdf(2), 1e-14);
    assertEquals((2 * masses[0] + 3 * masses[1] + 4 * masses[2]) / 12.375, law.mean(), 1e-13);
    assertEquals(2, law.quantile(1e-300));
    assertEquals(4, law.quantile(1 - 0x1p-53));
  }

  /** Ends that are no atoms: rounding must not bring back a value outside, or the end itself. */
  @Test
  void discreteLawGivesAtomsOnly() {
    Truncated law = new Truncated(new Geometric(6), 3.5, 9.5);
    assertEquals(4, law.quantile(1e-300));
    assertEquals(9, law.quantile(1 - 0x1p-53));
    RandomStream stream = stream(8);
    for (int i = 0; i < 10_000; i++) {
      double value = law.sample(stream);
      assertTrue(value >= 4 && value <= 9 && value == Math.rint(value));
    }
  }

  @Test
  void lowerTailFarOutIsResolved() {
    Truncated law = new Truncated(new Normal(0, 1), Double.NEGATIVE_INFINITY, -30);
    // mpmath: findroot(lambda x: ncdf(x) - ncdf(-30) / 2, -30.02)
    assertEquals(-30.02307046782731, law.quantile(0.5), 1e-11);
  }

  @Test
  void infiniteEndsLeaveTheLawAsItIs() {
    Truncated law =
        new Truncated(new Normal(3, 2), Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    assertEquals(new Normal(3, 2).quantile(0.3), law.quantile(0.3));
    assertEquals(3, law.mean());
  }

  @Test
  void heavyTailCutAboveHasAFiniteMean() {
    assertEquals(
        new BoundedPareto(1, 100, 0.8).mean(),
        new Truncated(new Pareto(1, 0.8), 0, 100).mean(),
        1e-12);
  }

  @Test
  void rangeOfOneAtomIsFixed() {
    assertTrue(new Truncated(new Poisson(3), 2, 2).isFixed());
  }

  @Test
  void illegalParametersAreRefused() {
    assertRefused("min", () -> new Truncated(new Normal(0, 1), Double.NaN, 1));
    assertRefused("max", () -> new Truncated(new Normal(0, 1), 0, Double.NaN));
    assertRefused("max", () -> new Truncated(new Normal(0, 1), 1, 0));
    assertRefused(
        "mass of Fixed[value=5.0] in [6.0, 7.0]", () -> new Truncated(new Fixed(5), 6, 7));
    assertRefused(
        "mass of Normal[mean=0.0, sd=1.0] in [7.0, 9.0]",
        () -> new Truncated(new Normal(0, 1), 7, 9));
    assertRefused(
        "mass of Poisson[mean=3.0] in [2.1, 2.9]", () -> new Truncated(new Poisson(3), 2.1, 2.9));
  }
}
