package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static stallcast.kernel.random.Refusal.assertRefused;

import org.junit.jupiter.api.Test;

/*
 * References, mpmath:
 * cdf(x): sum(w for v,w in ((64,.15),(96,.2),(128,.2),(192,.3),(256,.1),(384,.05)) if v<=x)
 * mean: mpf(64*3+96*4+128*4+192*6+256*2+384)/20
 */
class CategoricalTest extends DistributionContract {
  @Override
  Distribution subject() {
    return new Categorical(
        new double[] {192, 64, 96, 128, 256, 384}, new double[] {6, 3, 4, 4, 2, 1});
  }

  @Override
  double[][] references() {
    return new double[][] {
      {64.0, .15},
      {96.0, .35},
      {128.0, .55},
      {192.0, .85},
      {256.0, .95},
      {384.0, 1.0}
    };
  }

  @Override
  boolean isInverted() {
    return false;
  }

  @Override
  double expectedMean() {
    return 156.8;
  }

  @Test
  void aliasTableGivesEveryValueItsWeight() {
    for (int seed = 0; seed < 20; seed++) {
      RandomStream stream = stream(seed);
      int size = 2 + (int) stream.nextBelow(50);
      double[] values = new double[size];
      double[] weights = new double[size];
      double total = 0;
      for (int i = 0; i < size; i++) {
        values[i] = i;
        weights[i] = 0.1 + stream.nextExponential();
        total += weights[i];
      }
      Categorical law = new Categorical(values, weights);
      int samples = 50_000;
      long[] counts = new long[size];
      for (int i = 0; i < samples; i++) {
        counts[(int) law.sample(stream)]++;
      }
      double[] expected = new double[size];
      for (int i = 0; i < size; i++) {
        expected[i] = samples * weights[i] / total;
      }
      ChiSquare.assertFits("seed " + seed, counts, expected);
    }
  }

  @Test
  void valueWithoutWeightNeverAppears() {
    Categorical law = new Categorical(new double[] {1, 2, 3, 4}, new double[] {0, 1, 0, 3});
    RandomStream stream = stream(1);
    for (int i = 0; i < 10_000; i++) {
      double value = law.sample(stream);
      assertTrue(value == 2 || value == 4);
    }
    assertEquals(2, law.lower());
    assertEquals(4, law.upper());
  }

  @Test
  void repeatedValuesAddTheirWeights() {
    Categorical law = new Categorical(new double[] {5, 1, 5}, new double[] {1, 2, 1});
    assertEquals(0.5, law.cdf(4.9));
    assertEquals(5, law.quantile(0.51));
  }

  @Test
  void singleValueIsFixed() {
    assertTrue(new Categorical(new double[] {7}, new double[] {3}).isFixed());
  }

  @Test
  void arraysAreCopiedBothWays() {
    double[] values = {1, 2};
    double[] weights = {1, 1};
    Categorical law = new Categorical(values, weights);
    values[0] = 99;
    weights[0] = 99;
    law.values()[1] = 99;
    law.weights()[1] = 99;
    assertEquals(new Categorical(new double[] {1, 2}, new double[] {1, 1}), law);
    assertArrayEquals(new double[] {1, 2}, law.values());
    assertNotEquals(new Categorical(new double[] {1, 2}, new double[] {1, 2}), law);
  }

  @Test
  void illegalParametersAreRefused() {
    assertRefused(
        "number of weights", () -> new Categorical(new double[] {1}, new double[] {1, 1}));
    assertRefused(
        "values[1]", () -> new Categorical(new double[] {1, Double.NaN}, new double[] {1, 1}));
    assertRefused("weights[0]", () -> new Categorical(new double[] {1}, new double[] {-1}));
    assertRefused("weights[0]", () -> new Categorical(new double[] {1}, new double[] {Double.NaN}));
    assertRefused("sum of weights", () -> new Categorical(new double[] {1}, new double[] {0}));
    assertRefused("sum of weights", () -> new Categorical(new double[0], new double[0]));
  }
}
