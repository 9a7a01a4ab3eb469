package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ResidualLifeTest {
  private static final double[] PROBABILITIES = {0.001, 0.1, 0.5, 0.9, 0.999};

  @Test
  void constantPeriodIsMetAnywhereInIt() {
    for (double p : PROBABILITIES) {
      assertEquals(40 * p, ResidualLife.quantile(new Fixed(40), p), 1e-12);
    }
  }

  @Test
  void exponentialPeriodForgetsItsAge() {
    for (double p : PROBABILITIES) {
      double expected = new Exponential(5).quantile(p);
      assertEquals(expected, ResidualLife.quantile(new Exponential(5), p), 1e-9 * expected);
    }
  }

  /** With density (1 - F) / mean: 1 - (min / x)^(shape - 1) / shape above min, x / mean below. */
  @Test
  void paretoPeriodLeavesAnEvenHeavierRest() {
    double shape = 1.6;
    Pareto life = new Pareto(20, shape);
    for (double p : PROBABILITIES) {
      double belowMin = 20 / life.mean();
      double expected =
          p < belowMin
              ? p * life.mean()
              : 20 * StrictMath.exp(-StrictMath.log(shape * (1 - p)) / (shape - 1));
      assertEquals(expected, ResidualLife.quantile(life, p), 1e-8 * expected);
    }
  }
}
