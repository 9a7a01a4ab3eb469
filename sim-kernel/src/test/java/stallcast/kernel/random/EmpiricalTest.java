package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.random.Refusal.assertRefused;

import org.junit.jupiter.api.Test;

/*
 * References, mpmath:
 * cdf(x): (0.25*log10(x)) if x<=10 else (mpf(0.25) if x<=100 else 0.25+0.75*(log10(x)-2))
 * mean: mpf(0.25)*9/log(10)+mpf(0.75)*900/log(10)
 */
class EmpiricalTest extends DistributionContract {
  @Override
  Distribution subject() {
    return new Empirical(new double[] {1, 10, 100, 1000}, new double[] {5, 0, 15}, true);
  }

  @Override
  double[][] references() {
    return new double[][] {
      {1.5, 0.04402281476392031},
      {5.0, 0.17474250108400471},
      {150.0, 0.38206844429176096},
      {400.0, 0.7015449934959718},
      {999.0, 0.9996741161694868}
    };
  }

  @Override
  double expectedMean() {
    return 294.1259378689773;
  }

  @Test
  void emptyBucketNeverAppears() {
    RandomStream stream = stream(1);
    for (int i = 0; i < 10_000; i++) {
      double x = subject().sample(stream);
      assertTrue(x <= 10 || x >= 100);
    }
  }

  @Test
  void emptyOuterBucketsAreNoSupport() {
    Empirical law = new Empirical(new double[] {0, 1, 2, 3}, new double[] {0, 1, 0}, false);
    assertEquals(1, law.lower());
    assertEquals(2, law.upper());
    assertEquals(1, law.quantile(0));
    assertEquals(1.25, law.quantile(0.25));
  }

  @Test
  void uniformBucketsInterpolateLinearly() {
    Empirical law = new Empirical(new double[] {-2, 0, 6}, new double[] {1, 3}, false);
    assertEquals(0.125, law.cdf(-1));
    assertEquals(0.5, law.cdf(2));
    assertEquals(2, law.quantile(0.5));
    assertEquals(0.25 * -1 + 0.75 * 3, law.mean());
  }

  @Test
  void arraysAreCopiedBothWays() {
    double[] edges = {1, 2};
    double[] weights = {1};
    Empirical law = new Empirical(edges, weights, true);
    edges[0] = 99;
    weights[0] = 99;
    law.edges()[1] = 99;
    law.weights()[0] = 99;
    assertEquals(new Empirical(new double[] {1, 2}, new double[] {1}, true), law);
    assertNotEquals(new Empirical(new double[] {1, 2}, new double[] {1}, false), law);
    assertArrayEquals(new double[] {1}, law.weights());
  }

  @Test
  void illegalParametersAreRefused() {
    assertRefused(
        "number of weights", () -> new Empirical(new double[] {1, 2}, new double[] {1, 1}, false));
    assertRefused("edges[1]", () -> new Empirical(new double[] {1, 1}, new double[] {1}, false));
    assertRefused("edges[0]", () -> new Empirical(new double[] {0, 1}, new double[] {1}, true));
    assertRefused(
        "edges[1]", () -> new Empirical(new double[] {0, Double.NaN}, new double[] {1}, false));
    assertRefused(
        "weights[0]", () -> new Empirical(new double[] {0, 1}, new double[] {Double.NaN}, false));
    assertRefused(
        "sum of weights", () -> new Empirical(new double[] {0, 1}, new double[] {0}, false));
    assertRefused("number of weights", () -> new Empirical(new double[0], new double[0], false));
  }
}
