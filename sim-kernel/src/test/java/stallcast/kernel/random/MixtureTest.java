package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static stallcast.kernel.random.Refusal.assertRefused;

import org.junit.jupiter.api.Test;

/*
 * References, mpmath:
 * cdf(x): 0.25*(x>=2)+0.75*-expm1(-x/3)
 * mean: mpf(0.25)*2+mpf(0.75)*3
 */
class MixtureTest extends DistributionContract {
  @Override
  Distribution subject() {
    return new Mixture(
        new Distribution[] {new Fixed(2), new Exponential(3), new Fixed(1e9)},
        new double[] {1, 3, 0});
  }

  @Override
  double[][] references() {
    return new double[][] {
      {0.001, 0.0002499583379625772},
      {1.0, 0.21260151706965807},
      {1.9999, 0.36492432508365397},
      {2.0, 0.6149371607255559},
      {3.0, 0.7240904191214182},
      {9.0, 0.9626596987241021},
      {30.0, 0.9999659500526782}
    };
  }

  @Override
  boolean isInverted() {
    return false;
  }

  @Override
  double expectedMean() {
    return 2.75;
  }

  /**
   * Fleet priors 5: body and cut tail of the migration blackout; P(> 1 s) = 1.8e-3, P(> 10 s) =
   * 1.8e-4.
   */
  @Test
  void blackoutOfBodyAndTailHasThePublishedTailProbabilities() {
    Distribution tail = new Truncated(LogNormal.ofMedianAndSigma(3, 0.9), 0, 120);
    Mixture blackoutSeconds =
        new Mixture(
            new Distribution[] {LogNormal.ofMedianAndP99(0.050, 0.300), tail},
            new double[] {0.998, 0.002});
    assertEquals(1.8e-3, 1 - blackoutSeconds.cdf(1), 0.05e-3);
    assertEquals(5.7e-4, 1 - blackoutSeconds.cdf(5), 0.05e-4);
    assertEquals(1.8e-4, 1 - blackoutSeconds.cdf(10), 0.05e-4);
    assertEquals(1.1e-5, 1 - blackoutSeconds.cdf(30), 0.1e-5); // published without the cut
  }

  @Test
  void componentOfInfiniteMeanMakesTheMeanInfiniteOnlyWithWeight() {
    Distribution[] components = {new Fixed(1), new Pareto(1, 0.9)};
    assertEquals(Double.POSITIVE_INFINITY, new Mixture(components, new double[] {1, 1}).mean());
    assertEquals(1, new Mixture(components, new double[] {1, 0}).mean());
  }

  @Test
  void nestedMixtureTakesAFixedNumberOfDraws() {
    Mixture nested = new Mixture(new Distribution[] {subject(), new Fixed(0)}, new double[] {1, 1});
    assertEquals(3, nested.drawsPerSample());
  }

  @Test
  void quantileCrossesZero() {
    Mixture law =
        new Mixture(new Distribution[] {new Normal(-5, 1), new Normal(5, 1)}, new double[] {1, 1});
    assertEquals(0, law.quantile(0.5), 1e-6);
    assertEquals(-5, law.quantile(0.25), 1e-9);
    assertEquals(5, law.quantile(0.75), 1e-9);
  }

  @Test
  void arraysAreCopiedBothWays() {
    Distribution[] components = {new Fixed(1)};
    double[] weights = {1};
    Mixture law = new Mixture(components, weights);
    components[0] = new Fixed(9);
    weights[0] = 9;
    law.components()[0] = new Fixed(9);
    law.weights()[0] = 9;
    assertEquals(new Mixture(new Distribution[] {new Fixed(1)}, new double[] {1}), law);
    assertArrayEquals(new double[] {1}, law.weights());
    assertNotEquals(new Mixture(new Distribution[] {new Fixed(2)}, new double[] {1}), law);
  }

  @Test
  void illegalParametersAreRefused() {
    assertRefused(
        "number of weights", () -> new Mixture(new Distribution[] {new Fixed(1)}, new double[0]));
    assertRefused(
        "weights[0]",
        () -> new Mixture(new Distribution[] {new Fixed(1)}, new double[] {Double.NaN}));
    assertRefused(
        "sum of weights", () -> new Mixture(new Distribution[] {new Fixed(1)}, new double[] {0}));
    assertRefused("sum of weights", () -> new Mixture(new Distribution[0], new double[0]));
  }
}
